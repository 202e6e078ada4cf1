#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/core/types/record.h"

namespace lanemq::core {

/// Which server, in which incarnation of its data, answered. When it differs from the one that a
/// tail was learnt from, everything known of that node is dropped and read again.
using ServerIdentity = std::string;

/// What a partition's table says about its ends.
struct TailInfo {
  Offset log_start;                    ///< First offset that may be read.
  std::optional<RecordIdentity> last;  ///< Newest row; nullopt when the log is empty.
  ServerIdentity server;

  /// The offset the next row must get.
  [[nodiscard]] Offset End() const { return last ? Offset{last->offset.value + 1} : log_start; }
};

/// Producers and their newest sequences as of `through`: bounds the scan that rebuilds them.
struct ProducerSnapshot {
  Offset through;     ///< Every row up to and including this one is accounted for.
  std::string state;  ///< Encoded by core/log.
};

struct PartitionEnd {
  PartitionKey key;
  Offset end;  ///< The offset the next row will get.
};

struct ReadLimits {
  std::int32_t records_max = 500;
  std::size_t bytes_max = 1u << 20;  ///< Of key, body and headers; the first record always fits.
};

/// The message tables of one data node. Blocking; every call ends by its deadline.
///
/// Implementations: sql::MySqlMessageStore, testing::FakeMessageStore; both pass
/// tests/conformance/message_store_suite.h.
/// Thread safety: every method from any thread.
/// Errors of every method: kDataNodeUnavailable (nothing was done), kThrottled (no connection free
/// before the deadline), kUnknownTopicOrPartition (no such table). Writers also: kOutcomeUnknown.
class MessageStore {
 public:
  virtual ~MessageStore() = default;

  /// Makes the message table and its state row. Harmless when they exist.
  virtual Status CreatePartition(const PartitionLocation& location, std::string_view topic_name,
                                 Deadline deadline) = 0;
  /// Removes the table, its state, its groups' offsets, retries and dead letters, and messages that
  /// were delayed for it. Harmless when they are gone; kRequestTimedOut: some are left.
  virtual Status DropPartition(const PartitionLocation& location, Deadline deadline) = 0;

  /// Stores `records` in one autocommitted statement: all or none. Offsets are consecutive and
  /// given by the caller. On success the rows are durable.
  ///
  /// `expected_server`: nothing is written on a connection to any other server (kFenced).
  /// Errors: kAlreadyExists when a row with one of the offsets exists: nothing was stored, somebody
  /// else appended; kOutcomeUnknown when the connection broke before the answer: read back.
  virtual Status Append(const PartitionLocation& location, std::span<const RecordPtr> records,
                        const ServerIdentity& expected_server, Deadline deadline) = 0;

  virtual Result<TailInfo> ReadTail(const PartitionLocation& location, Deadline deadline) = 0;

  /// Identities of rows from `from` on, in offset order, at most `max`.
  virtual Result<std::vector<RecordIdentity>> ReadIdentities(const PartitionLocation& location,
                                                             Offset from, std::int32_t max,
                                                             Deadline deadline) = 0;
  /// Whole rows from `from` on, in offset order. Does not hide holes: the caller checks density.
  virtual Result<std::vector<RecordPtr>> Read(const PartitionLocation& location, Offset from,
                                              ReadLimits limits, Deadline deadline) = 0;

  /// The first row at or after `time`, by binary search on the primary key; nullopt when every row
  /// is older.
  virtual Result<std::optional<RecordIdentity>> FindByTime(const PartitionLocation& location,
                                                           WallTime time, Deadline deadline) = 0;

  /// The ends of many partitions in one statement per few hundred of them.
  virtual Result<std::vector<PartitionEnd>> ReadEnds(std::span<const PartitionLocation> locations,
                                                     Deadline deadline) = 0;

  virtual Result<std::optional<ProducerSnapshot>> LoadProducerSnapshot(
      const PartitionLocation& location, Deadline deadline) = 0;
  /// Replaces the snapshot unless a newer one is stored.
  virtual Status SaveProducerSnapshot(const PartitionLocation& location,
                                      const ProducerSnapshot& snapshot, Deadline deadline) = 0;
};

}  // namespace lanemq::core
