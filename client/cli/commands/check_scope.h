#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "client/cli/app/action.h"
#include "client/cli/cluster/connect.h"
#include "client/cli/text/check_line.h"

/// What the checks share.
namespace lanemq::cli {

/// As typed; empty: not given.
struct CheckFlags {
  std::string warning;
  std::string critical;
  std::string group;
  std::string topic;
  std::string name;  ///< Of a node or an outbox.
};

// Those who call give up after ten seconds, as a rule.
inline constexpr std::chrono::seconds kCheckPatience{8};
// Lines of monitoring systems have an end.
inline constexpr std::size_t kMeasuredMax = 20;

/// Reads the limits, looks, prints one line. What cannot be looked at is UNKNOWN.
/// `look(Cluster&, const CheckLimits&, CheckLine&)` returns a Status.
template <typename Look>
ExitCode RunCheck(Session& session, const CheckFlags& flags, std::string_view if_fine,
                  const Look& look, std::chrono::seconds patience = kCheckPatience) {
  const auto fail = [&session](const Error& error) {
    session.out().Data(UnknownLine(error.ToString()));
    return static_cast<ExitCode>(CheckState::kUnknown);
  };
  const auto limits = ReadCheckLimits(flags.warning, flags.critical);
  if (!limits.ok()) return fail(limits.error());
  const auto cluster = Connect(session, patience);
  if (!cluster.ok()) return fail(cluster.error());
  CheckLine line;
  if (const Status looked = look(**cluster, *limits, line); !looked.ok()) {
    return fail(looked.error());
  }
  session.out().Data(line.Text(if_fine));
  return line.code();
}

[[nodiscard]] inline double InSeconds(std::chrono::milliseconds time) {
  return static_cast<double>(time.count()) / 1e3;
}
[[nodiscard]] inline std::optional<double> InSeconds(
    const std::optional<std::chrono::milliseconds>& time) {
  return time ? std::optional(InSeconds(*time)) : std::nullopt;
}
[[nodiscard]] inline std::optional<double> AsNumber(const std::optional<std::int64_t>& count) {
  return count ? std::optional(static_cast<double>(*count)) : std::nullopt;
}

/// A check with -w and -c; `limits` says what they mean and their defaults.
CLI::App* AddCheck(CLI::App& check, const std::string& name, const std::string& what,
                   Action& action, const std::shared_ptr<CheckFlags>& flags,
                   ExitCode (*run)(Session&, const CheckFlags&), const std::string& limits);
/// Of data nodes, canaries and the cluster as such.
void AddServerChecks(CLI::App& check, Action& action);

}  // namespace lanemq::cli
