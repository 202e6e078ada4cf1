#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace lanemq::checker {

/// What one member of a group did or was told. Enumerator, word in event files, meaning.
// clang-format off
#define LANEMQ_GROUP_EVENTS(X)                                                                \
  X(kStart, "start", "the process began")                                                     \
  X(kAssigned, "assigned", "the partition was given to it")                                   \
  X(kRevoked, "revoked", "the partition was taken away, while still its own")                 \
  X(kLost, "lost", "the partition had been taken away before it knew")                        \
  X(kRead, "read", "Poll() returned the record at `offset`")                                  \
  X(kCommitBegin, "commit", "about to commit `offset`")                                       \
  X(kCommitOk, "committed", "the commit was acknowledged")                                    \
  X(kCommitFailed, "refused", "the commit failed; `text` is the error code")                  \
  X(kStop, "stop", "ended in order")                                                          \
  X(kError, "error", "Poll() failed; `text` is the error")
// clang-format on

enum class GroupEventKind : std::uint8_t {
#define LANEMQ_X(enumerator, word, meaning) enumerator,
  LANEMQ_GROUP_EVENTS(LANEMQ_X)
#undef LANEMQ_X
};

/// One line of an event file: `<ns> <word> <partition> <offset> <text>`.
struct GroupEvent {
  std::int64_t at_ns = 0;  ///< CLOCK_MONOTONIC: comparable between processes of one machine.
  GroupEventKind kind = GroupEventKind::kStart;
  std::int32_t partition = -1;
  std::int64_t offset = -1;
  std::string text;
};

/// All events of one process, in order.
struct GroupMemberLog {
  std::string name;
  std::vector<GroupEvent> events;
};

[[nodiscard]] std::string FormatGroupEvent(const GroupEvent& event);
/// A last line without its newline is what a killed process leaves, and is left out.
/// kCorruptMessage names the line that is no event.
Result<GroupMemberLog> ParseGroupLog(std::string name, std::string_view text);

}  // namespace lanemq::checker
