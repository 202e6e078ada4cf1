#include "metaserver/handlers/access_deadline.h"
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
  // Whoever comes with a group of this name next is somebody else. A call that dies before this is
  // repeated: a group that is gone is deleted once more.
  LANEMQ_RETURN_IF_ERROR(services.access.DeleteRightsOn(core::ResourceKind::kGroup, request.group,
                                                        note, ForAccess(services)));
  LANEMQ_RETURN_IF_ERROR(services.book.Reload());
  return idl::DeleteGroupResponse{};
}

}  // namespace lanemq::metaserver
