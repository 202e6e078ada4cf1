#include <cstdio>
#include <fstream>
#include <limits>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "client/cli/app/help.h"
#include "client/cli/cluster/connect.h"
#include "client/cli/commands/dlq_queries.h"
#include "client/cli/commands/dlq_table.h"
#include "client/cli/commands/group_scope.h"
#include "client/cli/terminal/interrupt.h"
#include "client/cli/text/time_text.h"

namespace lanemq::cli {
namespace {

constexpr std::int64_t kDeedsMax = 10'000;

struct ListFlags {
  std::shared_ptr<DeadLetterFlags> choice = std::make_shared<DeadLetterFlags>();
  std::int64_t max = 100;
  bool has_bodies = false;
};
struct ShowFlags {
  std::string group;
  std::vector<std::string> words;
};
struct GroupFlags {
  std::string group;
  std::int32_t max = 100;
};
struct ExportFlags {
  std::shared_ptr<DeadLetterFlags> choice = std::make_shared<DeadLetterFlags>();
  std::string file;
};

std::string JsonItems(const std::vector<idl::DeadLetter>& letters, bool has_bodies) {
  std::string text = "{\"items\":[";
  for (std::size_t i = 0; i < letters.size(); ++i) {
    text += (i > 0 ? ",\n  " : "\n  ") + DeadLetterJson(letters[i], has_bodies);
  }
  return text + (letters.empty() ? "]}\n" : "\n]}\n");
}

ExitCode List(Session& session, const ListFlags& flags) {
  const auto filter = ReadDeadLetterFilter(*flags.choice, SystemClock::Instance().WallNow());
  if (!filter.ok()) return session.Fail(filter.error());
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  std::vector<idl::DeadLetter> letters;
  const auto has_more = VisitDeadLetters(**cluster, *filter, flags.has_bodies, flags.max,
                                         [&letters](const auto& page) {
                                           letters.insert(letters.end(), page.begin(), page.end());
                                           return true;
                                         });
  if (!has_more.ok()) return session.Fail(has_more.error());
  if (session.flags().format == OutputFormat::kJson) {
    session.out().Data(JsonItems(letters, flags.has_bodies));
  } else if (session.flags().format == OutputFormat::kJsonLines) {
    for (const auto& each : letters) {
      session.out().Data(DeadLetterJson(each, flags.has_bodies) + "\n");
    }
  } else {
    const std::string chosen = DescribeFilter(*filter);
    session.Show(DeadLettersTable(letters, flags.has_bodies),
                 fmt::format("Group {} has no dead letters{}.", MakeVisible(filter->group),
                             chosen == "all" ? "" : " with " + chosen));
  }
  if (*has_more) {
    session.out().Note(fmt::format(
        "These are the first {}; --max shows more, `lanemq dlq count -g {}` counts all.",
        FormatCount(static_cast<std::int64_t>(letters.size())), MakeVisible(filter->group)));
  }
  return ExitCode::kDone;
}

ExitCode Show(Session& session, const ShowFlags& flags) {
  const auto id = ParseDeadLetterId(flags.words, flags.group);
  if (!id.ok()) return session.Fail(id.error());
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  const auto letter = GetDeadLetter(**cluster, *id, true);
  if (!letter.ok()) {
    return session.Fail(letter.error(),
                        letter.error().code == ErrorCode::kNotFound
                            ? fmt::format("`lanemq dlq list -g {}` shows those there are; "
                                          "`lanemq dlq audit -g {}` what was done to others",
                                          MakeVisible(id->group), MakeVisible(id->group))
                            : "");
  }
  session.out().Data(session.IsJson() ? DeadLetterJson(*letter, true) + "\n"
                                      : DeadLetterText(*letter));
  return ExitCode::kDone;
}

ExitCode Count(Session& session, const GroupFlags& flags) {
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  idl::CountDeadLettersRequest request;
  request.__set_group(flags.group);
  const auto reply = (*cluster)->Data(&rpc::DataPlaneClient::CountDeadLettersSync, request);
  if (!reply.ok()) return session.Fail(reply.error());
  session.Show(DeadLetterCountsTable(reply->counts),
               fmt::format("Group {} has no dead letters.", MakeVisible(flags.group)));
  std::int64_t total = 0;
  for (const idl::DeadLetterCount& count : reply->counts) total += count.letters;
  if (reply->counts.size() > 1) session.out().Note(FormatCount(total) + " in all.");
  return ExitCode::kDone;
}

ExitCode Groups(Session& session, const GroupFlags& /*flags*/) {
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  const auto reply = (*cluster)->DeadLetters();
  if (!reply.ok()) return session.Fail(reply.error());
  session.Show(DeadLetterGroupsTable(reply->groups), "There are no dead letters.");
  if (!reply->unknown_nodes.empty()) {
    session.out().Note(
        fmt::format("Not all is known of {}.", fmt::join(reply->unknown_nodes, ", ")));
  }
  return ExitCode::kDone;
}

ExitCode Audit(Session& session, const GroupFlags& flags) {
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  idl::ListDeadLetterDeedsRequest request;
  request.__set_group(flags.group);
  request.__set_max_count(flags.max);
  const auto reply = (*cluster)->Data(&rpc::DataPlaneClient::ListDeadLetterDeedsSync, request);
  if (!reply.ok()) return session.Fail(reply.error());
  session.Show(
      DeedsTable(reply->deeds),
      fmt::format("Nothing was done to dead letters of group {}.", MakeVisible(flags.group)));
  return ExitCode::kDone;
}

/// Writes JSON lines to stdout, or to a file that appears when it is whole.
class ExportTarget {
 public:
  explicit ExportTarget(Output& out, const std::string& file) : out_(out), file_(file) {
    if (!file_.empty()) stream_.open(Part(), std::ios::binary | std::ios::trunc);
  }
  ~ExportTarget() {
    if (!file_.empty() && !is_whole_) std::remove(Part().c_str());
  }
  ExportTarget(const ExportTarget&) = delete;
  ExportTarget& operator=(const ExportTarget&) = delete;

  /// False: nobody takes more.
  bool Write(const std::string& text) {
    if (file_.empty()) {
      out_.Data(text);
      return out_.Flush();
    }
    stream_ << text;
    return stream_.good();
  }
  Status Finish() {
    if (file_.empty()) return {};
    stream_.close();
    if (!stream_ || std::rename(Part().c_str(), file_.c_str()) != 0) {
      return Error{ErrorCode::kInvalidRequest, fmt::format("cannot write '{}'", file_)};
    }
    is_whole_ = true;
    return {};
  }

 private:
  [[nodiscard]] std::string Part() const { return file_ + ".part"; }

  Output& out_;
  const std::string file_;
  std::ofstream stream_;
  bool is_whole_ = false;
};

ExitCode Export(Session& session, const ExportFlags& flags) {
  const auto filter = ReadDeadLetterFilter(*flags.choice, SystemClock::Instance().WallNow());
  if (!filter.ok()) return session.Fail(filter.error());
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  const InterruptGuard interrupt;
  ExportTarget target(session.out(), flags.file);
  std::int64_t count = 0;
  const auto has_more = VisitDeadLetters(
      **cluster, *filter, true, std::numeric_limits<std::int64_t>::max(), [&](const auto& page) {
        std::string text;
        for (const idl::DeadLetter& letter : page) text += DeadLetterJson(letter, true) + "\n";
        count += static_cast<std::int64_t>(page.size());
        session.out().Progress(FormatCount(count) + " exported");
        return target.Write(text) && !interrupt.IsInterrupted();
      });
  if (!has_more.ok()) return session.Fail(has_more.error());
  if (interrupt.IsInterrupted()) return ExitCode::kInterrupted;
  if (session.out().is_closed()) return ExitCode::kDone;  // The reader has gone: `| head`.
  if (const Status finished = target.Finish(); !finished.ok()) {
    return session.Fail(finished.error());
  }
  session.out().Note(fmt::format("{} dead letter{} of group {}{}", FormatCount(count),
                                 count == 1 ? "" : "s", MakeVisible(filter->group),
                                 flags.file.empty() ? "" : " in " + flags.file));
  return ExitCode::kDone;
}

void AddList(CLI::App& dlq, Action& action) {
  const auto flags = std::make_shared<ListFlags>();
  CLI::App* leaf = AddLeaf(dlq, "list", "List a group's dead letters", action, flags, List);
  AddChoice(*leaf, flags->choice, false);
  leaf->add_option("-n,--max", flags->max, "At most so many (100)")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  leaf->add_flag("--bodies", flags->has_bodies, "Show bodies too");
  Explain(*leaf,
          {"lanemq dlq list -g billing", "lanemq dlq list -g billing --reason timeout --since -1h",
           "lanemq dlq list -g billing --bodies --output jsonl | jq -r .value"},
          "lanemq dlq show, lanemq dlq redrive. --output name prints ids for --id");
}

void AddShow(CLI::App& dlq, Action& action) {
  const auto flags = std::make_shared<ShowFlags>();
  CLI::App* leaf =
      AddLeaf(dlq, "show", "Show one dead letter with its history", action, flags, Show);
  leaf->add_option("ID", flags->words, "orders/0/42 with -g, or GROUP TOPIC PARTITION OFFSET")
      ->required()
      ->expected(1, 4);
  leaf->add_option("-g,--group", flags->group, "Group")->type_name("GROUP");
  Explain(*leaf,
          {"lanemq dlq show -g billing orders/0/42", "lanemq dlq show billing orders 0 42",
           "lanemq dlq show -g billing orders/0/42 --output json | jq -r .value"},
          "lanemq dlq edit, lanemq message get");
}

void AddCountAndAudit(CLI::App& dlq, Action& action) {
  auto flags = std::make_shared<GroupFlags>();
  CLI::App* leaf = AddLeaf(dlq, "count", "Count a group's dead letters by partition and reason",
                           action, flags, Count);
  leaf->add_option("-g,--group", flags->group, "Group")->type_name("GROUP")->required();
  Explain(*leaf,
          {"lanemq dlq count -g billing", "lanemq dlq count -g billing --output csv",
           "lanemq dlq count -g billing --output json | jq '[.items[].letters] | add // 0'"},
          "lanemq dlq list");

  flags = std::make_shared<GroupFlags>();
  leaf = AddLeaf(dlq, "groups", "Count the dead letters of all groups, as of a moment ago", action,
                 flags, Groups);
  Explain(*leaf,
          {"lanemq dlq groups", "lanemq dlq groups --output csv",
           "lanemq dlq groups --output json | jq -r '.items[] | select(.recent > 0) | .group'"},
          "lanemq dlq count, lanemq group lag");

  flags = std::make_shared<GroupFlags>();
  leaf = AddLeaf(dlq, "audit", "Show who did what to a group's dead letters", action, flags, Audit);
  leaf->add_option("-g,--group", flags->group, "Group")->type_name("GROUP")->required();
  leaf->add_option("-n,--max", flags->max, "At most so many, newest first (100)")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{1}, kDeedsMax));
  Explain(*leaf,
          {"lanemq dlq audit -g billing", "lanemq dlq audit -g billing -n 10 --output jsonl",
           "lanemq dlq audit -g billing --output csv > audit.csv"},
          "lanemq dlq redrives");
}

void AddExport(CLI::App& dlq, Action& action) {
  const auto flags = std::make_shared<ExportFlags>();
  CLI::App* leaf = AddLeaf(dlq, "export", "Write dead letters as JSON lines, with every field",
                           action, flags, Export);
  AddChoice(*leaf, flags->choice, false);
  leaf->add_option("-o,--file", flags->file, "Write there instead of stdout")->type_name("FILE");
  Explain(*leaf,
          {"lanemq dlq export -g billing -o billing.jsonl",
           "lanemq dlq export -g billing --reason timeout | jq -r .key | sort | uniq -c",
           "lanemq dlq export -g billing --topic orders --since -1d > today.jsonl"},
          "lanemq dlq drop. A body that is not UTF-8 is in value_base64");
}

}  // namespace

void AddDlqCommands(CLI::App& root, Action& action) {
  CLI::App* dlq = root.add_subcommand("dlq", "Look at dead letters, redrive, edit and drop them");
  dlq->require_subcommand(0, 1);
  Explain(*dlq,
          {"lanemq dlq count -g billing", "lanemq dlq list -g billing --reason timeout",
           "lanemq dlq redrive -g billing --reason timeout --wait"},
          "lanemq group policy decides when a failed message becomes a dead letter");
  AddList(*dlq, action);
  AddShow(*dlq, action);
  AddCountAndAudit(*dlq, action);
  AddDlqRedrive(*dlq, action);
  AddDlqEditAndDrop(*dlq, action);
  AddExport(*dlq, action);
}

}  // namespace lanemq::cli
