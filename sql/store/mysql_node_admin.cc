#include "sql/store/mysql_node_admin.h"

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

}  // namespace lanemq::sql
