#include <algorithm>
#include <memory>
#include <span>
#include <string>

#include <fmt/format.h>

#include "client/cli/app/help.h"
#include "client/cli/commands/group_scope.h"
#include "client/cli/outbox/outbox_scope.h"
#include "client/cli/text/time_text.h"
#include "lanemq/relay_wake.h"

namespace lanemq::cli {
namespace {

using core::OutboxAdmin;
using core::OutboxState;

/// More in one go are too many to have been thought of; repeated, the command goes on.
constexpr std::size_t kDropMax = 100'000;

struct InstallFlags {
  OutboxDatabaseFlags database;
  bool is_inbox = false;
  bool is_print = false;
};
struct ChangeFlags {
  OutboxDatabaseFlags database;
  OutboxChoice choice;
};
struct WakeFlags {
  OutboxDatabaseFlags database;
};

ExitCode Install(Session& session, const InstallFlags& flags) {
  if (flags.is_print) {
    session.out().Data(SchemaText(flags.is_inbox));
    return ExitCode::kDone;
  }
  const auto login = ReadLogin(flags.database);
  if (!login.ok()) {
    return session.Fail(login.error(), "--print shows the tables without a database");
  }
  const std::string what = flags.is_inbox ? "the inbox's table" : "the outbox's tables";
  const std::string where = fmt::format("{} at {}:{}", login->schema, login->host, login->port);
  if (session.flags().is_dry_run) {
    session.out().Note(fmt::format("Would make {} in {}.", what, where));
    return ExitCode::kDone;
  }
  if (const Status made = InstallTables(*login, flags.is_inbox, TimeLimit(session)); !made.ok()) {
    if (ExitCodeOf(made.error().code) == ExitCode::kUnavailable) {
      return session.Fail(made.error(),
                          "no right to make tables? `lanemq outbox install --print` shows them for "
                          "whoever has it");
    }
    return session.Fail(made.error());
  }
  session.out().Note(fmt::format("{} has {}.", where, what));
  return ExitCode::kDone;
}

std::optional<std::string> TopicOf(const OutboxChoice& choice) {
  return choice.topic.empty() ? std::nullopt : std::optional(choice.topic);
}

/// `ids` in pieces that one call takes.
template <typename Call>
Result<std::int64_t> InPieces(const std::vector<std::int64_t>& ids, const Call& call) {
  std::int64_t changed = 0;
  for (std::size_t at = 0; at < ids.size(); at += OutboxAdmin::kRowsMax) {
    const auto piece =
        std::span(ids).subspan(at, std::min<std::size_t>(OutboxAdmin::kRowsMax, ids.size() - at));
    LANEMQ_ASSIGN_OR_RETURN(const std::int64_t count,
                            call(std::vector<std::int64_t>(piece.begin(), piece.end())));
    changed += count;
  }
  return changed;
}

Result<std::int64_t> RetryChosen(Session& session, OutboxAdmin& admin, const OutboxChoice& choice,
                                 const std::vector<std::int64_t>& ids) {
  if (choice.is_holds) return admin.RetryHolds(TimeLimit(session));
  if (!choice.is_all_dead) {
    return InPieces(ids, [&](const std::vector<std::int64_t>& piece) {
      return admin.Retry(piece, TimeLimit(session));
    });
  }
  std::int64_t retried = 0;
  while (true) {
    LANEMQ_ASSIGN_OR_RETURN(const std::int64_t count,
                            admin.RetryDead(TopicOf(choice), TimeLimit(session)));
    if (count == 0) return retried;
    retried += count;
    session.out().Progress(FormatCount(retried) + " retried");
  }
}

/// host:port of the wake-up sockets of relays that live.
std::vector<std::string> AddressesOf(const std::vector<core::OutboxPeer>& peers) {
  std::vector<std::string> addresses;
  for (const core::OutboxPeer& peer : peers) {
    if (peer.is_alive && !peer.wake_address.empty()) addresses.push_back(peer.wake_address);
  }
  return addresses;
}

ExitCode Retry(Session& session, const ChangeFlags& flags) {
  const auto ids = ReadChoice(flags.choice, false);
  if (!ids.ok()) return session.Fail(ids.error(), "lanemq outbox retry --help");
  const std::string what = flags.choice.is_holds ? "holds" : "dead messages";
  if (session.flags().is_dry_run) {
    session.out().Note(flags.choice.ids.empty()
                           ? fmt::format("Would retry all {}.", what)
                           : fmt::format("Would retry {} {}.", ids->size(), what));
    return ExitCode::kDone;
  }
  return WithOutbox(session, flags.database, [&](OutboxAdmin& admin) {
    const auto retried = RetryChosen(session, admin, flags.choice, *ids);
    if (!retried.ok()) return FailDatabase(session, retried.error());
    if (*retried == 0 && !flags.choice.ids.empty()) {
      return session.Fail({ErrorCode::kNotFound, "none of these messages is dead"},
                          "`lanemq outbox list --state dead` shows those that are");
    }
    session.Show({{"what", "retried"}, {{what, *retried}}});
    // Without it they would look within a second or so.
    const auto peers = admin.Peers(TimeLimit(session));
    if (peers.ok() && *retried > 0) {
      if (const auto woken = WakeRelays(AddressesOf(*peers)); !woken.ok()) {
        session.out().Detail("Relays were not woken: " + woken.error().ToString());
      }
    }
    return ExitCode::kDone;
  });
}

/// Ids of dead messages of a topic; at most kDropMax.
Result<std::vector<std::int64_t>> DeadOf(Session& session, OutboxAdmin& admin,
                                         const std::string& topic) {
  std::vector<std::int64_t> ids;
  while (ids.size() < kDropMax) {
    LANEMQ_ASSIGN_OR_RETURN(const auto page,
                            admin.List(OutboxState::kDead, topic, ids.empty() ? 0 : ids.back(),
                                       OutboxAdmin::kRowsMax, TimeLimit(session)));
    if (page.empty()) break;
    for (const core::OutboxMessage& message : page) ids.push_back(message.id);
    session.out().Progress(FormatCount(static_cast<std::int64_t>(ids.size())) + " found");
  }
  return ids;
}

ExitCode DropIds(Session& session, OutboxAdmin& admin, const std::vector<std::int64_t>& ids,
                 const std::string& of_topic) {
  const std::string what =
      fmt::format("{} dead message{}{}", FormatCount(static_cast<std::int64_t>(ids.size())),
                  ids.size() == 1 ? "" : "s", of_topic);
  if (session.flags().is_dry_run) {
    session.out().Note(fmt::format("Would drop {}.", what));
    return ExitCode::kDone;
  }
  ExitCode refused{};
  if (!ids.empty() && !session.Confirm(fmt::format("Drop {} for ever?", what), refused)) {
    return refused;
  }
  const auto dropped = InPieces(ids, [&](const std::vector<std::int64_t>& piece) {
    return admin.Drop(piece, TimeLimit(session));
  });
  if (!dropped.ok()) return FailDatabase(session, dropped.error());
  if (*dropped == 0 && of_topic.empty()) {
    return session.Fail({ErrorCode::kNotFound, "none of these messages is dead"},
                        "`lanemq outbox list --state dead` shows those that are");
  }
  session.Show({{"what", "dropped"}, {{std::string("dead messages"), *dropped}}});
  return ExitCode::kDone;
}

ExitCode Drop(Session& session, const ChangeFlags& flags) {
  const auto ids = ReadChoice(flags.choice, true);
  if (!ids.ok()) return session.Fail(ids.error(), "lanemq outbox drop --help");
  return WithOutbox(session, flags.database, [&](OutboxAdmin& admin) {
    if (!flags.choice.is_all_dead) return DropIds(session, admin, *ids, "");
    const auto dead = DeadOf(session, admin, flags.choice.topic);
    if (!dead.ok()) return FailDatabase(session, dead.error());
    return DropIds(session, admin, *dead, " of topic " + MakeVisible(flags.choice.topic));
  });
}

ExitCode WakeNow(Session& session, const WakeFlags& flags) {
  return WithOutbox(session, flags.database, [&](OutboxAdmin& admin) {
    const auto peers = admin.Peers(TimeLimit(session));
    if (!peers.ok()) return FailDatabase(session, peers.error());
    const std::vector<std::string> addresses = AddressesOf(*peers);
    if (addresses.empty()) {
      return session.Fail(
          {ErrorCode::kFailedPrecondition, "no relay of this outbox lives and can be woken"},
          "`lanemq outbox status --database ...` shows its relays");
    }
    Table table{{"wake_address", "status"}, {}};
    for (const std::string& address : addresses) {
      std::string status = "would be woken";
      if (!session.flags().is_dry_run) {
        const auto sent = WakeRelays({address});
        status = !sent.ok() ? sent.error().ToString() : *sent > 0 ? "sent" : "not sent";
      }
      table.rows.push_back({address, status});
    }
    session.Show(table);
    return ExitCode::kDone;
  });
}

void AddChoiceFlags(CLI::App& leaf, OutboxChoice& choice) {
  leaf.add_option("ID", choice.ids, "Messages, as `lanemq outbox list` shows them");
  leaf.add_flag("--all-dead", choice.is_all_dead, "All dead messages");
  leaf.add_option("-t,--topic", choice.topic, "Of this topic")->type_name("TOPIC");
}

}  // namespace

void AddOutboxInstall(CLI::App& outbox, Action& action) {
  const auto install = std::make_shared<InstallFlags>();
  CLI::App* leaf = AddLeaf(outbox, "install", "Make an outbox's tables in a team's own schema",
                           action, install, Install);
  AddDatabaseFlags(*leaf, install->database, false);
  leaf->add_flag("--inbox", install->is_inbox, "The inbox's table instead");
  leaf->add_flag("--print", install->is_print, "Print the SQL and run nothing");
  Explain(*leaf,
          {"lanemq outbox install -d 10.0.0.5:3306/shop -u shop --password-file .pw",
           "lanemq outbox install -d 10.0.0.5:3306/shop -u shop --password-file .pw --inbox",
           "lanemq outbox install --print > outbox.sql"},
          "Harmless to repeat; also brings old tables up to date. The schema must exist");
}

void AddOutboxChanges(CLI::App& outbox, Action& action) {
  const auto retry = std::make_shared<ChangeFlags>();
  CLI::App* leaf = AddLeaf(outbox, "retry", "Publish dead messages after all, or what is held now",
                           action, retry, Retry);
  AddDatabaseFlags(*leaf, retry->database, true);
  AddChoiceFlags(*leaf, retry->choice);
  leaf->add_flag("--holds", retry->choice.is_holds, "Try at once what waits for its next attempt");
  Explain(*leaf,
          {"lanemq outbox retry -d 10.0.0.5:3306/shop -u shop 4711 4712",
           "lanemq outbox retry -d 10.0.0.5:3306/shop -u shop --all-dead --topic orders",
           "lanemq outbox retry -d 10.0.0.5:3306/shop -u shop --holds"},
          "They come after what has been published of their keys meanwhile");

  const auto drop = std::make_shared<ChangeFlags>();
  leaf = AddLeaf(outbox, "drop", "Delete dead messages for ever", action, drop, Drop);
  AddDatabaseFlags(*leaf, drop->database, true);
  AddChoiceFlags(*leaf, drop->choice);
  Explain(*leaf,
          {"lanemq outbox drop -d 10.0.0.5:3306/shop -u shop 4711",
           "lanemq outbox drop -d 10.0.0.5:3306/shop -u shop --all-dead -t orders --dry-run",
           "lanemq outbox drop -d 10.0.0.5:3306/shop -u shop --all-dead -t orders --yes"},
          "lanemq outbox list --state dead --bodies --output jsonl keeps them elsewhere first");

  const auto wake = std::make_shared<WakeFlags>();
  leaf = AddLeaf(outbox, "relay-now", "Make an outbox's relays look for messages now", action, wake,
                 WakeNow);
  AddDatabaseFlags(*leaf, wake->database, true);
  Explain(*leaf,
          {"lanemq outbox relay-now -d 10.0.0.5:3306/shop -u shop",
           "lanemq outbox relay-now -d 10.0.0.5:3306/shop -u shop --dry-run",
           "lanemq outbox relay-now -d 10.0.0.5:3306/shop -u shop --output json"},
          "By one datagram to each that lives; without it they look within a second");
}

}  // namespace lanemq::cli
