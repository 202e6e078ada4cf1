#include "tests/conformance/fake_lag_source.h"

#include <algorithm>
#include <tuple>

namespace lanemq::testing {

using core::LagRound;
using core::LagSample;
using core::Offset;
using core::PartitionKey;

void FakeLagSource::SetNow(WallTime now) {
  MutexLock lock(mutex_);
  state_.now = now;
}

WallTime FakeLagSource::Now() const {
  MutexLock lock(mutex_);
  return state_.now;
}

void FakeLagSource::Create(const PartitionKey& key) {
  MutexLock lock(mutex_);
  state_.logs.try_emplace(key);
}

void FakeLagSource::Drop(const PartitionKey& key) {
  MutexLock lock(mutex_);
  state_.logs.erase(key);
  std::erase_if(state_.rows, [&](const auto& row) { return row.first.second == key; });
}

void FakeLagSource::Append(const PartitionKey& key, std::span<const WallTime> times) {
  MutexLock lock(mutex_);
  auto& all = state_.logs[key].times;
  all.insert(all.end(), times.begin(), times.end());
}

void FakeLagSource::SetLogStart(const PartitionKey& key, Offset start) {
  MutexLock lock(mutex_);
  state_.logs[key].start = start;
}

void FakeLagSource::LoseTail(const PartitionKey& key, Offset end) {
  MutexLock lock(mutex_);
  auto& times = state_.logs[key].times;
  times.resize(std::min(times.size(), static_cast<std::size_t>(end.value - 1)));
}

void FakeLagSource::Edit(std::string_view group, const PartitionKey& key,
                         const std::function<void(LagSample&)>& change) {
  MutexLock lock(mutex_);
  LagSample& row = state_.rows[{std::string(group), key}];
  row.group = group;
  row.key = key;
  change(row);
}

void FakeLagSource::Commit(std::string_view group, const PartitionKey& key, Offset offset) {
  const WallTime now = Now();
  Edit(group, key, [&](LagSample& row) {
    if (row.committed != offset) {
      row.claims = 0;
      row.attempt_offset = Offset{-1};
      row.attempts = 0;
    }
    row.committed = offset;
    row.committed_at = now;
  });
}

void FakeLagSource::Pause(std::string_view group, const PartitionKey& key,
                          std::optional<WallTime> until, std::string reason) {
  MutexLock lock(mutex_);
  state_.pauses[{std::string(group), key}] = {until, std::move(reason)};
}

void FakeLagSource::Resume(std::string_view group, const PartitionKey& key) {
  MutexLock lock(mutex_);
  state_.pauses.erase({std::string(group), key});
}

void FakeLagSource::Lose(std::string_view group, const PartitionKey& key, std::int64_t messages) {
  MutexLock lock(mutex_);
  Losing& losing = state_.losses[{std::string(group), key}];
  losing.messages += messages;
  losing.at = state_.now;
}

void FakeLagSource::FailNext(ErrorCode code) {
  MutexLock lock(mutex_);
  faults_.push_back(code);
}

void FakeLagSource::DuringNextRound(std::function<void()> action) {
  MutexLock lock(mutex_);
  during_ = std::move(action);
}

void FakeLagSource::Fill(const State& state, const Log& log, LagSample& sample) {
  sample.start = log.start;
  sample.end = std::max(log.start, Offset{static_cast<std::int64_t>(log.times.size()) + 1});
  if (sample.Position() < sample.end) {
    sample.oldest_unread = log.times[static_cast<std::size_t>(sample.Position().value - 1)];
  }
  const Key key{sample.group, sample.key};
  if (const auto loss = state.losses.find(key); loss != state.losses.end()) {
    sample.lost_messages = loss->second.messages;
    sample.lost_at = loss->second.at;
  }
  const auto pause = state.pauses.find(key);
  if (pause == state.pauses.end()) return;
  if (pause->second.until && *pause->second.until <= state.now) return;
  sample.is_paused = true;
  sample.paused_until = pause->second.until;
  sample.pause_reason = pause->second.reason;
}

LagRound FakeLagSource::Look(const State& state, const core::LagQuery& query) {
  LagRound round;
  round.at = state.now;
  std::map<PartitionKey, const Log*> asked;
  for (const core::PartitionLocation& location : query.partitions) {
    const auto log = state.logs.find(location.key);
    if (log == state.logs.end()) continue;
    asked[location.key] = &log->second;
    LagSample of_log;
    Fill(state, log->second, of_log);
    round.partitions.push_back({location.key, of_log.start, of_log.end});
  }
  std::size_t rows = 0;
  for (const auto& [key, row] : state.rows) {
    if (++rows > query.rows_max) {
      ++round.rows_dropped;
    } else if (asked.contains(key.second)) {
      Fill(state, *asked[key.second], round.groups.emplace_back(row));
    }
  }
  if (round.rows_dropped > 0) return round;
  for (const auto& [key, pause] : state.pauses) {
    if (!asked.contains(key.second) || state.rows.contains(key)) continue;
    LagSample alone;
    alone.group = key.first;
    alone.key = key.second;
    Fill(state, *asked[key.second], alone);
    if (alone.is_paused) round.groups.push_back(std::move(alone));
  }
  std::sort(round.groups.begin(), round.groups.end(), [](const auto& a, const auto& b) {
    return std::tie(a.group, a.key) < std::tie(b.group, b.key);
  });
  if (round.groups.size() > query.rows_max) {
    round.rows_dropped = static_cast<std::int64_t>(round.groups.size() - query.rows_max);
    round.groups.resize(query.rows_max);
  }
  return round;
}

Result<LagRound> FakeLagSource::Sample(const core::LagQuery& query, Deadline) {
  State snapshot;
  std::function<void()> during;
  {
    MutexLock lock(mutex_);
    if (!faults_.empty()) {
      const ErrorCode code = faults_.front();
      faults_.erase(faults_.begin());
      return Error{code, "injected"};
    }
    snapshot = state_;
    during = std::exchange(during_, nullptr);
  }
  const auto is_after = [](const auto& a, const auto& b) { return a.key >= b.key; };
  if (query.known_ends.size() != query.partitions.size() ||
      std::adjacent_find(query.partitions.begin(), query.partitions.end(), is_after) !=
          query.partitions.end()) {
    return Error{ErrorCode::kInvalidRequest, "partitions not sorted, or not one end each"};
  }
  if (during) during();
  LagRound round = Look(snapshot, query);
  round.node = node_;
  return round;
}

}  // namespace lanemq::testing
