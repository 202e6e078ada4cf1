#include "tests/conformance/fake_offset_store.h"

#include <algorithm>

namespace lanemq::testing {

void FakeOffsetStore::FailNextCommit(ErrorCode code, bool after_effect) {
  MutexLock lock(mutex_);
  commit_faults_.push_back({code, after_effect});
}

void FakeOffsetStore::FailNextFetch(ErrorCode code) {
  MutexLock lock(mutex_);
  fetch_faults_.push_back(code);
}

namespace {

Status JudgeOwner(const core::CommittedOffset& stored, const core::OffsetOwner& owner) {
  if (stored.generation > owner.generation) {
    return Error{ErrorCode::kIllegalGeneration, "a newer generation has it"};
  }
  if (stored.member_id != owner.member_id) {
    return Error{ErrorCode::kIllegalGeneration, "another member has it"};
  }
  return {};
}

void ForgetProgress(core::CommittedOffset& stored) {
  stored.claims = 0;
  stored.attempt_offset = core::Offset{-1};
  stored.attempts = 0;
}

}  // namespace

void FakeOffsetStore::SetMoving(const core::PartitionKey& key, bool is_moving) {
  MutexLock lock(mutex_);
  if (is_moving) {
    moving_.insert(key);
  } else {
    moving_.erase(key);
  }
}

Status FakeOffsetStore::CheckHere(std::span<const core::PartitionKey> keys) const {
  for (const core::PartitionKey& key : keys) {
    if (moving_.contains(key)) return Error{ErrorCode::kDataNodeUnavailable, "it moves"};
  }
  return {};
}

Status FakeOffsetStore::CommitOne(std::string_view group, const core::OffsetOwner& owner,
                                  const core::OffsetCommit& commit) {
  LANEMQ_RETURN_IF_ERROR(CheckHere({&commit.key, 1}));
  const auto [row, is_new] = rows_.try_emplace({std::string(group), commit.key});
  core::CommittedOffset& stored = row->second;
  if (is_new) {
    stored.key = commit.key;
    stored.reset_epoch = commit.reset_epoch.value_or(0);
  } else {
    LANEMQ_RETURN_IF_ERROR(JudgeOwner(stored, owner));
    if (commit.reset_epoch && *commit.reset_epoch != stored.reset_epoch) {
      return Error{ErrorCode::kOffsetReset, "another reset epoch"};
    }
    if (stored.generation == owner.generation && owner.commit_sequence != 0 &&
        owner.commit_sequence < stored.commit_sequence) {
      return Error{ErrorCode::kFenced, "a later commit was accepted"};
    }
  }
  if (stored.offset != commit.offset) ForgetProgress(stored);
  stored.offset = commit.offset;
  stored.metadata = commit.metadata;
  const bool is_followed = stored.generation < owner.generation;
  stored.commit_sequence =
      is_followed ? owner.commit_sequence : std::max(stored.commit_sequence, owner.commit_sequence);
  stored.generation = owner.generation;
  stored.member_id = owner.member_id;
  stored.committed_at = WallTime{++now_};
  return {};
}

Result<std::vector<Status>> FakeOffsetStore::Commit(std::string_view group,
                                                    const core::OffsetOwner& owner,
                                                    std::span<const core::OffsetCommit> commits,
                                                    Deadline) {
  MutexLock lock(mutex_);
  std::optional<Fault> fault;
  if (!commit_faults_.empty()) {
    fault = commit_faults_.front();
    commit_faults_.pop_front();
  }
  if (fault && !fault->after_effect) return Error{fault->code, "injected before the effect"};
  std::vector<Status> answers;
  for (const core::OffsetCommit& commit : commits) {
    answers.push_back(CommitOne(group, owner, commit));
  }
  if (fault) return Error{fault->code, "injected after the effect"};
  return answers;
}

Result<std::vector<core::CommittedOffset>> FakeOffsetStore::Fetch(
    std::string_view group, std::span<const core::PartitionKey> keys, Deadline) {
  MutexLock lock(mutex_);
  if (!fetch_faults_.empty()) {
    const ErrorCode code = fetch_faults_.front();
    fetch_faults_.pop_front();
    return Error{code, "injected"};
  }
  const auto is_wanted = [&](const Key& key) {
    return key.first == group &&
           (keys.empty() || std::find(keys.begin(), keys.end(), key.second) != keys.end());
  };
  std::map<core::PartitionKey, core::CommittedOffset> found;
  for (const auto& [key, row] : rows_) {
    if (is_wanted(key)) found[key.second] = row;
  }
  for (const auto& [key, pause] : pauses_) {
    if (!is_wanted(key) || (pause.until && pause.until->micros <= now_)) continue;
    const auto [place, is_new] = found.try_emplace(key.second);
    if (is_new) place->second.offset = core::Offset{-1};
    place->second.key = key.second;
    place->second.pause = pause;
  }
  std::vector<core::CommittedOffset> offsets;
  for (auto& [key, row] : found) offsets.push_back(std::move(row));
  return offsets;
}

Result<std::vector<core::PartitionKey>> FakeOffsetStore::ListHere(Deadline) {
  MutexLock lock(mutex_);
  std::set<core::PartitionKey> keys;
  for (int i = 0; i < 100; ++i) keys.insert({core::TopicId{3}, i});
  for (const auto& [key, row] : rows_) keys.insert(key.second);
  for (const core::PartitionKey& key : moving_) keys.erase(key);
  return std::vector<core::PartitionKey>(keys.begin(), keys.end());
}

Result<std::vector<core::OffsetClaim>> FakeOffsetStore::Claim(
    std::string_view group, const core::OffsetOwner& owner,
    std::span<const core::PartitionKey> keys, Deadline) {
  MutexLock lock(mutex_);
  std::vector<core::OffsetClaim> answers;
  for (const core::PartitionKey& key : keys) {
    if (const Status here = CheckHere({&key, 1}); !here.ok()) {
      answers.push_back({here, {.key = key}});
      continue;
    }
    const auto [row, is_new] = rows_.try_emplace({std::string(group), key});
    core::CommittedOffset& stored = row->second;
    if (is_new) {
      stored.key = key;
      stored.offset = core::Offset{-1};
      stored.committed_at = WallTime{++now_};
    }
    const bool is_repeated =
        stored.generation == owner.generation && stored.member_id == owner.member_id;
    if (is_new || stored.generation <= owner.generation) {
      if (is_new || !is_repeated) ++stored.claims;
      if (!is_repeated) stored.commit_sequence = 0;
      stored.generation = owner.generation;
      stored.member_id = owner.member_id;
    }
    answers.push_back({JudgeOwner(stored, owner), stored});
  }
  return answers;
}

core::OffsetReset FakeOffsetStore::ResetOne(const std::string& group, const core::OffsetResetTo& to,
                                            const core::OperatorNote& note) {
  const auto [place, is_new] = rows_.try_emplace({group, to.key});
  core::CommittedOffset& row = place->second;
  core::OffsetReset done{.key = to.key, .new_offset = to.offset};
  if (!is_new && row.offset.value > 0) done.old_offset = row.offset;
  done.reset_epoch = row.reset_epoch + 1;
  for (const auto& [of, reset] : resets_) {
    if (of == group && reset.key == to.key) {
      done.reset_epoch = std::max(done.reset_epoch, reset.reset_epoch + 1);
    }
  }
  done.requested_by = note.requested_by;
  done.reason = note.reason;
  done.at = WallTime{++now_};
  row.key = to.key;
  row.offset = to.offset;
  ForgetProgress(row);
  row.metadata.clear();
  row.reset_epoch = done.reset_epoch;
  row.committed_at = done.at;
  resets_.emplace_back(group, done);
  return done;
}

Result<std::vector<core::OffsetReset>> FakeOffsetStore::Reset(
    std::string_view group, std::span<const core::OffsetResetTo> resets,
    const core::OperatorNote& note, Deadline) {
  MutexLock lock(mutex_);
  std::vector<core::OffsetReset> done;
  for (const core::OffsetResetTo& reset : resets) {
    LANEMQ_RETURN_IF_ERROR(CheckHere({&reset.key, 1}));
  }
  for (const core::OffsetResetTo& reset : resets) {
    done.push_back(ResetOne(std::string(group), reset, note));
  }
  return done;
}

Result<std::vector<core::OffsetReset>> FakeOffsetStore::ListResets(std::string_view group,
                                                                   std::size_t max, Deadline) {
  MutexLock lock(mutex_);
  std::vector<core::OffsetReset> resets;
  for (auto it = resets_.rbegin(); it != resets_.rend() && resets.size() < max; ++it) {
    if (it->first == group) resets.push_back(it->second);
  }
  return resets;
}

Status FakeOffsetStore::Pause(std::string_view group, std::span<const core::PartitionKey> keys,
                              std::optional<WallTime> until, const core::OperatorNote& note,
                              Deadline) {
  MutexLock lock(mutex_);
  LANEMQ_RETURN_IF_ERROR(CheckHere(keys));
  for (const core::PartitionKey& key : keys) {
    pauses_[{std::string(group), key}] = {until, note.reason, note.requested_by, WallTime{++now_}};
  }
  return {};
}

Result<std::int64_t> FakeOffsetStore::Resume(std::string_view group,
                                             std::span<const core::PartitionKey> keys,
                                             const core::OperatorNote& /*note*/, Deadline) {
  MutexLock lock(mutex_);
  LANEMQ_RETURN_IF_ERROR(CheckHere(keys));
  return static_cast<std::int64_t>(std::erase_if(pauses_, [&](const auto& pause) {
    return pause.first.first == group &&
           (keys.empty() || std::find(keys.begin(), keys.end(), pause.first.second) != keys.end());
  }));
}

Result<std::int64_t> FakeOffsetStore::Delete(std::string_view group,
                                             std::span<const core::PartitionKey> keys,
                                             const core::OperatorNote& note, Deadline deadline) {
  LANEMQ_RETURN_IF_ERROR(Resume(group, keys, note, deadline));
  MutexLock lock(mutex_);
  return static_cast<std::int64_t>(std::erase_if(rows_, [&](const auto& row) {
    return row.first.first == group &&
           (keys.empty() || std::find(keys.begin(), keys.end(), row.first.second) != keys.end());
  }));
}

void FakeOffsetStore::Advance(std::chrono::microseconds by) {
  MutexLock lock(mutex_);
  now_ += by.count();
}

Result<std::int64_t> FakeOffsetStore::Expire(std::string_view group, core::Generation newest,
                                             std::chrono::microseconds idle_for, Deadline) {
  MutexLock lock(mutex_);
  const auto expired = std::erase_if(rows_, [&](const auto& row) {
    mutex_.AssertHeld();
    return row.first.first == group && row.second.generation <= newest &&
           row.second.committed_at.micros <= now_ - idle_for.count();
  });
  std::erase_if(pauses_, [&](const auto& pause) {
    mutex_.AssertHeld();
    return pause.first.first == group && !rows_.contains(pause.first);
  });
  return static_cast<std::int64_t>(expired);
}

}  // namespace lanemq::testing
