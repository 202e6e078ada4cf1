#include "client/cli/move/move_table.h"

#include <array>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "client/cli/text/time_text.h"
#include "common/rpc/wire/errors.h"

namespace lanemq::cli {
namespace {

std::string NameOf(const idl::PartitionMove& move) {
  return fmt::format("{}/{}", move.topic, move.partition);
}

Cell TextCell(bool is_set, const std::string& text) {
  return is_set && !text.empty() ? Cell(text) : Cell(std::monostate{});
}

std::string PauseText(const MoveSum& sum) {
  if (sum.longest_pause_of.empty()) return "no pause yet";
  return fmt::format("longest pause {} ({})",
                     FormatDuration(std::chrono::microseconds{sum.longest_pause_us}),
                     sum.longest_pause_of);
}

}  // namespace

std::string FormatBytes(std::int64_t bytes) {
  constexpr std::array<const char*, 4> kUnits{"kB", "MB", "GB", "TB"};
  if (bytes < 1'000) return fmt::format("{} B", bytes);
  double amount = static_cast<double>(bytes) / 1e3;
  std::size_t unit = 0;
  while (amount >= 999.95 && unit + 1 < kUnits.size()) {
    amount /= 1e3;
    ++unit;
  }
  return fmt::format("{:.1f} {}", amount, kUnits[unit]);
}

Table MovesTable(const std::vector<idl::PartitionMove>& moves) {
  Table table{
      {"move", "topic", "partition", "from", "to", "state", "copied_end", "source_end", "bytes",
       "paused_ms", "created_at", "finished_at", "requested_by", "reason", "error"},
      {}};
  for (const idl::PartitionMove& move : moves) {
    Cell paused = std::monostate{};
    if (move.__isset.paused_us) paused = (move.paused_us + 999) / 1'000;
    Cell finished = std::monostate{};
    if (move.__isset.finished_at_us) finished = FormatTime(WallTime{move.finished_at_us});
    table.rows.push_back({Id{move.id}, move.topic, std::int64_t{move.partition}, move.from_node,
                          move.to_node, move.state, Id{move.copied_end}, Id{move.source_end},
                          move.bytes_copied, paused, FormatTime(WallTime{move.created_at_us}),
                          finished, TextCell(move.__isset.requested_by, move.requested_by),
                          TextCell(move.__isset.reason, move.reason),
                          TextCell(move.__isset.error, move.error)});
  }
  return table;
}

Table BegunTable(const std::vector<idl::BegunMove>& moves) {
  Table table{{"topic", "partition", "from", "to", "move", "refused"}, {}};
  for (const idl::BegunMove& move : moves) {
    Cell id = std::monostate{};
    if (move.__isset.move_id) id = Id{move.move_id};
    table.rows.push_back({move.topic, std::int64_t{move.partition},
                          TextCell(move.__isset.from_node, move.from_node),
                          TextCell(move.__isset.to_node, move.to_node), id,
                          TextCell(move.__isset.error, move.error.message)});
  }
  return table;
}

Table CancelledTable(const std::vector<idl::CancelledMove>& moves) {
  Table table{{"move", "refused"}, {}};
  for (const idl::CancelledMove& move : moves) {
    table.rows.push_back({Id{move.move_id}, TextCell(move.__isset.error, move.error.message)});
  }
  return table;
}

MoveSum SumUp(const std::map<std::int64_t, idl::PartitionMove>& moves) {
  MoveSum sum;
  for (const auto& [id, move] : moves) {
    ++sum.all;
    sum.bytes += move.bytes_copied;
    const bool is_back = move.state == "failed" || move.state == "cancelled";
    if (move.state == "done") {
      ++sum.done;
    } else if (is_back) {
      ++sum.taken_back;
      sum.faults.push_back(fmt::format("{}: {}{}", NameOf(move), move.state,
                                       move.error.empty() ? "" : ": " + move.error));
    } else {
      ++sum.under_way;
    }
    if (move.__isset.paused_us && move.paused_us > sum.longest_pause_us) {
      sum.longest_pause_us = move.paused_us;
      sum.longest_pause_of = NameOf(move);
    }
  }
  return sum;
}

std::string ProgressText(const MoveSum& sum) {
  return fmt::format("{} of {} partitions moved, {} copied, {}", sum.done, sum.all,
                     FormatBytes(sum.bytes), PauseText(sum));
}

std::string EndText(const MoveSum& sum, std::chrono::microseconds took) {
  return fmt::format("{} partition{} moved in {}: {}, {}", sum.done, sum.done == 1 ? "" : "s",
                     FormatDuration(took), FormatBytes(sum.bytes), PauseText(sum));
}

}  // namespace lanemq::cli
