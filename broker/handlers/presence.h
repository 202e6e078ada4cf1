#pragma once

#include <optional>
#include <set>
#include <span>

#include "broker/handlers/by_node.h"
#include "broker/handlers/handler_context.h"

namespace lanemq::broker {

/// Which partitions a data node has, as it said after it was asked about them. Where the catalogue
/// is older than a move, a node that has no rows of a partition any more says "nothing": that must
/// not be told as an answer.
class Presence {
 public:
  /// Asks the node. After what is to be judged was read: what is here then, was here.
  static Result<Presence> Of(const HandlerContext& context, core::NodeId node, Deadline deadline);

  /// kDataNodeUnavailable when one of `keys` is not here, or leaves; then a newer catalogue is
  /// asked for.
  [[nodiscard]] Status Check(std::span<const core::PartitionKey> keys) const;
  /// The same of all partitions that `view` has on the node; of one topic, when there is one.
  [[nodiscard]] Status CheckAll(const CatalogView& view,
                                std::optional<core::TopicId> topic = std::nullopt) const;

 private:
  Presence(const HandlerContext& context, core::NodeId node) : context_(context), node_(node) {}

  const HandlerContext& context_;
  core::NodeId node_;
  std::set<core::PartitionKey> here_;
};

}  // namespace lanemq::broker
