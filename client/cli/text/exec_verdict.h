#pragma once

#include <string>

#include "client/cli/terminal/child_process.h"

namespace lanemq::cli {

/// What the end of a command says about the message it was given.
struct ExecVerdict {
  enum class Kind {
    kDone,   ///< Exit code 0.
    kRetry,  ///< Any other end; 75 (EX_TEMPFAIL) says so.
    kDead,   ///< 65 (EX_DATAERR): trying again will not help.
    kStop,   ///< 126 and 127: the shell could not run it. The message had no part in that.
  };
  Kind kind = Kind::kDone;
  std::string reason;  ///< "exit_1", "signal_9" or "timeout": what policies and `dlq` know it by.
  std::string error;   ///< The end of what it wrote to stderr, or what happened.
};

[[nodiscard]] ExecVerdict JudgeChild(const ChildResult& result);

}  // namespace lanemq::cli
