#pragma once

#include "broker/metrics.h"
#include "common/base/clock.h"
#include "common/core/store/message_store.h"

namespace lanemq::broker {

/// A MessageStore that times every call of another one. Thread safety: as the other.
class MeteredStore final : public core::MessageStore {
 public:
  MeteredStore(core::MessageStore& store, Metrics& metrics, const Clock& clock);

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
  struct Operation {
    std::string_view name;
    prometheus::Histogram& seconds;
  };
  template <typename Call>
  auto Timed(const Operation& operation, const Call& call);
  Operation Declare(std::string_view name) { return {name, metrics_.Sql(name)}; }

  core::MessageStore& store_;
  Metrics& metrics_;
  const Clock& clock_;
  const Operation append_;
  const Operation read_tail_;
  const Operation read_identities_;
  const Operation read_;
  const Operation find_by_time_;
  const Operation read_ends_;
  const Operation load_snapshot_;
  const Operation save_snapshot_;
};

}  // namespace lanemq::broker
