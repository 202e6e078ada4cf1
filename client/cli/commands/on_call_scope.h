#pragma once

#include <string>

#include "client/cli/app/action.h"
#include "client/cli/commands/lag_table.h"

/// What the commands about lag and alerts share.
namespace lanemq::cli {

/// Of the terminal that stdout is; 80 characters and no end where it is none.
[[nodiscard]] Screen ScreenOf(const Session& session);
/// Times for people in tables, in milliseconds for programs.
[[nodiscard]] inline Times TimesOf(const Session& session) {
  return session.flags().format == OutputFormat::kTable ? Times::kForPeople : Times::kMillis;
}

/// `lanemq doctor --group`.
ExitCode ExamineGroup(Session& session, const std::string& group);

void AddAlertChanges(CLI::App& alert, Action& action);
void AddAlertObjectives(CLI::App& alert, Action& action);
void AddGroupLagHistory(CLI::App& group, Action& action);

}  // namespace lanemq::cli
