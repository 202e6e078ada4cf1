#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/core/move/move_planner.h"
#include "common/core/store/catalog_store.h"
#include "common/core/types/audit.h"
#include "common/core/types/move.h"

namespace lanemq::core {

struct NewMoves {
  std::vector<NamedWish> wishes;  ///< At most kWishesMax.
  /// Name of a data node that is closed, and left by every partition it has; then no wishes.
  std::string evacuate;
  /// Names of the data nodes to use; empty: every writable one.
  std::vector<std::string> targets;
  std::int64_t bytes_per_second = 0;  ///< Of each copy; positive.
  static constexpr std::size_t kWishesMax = 10'000;
};

/// What became of one wish.
struct BegunMove {
  /// kAlreadyExists: it is moving (`id` and `to` tell how); kFailedPrecondition: it is there
  /// already, or its topic is not active, or a data node is not in a state for it;
  /// kUnknownTopicOrPartition; kNotFound: no such data node; kInsufficientCapacity.
  Status status;
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t id = 0;  ///< 0: there is none.
  PartitionLocation from;
  PartitionLocation to;  ///< Of what moves, or would.
};

/// What is written down of a move that goes on.
struct MoveAdvance {
  std::int64_t id = 0;
  MoveState expected = MoveState::kCopying;  ///< kConflict, nothing changed, in another one.
  MoveState next = MoveState::kCopying;      ///< May be the same: progress only.
  Offset copied_end{0};
  Offset source_end{0};
  std::int64_t bytes_copied = 0;
  std::string error;  ///< Empty: none.
  /// Of kCancelling: the partition can be used again. The clock of the pause stops, and keeps what
  /// it says; so it does when a move that is taken back ends.
  bool ends_pause = false;
};

/// Moves of partitions, in the metadata database.
///
/// At most one unfinished move of a partition exists. A target counts as taken for every placement
/// from the moment its move exists until it ends, and the place that was left from the switch on.
/// Implementation: sql::MySqlMoveStore; passes tests/conformance/move_store_suite.h. Thread safety
/// and errors: as CatalogStore's.
class MoveStore {
 public:
  virtual ~MoveStore() = default;

  /// Chooses places and records the moves, in one transaction with their audit rows; the reason is
  /// the note's. Each partition by itself: what cannot move is told, the rest moves. `is_dry_run`:
  /// chooses and records nothing. Errors: kNotFound, kFailedPrecondition: of `evacuate` or
  /// `targets`.
  virtual Result<std::vector<BegunMove>> Begin(const NewMoves& moves, bool is_dry_run,
                                               const AuditNote& note, Deadline deadline) = 0;
  /// Into kSealing it starts the clock of the pause, and back to kCopying it stops it. Harmless
  /// when repeated after kOutcomeUnknown, in its first form or a later one: kConflict then says
  /// that it was done.
  /// Errors: kConflict, kFenced, kNotFound.
  virtual Status Advance(const MoveAdvance& advance, const Fence& fence, Deadline deadline) = 0;
  /// kOpening -> kCleaning with the partition's new place and a new version of the catalogue, in
  /// one transaction. Harmless when repeated. Errors: as Advance; kFailedPrecondition: the topic is
  /// being deleted or gone, and its partition stays where the catalogue has it.
  virtual Status Switch(std::int64_t id, const Fence& fence, Deadline deadline) = 0;
  /// Asks for an end: kCancelling, unless it has come to kOpening (kFailedPrecondition). What has
  /// ended is answered as it is. Errors: kNotFound.
  virtual Result<MoveRecord> Cancel(std::int64_t id, const AuditNote& note, Deadline deadline) = 0;

  /// Unfinished ones, by id.
  virtual Result<std::vector<MoveRecord>> LoadUnfinished(Deadline deadline) = 0;
  /// Newest first; `before_id` 0: from the newest on.
  virtual Result<std::vector<MoveRecord>> List(std::int64_t before_id, std::size_t max,
                                               Deadline deadline) = 0;
  /// Forgets finished ones that are older, at most `max` rows. How many. Errors: kFenced.
  virtual Result<std::int64_t> Expire(std::chrono::microseconds age, std::size_t max,
                                      const Fence& fence, Deadline deadline) = 0;
};

}  // namespace lanemq::core
