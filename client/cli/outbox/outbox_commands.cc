#include <array>
#include <limits>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "client/cli/app/help.h"
#include "client/cli/cluster/connect.h"
#include "client/cli/commands/group_scope.h"
#include "client/cli/outbox/outbox_scope.h"
#include "client/cli/outbox/outbox_table.h"
#include "client/cli/text/time_text.h"

namespace lanemq::cli {
namespace {

using core::OutboxState;

constexpr std::int32_t kHoldsShown = 100;

struct StatusFlags {
  OutboxDatabaseFlags database;
};
struct ListFlags {
  OutboxDatabaseFlags database;
  std::string state;
  std::string topic;
  std::int64_t max = 100;
  bool has_bodies = false;
};
struct ForgetFlags {
  std::vector<std::string> names;
};

ExitCode ShowRegistered(Session& session) {
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  const auto reply = (*cluster)->Control(&rpc::ControlPlaneClient::ListOutboxesSync, {});
  if (!reply.ok()) return session.Fail(reply.error());
  const bool is_for_people = session.flags().format == OutputFormat::kTable;
  session.Show(OutboxesTable(reply->outboxes, is_for_people ? Times::kForPeople : Times::kMillis),
               "No relay has reported an outbox; `lanemq outbox install` makes one.");
  return ExitCode::kDone;
}

Result<OutboxDetail> ReadDetail(core::OutboxAdmin& admin, const std::string& name,
                                Deadline deadline) {
  OutboxDetail detail;
  detail.name = name;
  LANEMQ_ASSIGN_OR_RETURN(detail.stats, admin.Stats(deadline));
  LANEMQ_ASSIGN_OR_RETURN(detail.peers, admin.Peers(deadline));
  LANEMQ_ASSIGN_OR_RETURN(detail.holds, admin.Holds(kHoldsShown, deadline));
  return detail;
}

/// "10.0.0.5:3306/shop" as relays call it by default: "shop@10.0.0.5:3306".
std::string NameOf(const std::string& database) {
  const std::size_t slash = database.find('/');
  return database.substr(slash + 1) + "@" + database.substr(0, slash);
}

ExitCode ShowStatus(Session& session, const StatusFlags& flags) {
  if (flags.database.database.empty()) return ShowRegistered(session);
  return WithOutbox(session, flags.database, [&](core::OutboxAdmin& admin) {
    const auto detail = ReadDetail(admin, NameOf(flags.database.database), TimeLimit(session));
    if (!detail.ok()) return FailDatabase(session, detail.error());
    session.out().Data(session.IsJson() ? OutboxDetailJson(*detail) : OutboxDetailText(*detail));
    return ExitCode::kDone;
  });
}

/// At most `max` messages in `state`, page after page.
Status ReadState(core::OutboxAdmin& admin, OutboxState state, const ListFlags& flags,
                 std::int64_t max, Deadline deadline, std::vector<core::OutboxMessage>& messages) {
  const auto topic = flags.topic.empty() ? std::nullopt : std::optional(flags.topic);
  std::int64_t after = 0;
  while (static_cast<std::int64_t>(messages.size()) < max) {
    const std::int64_t left = max - static_cast<std::int64_t>(messages.size());
    LANEMQ_ASSIGN_OR_RETURN(auto page, admin.List(state, topic, after,
                                                  static_cast<std::int32_t>(std::min<std::int64_t>(
                                                      left, core::OutboxAdmin::kRowsMax)),
                                                  deadline));
    if (page.empty()) break;
    after = page.back().id;
    for (auto& message : page) {
      if (!flags.has_bodies && message.record) {
        auto record = std::make_shared<core::Record>(*message.record);
        record->body.reset();
        message.record = std::move(record);
      }
      messages.push_back(std::move(message));
    }
  }
  return {};
}

/// What needs a person first.
Result<std::vector<OutboxState>> StatesOf(const std::string& word) {
  if (word.empty()) {
    return std::vector{OutboxState::kDead, OutboxState::kHeld, OutboxState::kReady};
  }
  LANEMQ_ASSIGN_OR_RETURN(const OutboxState state, ParseOutboxState(word));
  return std::vector{state};
}

ExitCode List(Session& session, const ListFlags& flags) {
  const auto states = StatesOf(flags.state);
  if (!states.ok()) return session.Fail(states.error());
  return WithOutbox(session, flags.database, [&](core::OutboxAdmin& admin) {
    std::vector<core::OutboxMessage> messages;
    for (const OutboxState state : *states) {
      // One more than is shown, to know whether there are more.
      const Status read =
          ReadState(admin, state, flags, flags.max + 1, TimeLimit(session), messages);
      if (!read.ok()) return FailDatabase(session, read.error());
    }
    const bool has_more = static_cast<std::int64_t>(messages.size()) > flags.max;
    if (has_more) messages.resize(static_cast<std::size_t>(flags.max));
    if (session.IsJson()) {
      const bool is_lines = session.flags().format == OutputFormat::kJsonLines;
      std::string text = is_lines ? "" : "{\"items\":[";
      for (std::size_t i = 0; i < messages.size(); ++i) {
        text += (is_lines ? ""
                 : i > 0  ? ",\n  "
                          : "\n  ") +
                OutboxMessageJson(messages[i], flags.has_bodies) + (is_lines ? "\n" : "");
      }
      session.out().Data(text + (is_lines ? "" : messages.empty() ? "]}\n" : "\n]}\n"));
    } else {
      session.Show(OutboxMessagesTable(messages, flags.has_bodies),
                   "The outbox has no such messages.");
    }
    if (has_more) {
      session.out().Note(
          fmt::format("These are the first {}; --max shows more.", FormatCount(flags.max)));
    }
    return ExitCode::kDone;
  });
}

ExitCode Forget(Session& session, const ForgetFlags& flags) {
  if (session.flags().is_dry_run) {
    for (const std::string& name : flags.names) {
      session.out().Note(fmt::format("Would forget {}.", MakeVisible(name)));
    }
    return ExitCode::kDone;
  }
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  return ForEachName(
      session, flags.names, "outbox", [&](const std::string& name) -> Result<std::string> {
        idl::ForgetOutboxRequest request;
        request.__set_outbox(name);
        LANEMQ_RETURN_IF_ERROR(
            (*cluster)->Control(&rpc::ControlPlaneClient::ForgetOutboxSync, request));
        return std::string("forgotten");
      });
}

}  // namespace

void AddDatabaseFlags(CLI::App& leaf, OutboxDatabaseFlags& flags, bool is_required) {
  CLI::Option* database =
      leaf.add_option("-d,--database", flags.database, "The database whose tables they are")
          ->type_name("HOST:PORT/SCHEMA")
          ->envname("LANEMQ_OUTBOX_DATABASE");
  if (is_required) database->required();
  leaf.add_option("-u,--user", flags.user, "Its user")
      ->type_name("USER")
      ->envname("LANEMQ_OUTBOX_USER");
  leaf.add_option("--password-file", flags.password_file, "File with the password (default: none)")
      ->type_name("FILE")
      ->envname("LANEMQ_OUTBOX_PASSWORD_FILE");
}

Deadline TimeLimit(const Session& session) {
  return Deadline::After(SystemClock::Instance(), session.flags().timeout);
}

ExitCode FailDatabase(Session& session, const Error& error) {
  if (ExitCodeOf(error.code) == ExitCode::kUnavailable) {
    return session.Fail(error,
                        "--database, --user and --password-file say which database, as whom");
  }
  return session.Fail(error);
}

void AddOutboxCommands(CLI::App& root, Action& action) {
  CLI::App* outbox =
      root.add_subcommand("outbox", "Install, watch and mend transactional outboxes");
  outbox->require_subcommand(0, 1);
  Explain(*outbox,
          {"lanemq outbox install -d 10.0.0.5:3306/shop -u shop --password-file .pw",
           "lanemq outbox status", "lanemq outbox status -d 10.0.0.5:3306/shop -u shop"},
          "LANEMQ_OUTBOX_DATABASE, _USER and _PASSWORD_FILE stand in for the flags");

  AddOutboxInstall(*outbox, action);

  const auto status = std::make_shared<StatusFlags>();
  CLI::App* leaf = AddLeaf(*outbox, "status", "What is the matter with outboxes, worst first",
                           action, status, ShowStatus);
  AddDatabaseFlags(*leaf, status->database, false);
  Explain(
      *leaf,
      {"lanemq outbox status", "lanemq outbox status -d 10.0.0.5:3306/shop -u shop",
       "lanemq outbox status --output json | jq '.items[] | select(.verdict != \"fine\")'"},
      "Without --database: as relays reported it. With: relays, holds and why, from its tables");

  const auto list = std::make_shared<ListFlags>();
  leaf = AddLeaf(*outbox, "list", "List messages that are in an outbox", action, list, List);
  AddDatabaseFlags(*leaf, list->database, true);
  leaf->add_option("-s,--state", list->state,
                   "ready, held, dead or published (default: all but published)")
      ->type_name("STATE");
  leaf->add_option("-t,--topic", list->topic, "Of this topic")->type_name("TOPIC");
  leaf->add_option("-n,--max,--limit", list->max, "At most so many (100)")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1'000'000}));
  leaf->add_flag("--bodies", list->has_bodies, "Show bodies too");
  Explain(*leaf,
          {"lanemq outbox list -d 10.0.0.5:3306/shop -u shop --state dead",
           "lanemq outbox list -d 10.0.0.5:3306/shop -u shop --topic orders -n 10",
           "lanemq outbox list -d 10.0.0.5:3306/shop -u shop --bodies --output jsonl"},
          "lanemq outbox retry, lanemq outbox drop. --output name prints ids for them");

  AddOutboxChanges(*outbox, action);

  const auto forget = std::make_shared<ForgetFlags>();
  leaf = AddLeaf(*outbox, "forget", "Take outboxes that are gone off the list", action, forget,
                 Forget);
  leaf->add_option("NAME", forget->names, "As `lanemq outbox status` shows it")->required();
  Explain(*leaf,
          {"lanemq outbox forget shop@10.0.0.5:3306",
           "lanemq outbox forget shop@10.0.0.5:3306 --dry-run",
           "lanemq outbox status --output name | grep ^test | xargs lanemq outbox forget"},
          "Its tables stay as they are; a relay that reports it lists it again");
}

}  // namespace lanemq::cli
