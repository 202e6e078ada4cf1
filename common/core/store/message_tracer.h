#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/core/store/dead_letter_store.h"
#include "common/core/types/failure.h"
#include "common/core/types/record.h"

namespace lanemq::core {

/// What took a message out of the log.
struct TracedRemoval {
  std::string cause;  ///< "time", "size", "trim".
  WallTime at;
  OperatorNote note;  ///< Of a trim.
};

struct TracedRetry {
  FailureHistory history;  ///< Without the first error.
  WallTime due;            ///< While it is handled: the end of the lease.
  bool is_leased = false;
};

struct TracedLetter {
  FailureHistory history;  ///< Without the first error.
  WallTime dead_at;
};

/// A message in one group that has an offset for its partition.
struct GroupTrace {
  std::string group;
  Offset committed{0};  ///< The next one to read; 0: nothing is committed yet.
  WallTime committed_at;
  std::int32_t attempts = 0;  ///< Of the handler that was called with it last; 0: of none.
  std::optional<TracedRetry> retry;
  std::optional<TracedLetter> letter;
  std::optional<TracedRemoval> removed_unread;
};

/// All of one instant. Times are of the data node's clock, but for the record's.
struct MessageTrace {
  WallTime at;
  Offset log_start{1};
  Offset log_end{1};                     ///< The offset of the next record.
  std::optional<RecordIdentity> record;  ///< nullopt: it is not in the log (any more).
  std::optional<Offset> next;            ///< Of a hole: the next offset that is stored.
  std::optional<TracedRemoval> removal;  ///< Below the log start, when something is known of it.
  std::optional<WallTime> lost_at;       ///< Acknowledged once, noticed to be missing then.
  std::vector<GroupTrace> groups;        ///< By name.
  bool has_more_groups = false;
};

enum class MessagePlace { kStored, kRemoved, kLost, kMissing, kNotYet };
/// Where it is, as far as the log is concerned. Pure.
[[nodiscard]] MessagePlace PlaceOf(const MessageTrace& trace, Offset offset);

enum class GroupPlace { kDeadLetter, kRetrying, kHandling, kNotRead, kRemovedUnread, kPassed };
/// How far a group is with it: the first of these that holds. Pure.
[[nodiscard]] GroupPlace PlaceIn(const GroupTrace& group, Offset offset, Offset log_start);

/// What somebody did to dead letters of a group, a message perhaps among them.
struct TracedDeed {
  WallTime at;
  /// "redrive_to_group", "redrive_to_topic", "edit", "drop", "expire".
  std::string action;
  bool is_exact = false;  ///< It named the message; else its filter or age may have had it.
  OperatorNote note;
  std::optional<std::int64_t> redrive;  ///< Its id.
  RedriveState state = RedriveState::kDone;
};

enum class Cover { kNone, kMaybe, kExact };
/// Whether a deed with this filter was about the message, if it was a dead letter then: kMaybe when
/// nothing that is known of the message speaks against it. Pure.
[[nodiscard]] Cover CoverOf(const DeadLetterFilter& filter, const PartitionKey& key, Offset offset);

/// Finds out where a message is, on its data node. Nothing is locked.
///
/// Implementation: sql::MySqlMessageTracer; passes tests/conformance/
/// message_tracer_conformance_test.cc on both engines. Thread safety: every method from any thread.
/// Errors of every method: kDataNodeUnavailable, also when the partition moves or is not there;
/// kThrottled; kConflict: the table changed meanwhile, several times: again.
class MessageTracer {
 public:
  virtual ~MessageTracer() = default;

  /// `offset` at least 1. The first `groups_max` groups by name, which is 1 to 1,000.
  virtual Result<MessageTrace> Trace(const PartitionLocation& location, Offset offset,
                                     std::int32_t groups_max, Deadline deadline) = 0;

  /// For each of `groups`, at most 50: what was done since `since` (by the data node's clock) that
  /// may have been about the message, newest first, at most 10. Among the newest 100 deeds and 20
  /// redrives of the group. An expiry counts when the message was older than what it removed.
  virtual Result<std::vector<std::vector<TracedDeed>>> Deeds(const PartitionKey& key, Offset offset,
                                                             std::span<const std::string> groups,
                                                             WallTime since, Deadline deadline) = 0;
};

inline constexpr std::int32_t kTracedGroupsMax = 1'000;
inline constexpr std::size_t kTracedDeedGroupsMax = 50;

}  // namespace lanemq::core
