#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "broker/duties/duty_options.h"
#include "broker/fetch/fetch_manager.h"
#include "broker/node_workers.h"
#include "broker/retention/janitor_options.h"
#include "common/base/slow_log.h"
#include "common/core/log/append_machine.h"
#include "common/core/types/catalog.h"
#include "common/core/types/limits.h"
#include "common/guard/auth_mode.h"
#include "common/guard/settings.h"
#include "common/rpc/server_limits.h"

namespace lanemq::rpc {
class TlsServer;
}

namespace lanemq::broker {

/// Everything that can be set of a broker; see BrokerCommandLine for names, ranges and why.
struct BrokerOptions {
  std::int32_t broker_id = 0;
  std::string listen_host = "127.0.0.1";
  std::uint16_t listen_port = 0;  ///< 0: the system chooses.
  std::string advertise_host = "127.0.0.1";
  std::uint16_t advertise_port = 0;  ///< 0: the one listened on.
  std::string admin_host = "127.0.0.1";
  std::uint16_t admin_port = 0;
  std::vector<core::Endpoint> metaservers;
  std::filesystem::path data_dir;       ///< Empty: nothing is remembered.
  AuthMode auth = AuthMode::kNone;      ///< None: for development, on this machine alone.
  std::shared_ptr<rpc::TlsServer> tls;  ///< Null: the listener is plain TCP.
  /// How often metaservers are asked who may do what.
  std::chrono::milliseconds access_interval{1'000};
  std::string version = "0.1.0";

  std::size_t rpc_threads = 2;
  rpc::ServerLimits rpc_limits;
  core::Limits limits;
  core::AppendMachineOptions append;
  std::size_t append_memory_bytes_max = 256u << 20;
  std::size_t tail_cache_bytes_max = 256u << 20;
  FetchOptions fetch;
  NodeWorkers::Options workers;
  DutyOptions duties;        ///< But for its sql_timeout, which is the one below.
  JanitorOptions retention;  ///< Likewise.

  std::chrono::milliseconds sql_timeout{10'000};
  /// Shared with the connections to the databases; null: the broker makes one for its requests.
  std::shared_ptr<SlowLog> slow_log;
  std::chrono::milliseconds start_patience{3'000};
  std::chrono::milliseconds drain_timeout{20'000};
  std::vector<Setting> settings;  ///< All of these as they were given, for serverSettings.
};

}  // namespace lanemq::broker
