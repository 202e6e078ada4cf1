#pragma once

#include "common/base/result.h"
#include "lanemq_types.h"
#include "metaserver/handlers/context.h"

namespace lanemq::metaserver {

/// Connects to the server, makes the schemas there, then records it: a node of the catalogue is
/// ready to hold partitions. Blocking.
Result<idl::DataNodeResponse> HandleAddDataNode(const HandlerContext& context,
                                                const idl::AddDataNodeRequest& request);
Result<idl::DataNodeResponse> HandleAlterDataNode(const HandlerContext& context,
                                                  const idl::AlterDataNodeRequest& request);
[[nodiscard]] idl::ListDataNodesResponse HandleListDataNodes(const HandlerContext& context);

}  // namespace lanemq::metaserver
