#include "broker/handlers/presence.h"

#include <utility>
#include <vector>

#include <fmt/format.h>

namespace lanemq::broker {
namespace {

constexpr std::int32_t kRetryAfterMs = 100;

}  // namespace

Result<Presence> Presence::Of(const HandlerContext& context, core::NodeId node, Deadline deadline) {
  LANEMQ_ASSIGN_OR_RETURN(auto keys, context.stores.OffsetsOn(node)->ListHere(deadline));
  Presence presence(context, node);
  presence.here_.insert(keys.begin(), keys.end());
  return presence;
}

Status Presence::Check(std::span<const core::PartitionKey> keys) const {
  for (const core::PartitionKey& key : keys) {
    if (here_.contains(key)) continue;
    context_.catalog.Refresh([] {});
    return Error{ErrorCode::kDataNodeUnavailable,
                 fmt::format("topic {} partition {} is not where the catalogue has it: it moves to "
                             "another data node, or has moved",
                             key.topic.value, key.partition),
                 kRetryAfterMs};
  }
  return {};
}

Status Presence::CheckAll(const CatalogView& view, std::optional<core::TopicId> topic) const {
  std::vector<core::PartitionKey> keys;
  for (const core::Topic& one : view.snapshot().topics) {
    if (one.state != core::TopicState::kActive || (topic && *topic != one.id)) continue;
    for (const core::Partition& partition : one.partitions) {
      if (partition.node == node_) keys.push_back(one.LocationOf(partition).key);
    }
  }
  return Check(keys);
}

}  // namespace lanemq::broker
