#include "metaserver/handlers/group_wire.h"
#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {

void LeaveGroup(Services& services, const idl::LeaveGroupRequest& request,
                const rpc::Responder<idl::LeaveGroupResponse>& responder) {
  constexpr std::size_t kReasonBytesMax = 200;
  if (const Status valid = CheckGroupId(request.group); !valid.ok()) {
    return responder.Fail(valid.error());
  }
  core::MemberCall leave;
  leave.member_id = request.member_id;
  if (request.__isset.group_instance_id) leave.instance_id = request.group_instance_id;
  if (request.__isset.reason) leave.reason = request.reason.substr(0, kReasonBytesMax);
  GroupSlot& slot = services.coordinator.SlotOf(request.group);
  CallTicket ticket = slot.Leave(request.group, leave, [responder](const Status& status) {
    if (!status.ok()) return responder.Fail(status.error());
    responder.Respond(idl::LeaveGroupResponse{});
  });
  GiveUpOnCancel(slot, std::move(ticket), responder);
}

}  // namespace lanemq::metaserver
