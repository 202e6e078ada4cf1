#include <algorithm>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "client/cli/app/help.h"
#include "client/cli/cluster/connect.h"
#include "client/cli/commands/group_queries.h"
#include "client/cli/commands/group_scope.h"
#include "client/cli/text/group_flags.h"
#include "client/cli/text/reset_file.h"
#include "client/cli/text/reset_plan.h"

namespace lanemq::cli {
namespace {

constexpr std::int64_t kLogStart = -2;
constexpr std::int64_t kLogEnd = -1;
constexpr std::size_t kPartitionsPerCall = 500;
constexpr std::size_t kFileBytesMax = 16U << 20U;

using OffsetOf = std::map<PartitionName, std::int64_t>;

Result<OffsetOf> ReadFile(const std::string& name) {
  std::ifstream file(name, std::ios::binary);
  std::string text(kFileBytesMax + 1, '\0');
  if (!file || (!file.read(text.data(), static_cast<std::streamsize>(text.size())) && file.bad())) {
    return Error{ErrorCode::kInvalidRequest, fmt::format("cannot read '{}'", name)};
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kFileBytesMax) {
    return Error{ErrorCode::kInvalidRequest,
                 fmt::format("{} is larger than {} MiB", name, kFileBytesMax >> 20)};
  }
  auto offsets = ParseResetFile(text);
  if (offsets.ok()) return offsets;
  return Error{offsets.error().code, fmt::format("{}: {}", name, offsets.error().message)};
}

/// What the group has committed on `of`, or on everything. A partition that cannot be asked is an
/// error: half a scope would be a surprise.
Result<OffsetOf> CommittedBy(Cluster& cluster, const std::string& group,
                             const std::vector<PartitionName>* of) {
  GroupOffsets offsets;
  if (of != nullptr) {
    LANEMQ_ASSIGN_OR_RETURN(offsets, OffsetsOfGroup(cluster, group, *of));
  } else {
    LANEMQ_ASSIGN_OR_RETURN(offsets, OffsetsOfGroup(cluster, group));
  }
  if (offsets.missing) return *offsets.missing;
  OffsetOf committed;
  for (const auto& row : offsets.rows) {
    if (row.offset >= 0) committed[{row.topic, row.partition}] = row.offset;
  }
  return committed;
}

Error NothingCommitted(const std::string& group) {
  return {ErrorCode::kNotFound, fmt::format("group '{}' has committed nothing", group)};
}

/// Which partitions the reset is about. A partition that does not exist is refused.
Result<std::vector<PartitionName>> ScopeOf(Cluster& cluster, const ResetFlags& flags,
                                           const OffsetOf& file) {
  if (!file.empty()) {
    std::map<std::string, std::string> word_of;  // A word for each topic.
    for (const auto& [name, offset] : file) {
      std::string& word = word_of[name.first];
      word += fmt::format("{}{}", word.empty() ? name.first + ":" : ",", name.second);
    }
    std::vector<std::string> words;
    for (const auto& [topic, word] : word_of) words.push_back(word);
    return PartitionsNamed(cluster, words);
  }
  if (!flags.has_all_topics) return PartitionsNamed(cluster, flags.topics);
  const std::string& group = flags.from_group.empty() ? flags.group : flags.from_group;
  LANEMQ_ASSIGN_OR_RETURN(const OffsetOf known, CommittedBy(cluster, group, nullptr));
  if (known.empty()) return NothingCommitted(group);
  std::set<std::string> topics;
  for (const auto& [name, offset] : known) topics.insert(name.first);
  return PartitionsNamed(cluster, {topics.begin(), topics.end()});
}

std::optional<std::int64_t> Find(const OffsetOf& offsets, const PartitionName& name) {
  const auto found = offsets.find(name);
  if (found == offsets.end() || found->second < 0) return std::nullopt;
  return found->second;
}

Result<std::vector<PlannedReset>> MakePlan(Cluster& cluster, const ResetFlags& flags,
                                           const ResetOrder& order, OffsetOf found) {
  LANEMQ_ASSIGN_OR_RETURN(const auto scope, ScopeOf(cluster, flags, found));
  LANEMQ_ASSIGN_OR_RETURN(const OffsetOf committed, CommittedBy(cluster, flags.group, &scope));
  if (!order.from_group.empty()) {
    LANEMQ_ASSIGN_OR_RETURN(found, CommittedBy(cluster, order.from_group, &scope));
    if (found.empty()) return NothingCommitted(order.from_group);
  }
  LANEMQ_ASSIGN_OR_RETURN(const OffsetOf starts, LogOffsets(cluster, scope, kLogStart, true));
  LANEMQ_ASSIGN_OR_RETURN(const OffsetOf ends, LogOffsets(cluster, scope, kLogEnd, true));
  if (order.time_us) {
    LANEMQ_ASSIGN_OR_RETURN(found, LogOffsets(cluster, scope, *order.time_us, true));
  }
  std::vector<PlannedReset> plan;
  for (const PartitionName& name : scope) {
    plan.push_back(PlanReset(order.target, {.name = name,
                                            .committed = Find(committed, name),
                                            .log_start = starts.at(name),
                                            .log_end = ends.at(name),
                                            .found = Find(found, name)}));
  }
  return plan;
}

template <typename Make>
Cell CellOf(std::optional<std::int64_t> value, Make make) {
  if (!value) return std::monostate{};
  return make(*value);
}

Table PlanTable(const std::vector<PlannedReset>& plan,
                const std::map<PartitionName, std::string>& status) {
  Table table{{"topic", "partition", "old_offset", "new_offset", "old_lag", "new_lag", "lag_change",
               status.empty() ? "note" : "status"},
              {}};
  const auto id = [](std::int64_t value) { return Cell(Id{value}); };
  const auto number = [](std::int64_t value) { return Cell(value); };
  for (const PlannedReset& row : plan) {
    std::optional<std::int64_t> change;
    if (row.old_lag && row.new_lag) change = *row.new_lag - *row.old_lag;
    std::string note = row.note;
    if (const auto found = status.find(row.name); found != status.end()) note = found->second;
    table.rows.push_back({row.name.first, std::int64_t{row.name.second}, CellOf(row.old_offset, id),
                          CellOf(row.new_offset, id), CellOf(row.old_lag, number),
                          CellOf(row.new_lag, number), CellOf(change, number),
                          note.empty() ? Cell() : Cell(note)});
  }
  return table;
}

/// What became of a plan.
struct Outcome {
  std::map<PartitionName, std::string> status;
  std::size_t done = 0;
  std::optional<Error> failure;  ///< The first one.
};

void Fail(Outcome& outcome, const PartitionName& name, const Error& error) {
  outcome.status[name] = error.ToString();
  if (!outcome.failure) outcome.failure = error;
}

/// Takes over what the broker says: the group has moved on since the plan was made.
void TakeResult(const idl::ResetPartitionResult& result, PlannedReset& row, Outcome& outcome) {
  if (result.__isset.error) {
    Fail(outcome, row.name, {ErrorCodeFromNumber(result.error.code), result.error.message});
    return;
  }
  ++outcome.done;
  outcome.status[row.name] = fmt::format("reset, epoch {}", result.reset_epoch);
  if (!result.__isset.old_offset || result.old_offset < 0) return;
  if (row.old_offset && row.old_lag) {
    row.old_lag = std::max<std::int64_t>(*row.old_lag + *row.old_offset - result.old_offset, 0);
  }
  row.old_offset = result.old_offset;
}

/// Changes what the plan says, and the plan where the group has moved on since.
Outcome Execute(Cluster& cluster, const ResetFlags& flags, std::vector<PlannedReset>& plan) {
  Outcome outcome;
  std::map<PartitionName, PlannedReset*> row_of;
  std::vector<idl::ResetPartition> all;
  for (PlannedReset& row : plan) {
    row_of[row.name] = &row;
    outcome.status[row.name] = row.new_offset ? "no answer" : "as it was: " + row.note;
    if (!row.new_offset) continue;
    idl::ResetPartition& one = all.emplace_back();
    one.__set_topic(row.name.first);
    one.__set_partition(row.name.second);
    one.__set_offset(*row.new_offset);
  }
  for (std::size_t begin = 0; begin < all.size(); begin += kPartitionsPerCall) {
    const std::size_t end = std::min(begin + kPartitionsPerCall, all.size());
    idl::ResetOffsetsRequest request;
    request.__set_group(flags.group);
    request.__set_partitions({all.begin() + static_cast<std::ptrdiff_t>(begin),
                              all.begin() + static_cast<std::ptrdiff_t>(end)});
    request.__set_requested_by(WhoAsks());
    if (!flags.reason.empty()) request.__set_reason(flags.reason);
    const auto reply = cluster.Data(&rpc::DataPlaneClient::ResetOffsetsSync, request);
    if (!reply.ok()) {
      for (const auto& each : request.partitions) {
        Fail(outcome, {each.topic, each.partition}, reply.error());
      }
      continue;
    }
    for (const idl::ResetPartitionResult& result : reply->partitions) {
      const auto row = row_of.find({result.topic, result.partition});
      if (row != row_of.end()) TakeResult(result, *row->second, outcome);
    }
  }
  return outcome;
}

ExitCode ShowOutcome(Session& session, const ResetFlags& flags, std::vector<PlannedReset>& plan,
                     const Outcome& outcome) {
  if (outcome.done == 0 && outcome.failure) return session.Fail(*outcome.failure);
  session.Show(PlanTable(plan, outcome.status));
  if (outcome.failure) {
    session.Fail(*outcome.failure, "the table says which; the same command may be repeated");
    return ExitCode::kPartlyFailed;
  }
  session.out().Note(
      outcome.done == 0
          ? "Nothing was changed."
          : fmt::format("Members that run go on from there within a second or two; `lanemq group "
                        "watch {}` shows it.",
                        flags.group));
  return ExitCode::kDone;
}

ExitCode Reset(Session& session, const ResetFlags& flags) {
  const auto order = ReadResetFlags(flags, SystemClock::Instance().WallNow());
  if (!order.ok()) return session.Fail(order.error(), "lanemq group reset --help");
  OffsetOf found;
  if (!order->from_file.empty()) {
    auto file = ReadFile(order->from_file);
    if (!file.ok()) return session.Fail(file.error());
    found = *std::move(file);
  }
  const auto cluster = Connect(session);
  if (!cluster.ok()) return session.Fail(cluster.error());
  auto plan = MakePlan(**cluster, flags, *order, std::move(found));
  if (!plan.ok()) {
    const bool is_of_other = !order->from_group.empty();
    return FailUnknownGroup(session, **cluster, plan.error(),
                            is_of_other ? order->from_group : flags.group,
                            is_of_other ? "" : "--topic resets what has no offset yet, too");
  }
  if (!flags.should_execute || session.flags().is_dry_run) {
    session.Show(PlanTable(*plan, {}));
    if (std::ranges::none_of(*plan, [](const auto& row) { return row.old_offset.has_value(); })) {
      session.out().Note(
          fmt::format("Group {} has committed nothing here yet: is the name right?", flags.group));
    }
    session.out().Note("This is the plan: nothing was changed. --execute does it.");
    return ExitCode::kDone;
  }
  const Outcome outcome = Execute(**cluster, flags, *plan);
  return ShowOutcome(session, flags, *plan, outcome);
}

}  // namespace

void AddGroupReset(CLI::App& group, Action& action) {
  const auto flags = std::make_shared<ResetFlags>();
  CLI::App* leaf =
      AddLeaf(group, "reset", "Move a group's offsets, also while it runs", action, flags, Reset);
  leaf->add_option("GROUP", flags->group, "Group")->required();
  leaf->add_option("-t,--topic", flags->topics, "orders or orders:0,2-3; may be repeated")
      ->type_name("TOPIC[:LIST]")
      ->allow_extra_args(false);
  leaf->add_flag("--all-topics", flags->has_all_topics, "Every topic the group has committed");
  leaf->add_flag("--to-earliest", flags->is_to_earliest, "To the first message there is");
  leaf->add_flag("--to-latest", flags->is_to_latest, "Past the last message");
  leaf->add_flag("--to-current", flags->is_to_current,
                 "To where it is: makes members begin there anew");
  leaf->add_option("--to-offset", flags->to_offset, "To this offset")->type_name("N");
  leaf->add_option("--to-datetime", flags->to_datetime, "To the first message since then")
      ->type_name("TIME");
  leaf->add_option("--by-duration", flags->by_duration,
                   "To the first message since so long ago: 2h")
      ->type_name("TIME");
  leaf->add_option("--shift-by", flags->shift_by, "So many messages on; negative: back")
      ->type_name("N");
  leaf->add_option("--from-group", flags->from_group, "To where another group is")
      ->type_name("GROUP");
  leaf->add_option("--from-file", flags->from_file, "CSV topic,partition,offset, or JSON")
      ->type_name("FILE");
  leaf->add_option("--reason", flags->reason, "Kept with the reset, for people")->type_name("TEXT");
  leaf->add_flag("--execute", flags->should_execute, "Do it; without, only the plan is shown");
  Explain(*leaf,
          {"lanemq group reset billing --topic orders --to-datetime 2026-11-21T05:00:00Z",
           "lanemq group reset billing --topic orders:0,2 --shift-by -100 --execute",
           "lanemq group reset billing --all-topics --to-earliest --output csv > plan.csv",
           "lanemq group reset billing --from-file plan.csv --execute --reason 'replay of May'"},
          "lanemq group describe shows who reset what, and when");
}

}  // namespace lanemq::cli
