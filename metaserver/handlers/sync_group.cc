#include <fmt/format.h>

#include "metaserver/handlers/group_wire.h"
#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {
namespace {

constexpr std::size_t kPartitionsMax = 100'000;

Result<core::SyncCall> FromWire(const idl::SyncGroupRequest& request) {
  core::SyncCall sync;
  sync.member_id = request.member_id;
  sync.generation = core::Generation{request.generation};
  if (request.__isset.group_instance_id) sync.instance_id = request.group_instance_id;
  std::size_t partitions = 0;
  for (const idl::MemberAssignment& assignment : request.assignments) {
    LANEMQ_ASSIGN_OR_RETURN(auto given, metaserver::FromWire("assignments", assignment.partitions));
    partitions += given.size();
    if (partitions > kPartitionsMax) {
      return Error{ErrorCode::kInvalidRequest,
                   fmt::format("more than {} partitions are assigned", kPartitionsMax)};
    }
    if (!sync.assignments.emplace(assignment.member_id, std::move(given)).second) {
      return Error{ErrorCode::kInvalidRequest,
                   "member " + assignment.member_id + " is assigned to twice"};
    }
  }
  return sync;
}

}  // namespace

void SyncGroup(Services& services, const idl::SyncGroupRequest& request,
               const rpc::Responder<idl::SyncGroupResponse>& responder) {
  if (const Status valid = CheckGroupId(request.group); !valid.ok()) {
    return responder.Fail(valid.error());
  }
  Result<core::SyncCall> sync = FromWire(request);
  if (!sync.ok()) return responder.Fail(sync.error());
  GroupSlot& slot = services.coordinator.SlotOf(request.group);
  CallTicket ticket =
      slot.Sync(request.group, *std::move(sync), [responder](const Result<core::SyncReply>& reply) {
        if (!reply.ok()) return responder.Fail(reply.error());
        idl::SyncGroupResponse out;
        out.assignment = ToWire(reply->assignment);
        out.generation = reply->generation.value;
        out.protocol = reply->protocol;
        responder.Respond(out);
      });
  GiveUpOnCancel(slot, std::move(ticket), responder);
}

}  // namespace lanemq::metaserver
