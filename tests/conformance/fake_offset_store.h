#pragma once

#include <deque>
#include <map>
#include <string>
#include <utility>

#include "common/base/mutex.h"
#include "common/core/store/offset_store.h"

namespace lanemq::testing {

/// OffsetStore in memory, with the semantics of the real one (the same conformance suite) and
/// faults on request. Deadlines are not looked at.
/// Thread safety: every method from any thread.
class FakeOffsetStore final : public core::OffsetStore {
 public:
  /// The next Commit() fails with `code`, before or after taking effect.
  void FailNextCommit(ErrorCode code, bool after_effect);
  void FailNextFetch(ErrorCode code);
  /// What an operator's reset does: a new offset and the next reset epoch.
  void Reset(const std::string& group, const core::PartitionKey& key, core::Offset offset);

  Result<std::vector<Status>> Commit(std::string_view group, core::Generation generation,
                                     std::span<const core::OffsetCommit> commits,
                                     Deadline deadline) override;
  Result<std::vector<core::CommittedOffset>> Fetch(std::string_view group,
                                                   std::span<const core::PartitionKey> keys,
                                                   Deadline deadline) override;

 private:
  struct Fault {
    ErrorCode code;
    bool after_effect;
  };
  using Key = std::pair<std::string, core::PartitionKey>;
  Status CommitOne(std::string_view group, core::Generation generation,
                   const core::OffsetCommit& commit) LANEMQ_REQUIRES(mutex_);

  mutable Mutex mutex_;
  std::map<Key, core::CommittedOffset> rows_ LANEMQ_GUARDED_BY(mutex_);
  std::deque<Fault> commit_faults_ LANEMQ_GUARDED_BY(mutex_);
  std::deque<ErrorCode> fetch_faults_ LANEMQ_GUARDED_BY(mutex_);
  std::int64_t now_ LANEMQ_GUARDED_BY(mutex_) = 1'000'000;
};

}  // namespace lanemq::testing
