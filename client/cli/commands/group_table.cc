#include "client/cli/commands/group_table.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include <fmt/format.h>

#include "client/cli/output/cells.h"
#include "client/cli/output/json_text.h"
#include "client/cli/text/time_text.h"

namespace lanemq::cli {
namespace {

constexpr std::size_t kHistoryLines = 5;

Cell TextCell(const std::string& text) {
  if (text.empty()) return std::monostate{};
  return text;
}

/// nullopt: nothing committed, or no broker knew the end.
std::optional<std::int64_t> LagOf(const GroupDetail& detail,
                                  const idl::FetchOffsetsPartitionResult& row) {
  const auto end = detail.log_ends.find({row.topic, row.partition});
  if (row.offset < 0 || end == detail.log_ends.end()) return std::nullopt;
  return std::max<std::int64_t>(end->second - row.offset, 0);
}

std::map<PartitionName, const idl::GroupMemberInfo*> OwnersOf(const GroupDetail& detail) {
  std::map<PartitionName, const idl::GroupMemberInfo*> owners;
  if (!detail.described) return owners;
  for (const idl::GroupMemberInfo& member : detail.described->members) {
    for (const auto& assigned : member.assignment) {
      owners[{assigned.topic, assigned.partition}] = &member;
    }
  }
  return owners;
}

std::int64_t TotalLag(const GroupDetail& detail) {
  std::int64_t total = 0;
  for (const auto& row : detail.partitions) total += LagOf(detail, row).value_or(0);
  return total;
}

/// One line for each until-time and reason.
std::string PausesText(const GroupDetail& detail) {
  std::map<std::pair<std::int64_t, std::string>, std::vector<idl::TopicPartition>> pauses;
  for (const auto& row : detail.partitions) {
    if (!row.__isset.paused_until_us) continue;
    auto& paused = pauses[{row.paused_until_us, row.pause_reason}].emplace_back();
    paused.__set_topic(row.topic);
    paused.__set_partition(row.partition);
  }
  std::string text;
  for (const auto& [pause, partitions] : pauses) {
    const auto& [until, reason] = pause;
    text += fmt::format("PAUSED       {}, until {}{}\n", MakeVisible(PartitionsText(partitions)),
                        until < 0 ? "resumed" : FormatTime(WallTime{until}),
                        reason.empty() ? "" : ": " + MakeVisible(reason));
  }
  return text;
}

/// Of a detail without state.
std::string StateMissing(const GroupDetail& detail) {
  return detail.described_missing ? detail.described_missing->ToString()
                                  : "no member ever joined; readers choose their partitions";
}

Table FirstRows(Table table) {
  if (table.rows.size() > kHistoryLines) table.rows.resize(kHistoryLines);
  return table;
}

std::string JsonRows(const Table& table) {
  std::string rows;
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    rows += (row > 0 ? ",\n  " : "\n  ") + JsonRow(table, row);
  }
  return rows;
}

}  // namespace

Table GroupsTable(const std::vector<idl::GroupListing>& groups) {
  Table table{{"group", "state", "members", "protocol", "generation", "empty_since"}, {}};
  for (const idl::GroupListing& group : groups) {
    table.rows.push_back({group.group, group.state, std::int64_t{group.members},
                          TextCell(group.protocol), Id{group.generation},
                          TimeCell(group.__isset.empty_since_us, group.empty_since_us)});
  }
  std::ranges::sort(table.rows, {}, [](const auto& row) { return std::get<std::string>(row[0]); });
  return table;
}

Table GroupPartitionsTable(const GroupDetail& detail) {
  Table table{{"group", "topic", "partition", "current_offset", "log_end_offset", "lag",
               "consumer_id", "host", "client_id"},
              {}};
  const auto owners = OwnersOf(detail);
  for (const idl::FetchOffsetsPartitionResult& row : detail.partitions) {
    const PartitionName name{row.topic, row.partition};
    Cell current;
    if (row.offset >= 0) current = Id{row.offset};
    Cell end;
    if (const auto found = detail.log_ends.find(name); found != detail.log_ends.end()) {
      end = Id{found->second};
    }
    Cell lag;
    if (const auto known = LagOf(detail, row)) lag = *known;
    Cell consumer;
    Cell host;
    Cell client;
    if (const auto owner = owners.find(name); owner != owners.end()) {
      consumer = TextCell(owner->second->member_id);
      host = TextCell(owner->second->host);
      client = TextCell(owner->second->client_id);
    } else if (!detail.described) {
      consumer = TextCell(row.member_id);  // The last who claimed it: all that brokers know.
    }
    table.rows.push_back({detail.name, row.topic, std::int64_t{row.partition}, current, end, lag,
                          consumer, host, client});
  }
  if (!detail.described) return table;
  for (const idl::GroupMemberInfo& member : detail.described->members) {
    if (!member.assignment.empty()) continue;
    const Cell none;
    table.rows.push_back({detail.name, none, none, none, none, none, TextCell(member.member_id),
                          TextCell(member.host), TextCell(member.client_id)});
  }
  return table;
}

Table GroupMembersTable(const GroupDetail& detail) {
  Table table{{"group", "consumer_id", "host", "client_id", "instance_id", "partitions",
               "assignment", "last_heartbeat"},
              {}};
  if (!detail.described) return table;
  for (const idl::GroupMemberInfo& member : detail.described->members) {
    table.rows.push_back({detail.name, member.member_id, TextCell(member.host),
                          TextCell(member.client_id), TextCell(member.group_instance_id),
                          static_cast<std::int64_t>(member.assignment.size()),
                          TextCell(PartitionsText(member.assignment)),
                          TimeCell(member.__isset.last_heartbeat_us, member.last_heartbeat_us)});
  }
  return table;
}

Table GroupLagTable(const std::vector<GroupDetail>& details) {
  Table table{{"group", "topic", "partitions", "lag", "max_lag", "max_lag_partition", "unknown"},
              {}};
  struct Sum {
    std::int64_t partitions = 0;
    std::int64_t lag = 0;
    std::int64_t max = -1;
    std::int64_t worst = 0;
    std::int64_t unknown = 0;
  };
  for (const GroupDetail& detail : details) {
    std::map<std::string, Sum> sums;
    for (const auto& row : detail.partitions) {
      Sum& sum = sums[row.topic];
      ++sum.partitions;
      const auto lag = LagOf(detail, row);
      if (!lag) ++sum.unknown;
      sum.lag += lag.value_or(0);
      if (lag.value_or(-1) > sum.max) {
        sum.max = *lag;
        sum.worst = row.partition;
      }
    }
    for (const auto& [topic, sum] : sums) {
      const bool is_known = sum.max >= 0;
      table.rows.push_back({detail.name, topic, sum.partitions, is_known ? Cell(sum.lag) : Cell(),
                            is_known ? Cell(sum.max) : Cell(), is_known ? Cell(sum.worst) : Cell(),
                            sum.unknown});
    }
  }
  return table;
}

Table RebalancesTable(const GroupDetail& detail) {
  Table table{{"generation", "at", "members", "moved_partitions", "reason"}, {}};
  if (!detail.described) return table;
  for (const idl::Rebalance& rebalance : detail.described->history) {
    table.rows.push_back({Id{rebalance.generation}, FormatTime(WallTime{rebalance.at_us}),
                          std::int64_t{rebalance.members}, std::int64_t{rebalance.moved_partitions},
                          rebalance.reason});
  }
  return table;
}

Table ResetsTable(const GroupDetail& detail) {
  Table table{{"at", "topic", "partition", "old_offset", "new_offset", "by", "reason"}, {}};
  for (const idl::OffsetReset& reset : detail.resets) {
    table.rows.push_back({FormatTime(WallTime{reset.at_us}), reset.topic,
                          std::int64_t{reset.partition},
                          reset.old_offset < 0 ? Cell() : Cell(Id{reset.old_offset}),
                          Id{reset.new_offset}, reset.requested_by, reset.reason});
  }
  return table;
}

std::string GroupSummary(const GroupDetail& detail) {
  std::string text = fmt::format("GROUP        {}\n", MakeVisible(detail.name));
  if (detail.described) {
    const idl::DescribeGroupResponse& described = *detail.described;
    text += fmt::format("STATE        {}\nCOORDINATOR  {}:{}\n", described.group.state,
                        described.coordinator.host, described.coordinator.port);
    if (!described.group.protocol.empty()) {
      text += fmt::format("PROTOCOL     {}\n", MakeVisible(described.group.protocol));
    }
    text += fmt::format("GENERATION   {}\nMEMBERS      {}\n", described.group.generation,
                        described.members.size());
    if (described.group.__isset.empty_since_us) {
      text +=
          fmt::format("EMPTY-SINCE  {}\n", FormatTime(WallTime{described.group.empty_since_us}));
    }
    if (!described.leader.empty()) {
      text += fmt::format("LEADER       {}\n", MakeVisible(described.leader));
    }
  } else {
    text += fmt::format("STATE        {}: {}\n", detail.described_missing ? "not known" : "-",
                        MakeVisible(StateMissing(detail)));
  }
  const auto unknown = std::ranges::count_if(detail.partitions,
                                             [&](const auto& row) { return !LagOf(detail, row); });
  text += fmt::format("TOTAL-LAG    {}{}\n", TotalLag(detail),
                      unknown == 0 ? ""
                                   : fmt::format(", without {} of {} partitions", unknown,
                                                 detail.partitions.size()));
  if (detail.offsets_missing) {
    text += fmt::format("MISSING      {}\n", MakeVisible(detail.offsets_missing->ToString()));
  }
  return text + PausesText(detail) + "\n";
}

std::string GroupHistory(const GroupDetail& detail) {
  std::string text;
  const Table rebalances = RebalancesTable(detail);
  const Table resets = ResetsTable(detail);
  if (!rebalances.rows.empty()) {
    text += fmt::format("\nREBALANCES   newest first, {} in all\n", rebalances.rows.size()) +
            Render(FirstRows(rebalances), {});
  }
  if (!resets.rows.empty()) {
    text += fmt::format("\nRESETS       newest first, {} in all\n", resets.rows.size()) +
            Render(FirstRows(resets), {});
  }
  return text;
}

std::string GroupJson(const GroupDetail& detail) {
  std::string head = fmt::format("\"group\":{}", JsonCell(detail.name));
  if (detail.described) {
    const idl::DescribeGroupResponse& described = *detail.described;
    head += fmt::format(
        ",\"state\":{},\"protocol\":{},\"generation\":\"{}\",\"leader\":{},\"coordinator\":{},"
        "\"empty_since\":{}",
        JsonCell(described.group.state), JsonCell(TextCell(described.group.protocol)),
        described.group.generation, JsonCell(TextCell(described.leader)),
        JsonCell(fmt::format("{}:{}", described.coordinator.host, described.coordinator.port)),
        JsonCell(TimeCell(described.group.__isset.empty_since_us, described.group.empty_since_us)));
  } else {
    head += fmt::format(",\"state\":null,\"state_missing\":{}", JsonCell(StateMissing(detail)));
  }
  head += fmt::format(
      ",\"offsets_missing\":{}",
      JsonCell(detail.offsets_missing ? Cell(detail.offsets_missing->ToString()) : Cell()));
  Table pauses{{"topic", "partition", "paused_until", "reason"}, {}};
  for (const auto& row : detail.partitions) {
    if (!row.__isset.paused_until_us) continue;
    pauses.rows.push_back({row.topic, std::int64_t{row.partition},
                           TimeCell(row.paused_until_us >= 0, row.paused_until_us),
                           row.pause_reason});
  }
  return fmt::format(
      "{{{},\"total_lag\":{},\"partitions\":[{}],\"members\":[{}],\"pauses\":[{}],"
      "\"rebalances\":[{}],\"resets\":[{}]}}\n",
      head, TotalLag(detail), JsonRows(GroupPartitionsTable(detail)),
      JsonRows(GroupMembersTable(detail)), JsonRows(pauses), JsonRows(RebalancesTable(detail)),
      JsonRows(ResetsTable(detail)));
}

std::string PartitionsText(const std::vector<idl::TopicPartition>& partitions) {
  std::map<std::string, std::set<std::int32_t>> by_topic;
  for (const auto& each : partitions) by_topic[each.topic].insert(each.partition);
  std::string text;
  for (const auto& [topic, numbers] : by_topic) {
    text += (text.empty() ? "" : " ") + topic + ":";
    bool is_first = true;
    for (auto at = numbers.begin(); at != numbers.end();) {
      const std::int32_t from = *at;
      std::int32_t to = from;
      while (++at != numbers.end() && *at == to + 1) ++to;
      if (!std::exchange(is_first, false)) text += ',';
      text += from == to ? fmt::format("{}", from) : fmt::format("{}-{}", from, to);
    }
  }
  return text;
}

}  // namespace lanemq::cli
