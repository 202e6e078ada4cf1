#include "client/cli/cluster/servers.h"

#include <utility>

namespace lanemq::cli {

std::vector<Server> ServersOf(const idl::MetadataResponse& metadata, const std::string& only) {
  std::vector<Server> servers;
  const auto add = [&](std::string role, const std::string& host, std::int32_t port) {
    rpc::Endpoint endpoint{host, static_cast<std::uint16_t>(port)};
    if (!only.empty() && endpoint.ToString() != only) return;
    servers.push_back({std::move(role), std::move(endpoint)});
  };
  for (const auto& server : metadata.metaservers) add("metaserver", server.host, server.port);
  for (const auto& broker : metadata.brokers) {
    if (broker.state == idl::BrokerState::DEAD) continue;
    add("broker " + std::to_string(broker.broker_id), broker.host, broker.port);
  }
  return servers;
}

}  // namespace lanemq::cli
