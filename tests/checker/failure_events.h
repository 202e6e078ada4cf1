#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "tests/checker/message.h"

namespace lanemq::checker {

/// What a handler was given and how it ended. Enumerator, word in event files, meaning.
// clang-format off
#define LANEMQ_FAILURE_EVENTS(X)                                                                   \
  X(kStart, "start", "the process began")                                                          \
  X(kDeliver, "deliver", "the handler was called")                                                 \
  X(kOk, "ok", "it is about to answer: done")                                                      \
  X(kRetry, "retry", "it is about to answer: again later, because of `reason`")                    \
  X(kDead, "dead", "it is about to answer: never again, because of `reason`")                      \
  X(kGone, "gone", "it will not answer: it hangs, throws or kills its process, says `reason`")     \
  X(kError, "error", "the runner failed; `reason` is the error")                                   \
  X(kStop, "stop", "ended in order")
// clang-format on

enum class FailureEventKind : std::uint8_t {
#define LANEMQ_X(enumerator, word, meaning) enumerator,
  LANEMQ_FAILURE_EVENTS(LANEMQ_X)
#undef LANEMQ_X
};

/// One line of an event file:
/// `<us> <word> <partition> <offset> <attempt> <producer> <number> <fingerprint> <reason>`.
struct FailureEvent {
  std::int64_t at_us = 0;  ///< Since 1970, the machine's clock: the databases' too.
  FailureEventKind kind = FailureEventKind::kStart;
  std::int32_t partition = -1;
  std::int64_t offset = -1;
  std::int32_t attempt = 0;  ///< As the library told it, from 1.
  MessageId id;
  std::uint64_t fingerprint = 0;  ///< Of the body, as it was delivered.
  std::string reason;
};

/// All events of one process, in order.
struct HandlerLog {
  std::string name;
  std::vector<FailureEvent> events;
};

[[nodiscard]] std::string FormatFailureEvent(const FailureEvent& event);
/// A last line without its newline is what a killed process leaves, and is left out.
/// kCorruptMessage names the line that is no event.
Result<HandlerLog> ParseHandlerLog(std::string name, std::string_view text);

}  // namespace lanemq::checker
