#include <algorithm>
#include <vector>

#include "common/rpc/wire/errors.h"
#include "metaserver/handlers/group_wire.h"
#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {
namespace {

constexpr std::size_t kReasonBytesMax = 200;
constexpr std::size_t kTopicsMax = 10'000;
constexpr std::size_t kProtocolBytesMax = 50;

Result<core::JoinCall> FromWire(const idl::JoinGroupRequest& request,
                                const rpc::CallContext* context) {
  const auto is_topic = [](const std::string& name) { return IsName(name, kTopicBytesMax); };
  if (request.topics.size() > kTopicsMax || !std::ranges::all_of(request.topics, is_topic)) {
    return Error{ErrorCode::kInvalidRequest, "too many topics, or one that cannot exist"};
  }
  const auto is_protocol = [](const std::string& name) { return IsName(name, kProtocolBytesMax); };
  if (!std::ranges::all_of(request.protocols, is_protocol)) {
    return Error{ErrorCode::kInvalidRequest, "a protocol's name is 1 to 50 bytes of ASCII"};
  }
  core::JoinCall join;
  join.member_id = request.member_id;
  if (request.__isset.group_instance_id) join.instance_id = request.group_instance_id;
  if (request.__isset.client_id) join.client_id = request.client_id;
  if (request.__isset.host && !request.host.empty()) {
    join.host = request.host;
  } else if (context != nullptr) {
    join.host = context->peer();
  }
  join.session_timeout = std::chrono::milliseconds{request.session_timeout_ms};
  join.rebalance_timeout = std::chrono::milliseconds{request.rebalance_timeout_ms};
  join.protocols = request.protocols;
  join.subscription.topics = request.topics;
  if (request.__isset.owned) {
    LANEMQ_ASSIGN_OR_RETURN(join.subscription.owned, metaserver::FromWire("owned", request.owned));
  }
  if (request.__isset.owned_generation) {
    join.subscription.owned_generation = core::Generation{request.owned_generation};
  }
  if (request.__isset.generation_floor) {
    join.generation_floor = core::Generation{request.generation_floor};
  }
  if (request.__isset.reason) join.reason = request.reason.substr(0, kReasonBytesMax);
  return join;
}

/// Whoever reads topics with a group may know how long they are.
Status CheckTopics(const Services& services, const idl::JoinGroupRequest& request,
                   const rpc::CallContext* context) {
  if (!services.guard.is_on()) return {};
  std::vector<core::Resource> topics;
  for (const std::string& topic : request.topics) {
    topics.push_back({core::ResourceKind::kTopic, topic});
  }
  if (topics.empty()) return {};
  const core::Caller* caller = context ? context->caller().get() : nullptr;
  return services.guard.Check(caller, core::Action::kDescribe, topics);
}

idl::JoinGroupResponse ToWire(const core::JoinReply& reply) {
  idl::JoinGroupResponse out;
  out.member_id = reply.member_id;
  out.generation = reply.generation.value;
  out.protocol = reply.protocol;
  out.leader = reply.leader;
  for (const core::GroupMember& member : reply.members) {
    out.members.push_back(metaserver::ToWire(member));
  }
  if (reply.must_rejoin_with_id) {
    out.generation = -1;
    out.__set_error(wire::ToWire(
        Error{ErrorCode::kMemberIdRequired, "join again with member id " + reply.member_id}));
  }
  return out;
}

}  // namespace

void JoinGroup(Services& services, const idl::JoinGroupRequest& request,
               const rpc::Responder<idl::JoinGroupResponse>& responder) {
  if (const Status valid = CheckGroupId(request.group); !valid.ok()) {
    return responder.Fail(valid.error());
  }
  Result<core::JoinCall> join = FromWire(request, responder.context().get());
  if (!join.ok()) return responder.Fail(join.error());
  if (const Status may = CheckTopics(services, request, responder.context().get()); !may.ok()) {
    return responder.Fail(may.error());
  }
  GroupSlot& slot = services.coordinator.SlotOf(request.group);
  auto caller = CallerOf(responder);
  CallTicket ticket = slot.Join(
      request.group, *std::move(join),
      [responder, &slot, group = request.group, caller](const Result<core::JoinReply>& reply) {
        if (!reply.ok()) return responder.Fail(reply.error());
        if (!reply->must_rejoin_with_id) slot.NoteCaller(group, reply->member_id, caller);
        responder.Respond(ToWire(*reply));
      });
  // Who waits for the others to join may be told to go, too.
  if (ticket.call != 0 && !responder.is_answered()) {
    slot.NoteCaller(request.group, request.member_id, std::move(caller));
  }
  GiveUpOnCancel(slot, std::move(ticket), responder);
}

}  // namespace lanemq::metaserver
