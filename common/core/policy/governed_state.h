#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/core/policy/policy_world.h"

namespace lanemq::core {

/// What is asked for; filters that are there must all hold.
struct StateFilter {
  /// Of "topic", "group", "grant", "team", "quota"; empty: all.
  std::vector<std::string> kinds;
  /// Of grants: the name of what they are on, prefix or not. Empty: all.
  std::set<std::string, std::less<>> names;
  /// What this team owns, grants on that, grants to it and to its services, itself and its quota.
  /// Empty: everybody's.
  std::string team;
  std::string prefix;  ///< Of names, as above.
};

inline constexpr std::size_t kStateChangesMax = 20'000;
inline constexpr std::size_t kStateBytesMax = std::size_t{12} << 20;

/// What there is, as the bundle that would make it: put_team, set_quota, create_topic, put_group
/// and put_grant, in this order, each sorted by name. Ended grants are left out.
///
/// kInvalidRequest: a kind that there is not. kInsufficientCapacity: more than kStateChangesMax.
Result<Bundle> GovernedState(const PolicyWorld& world, const StateFilter& filter, WallTime now);

}  // namespace lanemq::core
