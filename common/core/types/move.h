#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/base/time.h"
#include "common/core/types/ids.h"

namespace lanemq::core {

/// How far a move has come. What is true in each: docs/adr, "Emptying a data node".
enum class MoveState : std::int8_t {
  kCopying = 1,
  kSealing = 2,
  kHandingOver = 3,
  kOpening = 4,   ///< From here on only forward.
  kCleaning = 5,  ///< The catalogue says the new place.
  kDone = 6,
  kCancelling = 7,  ///< Is being taken back: asked for, or because it failed.
  kCancelled = 8,
  kFailed = 9,  ///< Was taken back by itself; `error` says why.
};

/// One partition's way from one place to another.
struct PartitionMove {
  std::int64_t id = 0;  ///< Positive, grows with time, never given twice.
  PartitionLocation from;
  PartitionLocation to;  ///< The same key.
  bool operator==(const PartitionMove&) const = default;
};

/// A row of the metadata database.
struct MoveRecord {
  PartitionMove move;
  std::string topic;  ///< Its name, for people.
  /// False: the topic is being deleted, or is gone. It never becomes active again.
  bool is_topic_active = true;
  MoveState state = MoveState::kCopying;
  std::int64_t bytes_per_second = 0;  ///< Of the copy; positive.
  // Progress as it was last written down; for people.
  Offset copied_end{0};
  Offset source_end{0};
  std::int64_t bytes_copied = 0;
  /// From the seal to the catalogue's change, or until now while it has not come to that; 0: it is
  /// not sealed.
  std::int64_t paused_us = 0;
  /// The clock of the pause runs: the source is sealed, or may be.
  bool is_paused = false;
  // Of the data nodes: an operator says that nobody uses it any more; it may be lost for good.
  bool is_source_disabled = false;
  bool is_target_disabled = false;
  std::string error;  ///< The last one; empty: none. While it is taken back, see move_words.h.
  std::string requested_by;
  std::string reason;
  WallTime created_at;
  std::optional<WallTime> finished_at;

  [[nodiscard]] bool IsFinished() const {
    return state == MoveState::kDone || state == MoveState::kCancelled ||
           state == MoveState::kFailed;
  }
  /// Somebody may wait for the partition: nobody can use it, or soon could not.
  [[nodiscard]] bool IsShut() const {
    switch (state) {
      case MoveState::kSealing:
      case MoveState::kHandingOver:
      case MoveState::kOpening:
        return true;
      case MoveState::kCancelling:
        return is_paused && is_topic_active;
      case MoveState::kCopying:
      case MoveState::kCleaning:
      case MoveState::kDone:
      case MoveState::kCancelled:
      case MoveState::kFailed:
        return false;
    }
    return false;
  }
};

}  // namespace lanemq::core
