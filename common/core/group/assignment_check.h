#pragma once

#include <cstdint>

#include "common/base/result.h"
#include "common/core/group/group_members.h"
#include "common/core/group/group_types.h"

namespace lanemq::core {

/// INVALID_REQUEST unless `assignment` gives each of its partitions to one member, and only to
/// members of the group. A member it does not name gets nothing; naming nobody is an error.
[[nodiscard]] Status CheckAssignment(const GroupAssignment& assignment,
                                     const GroupMembers& members);

/// How many partitions `assignment` gives to a member that does not have them now.
[[nodiscard]] std::int64_t CountMoved(const GroupAssignment& assignment,
                                      const GroupMembers& members);

/// True: `member` said that it owns a partition that some member wants and nobody has been given,
/// as in a cooperative assignment: it is to give it up and join again.
[[nodiscard]] bool IsHoldingBack(const Member& member, const GroupMembers& members);

}  // namespace lanemq::core
