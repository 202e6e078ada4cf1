#pragma once

#include <cstdint>
#include <string_view>

#include "common/core/access/access_types.h"
#include "sql/store/access_change.h"

namespace lanemq::sql {

// Changes of teams, grants and owners as parts of one transaction, each with its audit row. What
// AccessStore promises of its methods of the same names holds of these, too.

Status PutTeam(AccessChange& change, core::Team team);
Status DeleteTeam(AccessChange& change, std::string_view name);
/// As stored.
Result<core::Grant> PutGrant(AccessChange& change, core::Grant grant);
Status DeleteGrant(AccessChange& change, std::int64_t id);
Status SetOwner(AccessChange& change, const core::Owner& owner);
Status DeleteRightsOn(AccessChange& change, core::ResourceKind kind, std::string_view name);

}  // namespace lanemq::sql
