#include "metaserver/handlers/nodes.h"

#include "common/core/catalog/topic_rules.h"
#include "common/core/placement/placement_planner.h"
#include "common/rpc/wire/catalog.h"

namespace lanemq::metaserver {

Result<idl::DataNodeResponse> HandleAddDataNode(const HandlerContext& context,
                                                const idl::AddDataNodeRequest& request) {
  core::DataNode node;
  node.name = request.name;
  node.host = request.host;
  node.port = request.port;
  if (request.__isset.schema_prefix) node.schema_prefix = request.schema_prefix;
  if (request.__isset.schemas_max) node.schemas_max = request.schemas_max;
  if (request.__isset.tables_per_schema_max) {
    node.tables_per_schema_max = request.tables_per_schema_max;
  }
  LANEMQ_RETURN_IF_ERROR(core::CheckDataNode(node));
  const Deadline deadline = context.RequestDeadline();
  LANEMQ_RETURN_IF_ERROR(context.nodes.Prepare(node, deadline));
  LANEMQ_ASSIGN_OR_RETURN(const core::DataNode added, context.catalog.AddDataNode(node, deadline));
  (void)context.cache.Refresh(deadline);
  idl::DataNodeResponse response;
  response.node = wire::ToWire(added);
  return response;
}

Result<idl::DataNodeResponse> HandleAlterDataNode(const HandlerContext& context,
                                                  const idl::AlterDataNodeRequest& request) {
  core::NodeChange change;
  change.name = request.name;
  if (request.__isset.state) {
    if (request.state < idl::NodeState::WRITABLE || request.state > idl::NodeState::DISABLED) {
      return Error{ErrorCode::kInvalidRequest, "no such state of a data node"};
    }
    change.state = static_cast<core::NodeState>(request.state);
  }
  if (request.__isset.host) change.host = request.host;
  if (request.__isset.port) change.port = request.port;
  const Deadline deadline = context.RequestDeadline();
  LANEMQ_ASSIGN_OR_RETURN(const core::DataNode altered,
                          context.catalog.AlterDataNode(change, deadline));
  (void)context.cache.Refresh(deadline);
  idl::DataNodeResponse response;
  response.node = wire::ToWire(altered);
  return response;
}

idl::ListDataNodesResponse HandleListDataNodes(const HandlerContext& context) {
  idl::ListDataNodesResponse response;
  for (const core::NodeUsage& usage : core::UsageOf(*context.cache.Get())) {
    response.nodes.push_back(wire::ToWire(usage.node));
    response.nodes.back().__set_tables_used(static_cast<std::int32_t>(usage.Used()));
  }
  return response;
}

}  // namespace lanemq::metaserver
