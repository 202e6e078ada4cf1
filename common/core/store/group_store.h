#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/core/group/group_types.h"
#include "common/core/store/catalog_store.h"
#include "common/core/types/audit.h"

namespace lanemq::core {

/// A longer reason of a rebalance is cut.
inline constexpr std::size_t kStoredReasonBytesMax = 255;
/// What is stored of `reason`: its beginning, cut between two UTF-8 characters.
std::string_view StoredReason(std::string_view reason);

/// Groups hash into this many slots; the holder of the lease `group-slot-NN` coordinates them.
inline constexpr int kGroupSlots = 16;
/// 0 to kGroupSlots - 1; the same for ever: it is stored.
int GroupSlot(std::string_view group_id);
/// "group-slot-07". Requires a slot from 0 to kGroupSlots - 1.
std::string GroupSlotLease(int slot);

/// One row of lists.
struct GroupSummary {
  std::string group_id;
  GroupState state = GroupState::kEmpty;
  Generation generation;
  std::string protocol;
  std::int64_t members = 0;
  std::optional<WallTime> empty_since;
};

/// One finished rebalance; the newest 100 of a group are kept.
struct GroupRebalance {
  Generation generation;
  WallTime at;
  std::string reason;
  std::int64_t members = 0;
  std::int64_t moved = 0;
};

/// Consumer groups with their members, in the metadata database.
///
/// Implementations: sql::MySqlGroupStore, testing::FakeGroupStore; both pass
/// tests/conformance/group_store_suite.h. Thread safety: every method from any thread.
/// Groups come back with their members by id, each one's `owned` and `assignment` sorted, and with
/// the `reason` and `moved` that the history has for their generation: none before it is stable.
/// Errors: kMetadataUnavailable, kThrottled, kConflict (too many lost races): nothing was done;
/// kOutcomeUnknown: a Write may have happened, repeat it; kCorruptMessage: a stored row is damaged,
/// the message names the group and the column.
class GroupStore {
 public:
  virtual ~GroupStore() = default;

  /// Replaces the group with its members in one transaction, and adds to its history when it
  /// becomes kStable with a generation that has no row there. `group.empty_since` is not looked at:
  /// the database's clock says since when there are no members. Repeating a write is harmless.
  /// Errors: kFenced, and nothing is changed, when `fence` is not the newest term of its lease, or
  /// when the row was written under a newer one. kInvalidRequest when the group cannot be stored:
  /// it is in another state than kEmpty, kCompletingRebalance and kStable, or a name of a topic or
  /// protocol is not UTF-8.
  virtual Status Write(const StoredGroup& group, const Fence& fence, Deadline deadline) = 0;
  /// Every group of a slot, whole. Read after the lease was taken: no older owner writes any more.
  virtual Result<std::vector<StoredGroup>> LoadSlot(int slot, Deadline deadline) = 0;
  /// nullopt: no such group.
  virtual Result<std::optional<StoredGroup>> Load(std::string_view group_id, Deadline deadline) = 0;
  /// By group id.
  virtual Result<std::vector<GroupSummary>> List(Deadline deadline) = 0;
  /// Newest first.
  virtual Result<std::vector<GroupRebalance>> History(std::string_view group_id, std::size_t max,
                                                      Deadline deadline) = 0;
  /// With members and history; its row of the audit log is left in the same transaction. Harmless,
  /// and without a row there, when there is none. Errors: kFenced; kFailedPrecondition when it has
  /// members.
  virtual Status Delete(std::string_view group_id, const Fence& fence, const AuditNote& note,
                        Deadline deadline) = 0;
  /// Groups without members for longer than `age`, by the database's clock; the longest
  /// first, at most 1,000.
  virtual Result<std::vector<std::string>> EmptyFor(std::chrono::microseconds age,
                                                    Deadline deadline) = 0;
};

}  // namespace lanemq::core
