#include "client/cli/commands/lag_table.h"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "client/cli/text/lag_findings.h"
#include "client/cli/text/time_text.h"

namespace lanemq::cli {
namespace {

using std::chrono::milliseconds;

Cell TextCell(const std::string& text) {
  if (text.empty()) return std::monostate{};
  return MakeVisible(text);
}

Cell MillisCell(bool is_set, std::int64_t millis) {
  if (!is_set) return std::monostate{};
  return millis;
}

Cell BehindCell(const idl::TopicLag& lag, Times times) {
  if (times == Times::kMillis) return lag.lag_ms;
  return FormatDuration(milliseconds{lag.lag_ms});
}

}  // namespace

Table LagTable(const Table& computed, const std::vector<idl::TopicLag>& judged, Times times) {
  std::map<std::pair<std::string, std::string>, const idl::TopicLag*> known;
  for (const idl::TopicLag& each : judged) known[{each.group, each.topic}] = &each;
  const bool is_for_people = times == Times::kForPeople;
  Table table{computed.columns, {}};
  for (const char* column : {"status", "cause", "behind_ms", "owner"}) {
    table.columns.emplace_back(column);
  }
  if (is_for_people) {
    table.columns = {"group", "topic", "status", "behind", "lag", "partitions", "cause", "owner"};
  }
  for (const auto& row : computed.rows) {
    const auto found = known.find({std::get<std::string>(row[0]), std::get<std::string>(row[1])});
    Cell status;
    Cell cause;
    Cell behind;
    Cell owner;
    if (found != known.end()) {
      const idl::TopicLag& lag = *found->second;
      status = lag.status;
      cause = TextCell(lag.cause);
      behind = BehindCell(lag, times);
      owner = TextCell(lag.owner);
    }
    if (is_for_people) {
      table.rows.push_back({row[0], row[1], status, behind, row[3], row[2], cause, owner});
      continue;
    }
    auto line = row;
    for (Cell& cell : std::vector{status, cause, behind, owner}) line.push_back(std::move(cell));
    table.rows.push_back(std::move(line));
  }
  return table;
}

Table SampledLagTable(const std::vector<idl::TopicLag>& judged) {
  Table table{{"group", "topic", "partitions", "lag", "max_lag", "max_lag_partition", "unknown"},
              {}};
  for (const idl::TopicLag& lag : judged) {
    Cell max;
    Cell worst;
    std::int64_t unknown = 0;
    std::int64_t most = -1;
    for (const idl::PartitionLag& each : lag.partitions) {
      unknown += each.status == "UNKNOWN" ? 1 : 0;
      if (each.lag_messages <= most) continue;
      most = each.lag_messages;
      max = most;
      worst = std::int64_t{each.partition};
    }
    const auto partitions = std::max<std::int64_t>(
        lag.partition_count, static_cast<std::int64_t>(lag.partitions.size()));
    table.rows.push_back({lag.group, lag.topic, partitions, lag.lag_messages, max, worst, unknown});
  }
  return table;
}

Table TopTable(const std::vector<idl::TopicLag>& judged) {
  Table table{{"group", "topic", "status", "cause", "evidence", "since", "lag", "lag_ms",
               "objective_ms", "in_rate", "out_rate", "drain_ms", "headroom_ms", "members",
               "partitions", "troubled_partitions", "owner", "tier", "alerts"},
              {}};
  for (const idl::TopicLag& lag : judged) {
    Cell since;
    if (lag.__isset.since_us) since = FormatTime(WallTime{lag.since_us});
    table.rows.push_back(
        {lag.group, lag.topic, lag.status, TextCell(lag.cause), TextCell(lag.evidence), since,
         lag.lag_messages, lag.lag_ms, lag.objective_ms, lag.in_rate, lag.out_rate,
         MillisCell(lag.__isset.drain_ms, lag.drain_ms),
         MillisCell(lag.__isset.headroom_ms, lag.headroom_ms), std::int64_t{lag.members},
         std::int64_t{lag.partition_count}, std::int64_t{lag.troubled_partitions},
         TextCell(lag.owner), TextCell(lag.tier), !lag.__isset.alerts_on || lag.alerts_on});
  }
  return table;
}

std::string SampleNote(const idl::GroupLagResponse& reply) {
  std::string text =
      fmt::format("Sampled {} ago by the metaserver on call",
                  FormatDuration(milliseconds{std::max<std::int64_t>(reply.age_ms, 0)}));
  if (!reply.stale_nodes.empty()) {
    text += fmt::format("; data node{} {} {} not answer: figures of {} are older",
                        reply.stale_nodes.size() == 1 ? "" : "s",
                        MakeVisible(fmt::format("{}", fmt::join(reply.stale_nodes, ", "))),
                        reply.stale_nodes.size() == 1 ? "does" : "do",
                        reply.stale_nodes.size() == 1 ? "it" : "them");
  }
  return text + ".";
}

std::size_t Characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string Fit(const std::string& text, int columns, bool is_right) {
  const std::string visible = MakeVisible(text);
  const auto width = static_cast<std::size_t>(std::max(columns, 0));
  const std::size_t length = Characters(visible);
  if (length <= width) {
    const std::string padding(width - length, ' ');
    return is_right ? padding + visible : visible + padding;
  }
  if (width == 0) return {};
  std::string out;
  std::size_t kept = 0;
  for (const char c : visible) {
    const bool begins = (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    if (begins && kept++ == width - 1) break;
    out += c;
  }
  return out + "…";
}

std::string Wrap(const std::string& text, int columns, int indent) {
  std::string out;
  std::string line;
  const auto end_line = [&] {
    out += std::string(static_cast<std::size_t>(indent), ' ') + line + "\n";
    line.clear();
  };
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string word = text.substr(at, end - at);
    at = end + 1;
    if (word.empty()) continue;
    const std::size_t needed = Characters(line) + Characters(word) + (line.empty() ? 0 : 1);
    if (!line.empty() && static_cast<int>(needed) + indent > columns) end_line();
    line += (line.empty() ? "" : " ") + word;
  }
  if (!line.empty()) end_line();
  return out;
}

std::string TrimRight(std::string text) {
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

}  // namespace lanemq::cli
