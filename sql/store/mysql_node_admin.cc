#include "sql/store/mysql_node_admin.h"

#include <algorithm>
#include <chrono>

#include "sql/migrate/migrator.h"
#include "sql/statements/statements.h"

namespace lanemq::sql {

ConnectionOptions MySqlNodeAdmin::ServerOf(const core::DataNode& node) const {
  ConnectionOptions server;
  server.host = node.host;
  server.port = node.port;
  server.user = options_.user;
  server.password = options_.password;
  server.connect_timeout = options_.connect_timeout;
  server.io_timeout = options_.io_timeout;
  return server;
}

Status MySqlNodeAdmin::Prepare(const core::DataNode& node, Deadline deadline) {
  const Status migrated =
      MigrateNode(ServerOf(node), node.schema_prefix, deadline, node.schemas_max, clock_);
  return migrated.ok() ? Status{} : Status{migrated.error().Wrap("data node '" + node.name + "'")};
}

Result<std::int64_t> MySqlNodeAdmin::CountPartitions(const core::DataNode& node,
                                                     Deadline deadline) {
  ConnectionOptions server = ServerOf(node);
  server.schema = NodeSchema(node.schema_prefix);
  LANEMQ_ASSIGN_OR_RETURN(auto connection, Connection::Open(server, 1, clock_, deadline));
  connection->SetDeadline(deadline);
  std::int64_t count = 0;
  LANEMQ_RETURN_IF_ERROR(
      connection->Query(statements::kCountPartitionStates, {}, [&](const Row& row) {
        count = row.Int64(0);
        return false;
      }));
  return count;
}

Result<core::NodeHealth> MySqlNodeAdmin::Health(const core::DataNode& node, Deadline deadline) {
  ConnectionOptions server = ServerOf(node);
  server.schema = NodeSchema(node.schema_prefix);
  // Open() asks for the settings itself, before a deadline of the session can be set.
  server.io_timeout =
      std::min(server.io_timeout,
               std::max(std::chrono::milliseconds{1'000},
                        std::chrono::ceil<std::chrono::milliseconds>(deadline.Left(clock_))));
  LANEMQ_ASSIGN_OR_RETURN(const auto connection, Connection::Open(server, 1, clock_, deadline));
  const ServerInfo& info = connection->server();
  core::NodeHealth health;
  health.engine_version =
      (info.kind == ServerKind::kMariaDb ? "MariaDB " : "MySQL ") + info.version;
  health.flush_log_at_trx_commit = info.durability.flush_log_at_trx_commit;
  if (info.durability.has_binlog) health.sync_binlog = info.durability.sync_binlog;
  return health;
}

}  // namespace lanemq::sql
