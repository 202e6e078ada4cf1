#include "perf/load/server_settings.h"

#include <algorithm>

#include <fmt/format.h>

namespace lanemq::perf {

Result<std::string> SetUpServer(testing::DatabaseServer& server, std::int64_t buffer_pool_mib) {
  LANEMQ_RETURN_IF_ERROR(
      server.Query(fmt::format("SET GLOBAL innodb_buffer_pool_size = {}", buffer_pool_mib << 20)));
  std::string writers;
  if (server.engine() == testing::Engine::kMySql) {
    // Without threads of its own for the redo log, MySQL's default on small machines, a commit can
    // miss its wake-up and sleep for 100 ms.
    LANEMQ_RETURN_IF_ERROR(server.Query("SET GLOBAL innodb_log_writer_threads = ON"));
    writers = "innodb_log_writer_threads: ON\n";
  }
  LANEMQ_ASSIGN_OR_RETURN(
      std::string settings,
      server.Query("SELECT @@version, @@innodb_flush_log_at_trx_commit, @@sync_binlog,"
                   " @@innodb_buffer_pool_size DIV 1048576"));
  std::replace(settings.begin(), settings.end(), '\t', ' ');
  return "version, innodb_flush_log_at_trx_commit, sync_binlog, buffer pool MiB: " + settings +
         writers;
}

}  // namespace lanemq::perf
