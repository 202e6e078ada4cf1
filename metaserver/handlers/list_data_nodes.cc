#include <algorithm>

#include "metaserver/handlers/handlers.h"
#include "metaserver/handlers/node_health.h"

namespace lanemq::metaserver {
namespace {

Result<std::vector<core::DataNode>> Wanted(const core::CatalogSnapshot& snapshot,
                                           const idl::ListDataNodesRequest& request) {
  if (!request.__isset.names) return snapshot.nodes;
  std::vector<core::DataNode> wanted;
  for (const std::string& name : request.names) {
    LANEMQ_ASSIGN_OR_RETURN(const core::DataNode* const found, NodeNamed(snapshot, name));
    const bool is_repeated =
        std::any_of(wanted.begin(), wanted.end(),
                    [&](const core::DataNode& node) { return node.id == found->id; });
    if (!is_repeated) wanted.push_back(*found);
  }
  return wanted;
}

}  // namespace

Result<idl::ListDataNodesResponse> ListDataNodes(Services& services,
                                                 const idl::ListDataNodesRequest& request) {
  const auto snapshot = services.cache.Current();
  LANEMQ_ASSIGN_OR_RETURN(const std::vector<core::DataNode> nodes, Wanted(*snapshot, request));
  idl::ListDataNodesResponse out;
  out.nodes = ToWire(nodes, *snapshot);
  if (request.include_health) AddHealth(services.nodes, services.clock, nodes, out.nodes);
  return out;
}

}  // namespace lanemq::metaserver
