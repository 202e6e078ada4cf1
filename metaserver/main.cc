#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <pthread.h>
#include <thread>

#include <fmt/format.h>

#include "common/base/log.h"
#include "metaserver/command_line.h"
#include "metaserver/metaserver.h"
#include "sql/driver/connection_pool.h"
#include "sql/migrate/migrator.h"
#include "sql/store/mysql_catalog_store.h"
#include "sql/store/mysql_lease_store.h"
#include "sql/store/mysql_message_store.h"
#include "sql/store/mysql_node_admin.h"

namespace lanemq {
namespace {

bool WriteReadyFile(const std::string& path, const std::string& line) {
  const std::string temporary = path + ".new";
  std::ofstream file(temporary);
  file << line << "\n";
  file.close();
  std::error_code error;
  std::filesystem::rename(temporary, path, error);
  return file.good() && !error;
}

// Waits for SIGTERM or SIGINT; the second one ends the process at once.
void WaitForSignal(const sigset_t& signals) {
  int signal = 0;
  sigwait(&signals, &signal);
  std::signal(SIGTERM, SIG_DFL);
  std::signal(SIGINT, SIG_DFL);
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

bool IsStopRequested(const sigset_t& signals) {
  const timespec none{0, 0};
  return sigtimedwait(&signals, nullptr, &none) > 0;
}

int Run(const metaserver::CommandLine& options) {
  SetUpLogging("lanemq-metaserver", options.log_level);
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  sql::ConnectionOptions meta_server;
  meta_server.host = options.meta_host;
  meta_server.port = options.meta_port;
  meta_server.user = options.meta_user;
  meta_server.password = options.meta_password;
  sql::ConnectionOptions meta_connection = meta_server;
  meta_connection.schema = sql::MetaSchema(options.schema_prefix);
  sql::ConnectionPool meta_pool("metadata database", meta_connection, {});
  sql::MySqlCatalogStore catalog(meta_pool);
  sql::MySqlLeaseStore leases(meta_pool);
  sql::DataNodeOptions node_options;
  node_options.user = options.node_user;
  node_options.password = options.node_password;
  sql::DataNodes nodes(node_options);
  sql::MySqlMessageStore messages(nodes);
  sql::MySqlNodeAdmin node_admin(node_options);

  metaserver::Metaserver server(
      options.metaserver,
      {.catalog = catalog,
       .leases = leases,
       .messages = messages,
       .nodes = node_admin,
       .migrate =
           [&](Deadline deadline) {
             return sql::MigrateMeta(meta_server, options.schema_prefix, deadline);
           },
       .on_catalog = [&](const core::CatalogSnapshot& snapshot) { nodes.Update(snapshot.nodes); }});
  const Status started = server.Start([&] { return IsStopRequested(signals); });
  if (!started.ok()) {
    std::cerr << "lanemq-metaserver: " << started.error().message << "\n";
    return 1;
  }
  const std::string line = fmt::format("lanemq-metaserver ready port={} admin_port={}",
                                       server.port(), server.admin_port());
  std::cout << line << std::endl;
  if (!options.ready_file.empty() && !WriteReadyFile(options.ready_file, line)) {
    std::cerr << "lanemq-metaserver: cannot write " << options.ready_file << "\n";
    return 1;
  }
  WaitForSignal(signals);
  (void)server.Drain();
  return 0;
}

}  // namespace
}  // namespace lanemq

int main(int argc, char** argv) {
  const auto parsed = lanemq::metaserver::ParseCommandLine(argc, argv);
  if (parsed.exit_code) return *parsed.exit_code;
  return lanemq::Run(parsed.options);
}
