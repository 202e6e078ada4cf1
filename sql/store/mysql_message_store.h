#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "common/core/store/message_store.h"
#include "sql/store/data_nodes.h"

namespace lanemq::sql {

/// Message tables on MySQL or MariaDB. One round trip per Append(), ReadTail() and, in the steady
/// state, Read(). Calls end at most ConnectionOptions::io_timeout after their deadline: the client
/// library cannot shorten a wait that has begun.
///
/// Besides the port's errors: kFenced from every writer's call with `expected_server`;
/// kMessageTooLarge when the statement exceeds the server's max_allowed_packet.
class MySqlMessageStore final : public core::MessageStore {
 public:
  /// `nodes` must outlive the store.
  explicit MySqlMessageStore(DataNodes& nodes) : nodes_(nodes) {}

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
  /// Tables that do not exist are left out.
  Result<std::vector<core::PartitionEnd>> ReadEnds(
      std::span<const core::PartitionLocation> locations, Deadline deadline) override;
  Result<std::optional<core::ProducerSnapshot>> LoadProducerSnapshot(
      const core::PartitionLocation& location, Deadline deadline) override;
  Status SaveProducerSnapshot(const core::PartitionLocation& location,
                              const core::ProducerSnapshot& snapshot, Deadline deadline) override;

 private:
  struct EndsPart;

  std::atomic<std::uint32_t>& RowBytes(const core::PartitionKey& key);
  std::atomic<std::int64_t>& Known(const core::PartitionKey& key);
  Status AppendEnds(Connection& connection, const EndsPart& part,
                    std::vector<core::PartitionEnd>& ends);

  DataNodes& nodes_;
  /// What a row of a partition weighed lately, by hash of its key: sizes the LIMIT of Read().
  std::array<std::atomic<std::uint32_t>, 1'024> row_bytes_{};
  /// The newest row of a partition as it was last seen, by hash of its key; 0: not known. Only a
  /// place to begin: too low a one is slower, and where it is too high (a row was lost, or another
  /// partition has the same hash) no row is found and everything is looked at.
  std::array<std::atomic<std::int64_t>, 4'096> known_{};
};

}  // namespace lanemq::sql
