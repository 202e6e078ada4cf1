#include "metaserver/oncall/group_describer.h"

#include <utility>

#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {

GroupDescriber::GroupDescriber(Services& services, core::Endpoint self, rpc::ClientOptions peers)
    : services_(services),
      self_(std::move(self)),
      transport_(std::move(peers)),
      client_(transport_) {}

Result<GroupDetails> GroupDescriber::Describe(const std::string& group, Deadline deadline) {
  LANEMQ_ASSIGN_OR_RETURN(const auto found, services_.directory.Find(group));
  idl::DescribeGroupRequest request;
  request.group = group;
  const rpc::Endpoint there{found.endpoint.host, static_cast<std::uint16_t>(found.endpoint.port)};
  LANEMQ_ASSIGN_OR_RETURN(const auto answer,
                          found.endpoint == self_
                              ? DescribeGroup(services_, request)
                              : client_.DescribeGroupSync(there, request, deadline));
  GroupDetails details;
  details.state = answer.group.state;
  for (const idl::GroupMemberInfo& member : answer.members) {
    if (!member.__isset.last_poll_age_ms) continue;
    details.polls[member.member_id] = std::chrono::milliseconds{member.last_poll_age_ms};
  }
  return details;
}

}  // namespace lanemq::metaserver
