#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/time.h"
#include "common/core/types/ids.h"

namespace lanemq::core {

/// What one read transaction of one data node found about one group and one partition. Every number
/// is of the same instant, and every time is the node's clock.
struct LagSample {
  std::string group;
  PartitionKey key;
  Offset committed{-1};  ///< The next offset to read; -1: claimed or paused, nothing committed yet.
  Offset start{1};       ///< First offset that may be read.
  Offset end{1};         ///< The offset the next row will get.
  /// Of the oldest unread row that is still there; nullopt when there is none.
  std::optional<WallTime> oldest_unread;
  WallTime committed_at;  ///< When the row was last written by a commit.
  std::string member_id;  ///< Owner; empty: explicit assignment.
  Generation generation;  ///< Of the owner.
  std::int64_t reset_epoch = 0;
  std::int32_t claims = 0;    ///< By other owners, since the offset last moved.
  Offset attempt_offset{-1};  ///< The record whose attempts are counted.
  std::int32_t attempts = 0;
  bool is_paused = false;
  std::optional<WallTime> paused_until;  ///< nullopt while paused: until resumed.
  std::string pause_reason;
  std::int64_t lost_messages = 0;   ///< Recorded as removed unread (retention_losses), ever.
  std::optional<WallTime> lost_at;  ///< When the last of them were removed; nullopt: none were.
  bool operator==(const LagSample&) const = default;

  /// The first offset that the group reads next.
  [[nodiscard]] Offset Position() const { return committed > start ? committed : start; }
  [[nodiscard]] std::int64_t LagMessages() const {
    return end > Position() ? end.value - Position().value : 0;
  }
};

/// A partition by itself: for production rates and topics that nobody reads.
struct PartitionSample {
  PartitionKey key;
  Offset start{1};
  Offset end{1};
  bool operator==(const PartitionSample&) const = default;
};

/// One round of one data node.
struct LagRound {
  NodeId node;
  WallTime at;                              ///< The node's clock in the snapshot.
  std::vector<LagSample> groups;            ///< By (group, topic, partition).
  std::vector<PartitionSample> partitions;  ///< By key; each once.
  std::int64_t rows_dropped = 0;            ///< Group rows beyond the limit, not told here.
};

}  // namespace lanemq::core
