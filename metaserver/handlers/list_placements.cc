#include <algorithm>

#include "common/core/placement/placement_list.h"
#include "common/core/placement/preferred_broker.h"
#include "common/core/types/table_name.h"
#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {
namespace {

constexpr std::int32_t kListedMax = 1'000;

Result<core::PlacementWish> WishOf(const idl::ListPlacementsRequest& request,
                                   const core::CatalogSnapshot& snapshot) {
  core::PlacementWish wish{.topic_prefix = request.topic_prefix, .cursor = request.cursor};
  if (request.__isset.max) {
    if (request.max < 1 || request.max > kListedMax) {
      return Error{ErrorCode::kInvalidRequest, "max must be 1 to 1000"};
    }
    wish.max = static_cast<std::size_t>(request.max);
  }
  if (!request.__isset.node || request.node.empty()) return wish;
  LANEMQ_ASSIGN_OR_RETURN(const core::DataNode* const node, NodeNamed(snapshot, request.node));
  wish.node = node->id;
  return wish;
}

idl::PlacedPartition ToWire(const core::PlacedPartition& place,
                            const core::CatalogSnapshot& snapshot) {
  const core::Topic& topic = *place.topic;
  const core::Partition& partition = *place.partition;
  idl::PlacedPartition out;
  out.topic = topic.name;
  out.partition = partition.index;
  const auto node = std::ranges::find(snapshot.nodes, partition.node, &core::DataNode::id);
  if (node != snapshot.nodes.end()) {
    out.node = node->name;
    out.table = core::MessageTableName(*node, topic.LocationOf(partition));
  }
  out.is_topic_deleted = topic.state == core::TopicState::kDeleting;
  const auto preferred = core::PreferredBroker({topic.id, partition.index}, snapshot.brokers);
  if (preferred) out.__set_preferred_broker_id(preferred->value);
  return out;
}

}  // namespace

Result<idl::ListPlacementsResponse> ListPlacements(Services& services,
                                                   const idl::ListPlacementsRequest& request) {
  const auto snapshot = services.cache.Current();
  LANEMQ_ASSIGN_OR_RETURN(const core::PlacementWish wish, WishOf(request, *snapshot));
  LANEMQ_ASSIGN_OR_RETURN(const core::PlacementPage page, core::ListPlacements(*snapshot, wish));
  idl::ListPlacementsResponse out;
  for (const core::PlacedPartition& place : page.partitions) {
    out.partitions.push_back(ToWire(place, *snapshot));
  }
  if (!page.next.empty()) out.__set_next_page(page.next);
  return out;
}

}  // namespace lanemq::metaserver
