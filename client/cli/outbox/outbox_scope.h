#pragma once

#include <memory>
#include <string>

#include "client/cli/app/action.h"
#include "client/cli/outbox/wiring.h"

/// What the commands on outboxes share.
namespace lanemq::cli {

/// --database, --user and --password-file.
void AddDatabaseFlags(CLI::App& leaf, OutboxDatabaseFlags& flags, bool is_required);

/// The global timeout, from now.
[[nodiscard]] Deadline TimeLimit(const Session& session);
/// Tells of an error of a team's database, with what to do about it.
ExitCode FailDatabase(Session& session, const Error& error);

/// Reads `flags`, opens the database and hands it to `work`, which returns what to exit with.
template <typename Work>
ExitCode WithOutbox(Session& session, const OutboxDatabaseFlags& flags, const Work& work) {
  const auto login = ReadLogin(flags);
  if (!login.ok()) return session.Fail(login.error());
  OutboxDatabase database(*login);
  return work(database.admin());
}

void AddOutboxInstall(CLI::App& outbox, Action& action);
void AddOutboxChanges(CLI::App& outbox, Action& action);

}  // namespace lanemq::cli
