#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "client/cli/access/access_flags.h"
#include "client/cli/app/action.h"
#include "client/cli/app/help.h"
#include "client/cli/cluster/connect.h"
#include "client/cli/commands/group_scope.h"
#include "common/base/clock.h"

/// What the commands on who may do what share.
namespace lanemq::cli {

/// Flags of commands that have none.
struct NoAccessFlags {};
struct NamesFlags {
  std::vector<std::string> names;
};

/// Says what would be done with --dry-run, and that nothing more is to be done then.
inline bool IsRehearsal(Session& session, const std::string& what) {
  if (!session.flags().is_dry_run) return false;
  session.out().Note("Would " + MakeVisible(what) + ".");
  return true;
}

[[nodiscard]] inline WallTime WallNow() { return SystemClock::Instance().WallNow(); }

/// A noun among the commands of its kind.
CLI::App* AddAccessNoun(CLI::App& root, const std::string& name, const std::string& what,
                        const std::vector<std::string>& examples, std::string_view see_also);
/// --topic and --group. `what` is about them: "On"; `more` is said behind.
void AddObjectFlags(CLI::App& leaf, ObjectFlags& object, const std::string& what,
                    const std::string& more = {});

void AddTeamCommands(CLI::App& root, Action& action);
void AddServiceCommands(CLI::App& root, Action& action);
void AddTokenCommands(CLI::App& root, Action& action);
void AddAclCommands(CLI::App& root, Action& action);
void AddOwnerCommands(CLI::App& root, Action& action);
void AddAuditCommands(CLI::App& root, Action& action);
void AddHygieneCommand(CLI::App& root, Action& action);
void AddQuotaCommands(CLI::App& root, Action& action);

}  // namespace lanemq::cli
