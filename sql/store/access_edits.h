#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "common/core/access/access_types.h"
#include "sql/store/access_change.h"

namespace lanemq::sql {

// Changes of teams, grants and owners as parts of one transaction, each with its audit row. What
// AccessStore promises of its methods of the same names holds of these, too.

Status PutTeam(AccessChange& change, core::Team team,
               std::optional<std::int64_t> if_version = std::nullopt);
Status DeleteTeam(AccessChange& change, std::string_view name);
/// As stored. None is there twice.
Result<std::vector<core::Grant>> PutGrants(AccessChange& change, std::vector<core::Grant> grants);
Status DeleteGrant(AccessChange& change, std::int64_t id);
/// No topic or group is there twice.
Status SetOwners(AccessChange& change, std::span<const core::Owner> owners);
inline Status SetOwner(AccessChange& change, const core::Owner& owner) {
  return SetOwners(change, std::span(&owner, 1));
}
Status DeleteRightsOn(AccessChange& change, core::ResourceKind kind, std::string_view name);

}  // namespace lanemq::sql
