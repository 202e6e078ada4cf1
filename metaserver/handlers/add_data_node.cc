#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {

Result<idl::DataNodeResponse> AddDataNode(Services& services,
                                          const idl::AddDataNodeRequest& request,
                                          const core::AuditNote& note) {
  core::DataNode node;
  node.name = request.name;
  node.host = request.host;
  node.port = request.port;
  if (request.__isset.schema_prefix) node.schema_prefix = request.schema_prefix;
  if (request.__isset.schemas_max) node.schemas_max = request.schemas_max;
  if (request.__isset.tables_per_schema_max) {
    node.tables_per_schema_max = request.tables_per_schema_max;
  }
  std::optional<core::NodeLogin> login;
  if (request.__isset.user || request.__isset.password) login = {request.user, request.password};
  LANEMQ_ASSIGN_OR_RETURN(node, services.catalog.AddNode(node, note, login));
  idl::DataNodeResponse out;
  out.node = ToWire(node, *services.cache.Current());
  return out;
}

}  // namespace lanemq::metaserver
