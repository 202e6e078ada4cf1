// Upkeep of a FakeOutboxStore, and the side of it that people use.
#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "tests/conformance/fake_outbox_store.h"

namespace lanemq::testing {

using core::OutboxHold;
using core::OutboxMessage;
using core::OutboxState;

Result<std::int64_t> FakeOutboxStore::Clean(std::chrono::seconds keep, std::int32_t rows_max,
                                            Deadline) {
  return With(Call::kClean, [&]() -> Result<std::int64_t> {
    mutex_.AssertHeld();
    const std::int64_t before =
        now_us_ - std::chrono::duration_cast<std::chrono::microseconds>(keep).count();
    std::vector<std::pair<std::int64_t, std::int64_t>> old;
    for (const auto& [id, row] : rows_) {
      if (row.message.state == OutboxState::kPublished && row.published_at < before) {
        old.emplace_back(row.published_at, id);
      }
    }
    std::sort(old.begin(), old.end());
    old.resize(std::min(old.size(), static_cast<std::size_t>(std::max(rows_max, 0))));
    for (const auto& [at, id] : old) rows_.erase(id);
    return static_cast<std::int64_t>(old.size());
  });
}

Result<core::OutboxStats> FakeOutboxStore::Stats(Deadline) {
  return With(Call::kStats, [&]() -> Result<core::OutboxStats> {
    mutex_.AssertHeld();
    std::array<std::int64_t, 4> counts{};
    std::int64_t oldest = now_us_;
    for (const auto& [id, row] : rows_) {
      if (!row.is_committed) continue;
      std::int64_t& count = counts.at(static_cast<std::size_t>(row.message.state));
      count = std::min(count + 1, row.message.state == OutboxState::kPublished
                                      ? core::OutboxStats::kPublishedCountMax
                                      : core::OutboxStats::kCountMax);
      if (row.message.state <= OutboxState::kHeld) {
        oldest = std::min(oldest, row.message.created.micros);
      }
    }
    core::OutboxStats stats;
    stats.ready = counts[0];
    stats.held = counts[1];
    stats.dead = counts[2];
    stats.published = counts[3];
    stats.holds = static_cast<std::int64_t>(holds_.size());
    stats.oldest_age = std::chrono::microseconds{now_us_ - oldest};
    stats.unowned_buckets = core::kOutboxBuckets - static_cast<std::int32_t>(buckets_.size());
    return stats;
  });
}

Result<std::vector<OutboxMessage>> FakeOutboxStore::List(OutboxState state,
                                                         const std::optional<std::string>& topic,
                                                         std::int64_t after_id, std::int32_t limit,
                                                         Deadline) {
  MutexLock lock(mutex_);
  std::vector<OutboxMessage> found;
  for (auto row = rows_.upper_bound(after_id); row != rows_.end(); ++row) {
    const OutboxMessage& message = row->second.message;
    if (!row->second.is_committed || message.state != state) continue;
    if (topic && message.topic != *topic) continue;
    if (static_cast<std::int32_t>(found.size()) < std::min(limit, kRowsMax)) {
      found.push_back(message);
    }
  }
  return found;
}

Result<std::vector<OutboxHold>> FakeOutboxStore::Holds(std::int32_t limit, Deadline) {
  MutexLock lock(mutex_);
  std::vector<OutboxHold> found;
  for (const auto& [key, stored] : holds_) found.push_back(Shown(stored));
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.since < b.since; });
  found.resize(std::min(found.size(), static_cast<std::size_t>(std::clamp(limit, 0, kRowsMax))));
  return found;
}

std::int64_t FakeOutboxStore::Revive(const std::vector<std::int64_t>& ids) {
  std::int64_t revived = 0;
  for (const std::int64_t id : ids) {
    StoredRow* const row = Find(id, {OutboxState::kDead});
    if (row == nullptr) continue;
    row->message.state = OutboxState::kReady;
    row->message.attempts = 0;
    row->message.last_error.clear();
    ++revived;
  }
  return revived;
}

Result<std::int64_t> FakeOutboxStore::Retry(const std::vector<std::int64_t>& ids, Deadline) {
  if (ids.size() > static_cast<std::size_t>(kRowsMax)) {
    return Error{ErrorCode::kInvalidRequest, "too many ids at once"};
  }
  MutexLock lock(mutex_);
  return Revive(ids);
}

Result<std::int64_t> FakeOutboxStore::RetryDead(const std::optional<std::string>& topic,
                                                Deadline deadline) {
  LANEMQ_ASSIGN_OR_RETURN(const auto dead, List(OutboxState::kDead, topic, 0, kRowsMax, deadline));
  std::vector<std::int64_t> ids;
  for (const OutboxMessage& message : dead) ids.push_back(message.id);
  MutexLock lock(mutex_);
  return Revive(ids);
}

Result<std::int64_t> FakeOutboxStore::RetryHolds(Deadline) {
  MutexLock lock(mutex_);
  std::int64_t changed = 0;
  for (auto& [key, stored] : holds_) {
    if (stored.due_at <= now_us_) continue;
    stored.due_at = now_us_;
    ++changed;
  }
  return changed;
}

Result<std::int64_t> FakeOutboxStore::Drop(const std::vector<std::int64_t>& ids, Deadline) {
  if (ids.size() > static_cast<std::size_t>(kRowsMax)) {
    return Error{ErrorCode::kInvalidRequest, "too many ids at once"};
  }
  MutexLock lock(mutex_);
  for (const auto& [session_id, session] : sessions_) {
    for (const core::OutboxGroup& group : session.plan.groups) {
      for (const std::int64_t id : group.ids) {
        if (std::find(ids.begin(), ids.end(), id) == ids.end()) continue;
        return Error{ErrorCode::kFailedPrecondition,
                     "a relay may be sending message " + std::to_string(id)};
      }
    }
  }
  std::int64_t dropped = 0;
  for (const std::int64_t id : ids) {
    if (Find(id, {OutboxState::kDead}) == nullptr) continue;
    rows_.erase(id);
    ++dropped;
  }
  return dropped;
}

Result<std::vector<core::OutboxPeer>> FakeOutboxStore::Peers(Deadline) {
  MutexLock lock(mutex_);
  return View(0).peers;
}

}  // namespace lanemq::testing
