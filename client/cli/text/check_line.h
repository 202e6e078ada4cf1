#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client/cli/exit_code.h"
#include "common/base/result.h"

/// What `lanemq check` prints, as Nagios and its heirs read it: pure.
namespace lanemq::cli {

/// The numbers are exit codes.
enum class CheckState : int { kOk = 0, kWarning = 1, kCritical = 2, kUnknown = 3 };

/// "-w 1000" or "-w 30s": too much is what is above it.
struct CheckLimit {
  std::optional<std::int64_t> count;  ///< Messages, rows, per cent: as the check says.
  std::optional<std::chrono::milliseconds> age;
};

/// -w and -c as typed; empty: not given.
struct CheckLimits {
  CheckLimit warning;
  CheckLimit critical;

  [[nodiscard]] bool IsEmpty() const {
    return !warning.count && !warning.age && !critical.count && !critical.age;
  }
  [[nodiscard]] CheckState Judge(std::int64_t count, std::chrono::milliseconds age) const;
};
/// kInvalidRequest for what is neither a count nor a duration, and when the warning comes after the
/// critical one.
[[nodiscard]] Result<CheckLimits> ReadCheckLimits(std::string_view warning,
                                                  std::string_view critical);

/// Collects findings; prints the worst first: "CRITICAL - billing on orders: STOP | 'lag'=12;;".
/// CRITICAL is worse than WARNING, that than UNKNOWN. Not thread-safe; one owner.
class CheckLine {
 public:
  void Add(CheckState state, std::string text);
  /// `unit`: "s", "%", "c" (a counter) or nothing.
  void Measure(std::string label, double value, std::string_view unit = {},
               std::optional<double> warning = std::nullopt,
               std::optional<double> critical = std::nullopt);

  [[nodiscard]] CheckState state() const { return state_; }
  [[nodiscard]] ExitCode code() const { return static_cast<ExitCode>(state_); }
  /// One line with its line end. `if_fine` is said when nothing else is worth it.
  [[nodiscard]] std::string Text(std::string_view if_fine) const;

 private:
  CheckState state_ = CheckState::kOk;
  std::vector<std::pair<CheckState, std::string>> findings_;
  std::string measures_;
};

/// "UNKNOWN - why", for what could not be looked at and for wrong flags.
[[nodiscard]] std::string UnknownLine(std::string_view why);

}  // namespace lanemq::cli
