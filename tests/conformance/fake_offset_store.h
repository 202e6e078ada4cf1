#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

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
  /// Whether writes to the partition are refused.
  void SetMoving(const core::PartitionKey& key, bool is_moving);
  void Advance(std::chrono::microseconds by);

  Result<std::vector<Status>> Commit(std::string_view group, const core::OffsetOwner& owner,
                                     std::span<const core::OffsetCommit> commits,
                                     Deadline deadline) override;
  Result<std::vector<core::CommittedOffset>> Fetch(std::string_view group,
                                                   std::span<const core::PartitionKey> keys,
                                                   Deadline deadline) override;
  /// As if the node had partitions 0 to 99 of topic 3, and those that the fake has rows of.
  Result<std::vector<core::PartitionKey>> ListHere(Deadline deadline) override;
  Result<std::vector<core::OffsetClaim>> Claim(std::string_view group,
                                               const core::OffsetOwner& owner,
                                               std::span<const core::PartitionKey> keys,
                                               Deadline deadline) override;
  Result<std::vector<core::OffsetReset>> Reset(std::string_view group,
                                               std::span<const core::OffsetResetTo> resets,
                                               const core::OperatorNote& note,
                                               Deadline deadline) override;
  Result<std::vector<core::OffsetReset>> ListResets(std::string_view group, std::size_t max,
                                                    Deadline deadline) override;
  Status Pause(std::string_view group, std::span<const core::PartitionKey> keys,
               std::optional<WallTime> until, const core::OperatorNote& note,
               Deadline deadline) override;
  Result<std::int64_t> Resume(std::string_view group, std::span<const core::PartitionKey> keys,
                              const core::OperatorNote& note, Deadline deadline) override;
  Result<std::int64_t> Delete(std::string_view group, std::span<const core::PartitionKey> keys,
                              const core::OperatorNote& note, Deadline deadline) override;
  Result<std::int64_t> Expire(std::string_view group, core::Generation newest,
                              std::chrono::microseconds idle_for, Deadline deadline) override;

 private:
  struct Fault {
    ErrorCode code;
    bool after_effect;
  };
  using Key = std::pair<std::string, core::PartitionKey>;
  Status CommitOne(std::string_view group, const core::OffsetOwner& owner,
                   const core::OffsetCommit& commit) LANEMQ_REQUIRES(mutex_);
  core::OffsetReset ResetOne(const std::string& group, const core::OffsetResetTo& to,
                             const core::OperatorNote& note) LANEMQ_REQUIRES(mutex_);

  /// kDataNodeUnavailable when one of `keys` moves.
  [[nodiscard]] Status CheckHere(std::span<const core::PartitionKey> keys) const
      LANEMQ_REQUIRES(mutex_);

  mutable Mutex mutex_;
  std::set<core::PartitionKey> moving_ LANEMQ_GUARDED_BY(mutex_);
  std::map<Key, core::CommittedOffset> rows_ LANEMQ_GUARDED_BY(mutex_);
  std::map<Key, core::OffsetPause> pauses_ LANEMQ_GUARDED_BY(mutex_);
  std::vector<std::pair<std::string, core::OffsetReset>> resets_ LANEMQ_GUARDED_BY(mutex_);
  std::deque<Fault> commit_faults_ LANEMQ_GUARDED_BY(mutex_);
  std::deque<ErrorCode> fetch_faults_ LANEMQ_GUARDED_BY(mutex_);
  std::int64_t now_ LANEMQ_GUARDED_BY(mutex_) = 1'000'000;  // Its own clock; pauses end by it.
};

}  // namespace lanemq::testing
