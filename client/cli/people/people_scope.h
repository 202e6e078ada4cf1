#pragma once

#include "client/cli/access/access_scope.h"
#include "client/cli/people/people_flags.h"
#include "client/cli/terminal/password.h"
#include "common/rpc/governance_client.h"

/// What the commands of people and their sessions share.
namespace lanemq::cli {

/// How a new password is given.
struct NewPasswordFlags {
  std::string file;           ///< Empty: it is asked for.
  bool is_generated = false;  ///< Made here and shown once.
};

/// The new password of `name`: from the flags, else typed twice.
[[nodiscard]] Result<std::string> NewPasswordOf(const NewPasswordFlags& flags,
                                                const std::string& name);

/// Whom a server takes the caller for; without a token anonymous.
[[nodiscard]] Result<std::string> PrincipalOf(const Session& session, Cluster& cluster);

void AddLoginCommands(CLI::App& root, Action& action);
void AddPersonCommands(CLI::App& root, Action& action);

}  // namespace lanemq::cli
