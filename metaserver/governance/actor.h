#pragma once

#include "common/core/access/access_book.h"
#include "common/core/policy/policy_types.h"

namespace lanemq::metaserver {

/// What somebody is at the moment: a person with his role and his seats in teams, unless he is
/// disabled; a service as a member of its team, and as an operator or admin by its kind. Anonymous
/// callers are admins where `is_open` (nobody is asked who he is), and nobody otherwise.
/// `book` may be null: then nobody is in a team.
[[nodiscard]] core::Actor ActorOf(const core::AccessBook* book, bool is_open,
                                  const core::Principal& principal);

}  // namespace lanemq::metaserver
