#include "client/cli/commands/topic_trim_command.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "client/cli/app/help.h"
#include "client/cli/cluster/connect.h"
#include "client/cli/commands/group_scope.h"
#include "client/cli/text/group_flags.h"
#include "client/cli/text/time_text.h"

namespace lanemq::cli {
namespace {

struct TrimFlags {
  std::string topic;
  std::string before;
  std::optional<std::int32_t> partition;
  bool should_lose_unread = false;
  std::string reason;
};

/// Where the log shall begin: one of the two is set.
struct TrimPoint {
  std::optional<std::int64_t> offset{};
  std::optional<std::int64_t> time_us{};
};

Result<TrimPoint> ReadBefore(const std::string& text, WallTime now) {
  constexpr std::size_t kDigitsMax = 18;
  const bool is_number = !text.empty() && text.size() <= kDigitsMax &&
                         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  if (is_number) return TrimPoint{.offset = std::stoll(text)};
  const auto time = ParseTime(text, now);
  if (!time.ok()) {
    return Error{time.error().code,
                 fmt::format("--before is an offset or a time: {}", time.error().message)};
  }
  return TrimPoint{.time_us = std::max<std::int64_t>(time->micros, 0)};
}

Result<idl::TrimRequest> MakeRequest(Cluster& cluster, const TrimFlags& flags,
                                     const TrimPoint& point) {
  LANEMQ_RETURN_IF_ERROR(CheckReason(flags.reason));
  const std::string word =
      flags.partition ? fmt::format("{}:{}", flags.topic, *flags.partition) : flags.topic;
  LANEMQ_ASSIGN_OR_RETURN(const auto names, PartitionsNamed(cluster, {word}));
  if (point.offset && names.size() > 1) {
    return Error{ErrorCode::kInvalidRequest,
                 "an offset is of one partition: add --partition, or give a time"};
  }
  idl::TrimRequest request;
  for (const PartitionName& name : names) {
    idl::TrimPartition& one = request.partitions.emplace_back();
    one.__set_topic(name.first);
    one.__set_partition(name.second);
    if (point.offset) one.__set_before_offset(*point.offset);
    if (point.time_us) one.__set_before_us(*point.time_us);
  }
  request.__set_lose_unread(flags.should_lose_unread);
  request.__set_requested_by(WhoAsks());
  if (!flags.reason.empty()) request.__set_reason(flags.reason);
  return request;
}

Table TrimTable(const idl::TrimResponse& response, bool is_dry) {
  Table table{
      {"topic", "partition", "old_start", "new_start", "messages", "groups_behind", "status"}, {}};
  for (const idl::TrimPartitionResult& row : response.partitions) {
    if (row.__isset.error) {
      table.rows.push_back({row.topic, std::int64_t{row.partition}, std::monostate{},
                            std::monostate{}, std::monostate{}, std::monostate{},
                            row.error.message});
      continue;
    }
    const bool moves = row.new_start > row.old_start;
    const std::string status = !moves ? "as it was" : is_dry ? "would be trimmed" : "trimmed";
    const std::string groups = fmt::format("{}", fmt::join(row.groups_below, " "));
    table.rows.push_back({row.topic, std::int64_t{row.partition}, Id{row.old_start},
                          Id{row.new_start}, row.new_start - row.old_start,
                          groups.empty() ? Cell() : Cell(groups), status});
  }
  return table;
}

ExitCode Trim(Session& session, const TrimFlags& flags) {
  const auto point = ReadBefore(flags.before, SystemClock::Instance().WallNow());
  if (!point.ok()) return session.Fail(point.error(), "lanemq topic trim --help");
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  auto request = MakeRequest(**cluster, flags, *point);
  if (!request.ok()) return session.Fail(request.error());
  const bool is_dry = session.flags().is_dry_run;
  ExitCode refused{};
  if (!is_dry && !session.Confirm(fmt::format("Remove the messages of {} before {} for ever?",
                                              flags.topic, flags.before),
                                  refused)) {
    return refused;
  }
  request->__set_dry_run(is_dry);
  const auto reply = (*cluster)->Data(&rpc::DataPlaneClient::TrimSync, *request);
  if (!reply.ok()) return session.Fail(reply.error());
  session.Show(TrimTable(*reply, is_dry));
  const auto failed =
      std::ranges::find_if(reply->partitions, [](const auto& row) { return row.__isset.error; });
  if (failed == reply->partitions.end()) {
    session.out().Note(is_dry ? "Nothing was changed."
                              : "They are gone for readers; the tables shrink within minutes.");
    return ExitCode::kDone;
  }
  const Error error{ErrorCodeFromNumber(failed->error.code), failed->error.message};
  session.Fail(error, error.code == ErrorCode::kFailedPrecondition
                          ? "--lose-unread trims all the same; --dry-run shows which groups"
                          : "the same command may be repeated");
  const bool is_all =
      std::ranges::all_of(reply->partitions, [](const auto& row) { return row.__isset.error; });
  return is_all ? ExitCodeOf(error.code) : ExitCode::kPartlyFailed;
}

}  // namespace

void AddTopicTrim(CLI::App& topic, Action& action) {
  const auto flags = std::make_shared<TrimFlags>();
  CLI::App* leaf = AddLeaf(topic, "trim", "Remove a topic's oldest messages", action, flags, Trim);
  leaf->add_option("NAME", flags->topic, "Topic")->required();
  leaf->add_option("--before", flags->before,
                   "The first offset that stays, or the time since when messages stay: 2h, "
                   "2026-11-21T05:00:00Z")
      ->type_name("OFFSET|TIME")
      ->required();
  leaf->add_option("--partition", flags->partition, "Only this one")->type_name("N");
  leaf->add_flag("--lose-unread", flags->should_lose_unread,
                 "Also what groups have not read, where retention.unread is block");
  leaf->add_option("--reason", flags->reason, "Kept with the trim, for people")->type_name("TEXT");
  Explain(*leaf,
          {"lanemq topic trim orders --before 48h --dry-run",
           "lanemq topic trim orders --partition 0 --before 120000",
           "lanemq topic trim clicks --before 2026-11-21T05:00:00Z --reason 'disk is full'"},
          "lanemq topic alter --set retention.ms=N removes them for good");
}

}  // namespace lanemq::cli
