#include <set>

#include "common/rpc/wire/catalog.h"
#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {

Result<idl::MetadataResponse> Metadata(Services& services, const idl::MetadataRequest& request) {
  const auto snapshot = services.cache.Current();
  idl::MetadataResponse out;
  out.version = snapshot->version;
  out.__set_cluster_id(snapshot->cluster_id);
  out.is_unchanged = request.__isset.known_version && request.known_version == snapshot->version;
  if (out.is_unchanged) return out;
  out.__isset.brokers = out.__isset.topics = out.__isset.metaservers = true;
  for (const core::Broker& broker : snapshot->brokers) {
    if (broker.state != core::BrokerState::kDead) out.brokers.push_back(wire::ToWire(broker));
  }
  const std::set<std::string> wanted(request.topics.begin(), request.topics.end());
  for (const core::Topic& topic : snapshot->topics) {
    if (request.__isset.topics && !wanted.contains(topic.name)) continue;
    out.topics.push_back(ToWire(topic, *snapshot));
  }
  for (const core::Endpoint& endpoint : snapshot->metaservers) {
    idl::Endpoint& e = out.metaservers.emplace_back();
    e.host = endpoint.host;
    e.port = endpoint.port;
  }
  return out;
}

}  // namespace lanemq::metaserver
