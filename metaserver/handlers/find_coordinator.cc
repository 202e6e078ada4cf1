#include "metaserver/handlers/group_wire.h"
#include "metaserver/handlers/handlers.h"
#include "metaserver/oncall/on_call.h"

namespace lanemq::metaserver {
namespace {

Result<idl::FindCoordinatorResponse> FindDuty(const Services& services, const std::string& duty) {
  if (duty != OnCall::kLeaseName) {
    return Error{ErrorCode::kInvalidRequest, "there is no duty of that name; there is: on-call"};
  }
  const OnCall* on_call = services.on_call;
  if (on_call == nullptr) {
    return Error{ErrorCode::kCoordinatorNotAvailable, "this metaserver is not ready yet"};
  }
  LANEMQ_ASSIGN_OR_RETURN(const auto holder, on_call->FindHolder());
  idl::FindCoordinatorResponse out;
  out.coordinator.host = holder.endpoint.host;
  out.coordinator.port = holder.endpoint.port;
  out.epoch = holder.epoch.value;
  return out;
}

}  // namespace

Result<idl::FindCoordinatorResponse> FindCoordinator(Services& services,
                                                     const idl::FindCoordinatorRequest& request) {
  if (request.__isset.duty) return FindDuty(services, request.duty);
  LANEMQ_RETURN_IF_ERROR(CheckGroupId(request.group));
  LANEMQ_ASSIGN_OR_RETURN(const auto found, services.directory.Find(request.group));
  idl::FindCoordinatorResponse out;
  out.coordinator.host = found.endpoint.host;
  out.coordinator.port = found.endpoint.port;
  out.epoch = found.epoch.value;
  return out;
}

}  // namespace lanemq::metaserver
