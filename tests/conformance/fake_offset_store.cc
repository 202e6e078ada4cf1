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

void FakeOffsetStore::Reset(const std::string& group, const core::PartitionKey& key,
                            core::Offset offset) {
  MutexLock lock(mutex_);
  core::CommittedOffset& row = rows_[{group, key}];
  row.key = key;
  row.offset = offset;
  ++row.reset_epoch;
  row.committed_at = WallTime{++now_};
}

Status FakeOffsetStore::CommitOne(std::string_view group, core::Generation generation,
                                  const core::OffsetCommit& commit) {
  const auto [row, is_new] = rows_.try_emplace({std::string(group), commit.key});
  core::CommittedOffset& stored = row->second;
  if (is_new) {
    stored.key = commit.key;
    stored.reset_epoch = commit.reset_epoch.value_or(0);
  } else if (stored.generation > generation) {
    return Error{ErrorCode::kIllegalGeneration, "a newer generation has committed"};
  } else if (commit.reset_epoch && *commit.reset_epoch != stored.reset_epoch) {
    return Error{ErrorCode::kOffsetReset, "another reset epoch"};
  }
  stored.offset = commit.offset;
  stored.metadata = commit.metadata;
  stored.generation = generation;
  stored.committed_at = WallTime{++now_};
  return {};
}

Result<std::vector<Status>> FakeOffsetStore::Commit(std::string_view group,
                                                    core::Generation generation,
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
    answers.push_back(CommitOne(group, generation, commit));
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
  std::vector<core::CommittedOffset> offsets;
  for (const auto& [key, row] : rows_) {
    const bool is_wanted =
        keys.empty() || std::find(keys.begin(), keys.end(), key.second) != keys.end();
    if (key.first == group && is_wanted) offsets.push_back(row);
  }
  return offsets;
}

}  // namespace lanemq::testing
