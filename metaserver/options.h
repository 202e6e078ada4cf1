#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "common/core/quota/eviction_guard.h"
#include "common/rpc/server_limits.h"

namespace lanemq::metaserver {

struct MetaserverOptions {
  std::string listen_host = "0.0.0.0";
  std::uint16_t listen_port = 9650;
  std::string advertise_host = "127.0.0.1";
  std::uint16_t advertise_port = 0;  ///< 0: the port listened on.
  std::string admin_host = "127.0.0.1";
  std::uint16_t admin_port = 0;  ///< 0: the system chooses.
  std::string version;

  std::size_t rpc_threads = 1;
  std::size_t worker_threads = 6;
  std::size_t worker_queue_max = 1'000;  ///< One more request is THROTTLED.
  rpc::ServerLimits rpc_limits;

  /// Longest one request may work on databases.
  std::chrono::milliseconds request_timeout{30'000};
  /// How often the catalogue's version is looked at for changes of other metaservers.
  std::chrono::milliseconds version_poll{300};
  /// What brokers are told; a broker silent for longer than the session timeout is evicted.
  std::chrono::milliseconds heartbeat_interval{1'000};
  std::chrono::milliseconds session_timeout{6'000};
  core::EvictionGuard::Options eviction;
  std::chrono::milliseconds lease_ttl{10'000};
  std::chrono::milliseconds job_pause{1'000};
  std::chrono::milliseconds register_every{10'000};
  std::chrono::hours forget_after{24};
  /// How long to wait for the metadata database at the start.
  std::chrono::milliseconds startup_timeout{60'000};
  std::chrono::milliseconds drain_timeout{10'000};
};

}  // namespace lanemq::metaserver
