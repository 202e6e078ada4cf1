#include "metaserver/handlers/group_wire.h"
#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {
namespace {

idl::GroupMemberInfo Describe(const core::StoredMember& stored) {
  idl::GroupMemberInfo out = ToWire(stored.member);
  out.__set_assignment(ToWire(stored.assignment));
  out.__set_client_id(stored.client_id);
  out.__set_host(stored.host);
  out.__set_session_timeout_ms(static_cast<std::int32_t>(stored.session_timeout.count()));
  out.__set_rebalance_timeout_ms(static_cast<std::int32_t>(stored.rebalance_timeout.count()));
  return out;
}

/// When it was last heard, and what it told of its application then.
void AddHeartbeat(Services& services, const std::string& group, idl::GroupMemberInfo& member) {
  using std::chrono::duration_cast;
  const auto heard = services.coordinator.SlotOf(group).LastHeard(group, member.member_id);
  if (!heard) return;
  const auto since = services.clock.Now() - heard->heard;
  member.__set_last_heartbeat_us(services.clock.WallNow().micros -
                                 duration_cast<std::chrono::microseconds>(since).count());
  if (!heard->poll_age) return;
  member.__set_last_poll_age_ms(
      (*heard->poll_age + duration_cast<std::chrono::milliseconds>(since)).count());
}

idl::Rebalance ToWire(const core::GroupRebalance& rebalance) {
  idl::Rebalance out;
  out.generation = rebalance.generation.value;
  out.at_us = rebalance.at.micros;
  out.reason = rebalance.reason;
  out.members = static_cast<std::int32_t>(rebalance.members);
  out.moved_partitions = static_cast<std::int32_t>(rebalance.moved);
  return out;
}

}  // namespace

Result<idl::DescribeGroupResponse> DescribeGroup(Services& services,
                                                 const idl::DescribeGroupRequest& request) {
  constexpr std::chrono::seconds kTimeout{5};
  constexpr std::size_t kHistoryMax = 100;
  LANEMQ_RETURN_IF_ERROR(CheckGroupId(request.group));
  const Deadline deadline = Deadline::After(services.clock, kTimeout);
  LANEMQ_ASSIGN_OR_RETURN(const auto stored, services.groups.Load(request.group, deadline));
  LANEMQ_ASSIGN_OR_RETURN(const auto history,
                          services.groups.History(request.group, kHistoryMax, deadline));
  // The coordinator itself also knows of a rebalance that is being prepared.
  core::GroupState state = core::GroupState::kEmpty;
  const auto live = services.coordinator.SlotOf(request.group).Peek(request.group, &state);
  if (!live && !stored) {
    return Error{ErrorCode::kNotFound, "there is no group '" + request.group + "'"};
  }
  const core::StoredGroup& group = live ? *live : *stored;
  if (!live) state = group.state;

  idl::DescribeGroupResponse out;
  out.group.group = request.group;
  out.group.state = NameOf(state);
  out.group.generation = group.generation.value;
  out.group.protocol = group.protocol;
  out.group.members = static_cast<std::int32_t>(group.members.size());
  if (group.members.empty() && stored && stored->empty_since) {
    out.group.__set_empty_since_us(stored->empty_since->micros);
  }
  for (const core::StoredMember& member : group.members) {
    out.members.push_back(Describe(member));
    AddHeartbeat(services, request.group, out.members.back());
  }
  // An empty host: nobody coordinates it at the moment.
  if (const auto found = services.directory.Find(request.group); found.ok()) {
    out.coordinator.host = found->endpoint.host;
    out.coordinator.port = found->endpoint.port;
  }
  if (!group.leader.empty()) out.__set_leader(group.leader);
  out.__isset.history = true;
  for (const core::GroupRebalance& rebalance : history) out.history.push_back(ToWire(rebalance));
  return out;
}

}  // namespace lanemq::metaserver
