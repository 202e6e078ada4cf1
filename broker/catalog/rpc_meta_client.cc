#include "broker/catalog/rpc_meta_client.h"

#include <utility>

#include "common/rpc/wire/access_book.h"
#include "common/rpc/wire/catalog.h"
#include "lanemq_types.h"

namespace lanemq::broker {
namespace {

rpc::Endpoint ToEndpoint(const core::Endpoint& server) {
  return {server.host, static_cast<std::uint16_t>(server.port)};
}

rpc::ClientOptions Options(std::shared_ptr<rpc::TlsClient> tls,
                           std::function<std::string()> token) {
  rpc::ClientOptions options;
  options.name = "meta_client";
  options.connections_per_endpoint_max = 1;
  // The catalogue of a large cluster is a large reply, and so is who may do what in it.
  options.reply_bytes_max = 64u << 20;
  options.tls = std::move(tls);
  options.token = std::move(token);
  return options;
}

}  // namespace

RpcMetaClient::RpcMetaClient(std::shared_ptr<rpc::TlsClient> tls,
                             std::function<std::string()> token)
    : transport_(Options(std::move(tls), std::move(token))),
      client_(transport_),
      access_(transport_) {}

Result<HeartbeatReply> RpcMetaClient::Heartbeat(const core::Endpoint& server,
                                                const core::Broker& self, const KnownCatalog& known,
                                                Deadline deadline) {
  idl::BrokerHeartbeatRequest request;
  request.broker_id = self.id.value;
  request.incarnation = self.incarnation;
  request.host = self.host;
  request.port = self.port;
  request.state = static_cast<idl::BrokerState::type>(self.state);
  request.__set_admin_port(self.admin_port);
  request.__set_version(self.version);
  request.__set_known_metadata_version(known.version);
  if (!known.cluster_id.empty()) request.__set_cluster_id(known.cluster_id);
  LANEMQ_ASSIGN_OR_RETURN(const auto reply,
                          client_.BrokerHeartbeatSync(ToEndpoint(server), request, deadline));
  return HeartbeatReply{reply.metadata_version, std::chrono::milliseconds(reply.interval_ms),
                        reply.cluster_id};
}

Status RpcMetaClient::Unregister(const core::Endpoint& server, core::BrokerId broker,
                                 std::int64_t incarnation, Deadline deadline) {
  idl::UnregisterBrokerRequest request;
  request.broker_id = broker.value;
  request.incarnation = incarnation;
  LANEMQ_RETURN_IF_ERROR(client_.UnregisterBrokerSync(ToEndpoint(server), request, deadline));
  return {};
}

Result<std::optional<core::CatalogSnapshot>> RpcMetaClient::Catalog(const core::Endpoint& server,
                                                                    std::int64_t known_version,
                                                                    Deadline deadline) {
  idl::CatalogRequest request;
  request.__set_known_version(known_version);
  LANEMQ_ASSIGN_OR_RETURN(const auto reply,
                          client_.CatalogSync(ToEndpoint(server), request, deadline));
  if (reply.is_unchanged) return std::optional<core::CatalogSnapshot>{};
  return std::optional(wire::FromWire(reply));
}

Result<AccessReply> RpcMetaClient::Access(const core::Endpoint& server, const KnownAccess& known,
                                          Deadline deadline) {
  idl::AccessBookRequest request;
  if (known.version) request.__set_version(*known.version);
  if (known.rights_version > 0) request.__set_rights_version(known.rights_version);
  LANEMQ_ASSIGN_OR_RETURN(const auto reply,
                          access_.AccessBookSync(ToEndpoint(server), request, deadline));
  AccessReply out{reply.version, reply.cluster_id, std::nullopt, true, std::nullopt};
  if (reply.__isset.people_tokens_only && reply.people_tokens_only) {
    out.people_tokens = wire::PeopleTokensFromWire(reply);
  } else if (reply.__isset.services) {
    out.records = wire::FromWire(reply);
    out.is_whole = reply.__isset.people;
  }
  return out;
}

}  // namespace lanemq::broker
