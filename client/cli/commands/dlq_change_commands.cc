#include <fstream>
#include <iostream>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "client/cli/app/help.h"
#include "client/cli/cluster/connect.h"
#include "client/cli/commands/dlq_queries.h"
#include "client/cli/commands/group_scope.h"
#include "client/cli/text/group_flags.h"
#include "client/cli/text/time_text.h"

namespace lanemq::cli {
namespace {

constexpr std::size_t kBodyBytesMax = 64u << 20;  // Larger ones no topic takes.

struct DlqEditFlags {
  EditFlags edit;
  std::string group;
  std::vector<std::string> words;
  std::string note;
};
struct DropFlags {
  std::shared_ptr<DeadLetterFlags> choice = std::make_shared<DeadLetterFlags>();
  std::string note;
};

Result<std::string> ReadAll(std::istream& stream, const std::string& name) {
  std::string text;
  std::string piece(1u << 16, '\0');
  while (stream.read(piece.data(), static_cast<std::streamsize>(piece.size())) ||
         stream.gcount() > 0) {
    text.append(piece, 0, static_cast<std::size_t>(stream.gcount()));
    if (text.size() > kBodyBytesMax) {
      return Error{ErrorCode::kMessageTooLarge,
                   fmt::format("{} is larger than {} MiB", name, kBodyBytesMax >> 20)};
    }
  }
  if (!stream.eof()) {
    return Error{ErrorCode::kInvalidRequest, fmt::format("cannot read '{}'", name)};
  }
  return text;
}

/// "@FILE", "@-", "@@text" or the text itself.
Result<std::string> BodyOf(const std::string& word) {
  if (!word.starts_with('@')) return word;
  if (word.starts_with("@@")) return word.substr(1);
  const std::string name = word.substr(1);
  if (name == "-") return ReadAll(std::cin, "stdin");
  std::ifstream file(name, std::ios::binary);
  return ReadAll(file, name);
}

Result<idl::RedriveEditedRequest> EditRequest(Cluster& cluster, const DlqEditFlags& flags,
                                              const idl::DeadLetterId& id) {
  idl::RedriveEditedRequest request;
  request.__set_id(id);
  if (flags.edit.body) {
    LANEMQ_ASSIGN_OR_RETURN(std::string body, BodyOf(*flags.edit.body));
    request.__set_body(std::move(body));
  }
  if (flags.edit.has_no_body) request.__set_remove_body(true);
  if (flags.edit.key) request.__set_key(*flags.edit.key);
  if (flags.edit.has_no_key) request.__set_remove_key(true);
  LANEMQ_ASSIGN_OR_RETURN(const idl::DeadLetter letter, GetDeadLetter(cluster, id, false));
  LANEMQ_ASSIGN_OR_RETURN(auto headers, EditHeaders(flags.edit, letter.message.headers));
  if (headers) request.__set_headers(*std::move(headers));
  request.__set_requested_by(WhoAsks());
  if (!flags.note.empty()) request.__set_reason(flags.note);
  return request;
}

ExitCode Edit(Session& session, const DlqEditFlags& flags) {
  const auto id = ParseDeadLetterId(flags.words, flags.group);
  if (!id.ok()) return session.Fail(id.error());
  if (const Status edit = CheckEditFlags(flags.edit); !edit.ok()) return session.Fail(edit.error());
  if (const Status note = CheckReason(flags.note); !note.ok()) return session.Fail(note.error());
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  const auto request = EditRequest(**cluster, flags, *id);
  if (!request.ok()) {
    return session.Fail(
        request.error(),
        request.error().code == ErrorCode::kNotFound
            ? fmt::format("`lanemq dlq list -g {}` shows those there are", MakeVisible(id->group))
            : "");
  }
  const std::string what =
      fmt::format("{} of group {}", MakeVisible(DeadLetterIdText(*id)), MakeVisible(id->group));
  if (session.flags().is_dry_run) {
    session.out().Note(fmt::format("Would edit {} and give it to the group again.", what));
    return ExitCode::kDone;
  }
  const auto reply = (*cluster)->Data(&rpc::DataPlaneClient::RedriveEditedSync, *request);
  if (!reply.ok()) return session.Fail(reply.error());
  Table table{{"id", "status"}, {}};
  table.rows.push_back({DeadLetterIdText(*id), std::string("edited and redriven")});
  session.Show(table);
  return ExitCode::kDone;
}

ExitCode ShowDropped(Session& session, const idl::DeadLetterFilter& filter, std::int64_t dropped) {
  Table table{{"group", "dropped"}, {}};
  table.rows.push_back({filter.group, dropped});
  session.Show(table);
  return ExitCode::kDone;
}

ExitCode Drop(Session& session, const DropFlags& flags) {
  const auto filter = ReadDeadLetterChoice(*flags.choice, SystemClock::Instance().WallNow());
  if (!filter.ok()) return session.Fail(filter.error(), "lanemq dlq drop --help");
  if (const Status note = CheckReason(flags.note); !note.ok()) return session.Fail(note.error());
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  if (session.flags().is_dry_run || !session.flags().is_yes) {
    std::int64_t count = 0;
    const auto text = CountMatching(**cluster, *filter, count);
    if (!text.ok()) return session.Fail(text.error());
    if (session.flags().is_dry_run) {
      session.out().Note(fmt::format("Would drop {} ({}).", *text, DescribeFilter(*filter)));
      return ExitCode::kDone;
    }
    if (count == 0) return ShowDropped(session, *filter, 0);
    ExitCode refused{};
    if (!session.Confirm(fmt::format("Drop {} ({}) for ever?", *text, DescribeFilter(*filter)),
                         refused)) {
      return refused;
    }
  }
  idl::DropDeadLettersRequest request;
  request.__set_filter(*filter);
  request.__set_requested_by(WhoAsks());
  if (!flags.note.empty()) request.__set_reason(flags.note);
  std::int64_t dropped = 0;
  while (true) {
    (*cluster)->RestartTimeout();
    const auto reply = (*cluster)->Data(&rpc::DataPlaneClient::DropDeadLettersSync, request);
    if (!reply.ok()) {
      return session.Fail(
          reply.error(),
          dropped == 0 ? "" : fmt::format("{} are dropped; repeat it", FormatCount(dropped)));
    }
    dropped += reply->dropped;
    if (reply->is_complete) return ShowDropped(session, *filter, dropped);
    session.out().Progress(FormatCount(dropped) + " dropped");
  }
}

}  // namespace

void AddDlqEditAndDrop(CLI::App& dlq, Action& action) {
  const auto edit = std::make_shared<DlqEditFlags>();
  CLI::App* leaf = AddLeaf(dlq, "edit", "Change one dead letter and give it to its group again",
                           action, edit, Edit);
  leaf->add_option("ID", edit->words, "orders/0/42 with -g, or GROUP TOPIC PARTITION OFFSET")
      ->required()
      ->expected(1, 4);
  leaf->add_option("-g,--group", edit->group, "Group")->type_name("GROUP");
  leaf->add_option("--body", edit->edit.body, "New body; @FILE reads a file, @- stdin")
      ->type_name("TEXT");
  leaf->add_flag("--no-body", edit->edit.has_no_body, "Without a body");
  leaf->add_option("-k,--key", edit->edit.key, "New key")->type_name("KEY");
  leaf->add_flag("--no-key", edit->edit.has_no_key, "Without a key");
  leaf->add_option("-H,--header", edit->edit.headers, "Set a header; the others stay")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  leaf->add_option("--remove-header", edit->edit.removed_headers, "Remove a header")
      ->type_name("NAME")
      ->allow_extra_args(false);
  leaf->add_option("--note", edit->note, "Kept with it, for people")->type_name("TEXT");
  Explain(*leaf,
          {"lanemq dlq edit -g billing orders/0/42 --body @fixed.json",
           "lanemq dlq edit -g billing orders/0/42 --header currency=EUR --note 'no currency'",
           "lanemq dlq edit billing orders 0 42 --key customer-2"},
          "lanemq dlq show, lanemq dlq redrive. The log keeps the message as it was");

  const auto drop = std::make_shared<DropFlags>();
  leaf = AddLeaf(dlq, "drop", "Delete dead letters for ever", action, drop, Drop);
  AddChoice(*leaf, drop->choice, true);
  leaf->add_option("--note", drop->note, "Kept with it, for people")->type_name("TEXT");
  Explain(*leaf,
          {"lanemq dlq drop -g billing --id orders/0/42",
           "lanemq dlq drop -g billing --reason bad_json --until -30d --dry-run",
           "lanemq dlq drop -g billing --all --yes --note 'test data'"},
          "lanemq dlq export keeps them elsewhere first, lanemq dlq audit");
}

}  // namespace lanemq::cli
