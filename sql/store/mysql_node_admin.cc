#include "sql/store/mysql_node_admin.h"

#include <algorithm>
#include <chrono>

#include "sql/migrate/migrator.h"
#include "sql/statements/statements.h"
#include "sql/store/audit_search.h"
#include "sql/store/node_probe.h"
#include "sql/store/on_node.h"

namespace lanemq::sql {
namespace {

/// Statements are asked once each: none is kept prepared for a second time.
constexpr std::size_t kPreparedMax = 1;

core::NodeHealth HealthOf(const ServerInfo& info) {
  core::NodeHealth health;
  health.engine_version =
      (info.kind == ServerKind::kMariaDb ? "MariaDB " : "MySQL ") + info.version;
  health.flush_log_at_trx_commit = info.durability.flush_log_at_trx_commit;
  if (info.durability.has_binlog) health.sync_binlog = info.durability.sync_binlog;
  return health;
}

}  // namespace

Status MySqlNodeAdmin::Prepare(const core::DataNode& node, Deadline deadline) {
  LANEMQ_ASSIGN_OR_RETURN(const ConnectionOptions server, ConnectionTo(node, options_));
  const Status migrated =
      MigrateNode(server, node.schema_prefix, deadline, node.schemas_max, clock_);
  return migrated.ok() ? Status{} : Status{migrated.error().Wrap("data node '" + node.name + "'")};
}

Result<std::unique_ptr<Connection>> MySqlNodeAdmin::Open(const core::DataNode& node,
                                                         Deadline deadline) const {
  LANEMQ_ASSIGN_OR_RETURN(ConnectionOptions server, ConnectionTo(node, options_));
  // Open() asks for the settings itself, before a deadline of the session can be set.
  server.io_timeout =
      std::min(server.io_timeout,
               std::max(std::chrono::milliseconds{1'000},
                        std::chrono::ceil<std::chrono::milliseconds>(deadline.Left(clock_))));
  LANEMQ_ASSIGN_OR_RETURN(auto connection,
                          Connection::Open(server, kPreparedMax, clock_, deadline));
  connection->SetDeadline(deadline);
  return connection;
}

Result<std::int64_t> MySqlNodeAdmin::CountPartitions(const core::DataNode& node,
                                                     Deadline deadline) {
  LANEMQ_ASSIGN_OR_RETURN(const auto connection, Open(node, deadline));
  std::int64_t count = 0;
  LANEMQ_RETURN_IF_ERROR(
      connection->Query(statements::kCountPartitionStates, {}, [&](const Row& row) {
        count = row.Int64(0);
        return false;
      }));
  return count;
}

Result<core::NodeHealth> MySqlNodeAdmin::Health(const core::DataNode& node, Deadline deadline) {
  LANEMQ_ASSIGN_OR_RETURN(const auto connection, Open(node, deadline));
  return HealthOf(connection->server());
}

Result<core::NodeProbe> MySqlNodeAdmin::Probe(const core::DataNode& node, Deadline deadline) {
  LANEMQ_ASSIGN_OR_RETURN(const auto connection, Open(node, deadline));
  core::NodeProbe probe;
  probe.health = HealthOf(connection->server());
  probe.is_read_only = connection->server().is_read_only;
  LANEMQ_RETURN_IF_ERROR(ProbeSession(*connection, node, clock_, probe));
  return probe;
}

Result<core::NodeInventory> MySqlNodeAdmin::Inventory(const core::DataNode& node,
                                                      Deadline deadline) {
  LANEMQ_ASSIGN_OR_RETURN(const auto connection, Open(node, deadline));
  return ReadInventory(*connection, node.schema_prefix);
}

Result<core::AuditPage> MySqlNodeAdmin::SearchAudit(const core::DataNode& node,
                                                    const core::AuditSearch& search,
                                                    Deadline deadline) {
  const auto search_on = [&](Connection& connection) -> Result<core::AuditPage> {
    auto page = sql::SearchAudit(connection, search, AuditTables::kEvents, SqlNull{});
    // The table is missing.
    if (!page.ok() && page.error().code == ErrorCode::kUnknownTopicOrPartition) {
      return core::AuditPage{};
    }
    return page;
  };
  if (known_ != nullptr && node.state != core::NodeState::kDisabled) {
    auto page = ReadOn<core::AuditPage>(
        *known_, node.id, deadline,
        [&](Connection& connection, const core::DataNode&) { return search_on(connection); });
    const bool may_be_back = !page.ok() && page.error().code == ErrorCode::kDataNodeUnavailable;
    if (!may_be_back || deadline.HasPassed(clock_)) return page;
  }
  LANEMQ_ASSIGN_OR_RETURN(const auto connection, Open(node, deadline));
  return search_on(*connection);
}

Result<std::vector<core::NodeTableFacts>> MySqlNodeAdmin::LookAt(
    const core::DataNode& node, std::span<const core::NodeTable> tables, Deadline deadline) {
  LANEMQ_ASSIGN_OR_RETURN(const auto connection, Open(node, deadline));
  std::vector<core::NodeTableFacts> facts;
  for (const core::NodeTable& table : tables) {
    const std::string schema = MessageSchema(node.schema_prefix, table.schema_index);
    LANEMQ_RETURN_IF_ERROR(connection->Query(
        statements::kLookAtTable, {std::string_view(schema), std::string_view(table.name)},
        [&](const Row& row) {
          core::NodeTableFacts& of = facts.emplace_back();
          of.table = table;
          of.rows = row.Int64(0);
          if (!row.IsNull(1)) of.age = std::chrono::microseconds{row.Int64(1)};
          return false;
        }));
  }
  return facts;
}

}  // namespace lanemq::sql
