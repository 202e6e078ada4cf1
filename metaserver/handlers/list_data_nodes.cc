#include "metaserver/handlers/handlers.h"
#include "metaserver/handlers/node_health.h"

namespace lanemq::metaserver {

Result<idl::ListDataNodesResponse> ListDataNodes(Services& services,
                                                 const idl::ListDataNodesRequest& request) {
  const auto snapshot = services.cache.Current();
  idl::ListDataNodesResponse out;
  for (const core::DataNode& node : snapshot->nodes) out.nodes.push_back(ToWire(node, *snapshot));
  if (request.include_health) {
    AddHealth(services.nodes, services.clock, snapshot->nodes, out.nodes);
  }
  return out;
}

}  // namespace lanemq::metaserver
