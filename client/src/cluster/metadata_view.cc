#include "client/src/cluster/metadata_view.h"

#include <algorithm>

#include "common/rpc/wire/catalog.h"
#include "lanemq_types.h"

namespace lanemq::client {

const core::Broker* MetadataView::FindBroker(core::BrokerId id) const {
  const auto found = std::find_if(brokers.begin(), brokers.end(),
                                  [id](const core::Broker& broker) { return broker.id == id; });
  return found == brokers.end() ? nullptr : &*found;
}

const TopicView* MetadataView::FindTopic(const std::string& name) const {
  const auto found = topics.find(name);
  return found == topics.end() ? nullptr : &found->second;
}

bool MetadataView::Covers(const std::set<std::string>& names) const {
  return std::includes(asked.begin(), asked.end(), names.begin(), names.end());
}

rpc::Endpoint EndpointOf(const core::Broker& broker) {
  return {broker.host, static_cast<std::uint16_t>(broker.port)};
}

MetadataView ViewOf(const idl::MetadataResponse& response, std::set<std::string> asked) {
  MetadataView view;
  view.version = response.version;
  view.cluster_id = response.cluster_id;
  view.asked = std::move(asked);
  for (const idl::Broker& broker : response.brokers) view.brokers.push_back(wire::FromWire(broker));
  for (const idl::Endpoint& server : response.metaservers) {
    view.metaservers.push_back({server.host, static_cast<std::uint16_t>(server.port)});
  }
  for (const idl::TopicMetadata& topic : response.topics) {
    TopicView out;
    out.id = core::TopicId{topic.topic_id};
    out.state = static_cast<core::TopicState>(static_cast<int>(topic.state));
    out.preferred.resize(topic.partitions.size());
    for (const idl::PartitionMetadata& partition : topic.partitions) {
      const auto index = static_cast<std::size_t>(partition.partition);
      if (partition.partition < 0 || index >= out.preferred.size()) continue;
      if (partition.__isset.preferred_broker_id) {
        out.preferred[index] = core::BrokerId{partition.preferred_broker_id};
      }
    }
    view.topics.emplace(topic.name, std::move(out));
  }
  return view;
}

}  // namespace lanemq::client
