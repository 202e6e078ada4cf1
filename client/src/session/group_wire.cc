#include "client/src/session/group_wire.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "common/rpc/wire/errors.h"

namespace lanemq::client {
namespace {

std::vector<idl::TopicPartition> PartitionsToWire(
    const std::vector<core::TopicPartition>& partitions) {
  std::vector<idl::TopicPartition> out;
  out.reserve(partitions.size());
  for (const core::TopicPartition& id : partitions) {
    idl::TopicPartition& wire = out.emplace_back();
    wire.topic = id.topic;
    wire.partition = id.partition;
  }
  return out;
}

std::vector<core::TopicPartition> PartitionsFromWire(
    const std::vector<idl::TopicPartition>& partitions) {
  std::vector<core::TopicPartition> out;
  out.reserve(partitions.size());
  for (const idl::TopicPartition& wire : partitions) out.push_back({wire.topic, wire.partition});
  return out;
}

core::GroupMember MemberFromWire(const idl::GroupMemberInfo& wire) {
  core::GroupMember member;
  member.member_id = wire.member_id;
  if (wire.__isset.group_instance_id) member.instance_id = wire.group_instance_id;
  member.subscription.topics = wire.topics;
  if (wire.__isset.owned) member.subscription.owned = PartitionsFromWire(wire.owned);
  if (wire.__isset.owned_generation) {
    member.subscription.owned_generation = core::Generation{wire.owned_generation};
  }
  return member;
}

}  // namespace

idl::JoinGroupRequest ToWire(const std::string& group, const core::JoinCall& join) {
  idl::JoinGroupRequest request;
  request.group = group;
  request.member_id = join.member_id;
  if (!join.instance_id.empty()) request.__set_group_instance_id(join.instance_id);
  request.session_timeout_ms = static_cast<std::int32_t>(join.session_timeout.count());
  request.rebalance_timeout_ms = static_cast<std::int32_t>(join.rebalance_timeout.count());
  request.protocols = join.protocols;
  request.topics = join.subscription.topics;
  request.__set_owned(PartitionsToWire(join.subscription.owned));
  request.__set_owned_generation(join.subscription.owned_generation.value);
  request.__set_client_id(join.client_id);
  request.__set_host(join.host);
  if (join.generation_floor.value > 0) {
    request.__set_generation_floor(join.generation_floor.value);
  }
  if (!join.reason.empty()) request.__set_reason(join.reason);
  return request;
}

idl::SyncGroupRequest ToWire(const std::string& group, const core::SyncCall& sync) {
  idl::SyncGroupRequest request;
  request.group = group;
  request.member_id = sync.member_id;
  request.generation = sync.generation.value;
  if (!sync.instance_id.empty()) request.__set_group_instance_id(sync.instance_id);
  for (const auto& [member_id, partitions] : sync.assignments) {
    idl::MemberAssignment& assignment = request.assignments.emplace_back();
    assignment.member_id = member_id;
    assignment.partitions = PartitionsToWire(partitions);
  }
  return request;
}

idl::GroupHeartbeatRequest ToHeartbeat(const std::string& group, const core::MemberCall& heartbeat,
                                       std::chrono::milliseconds poll_age) {
  idl::GroupHeartbeatRequest request;
  request.group = group;
  request.member_id = heartbeat.member_id;
  request.generation = heartbeat.generation.value;
  if (!heartbeat.instance_id.empty()) request.__set_group_instance_id(heartbeat.instance_id);
  request.__set_last_poll_age_ms(std::max<std::int64_t>(poll_age.count(), 0));
  return request;
}

idl::LeaveGroupRequest ToLeave(const std::string& group, const core::MemberCall& leave) {
  idl::LeaveGroupRequest request;
  request.group = group;
  request.member_id = leave.member_id;
  if (!leave.instance_id.empty()) request.__set_group_instance_id(leave.instance_id);
  if (!leave.reason.empty()) request.__set_reason(leave.reason);
  return request;
}

Result<core::JoinReply> FromWire(const idl::JoinGroupResponse& response) {
  core::JoinReply reply;
  reply.member_id = response.member_id;
  if (response.__isset.error) {
    const Error error = wire::FromWire(response.error);
    if (error.code != ErrorCode::kMemberIdRequired) return error;
    reply.must_rejoin_with_id = true;
    return reply;
  }
  reply.generation = core::Generation{response.generation};
  reply.protocol = response.protocol;
  reply.leader = response.leader;
  reply.members.reserve(response.members.size());
  for (const idl::GroupMemberInfo& member : response.members) {
    reply.members.push_back(MemberFromWire(member));
  }
  return reply;
}

core::SyncReply FromWire(const idl::SyncGroupResponse& response) {
  return {core::Generation{response.generation}, response.protocol,
          PartitionsFromWire(response.assignment)};
}

}  // namespace lanemq::client
