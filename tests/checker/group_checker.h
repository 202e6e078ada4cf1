#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/checker/group_events.h"

namespace lanemq::checker {

/// What the history of a group may not contain. Enumerator, name, meaning.
// clang-format off
#define LANEMQ_GROUP_RULES(X)                                                                      \
  X(kUnread, "unread", "a record below the end that no member was given")                          \
  X(kUntracked, "untracked", "a record of a partition that its reader did not own (G1)")           \
  X(kJumped, "jumped", "consecutive records of one assignment that do not follow each other")      \
  X(kResumedAhead, "resumed-ahead", "began above everything that had been committed (G2)")         \
  X(kResumedBehind, "resumed-behind", "began below a commit acknowledged before (G2)")             \
  X(kResumedBetween, "resumed-between", "began where nobody had committed (G2)")                   \
  X(kZombieCommit, "zombie-commit", "acknowledged although another member owned it (G11)")         \
  X(kCommitBack, "commit-back", "acknowledged below a commit acknowledged before it began (G12)")  \
  X(kNeedlessRepeat, "needless-repeat", "read again without a crash or loss in between")
// clang-format on

enum class GroupRule : std::uint8_t {
#define LANEMQ_X(enumerator, name, meaning) enumerator,
  LANEMQ_GROUP_RULES(LANEMQ_X)
#undef LANEMQ_X
};
[[nodiscard]] std::string_view NameOf(GroupRule rule);

struct GroupCheckOptions {
  /// Log end offset by partition; every record below was to be read.
  std::map<std::int32_t, std::int64_t> ends;
  /// False: members were killed or paused, so records may be read twice.
  bool is_orderly = false;
};

struct GroupReport {
  std::map<GroupRule, std::vector<std::string>> broken;  ///< At most 5 examples each.
  std::int64_t reads = 0;
  std::int64_t repeats = 0;
  std::int64_t commits = 0;
  std::int64_t refused = 0;
  std::int64_t assignments = 0;
  std::int64_t revocations = 0;
  std::int64_t losses = 0;

  [[nodiscard]] bool ok() const { return broken.empty(); }
  [[nodiscard]] std::string ToString() const;
};

/// Judges what the members of one group did with one topic. Resets by operators are not part of
/// it. Pure.
[[nodiscard]] GroupReport CheckGroup(const std::vector<GroupMemberLog>& members,
                                     const GroupCheckOptions& options);

}  // namespace lanemq::checker
