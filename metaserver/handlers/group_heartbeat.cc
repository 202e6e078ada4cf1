#include "metaserver/handlers/group_wire.h"
#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {

void GroupHeartbeat(Services& services, const idl::GroupHeartbeatRequest& request,
                    const rpc::Responder<idl::GroupHeartbeatResponse>& responder) {
  if (const Status valid = CheckGroupId(request.group); !valid.ok()) {
    return responder.Fail(valid.error());
  }
  core::MemberCall beat;
  beat.member_id = request.member_id;
  beat.generation = core::Generation{request.generation};
  if (request.__isset.group_instance_id) beat.instance_id = request.group_instance_id;
  GroupSlot& slot = services.coordinator.SlotOf(request.group);
  slot.Heartbeat(request.group, beat, [&slot, responder](const Status& status) {
    if (!status.ok()) return responder.Fail(status.error());
    idl::GroupHeartbeatResponse out;
    if (slot.is_degraded()) out.__set_is_degraded(true);
    responder.Respond(out);
  });
}

}  // namespace lanemq::metaserver
