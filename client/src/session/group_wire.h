#pragma once

#include <chrono>
#include <string>

#include "common/base/result.h"
#include "common/core/group/group_machine.h"
#include "lanemq_types.h"

namespace lanemq::client {

// A member's calls as they travel, and the coordinator's answers.

[[nodiscard]] idl::JoinGroupRequest ToWire(const std::string& group, const core::JoinCall& join);
[[nodiscard]] idl::SyncGroupRequest ToWire(const std::string& group, const core::SyncCall& sync);
/// `poll_age`: since the application polled, or since it has been inside one handler.
[[nodiscard]] idl::GroupHeartbeatRequest ToHeartbeat(const std::string& group,
                                                     const core::MemberCall& heartbeat,
                                                     std::chrono::milliseconds poll_age);
[[nodiscard]] idl::LeaveGroupRequest ToLeave(const std::string& group,
                                             const core::MemberCall& leave);

/// MEMBER_ID_REQUIRED is a reply; any other error in the response is an error.
[[nodiscard]] Result<core::JoinReply> FromWire(const idl::JoinGroupResponse& response);
[[nodiscard]] core::SyncReply FromWire(const idl::SyncGroupResponse& response);

}  // namespace lanemq::client
