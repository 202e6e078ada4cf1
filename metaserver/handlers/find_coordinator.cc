#include "metaserver/handlers/group_wire.h"
#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {

Result<idl::FindCoordinatorResponse> FindCoordinator(Services& services,
                                                     const idl::FindCoordinatorRequest& request) {
  LANEMQ_RETURN_IF_ERROR(CheckGroupId(request.group));
  LANEMQ_ASSIGN_OR_RETURN(const auto found, services.directory.Find(request.group));
  idl::FindCoordinatorResponse out;
  out.coordinator.host = found.endpoint.host;
  out.coordinator.port = found.endpoint.port;
  out.epoch = found.epoch.value;
  return out;
}

}  // namespace lanemq::metaserver
