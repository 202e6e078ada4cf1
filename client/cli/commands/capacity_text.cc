#include "client/cli/commands/capacity_text.h"

#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "client/cli/output/cells.h"
#include "client/cli/text/time_text.h"

namespace lanemq::cli {
namespace {

std::string SpareNodes(const idl::AdviseCapacityResponse& advice) {
  std::vector<std::string> names;
  for (const idl::NodeRoom& room : advice.nodes) {
    if (room.can_be_emptied) names.push_back(room.node);
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

/// Empty: this program is older than the cause.
std::string CauseText(std::string_view cause, const idl::AdviseCapacityResponse& advice) {
  if (cause == "no_writable_node") {
    return "Add a data node, or make one writable: none takes new partitions. ";
  }
  if (cause == "no_room") {
    return fmt::format("Add a data node: {} partitions do not fit. ",
                       FormatCount(advice.partitions_ahead));
  }
  if (cause == "tables_low") return "Add a data node: almost all tables are used. ";
  if (cause == "bytes_low") {
    return "A data node has almost used up its bytes: move partitions away, or keep less. ";
  }
  if (cause == "node_to_spare") {
    return fmt::format(
        "Any one of these could be emptied onto the others: {}. That is by tables and bytes: look "
        "at their load first. ",
        SpareNodes(advice));
  }
  return "";
}

}  // namespace

Table CapacityTable(const idl::AdviseCapacityResponse& advice) {
  Table table{{"node", "is_writable", "tables_used", "tables_free", "used_bytes", "capacity_bytes",
               "can_be_emptied"},
              {}};
  for (const idl::NodeRoom& room : advice.nodes) {
    table.rows.push_back({room.node, room.is_writable, room.tables_used, room.tables_free,
                          NumberCell(room.__isset.used_bytes, room.used_bytes),
                          NumberCell(room.__isset.capacity_bytes, room.capacity_bytes),
                          room.can_be_emptied});
  }
  return table;
}

std::string CapacityText(const idl::AdviseCapacityResponse& advice) {
  std::string text;
  for (const std::string& cause : advice.causes) text += CauseText(cause, advice);
  if (advice.causes.empty()) text += "The data nodes are right for what is to come. ";
  text += fmt::format(
      "{} of {} tables of writable data nodes are used; room is looked for for {} new partitions; "
      "topics of the last {} days have {}",
      FormatCount(advice.tables_used), FormatCount(advice.tables_used + advice.tables_free),
      FormatCount(advice.partitions_ahead), advice.recent_days,
      FormatCount(advice.partitions_recent));
  if (advice.__isset.days_left) {
    text +=
        fmt::format(", and at that pace the tables last {} days", FormatCount(advice.days_left));
  }
  return text + ".";
}

}  // namespace lanemq::cli
