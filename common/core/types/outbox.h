#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/time.h"
#include "common/core/types/ids.h"
#include "common/core/types/record.h"

namespace lanemq::core {

/// Hash partitions of an outbox by key: what relays share among them.
inline constexpr std::int32_t kOutboxBuckets = 256;

/// Where a row of an outbox is on its way. The numbers are those of the column `state`.
enum class OutboxState : std::int8_t {
  kReady = 0,      ///< Inserted; a relay publishes it next.
  kHeld = 1,       ///< Waits for an OutboxHold.
  kDead = 2,       ///< Given up; an operator retries or drops it.
  kPublished = 3,  ///< In its topic; kept by an outbox that archives.
};

/// A committed row of an outbox.
struct OutboxMessage {
  std::int64_t id = 0;      ///< Grows in the order of inserts, not of commits.
  std::int32_t bucket = 0;  ///< 0 to 255, by the key.
  OutboxState state = OutboxState::kReady;
  std::string topic;
  RecordPtr record;             ///< Key, body, headers, codec; nothing else is set.
  std::optional<WallTime> due;  ///< Not delivered before then. Absent: at once.
  WallTime created;             ///< By the outbox's database.
  std::int32_t attempts = 0;    ///< Refused so often.
  std::string last_error;
  std::optional<std::int32_t> partition;  ///< Overrides the partitioner. Rows of tables have none.
};

/// Rows that go to one partition in one idempotent batch: the i-th id has sequence
/// `base_sequence + i`. Once committed to the store, exactly this is sent until it is answered,
/// whoever sends it.
struct OutboxGroup {
  std::string topic;
  std::int32_t partition = 0;
  bool is_delayed = false;  ///< Into the partition's delayed messages, which have own sequences.
  ProducerId producer;
  std::int64_t base_sequence = 0;
  std::vector<std::int64_t> ids;
  bool operator==(const OutboxGroup&) const = default;
};

/// What a session has committed to send and has not finished.
struct OutboxPlan {
  std::vector<OutboxGroup> groups;
  bool operator==(const OutboxPlan&) const = default;
};

/// Rows of one bucket and topic that must wait, since one before them could not be published.
///
/// Exactly one of: a key (`key`), a message without a key (`id`), a partition (`partition`), or,
/// with none of them, the whole topic. Held rows of it come before ready ones.
struct OutboxHoldKey {
  std::int32_t bucket = 0;
  std::string topic;
  std::optional<std::string> key = {};
  std::optional<std::int64_t> id = {};
  std::optional<std::int32_t> partition = {};
  auto operator<=>(const OutboxHoldKey&) const = default;
};

struct OutboxHold {
  OutboxHoldKey key;
  std::int32_t attempts = 0;
  /// From now until the next attempt; negative or 0: it is due. By the outbox's database.
  std::chrono::microseconds due_in{0};
  WallTime since;  ///< Set when read.
  std::string last_error;
  bool operator==(const OutboxHold&) const = default;
};

/// A leased term of work on an outbox: the fence of every write. A relay holds its own, and for a
/// while that of a dead one whose plan it finishes.
struct OutboxSession {
  std::int64_t id = 0;
  FencingToken epoch;  ///< Raised when another process takes the session over.
  bool operator==(const OutboxSession&) const = default;
};

}  // namespace lanemq::core
