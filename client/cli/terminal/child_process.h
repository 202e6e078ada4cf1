#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/result.h"

namespace lanemq::cli {

/// A command of the shell to run once.
struct ChildCommand {
  std::string text;  ///< For `sh -c`.
  std::string_view input;
  /// Added to our environment.
  std::vector<std::pair<std::string, std::string>> environment;
  std::chrono::milliseconds timeout{300'000};  ///< Then it, and what it started, is killed.
};

/// How it ended: exactly one of the first three.
struct ChildResult {
  std::optional<int> exit_code;
  std::optional<int> signal;
  bool is_timed_out = false;
  std::string error_tail;  ///< The last 2,000 bytes it wrote to stderr.
};

/// Runs the command with `input` on its stdin; stdout is ours, stderr goes to ours and into the
/// result. A command that does not read its input is fine. It is a process group of its own, so
/// Ctrl-C reaches us and not it. kUnknownServerError when the system has no process for us.
///
/// Thread safety: any thread; blocks.
[[nodiscard]] Result<ChildResult> RunChild(const ChildCommand& command);

}  // namespace lanemq::cli
