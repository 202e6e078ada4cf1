#pragma once

#include <string>

#include "common/base/error.h"

namespace lanemq::cli {

/// What the process ends with. Scripts depend on the numbers: they never change meaning.
enum class ExitCode : int {
  kDone = 0,
  kFailed = 1,
  kUsage = 2,
  kNotFound = 3,
  kDenied = 4,
  kConflict = 5,       ///< The name is taken, or the object is not in a state that allows it.
  kUnavailable = 6,    ///< Unreachable or timed out: the same command may work later.
  kPartlyFailed = 7,   ///< Some of several names failed; the table says which.
  kNeedsApproval = 8,  ///< A request waits for somebody's yes; its number is on stdout.
  kInterrupted = 130,
};

[[nodiscard]] ExitCode ExitCodeOf(ErrorCode code);

/// What to do about the error, or empty.
[[nodiscard]] std::string HintFor(ErrorCode code);

}  // namespace lanemq::cli
