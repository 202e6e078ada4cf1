#include "metaserver/handlers/group_wire.h"
#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {

Result<idl::DeleteGroupResponse> DeleteGroup(Services& services,
                                             const idl::DeleteGroupRequest& request,
                                             const core::AuditNote& note) {
  constexpr std::chrono::seconds kTimeout{10};
  LANEMQ_RETURN_IF_ERROR(CheckGroupId(request.group));
  LANEMQ_RETURN_IF_ERROR(
      services.coordinator.SlotOf(request.group)
          .Delete(request.group, note, Deadline::After(services.clock, kTimeout)));
  return idl::DeleteGroupResponse{};
}

}  // namespace lanemq::metaserver
