#include "metaserver/handlers/brokers.h"

#include <algorithm>

#include "common/base/log.h"
#include "common/rpc/wire/catalog.h"
#include "metaserver/handlers/topics.h"

namespace lanemq::metaserver {
namespace {

constexpr std::size_t kHostBytesMax = 255;

Status Check(const idl::BrokerHeartbeatRequest& request) {
  const auto refuse = [](const char* what) { return Error{ErrorCode::kInvalidRequest, what}; };
  if (request.broker_id < 1) return refuse("broker_id: from 1");
  if (request.incarnation == 0) return refuse("incarnation: not 0");
  if (request.host.empty() || request.host.size() > kHostBytesMax) {
    return refuse("host: 1 to 255 bytes");
  }
  if (request.port < 1 || request.port > 65'535) return refuse("port: 1 to 65535");
  if (request.version.size() > 64) return refuse("version: at most 64 bytes");
  if (request.state != idl::BrokerState::ACTIVE && request.state != idl::BrokerState::DRAINING) {
    return refuse("state: ACTIVE or DRAINING");
  }
  return {};
}

bool IsDatabaseAway(ErrorCode code) {
  return code == ErrorCode::kMetadataUnavailable || code == ErrorCode::kThrottled ||
         code == ErrorCode::kOutcomeUnknown || code == ErrorCode::kDataNodeUnavailable;
}

}  // namespace

Result<idl::BrokerHeartbeatResponse> HandleBrokerHeartbeat(
    const HandlerContext& context, const idl::BrokerHeartbeatRequest& request) {
  LANEMQ_RETURN_IF_ERROR(Check(request));
  core::Broker broker;
  broker.id = core::BrokerId{request.broker_id};
  broker.incarnation = request.incarnation;
  broker.host = request.host;
  broker.port = request.port;
  broker.admin_port = request.admin_port;
  broker.state = static_cast<core::BrokerState>(request.state);
  broker.version = request.version;
  // Short, so that brokers do not queue up behind a database that hangs.
  const Deadline deadline = Deadline::After(context.clock, context.options.session_timeout / 3);
  const auto changed = context.catalog.Heartbeat(broker, context.options.session_timeout, deadline);
  if (!changed.ok() && !IsDatabaseAway(changed.error().code)) return changed.error();
  if (changed.ok() && *changed) (void)context.cache.Refresh(deadline);
  const auto snapshot = context.cache.Get();
  idl::BrokerHeartbeatResponse response;
  response.metadata_version = snapshot->version;
  response.interval_ms = static_cast<std::int32_t>(context.options.heartbeat_interval.count());
  response.cluster_id = snapshot->cluster_id;
  return response;
}

Result<idl::UnregisterBrokerResponse> UnregisterBroker(
    const HandlerContext& context, const idl::UnregisterBrokerRequest& request) {
  const Deadline deadline = context.RequestDeadline();
  LANEMQ_ASSIGN_OR_RETURN(const bool changed,
                          context.catalog.UnregisterBroker(core::BrokerId{request.broker_id},
                                                           request.incarnation, deadline));
  if (changed) {
    LANEMQ_LOG(INFO, "broker.unregistered", {"broker", request.broker_id});
    (void)context.cache.Refresh(deadline);
  }
  return idl::UnregisterBrokerResponse();
}

idl::ListBrokersResponse HandleListBrokers(const HandlerContext& context,
                                           const idl::ListBrokersRequest& request) {
  idl::ListBrokersResponse response;
  for (const core::Broker& broker : context.cache.Get()->brokers) {
    if (broker.state == core::BrokerState::kDead && !request.include_dead) continue;
    response.brokers.push_back(wire::ToWire(broker));
  }
  return response;
}

idl::CatalogResponse HandleCatalog(const HandlerContext& context,
                                   const idl::CatalogRequest& request) {
  const auto snapshot = context.cache.Get();
  if (request.__isset.known_version && request.known_version == snapshot->version) {
    idl::CatalogResponse response;
    response.version = snapshot->version;
    response.is_unchanged = true;
    return response;
  }
  return wire::ToWire(*snapshot);
}

idl::MetadataResponse HandleMetadata(const HandlerContext& context,
                                     const idl::MetadataRequest& request) {
  const auto snapshot = context.cache.Get();
  idl::MetadataResponse response;
  response.version = snapshot->version;
  response.is_unchanged =
      request.__isset.known_version && request.known_version == snapshot->version;
  if (response.is_unchanged) return response;
  response.__set_cluster_id(snapshot->cluster_id);
  response.__isset.brokers = response.__isset.topics = response.__isset.metaservers = true;
  for (const core::Broker& broker : snapshot->brokers) {
    if (broker.state != core::BrokerState::kDead) response.brokers.push_back(wire::ToWire(broker));
  }
  for (const core::Topic& topic : snapshot->topics) {
    const bool is_wanted =
        !request.__isset.topics ||
        std::find(request.topics.begin(), request.topics.end(), topic.name) != request.topics.end();
    if (is_wanted) response.topics.push_back(Describe(topic, *snapshot));
  }
  for (const core::Endpoint& server : snapshot->metaservers) {
    idl::Endpoint& endpoint = response.metaservers.emplace_back();
    endpoint.host = server.host;
    endpoint.port = server.port;
  }
  return response;
}

idl::ServerInfo HandleServerInfo(const HandlerContext& context) {
  const auto snapshot = context.cache.Get();
  idl::ServerInfo info;
  info.role = "metaserver";
  info.version = context.options.version;
  info.__set_cluster_id(snapshot->cluster_id);
  info.now_us = context.clock.WallNow().micros;
  info.metadata_version = snapshot->version;
  info.__set_is_draining(context.is_draining);
  return info;
}

}  // namespace lanemq::metaserver
