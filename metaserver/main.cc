// lanemq-metaserver: options in, databases and servers wired together, signals out.
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include "common/base/log.h"
#include "common/base/ready_file.h"
#include "common/base/stop_signals.h"
#include "metaserver/metaserver.h"
#include "sql/driver/slow_statements.h"
#include "sql/migrate/migrator.h"
#include "sql/store/data_nodes.h"
#include "sql/store/mysql_access_store.h"
#include "sql/store/mysql_alert_store.h"
#include "sql/store/mysql_audit_log.h"
#include "sql/store/mysql_canary_registry.h"
#include "sql/store/mysql_catalog_store.h"
#include "sql/store/mysql_governance_store.h"
#include "sql/store/mysql_group_store.h"
#include "sql/store/mysql_lag_history.h"
#include "sql/store/mysql_lag_source.h"
#include "sql/store/mysql_lease_store.h"
#include "sql/store/mysql_message_store.h"
#include "sql/store/mysql_move_store.h"
#include "sql/store/mysql_node_admin.h"
#include "sql/store/mysql_node_facts.h"
#include "sql/store/mysql_offset_store.h"
#include "sql/store/mysql_outbox_registry.h"
#include "sql/store/mysql_partition_mover.h"
#include "sql/store/mysql_people_store.h"
#include "sql/store/sealed_node_vault.h"

namespace {

using namespace lanemq;  // NOLINT: this file only puts things together.

constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;
/// The least that a session may be idle: a busy machine must not lose its transactions.
constexpr std::chrono::seconds kIdleMin{5};

sql::ConnectionOptions MetaConnection(const metaserver::Options& options) {
  sql::ConnectionOptions connection;
  connection.host = options.meta_host;
  connection.port = options.meta_port;
  connection.user = options.meta_user;
  connection.password = options.meta_password;
  connection.schema = sql::MetaSchema(options.schema_prefix);
  // Whoever takes over from a metaserver that hangs in a transaction waits for its locks.
  connection.idle_max = std::clamp(std::chrono::ceil<std::chrono::seconds>(options.lease_ttl),
                                   kIdleMin, sql::kSessionIdleMax);
  return connection;
}

/// Of leases: a database that hangs must be noticed while they are still trusted.
sql::ConnectionOptions LeaseConnection(const metaserver::Options& options) {
  sql::ConnectionOptions connection = MetaConnection(options);
  const auto quickest = std::min(options.group_slot_lease, options.lease_ttl) / 4;
  connection.io_timeout = std::max(quickest, std::chrono::milliseconds{1'000});
  return connection;
}

/// Who searches gives a node two seconds: so does a connection that has been sent a statement.
sql::DataNodeOptions OfAudit(sql::DataNodeOptions options) {
  options.io_timeout = std::chrono::seconds{2};
  options.pool.connections_max = 4;
  return options;
}

/// Everything that knows SQL, in the order in which it depends on each other.
struct Databases {
  Databases(const metaserver::Options& options, const core::NodeVault& node_vault)
      : slow_log(std::make_shared<SlowLog>(
            SlowLog::Options{.request = options.slow_request, .sql = options.slow_sql})),
        connection(MetaConnection(options)),
        prefix(options.schema_prefix),
        pool("metadata database", connection,
             {.connections_max = static_cast<std::size_t>(options.change_threads) + 24,
              .validate_after_idle = connection.idle_max / 2,
              .observer = &slow_meta}),
        lease_pool("metadata database's leases", LeaseConnection(options),
                   {.connections_max = 3,
                    .validate_after_idle = connection.idle_max / 2,
                    .observer = &slow_meta}),
        catalog(pool),
        leases(lease_pool),
        groups(pool),
        outboxes(pool),
        alerts(pool),
        lag_history(pool),
        canaries(pool),
        access(pool),
        audit(pool),
        people(pool),
        governance(pool, {}, options.topic_undelete_retention),
        moves(pool),
        node_options{.user = options.node_user,
                     .password = options.node_password,
                     .slow_log = slow_log.get(),
                     .vault = &node_vault},
        vault(node_vault),
        nodes(node_options),
        audit_nodes(OfAudit(node_options)),
        messages(nodes),
        mover(nodes),
        admin(node_options, SystemClock::Instance(), &audit_nodes) {}

  metaserver::Storage ToStorage() {
    return {catalog,
            leases,
            messages,
            admin,
            vault,
            groups,
            outboxes,
            alerts,
            lag_history,
            canaries,
            access,
            audit,
            people,
            governance,
            moves,
            mover,
            [this](core::NodeId node) -> std::unique_ptr<core::OffsetStore> {
              return std::make_unique<sql::MySqlOffsetStore>(nodes, node);
            },
            [this](core::NodeId node) -> std::unique_ptr<core::LagSource> {
              return std::make_unique<sql::MySqlLagSource>(nodes, node);
            },
            [this](core::NodeId node) -> std::unique_ptr<core::NodeFactsSource> {
              return std::make_unique<sql::MySqlNodeFacts>(nodes, node);
            },
            [this](Deadline deadline) { return sql::MigrateMeta(connection, prefix, deadline); },
            [this](std::span<const core::DataNode> known) {
              nodes.Update(known);
              audit_nodes.Update(known);
            },
            slow_log};
  }

  const std::shared_ptr<SlowLog> slow_log;
  sql::SlowStatements slow_meta{*slow_log, "metadata database"};
  const sql::ConnectionOptions connection;
  const std::string prefix;
  sql::ConnectionPool pool;
  /// Of its own: a renewal must not wait for what is slow.
  sql::ConnectionPool lease_pool;
  sql::MySqlCatalogStore catalog;
  sql::MySqlLeaseStore leases;
  sql::MySqlGroupStore groups;
  sql::MySqlOutboxRegistry outboxes;
  sql::MySqlAlertStore alerts;
  sql::MySqlLagHistory lag_history;
  sql::MySqlCanaryRegistry canaries;
  sql::MySqlAccessStore access;
  sql::MySqlAuditLog audit;
  sql::MySqlPeopleStore people;
  sql::MySqlGovernanceStore governance;
  sql::MySqlMoveStore moves;
  const sql::DataNodeOptions node_options;
  const core::NodeVault& vault;
  sql::DataNodes nodes;
  /// Of its own: a search that a data node is slow with must not hold what lag and moves need, nor
  /// pass for a node that is down.
  sql::DataNodes audit_nodes;
  sql::MySqlMessageStore messages;
  sql::MySqlPartitionMover mover;
  sql::MySqlNodeAdmin admin;
};

int Run(const metaserver::Options& options, const core::NodeVault& vault, StopSignals& signals) {
  Databases databases(options, vault);
  metaserver::Metaserver server(options, databases.ToStorage());
  // One thread waits for the signal, also while Start() still waits for the database.
  std::jthread waiter([&] {
    LANEMQ_LOG(INFO, "metaserver.stopping", {"signal", signals.Wait()});
    server.RequestStop();
  });
  const Status started = server.Start();
  if (started.ok()) {
    const std::string line = "lanemq-metaserver ready port=" + std::to_string(server.port()) +
                             " admin_port=" + std::to_string(server.admin_port());
    std::printf("%s\n", line.c_str());
    std::fflush(stdout);
    if (!options.ready_file.empty() && !WriteReadyFile(options.ready_file, line)) {
      LANEMQ_LOG(ERROR, "metaserver.ready_file", {"path", options.ready_file});
    }
  } else if (started.error().code != ErrorCode::kShuttingDown) {
    LANEMQ_LOG(ERROR, "metaserver.start_failed", {"error", started.error().ToString()});
    // The waiter is still waiting; a signal of our own lets it go.
    kill(getpid(), SIGTERM);
  }
  waiter.join();
  server.Stop();
  const bool is_fine = started.ok() || started.error().code == ErrorCode::kShuttingDown;
  LANEMQ_LOG(INFO, "metaserver.stopped", {"is_fine", is_fine});
  return is_fine ? 0 : kExitFailed;
}

}  // namespace

int main(int argc, char** argv, char** envp) {
  std::vector<std::string> environment;
  for (char** entry = envp; *entry != nullptr; ++entry) environment.emplace_back(*entry);
  const auto parsed =
      metaserver::ParseOptions(std::vector<std::string>(argv + 1, argv + argc), environment);
  if (!parsed.ok()) {
    std::fprintf(stderr, "lanemq-metaserver: %s\n", parsed.error().message.c_str());
    return kExitUsage;
  }
  if (!parsed->print_and_exit.empty()) {
    std::fputs(parsed->print_and_exit.c_str(), stdout);
    return 0;
  }
  const metaserver::Options& options = parsed->options;
  if (const Status valid = sql::CheckSchemaPrefix(options.schema_prefix); !valid.ok()) {
    std::fprintf(stderr, "lanemq-metaserver: --schema-prefix: %s\n", valid.error().message.c_str());
    return kExitUsage;
  }
  const auto vault = sql::SealedNodeVault::FromFile(options.credentials_key_file);
  if (!vault.ok()) {
    std::fprintf(stderr, "lanemq-metaserver: %s\n", vault.error().message.c_str());
    return kExitUsage;
  }
  SetUpLogging("metaserver", LogLevelFromString(options.log_level),
               LogFormatFromString(options.log_format));
  // Blocked before the first thread starts, so that every thread inherits it.
  StopSignals signals;
  return Run(options, *vault, signals);
}
