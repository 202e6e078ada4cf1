#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {

Result<idl::DataNodeResponse> AlterDataNode(Services& services,
                                            const idl::AlterDataNodeRequest& request,
                                            const core::AuditNote& note) {
  core::NodeChange change;
  change.name = request.name;
  if (request.__isset.state) {
    if (request.state < idl::NodeState::WRITABLE || request.state > idl::NodeState::DISABLED) {
      return Error{ErrorCode::kInvalidRequest, "state is none of WRITABLE, CLOSED, DISABLED"};
    }
    change.state = static_cast<core::NodeState>(request.state);
  }
  if (request.__isset.host) change.host = request.host;
  if (request.__isset.port) change.port = request.port;
  if (request.__isset.user != request.__isset.password) {
    return Error{ErrorCode::kInvalidRequest, "user and password go together"};
  }
  std::optional<core::NodeLogin> login;
  if (request.__isset.user) login = {request.user, request.password};
  LANEMQ_ASSIGN_OR_RETURN(const core::DataNode node,
                          services.catalog.AlterNode(change, note, login));
  idl::DataNodeResponse out;
  out.node = ToWire(node, *services.cache.Current());
  return out;
}

}  // namespace lanemq::metaserver
