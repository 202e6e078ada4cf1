#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {

Result<idl::ListDataNodesResponse> ListDataNodes(Services& services,
                                                 const idl::ListDataNodesRequest&) {
  const auto snapshot = services.cache.Current();
  idl::ListDataNodesResponse out;
  for (const core::DataNode& node : snapshot->nodes) out.nodes.push_back(ToWire(node, *snapshot));
  return out;
}

}  // namespace lanemq::metaserver
