#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {

Result<idl::BrokerHeartbeatResponse> BrokerHeartbeat(Services& services,
                                                     const idl::BrokerHeartbeatRequest& request) {
  const std::string own = services.cache.Current()->cluster_id;
  if (request.__isset.cluster_id && request.cluster_id != own) {
    return Error{
        ErrorCode::kInconsistentClusterId,
        "this metaserver is of cluster " + own + ", the broker of cluster " + request.cluster_id};
  }
  core::Broker broker;
  broker.id = core::BrokerId{request.broker_id};
  broker.incarnation = request.incarnation;
  broker.host = request.host;
  broker.port = request.port;
  broker.state = static_cast<core::BrokerState>(request.state);
  if (request.__isset.admin_port) broker.admin_port = request.admin_port;
  if (request.__isset.version) broker.version = request.version;
  LANEMQ_RETURN_IF_ERROR(services.registry.Heartbeat(broker));
  const auto snapshot = services.cache.Current();
  idl::BrokerHeartbeatResponse out;
  out.metadata_version = snapshot->version;
  out.interval_ms = static_cast<std::int32_t>(services.heartbeat_interval.count());
  out.cluster_id = snapshot->cluster_id;
  return out;
}

}  // namespace lanemq::metaserver
