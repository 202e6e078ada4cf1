#include "client/cli/commands/node_table.h"

#include <string>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "client/cli/text/node_findings.h"
#include "client/cli/text/time_text.h"
#include "common/rpc/wire/state_names.h"

namespace lanemq::cli {
namespace {

using std::chrono::microseconds;

std::string BytesText(std::int64_t bytes) {
  constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1024 && unit + 1 < std::size(kUnits)) {
    value /= 1024;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", value, kUnits[unit]);
}

const char* LoginText(const idl::DataNode& node) {
  return node.has_credentials ? "kept" : "servers' files";
}

/// Of a node that answered.
void AddAnswers(const idl::DataNode& node, Table& table) {
  const auto add = [&](const char* property, std::string value) {
    table.rows.push_back({std::string(property), std::move(value)});
  };
  add("engine", node.engine_version);
  if (node.__isset.account) add("account", node.account);
  add("round_trip", FormatDuration(microseconds{node.round_trip_us}));
  add("clock", fmt::format("{:+.1f} ms", static_cast<double>(node.clock_ahead_us) / 1e3));
  add("read_only", node.is_read_only ? "yes" : "no");
  add("innodb_flush_log_at_trx_commit", std::to_string(node.flush_log_at_trx_commit));
  add("sync_binlog", node.__isset.sync_binlog ? std::to_string(node.sync_binlog) : "no binlog");
  add("semi_sync", node.semi_sync);
  add("connections", fmt::format("{} of {}", node.connections_used, node.connections_max));
  add("schema_version", std::to_string(node.schema_version));
  if (node.__isset.disk_used_bytes) add("disk_used", BytesText(node.disk_used_bytes));
  if (!node.__isset.missing_rights) {
    add("missing_rights", "not known: the account has roles");
  } else {
    add("missing_rights", node.missing_rights.empty()
                              ? "none"
                              : fmt::format("{}", fmt::join(node.missing_rights, "; ")));
  }
}

}  // namespace

Table NodesTable(const std::vector<idl::DataNode>& nodes) {
  Table table{{"node", "address", "state", "tables_used", "tables_max", "schema_prefix", "node_id",
               "login"},
              {}};
  for (const idl::DataNode& node : nodes) {
    Cell tables_max;
    Cell used;
    if (node.__isset.schemas_max && node.__isset.tables_per_schema_max) {
      tables_max = std::int64_t{node.schemas_max} * node.tables_per_schema_max;
    }
    if (node.__isset.tables_used) used = std::int64_t{node.tables_used};
    table.rows.push_back({node.name, fmt::format("{}:{}", node.host, node.port),
                          wire::StateName(node.state), used, tables_max, node.schema_prefix,
                          Id{node.node_id}, std::string(LoginText(node))});
  }
  return table;
}

Table ProbeTable(const idl::DataNode& node) {
  Table table{{"property", "value"}, {}};
  const auto add = [&](const char* property, std::string value) {
    table.rows.push_back({std::string(property), std::move(value)});
  };
  const std::int64_t room = std::int64_t{node.schemas_max} * node.tables_per_schema_max;
  add("node", node.name);
  add("address", fmt::format("{}:{}", node.host, node.port));
  add("state", wire::StateName(node.state));
  add("login", LoginText(node));
  add("free_tables", fmt::format("{} of {}", room - node.tables_used, room));
  if (node.is_reachable) AddAnswers(node, table);
  for (const Finding& finding : FindingsOf(node)) {
    if (finding.verdict == Verdict::kOk) continue;
    add(finding.verdict == Verdict::kFailure ? "FAILED" : "warning", finding.detail);
  }
  return table;
}

}  // namespace lanemq::cli
