#include "perf/load/server_settings.h"

#include <algorithm>

#include <fmt/format.h>

namespace lanemq::perf {

Result<std::string> SetUpServer(testing::DatabaseServer& server, std::int64_t buffer_pool_mib) {
  LANEMQ_RETURN_IF_ERROR(
      server.Query(fmt::format("SET GLOBAL innodb_buffer_pool_size = {}", buffer_pool_mib << 20)));
  LANEMQ_ASSIGN_OR_RETURN(
      std::string settings,
      server.Query("SELECT @@version, @@innodb_flush_log_at_trx_commit, @@sync_binlog,"
                   " @@innodb_buffer_pool_size DIV 1048576"));
  std::replace(settings.begin(), settings.end(), '\t', ' ');
  return "version, innodb_flush_log_at_trx_commit, sync_binlog, buffer pool MiB: " + settings;
}

}  // namespace lanemq::perf
