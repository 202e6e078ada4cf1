#include "broker/handlers/metadata.h"

#include <utility>

#include "common/rpc/wire/catalog.h"

namespace lanemq::broker {
namespace {

idl::TopicMetadata ToMetadata(const TopicEntry& entry) {
  idl::TopicMetadata out = wire::ToWire(*entry.topic);
  for (std::size_t i = 0; i < out.partitions.size() && i < entry.preferred.size(); ++i) {
    if (entry.preferred[i]) {
      out.partitions[i].__set_preferred_broker_id(entry.preferred[i]->value);
    }
  }
  return out;
}

idl::MetadataResponse Answer(const idl::MetadataRequest& request, const CatalogView& view) {
  const core::CatalogSnapshot& snapshot = view.snapshot();
  idl::MetadataResponse out;
  out.version = snapshot.version;
  out.is_unchanged = request.__isset.known_version && request.known_version == snapshot.version;
  if (out.is_unchanged) return out;
  out.__set_cluster_id(snapshot.cluster_id);
  out.__isset.brokers = out.__isset.topics = out.__isset.metaservers = true;
  for (const core::Broker& broker : snapshot.brokers) {
    if (broker.state != core::BrokerState::kDead) out.brokers.push_back(wire::ToWire(broker));
  }
  for (const core::Endpoint& server : snapshot.metaservers) {
    idl::Endpoint& endpoint = out.metaservers.emplace_back();
    endpoint.host = server.host;
    endpoint.port = server.port;
  }
  if (request.__isset.topics) {
    for (const std::string& name : request.topics) {
      if (const TopicEntry* entry = view.FindTopic(name)) out.topics.push_back(ToMetadata(*entry));
    }
  } else {
    for (const core::Topic& topic : snapshot.topics) {
      out.topics.push_back(ToMetadata(*view.FindTopic(topic.name)));
    }
  }
  return out;
}

}  // namespace

void MetadataHandler::Handle(idl::MetadataRequest&& request,
                             rpc::Responder<idl::MetadataResponse> responder) {
  const auto topics = request.topics;
  WithTopics(context_.catalog, topics,
             [request = std::move(request),
              responder = std::move(responder)](const std::shared_ptr<const CatalogView>& view) {
               responder.Respond(Answer(request, *view));
             });
}

}  // namespace lanemq::broker
