#pragma once

#include <deque>
#include <functional>
#include <map>

#include "common/base/mutex.h"
#include "common/core/store/message_store.h"

namespace lanemq::testing {

/// The methods of MessageStore, for faults and counts.
enum class StoreCall {
  kCreatePartition,
  kDropPartition,
  kAppend,
  kReadTail,
  kReadIdentities,
  kRead,
  kFindByTime,
  kReadEnds,
  kLoadProducerSnapshot,
  kSaveProducerSnapshot,
};

/// How a call fails on request.
struct StoreFault {
  ErrorCode code = ErrorCode::kDataNodeUnavailable;
  /// The call takes effect first, then fails: a lost reply.
  bool after_effect = false;
};

/// MessageStore in memory, with the semantics of the real one (the same conformance suite) and
/// faults on request. Deadlines are not looked at.
/// Thread safety: every method from any thread.
class FakeMessageStore final : public core::MessageStore {
 public:
  /// The next calls of `call` fail in the order of the FailNext() calls.
  void FailNext(StoreCall call, StoreFault fault);
  /// Called at the start of each call, without a lock held: to count, to wait, to interleave.
  void SetBefore(std::function<void(StoreCall)> before);
  /// Another server answers from now on (failover); the data stays.
  void SetServer(core::ServerIdentity server);
  /// Loses every row at or after `from`, as a failover to a late replica does.
  void LoseRowsFrom(const core::PartitionLocation& location, core::Offset from);
  /// What the janitor does: rows below are gone and may not be read.
  void SetLogStart(const core::PartitionLocation& location, core::Offset log_start);
  /// The partition is nowhere to be found: it moves.
  void Seal(const core::PartitionLocation& location);
  /// What was sealed at `from` is at `to`.
  void Open(const core::PartitionLocation& from, const core::PartitionLocation& to);
  [[nodiscard]] int CallsOf(StoreCall call) const;
  [[nodiscard]] core::ServerIdentity server() const;

  Status CreatePartition(const core::PartitionLocation& location, std::string_view topic_name,
                         Deadline deadline) override;
  Status DropPartition(const core::PartitionLocation& location, Deadline deadline) override;
  Status Append(const core::PartitionLocation& location, std::span<const core::RecordPtr> records,
                const core::ServerIdentity& expected_server, Deadline deadline) override;
  Result<core::TailInfo> ReadTail(const core::PartitionLocation& location,
                                  Deadline deadline) override;
  Result<std::vector<core::RecordIdentity>> ReadIdentities(const core::PartitionLocation& location,
                                                           core::Offset from, std::int32_t max,
                                                           Deadline deadline) override;
  Result<std::vector<core::RecordPtr>> Read(const core::PartitionLocation& location,
                                            core::Offset from, core::ReadLimits limits,
                                            Deadline deadline) override;
  Result<std::optional<core::RecordIdentity>> FindByTime(const core::PartitionLocation& location,
                                                         WallTime time, Deadline deadline) override;
  Result<std::vector<core::PartitionEnd>> ReadEnds(
      std::span<const core::PartitionLocation> locations, Deadline deadline) override;
  Result<std::optional<core::ProducerSnapshot>> LoadProducerSnapshot(
      const core::PartitionLocation& location, Deadline deadline) override;
  Status SaveProducerSnapshot(const core::PartitionLocation& location,
                              const core::ProducerSnapshot& snapshot, Deadline deadline) override;

 private:
  struct Log {
    core::Offset log_start = core::kFirstOffset;
    std::map<core::Offset, core::RecordPtr> rows;
    std::optional<core::ProducerSnapshot> snapshot;
  };
  /// Runs `effect` under the lock, before or instead of a requested fault.
  template <typename T>
  T Run(StoreCall call, const std::function<T()>& effect);
  Result<Log*> Find(const core::PartitionLocation& location) LANEMQ_REQUIRES(mutex_);

  mutable Mutex mutex_;
  std::map<core::PartitionLocation, Log> logs_ LANEMQ_GUARDED_BY(mutex_);
  std::map<core::PartitionLocation, Log> sealed_ LANEMQ_GUARDED_BY(mutex_);
  core::ServerIdentity server_ LANEMQ_GUARDED_BY(mutex_) = "fake-server-1";
  std::map<StoreCall, std::deque<StoreFault>> faults_ LANEMQ_GUARDED_BY(mutex_);
  std::map<StoreCall, int> calls_ LANEMQ_GUARDED_BY(mutex_);
  std::function<void(StoreCall)> before_ LANEMQ_GUARDED_BY(mutex_);
};

}  // namespace lanemq::testing
