#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "client/cli/app/help.h"
#include "client/cli/cluster/connect.h"
#include "client/cli/commands/group_queries.h"
#include "client/cli/commands/group_scope.h"
#include "client/cli/commands/group_table.h"
#include "client/cli/commands/on_call_scope.h"
#include "client/cli/text/lag_findings.h"
#include "client/cli/text/time_text.h"

namespace lanemq::cli {
namespace {

using std::chrono_literals::operator""s;

constexpr std::int64_t kLogEnd = -1;
// Lag is worth showing without verdicts.
constexpr std::chrono::microseconds kOnCallPatience = 5s;
constexpr std::int32_t kRowsMax = 10'000;  // What a server hands out.

struct LagFlags {
  std::vector<std::string> groups;
};
struct OffsetsFlags {
  std::string group;
};

/// `problem`: why some of its partitions are not in it.
Result<GroupDetail> LagOf(Cluster& cluster, const std::string& group,
                          std::optional<Error>& problem) {
  GroupDetail detail;
  detail.name = group;
  LANEMQ_ASSIGN_OR_RETURN(GroupOffsets offsets, OffsetsOfGroup(cluster, group));
  detail.partitions = std::move(offsets.rows);
  if (offsets.missing) problem = std::move(offsets.missing);
  LANEMQ_ASSIGN_OR_RETURN(detail.log_ends,
                          LogOffsets(cluster, NamesOf(detail.partitions), kLogEnd, false));
  return detail;
}

/// Of all groups, or of the one. Nothing but a note without anybody on call.
std::optional<idl::GroupLagResponse> AskOnCall(const Session& session, const std::string& group) {
  const auto cluster = Connect(session, kOnCallPatience);
  if (!cluster.ok()) return std::nullopt;
  idl::GroupLagRequest request;
  if (!group.empty()) request.__set_group(group);
  request.__set_include_partitions(group.empty());  // For the largest of each topic.
  request.__set_max(kRowsMax);
  auto reply = (*cluster)->GroupLag(request);
  if (!reply.ok()) return std::nullopt;
  SortWorstFirst(reply->topics);
  return *std::move(reply);
}

/// Every group as it was sampled: one call, however many there are. False: nobody is on call.
bool ShowSampled(Session& session) {
  const auto sampled = AskOnCall(session, {});
  if (!sampled) return false;
  session.Show(LagTable(SampledLagTable(sampled->topics), sampled->topics, TimesOf(session)),
               "No group has committed anything.");
  session.out().Note(SampleNote(*sampled));
  if (sampled->total > static_cast<std::int64_t>(sampled->topics.size())) {
    session.out().Note(fmt::format("These are the worst of {}.", FormatCount(sampled->total)));
  }
  return true;
}

/// What the offsets say now, with the newest verdicts beside it.
void ShowComputed(Session& session, const std::vector<GroupDetail>& details, bool has_verdicts) {
  std::vector<idl::TopicLag> judged;
  std::optional<std::string> note;
  for (std::size_t i = 0; has_verdicts && i < details.size(); ++i) {
    const auto reply = AskOnCall(session, details[i].name);
    if (!reply) break;
    judged.insert(judged.end(), reply->topics.begin(), reply->topics.end());
    note = "Lag is of now. Verdicts: " + SampleNote(*reply);
  }
  const Table computed = GroupLagTable(details);
  const bool is_for_people = TimesOf(session) == Times::kForPeople;
  session.Show(is_for_people && !note ? computed : LagTable(computed, judged, TimesOf(session)),
               "No group has committed anything.");
  session.out().Note(
      note.value_or("Computed from offsets, without verdicts: no metaserver is on call."));
}

ExitCode Lag(Session& session, const LagFlags& flags) {
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  std::vector<std::string> names = flags.groups;
  if (names.empty()) {
    if (ShowSampled(session)) return ExitCode::kDone;
    (*cluster)->RestartTimeout();
    const auto groups = ListingsOf(**cluster);
    if (!groups.ok()) return session.Fail(groups.error());
    for (const idl::GroupListing& group : *groups) names.push_back(group.group);
    std::ranges::sort(names);
  }
  std::vector<GroupDetail> details;
  std::optional<Error> problem;
  std::size_t unknown = 0;
  for (const std::string& name : names) {
    auto detail = LagOf(**cluster, name, problem);
    if (!detail.ok()) return session.Fail(detail.error());
    if (detail->partitions.empty() && !flags.groups.empty() && !problem) {
      const Error error{ErrorCode::kNotFound,
                        fmt::format("group '{}' has committed nothing", name)};
      if (names.size() == 1) return FailUnknownGroup(session, **cluster, error, name);
      session.out().Complain("lanemq: " + MakeVisible(error.message));
      ++unknown;
    }
    details.push_back(*std::move(detail));
  }
  ShowComputed(session, details, !flags.groups.empty());
  if (problem) {
    const ExitCode code = session.Fail(*problem, "the table is without these partitions");
    return details.empty() ? code : ExitCode::kPartlyFailed;
  }
  if (unknown == 0) return ExitCode::kDone;
  return unknown == names.size() ? ExitCode::kNotFound : ExitCode::kPartlyFailed;
}

ExitCode Offsets(Session& session, const OffsetsFlags& flags) {
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  auto offsets = OffsetsOfGroup(**cluster, flags.group);
  if (!offsets.ok()) return session.Fail(offsets.error());
  if (offsets->missing) return session.Fail(*offsets->missing);  // A snapshot is whole or none.
  std::erase_if(offsets->rows, [](const auto& row) { return row.offset < 0; });
  if (offsets->rows.empty()) {
    return FailUnknownGroup(
        session, **cluster,
        {ErrorCode::kNotFound, fmt::format("group '{}' has committed nothing", flags.group)},
        flags.group, fmt::format("lanemq consume TOPIC -g {}", flags.group));
  }
  const auto ends = LogOffsets(**cluster, NamesOf(offsets->rows), kLogEnd, false);
  if (!ends.ok()) return session.Fail(ends.error());
  Table table{{"topic", "partition", "committed_offset", "log_end_offset", "lag", "committed_at",
               "generation", "metadata"},
              {}};
  for (const idl::FetchOffsetsPartitionResult& row : offsets->rows) {
    Cell end;
    Cell lag;
    if (const auto found = ends->find({row.topic, row.partition}); found != ends->end()) {
      end = Id{found->second};
      lag = std::max<std::int64_t>(found->second - row.offset, 0);
    }
    Cell at;
    if (row.__isset.committed_at_us) at = FormatTime(WallTime{row.committed_at_us});
    table.rows.push_back({row.topic, std::int64_t{row.partition}, Id{row.offset}, end, lag, at,
                          Id{row.generation}, row.metadata});
  }
  session.Show(table);
  return ExitCode::kDone;
}

}  // namespace

void AddGroupLag(CLI::App& group, Action& action) {
  const auto flags = std::make_shared<LagFlags>();
  CLI::App* leaf =
      AddLeaf(group, "lag", "Show how far behind groups are, by topic", action, flags, Lag);
  leaf->add_option("GROUP", flags->groups, "Groups, as of now (default: all, as last sampled)");
  Explain(*leaf,
          {"lanemq group lag", "lanemq group lag billing audit",
           "lanemq group lag --output jsonl | jq 'select(.lag > 1000)'"},
          "lanemq top, lanemq group history, lanemq doctor --group GROUP");
}

void AddGroupOffsets(CLI::App& group, Action& action) {
  const auto flags = std::make_shared<OffsetsFlags>();
  CLI::App* leaf = AddLeaf(group, "offsets", "Show a group's committed offsets and its lag", action,
                           flags, Offsets);
  leaf->add_option("GROUP", flags->group, "Group")->required();
  Explain(*leaf,
          {"lanemq group offsets billing", "lanemq group offsets billing --output json",
           "lanemq group offsets billing --output csv > before.csv"},
          "lanemq group reset --from-file puts them back");
}

}  // namespace lanemq::cli
