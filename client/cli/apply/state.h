#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "client/cli/apply/documents.h"
#include "client/cli/cluster/cluster.h"
#include "common/core/policy/policy_world.h"

namespace lanemq::cli {

/// Which objects of the cluster are asked for; what is empty asks for all.
struct StateFlags {
  std::vector<std::string> kinds;
  std::vector<std::string> names;
  std::string team;
  std::string prefix;
};

/// What there is, as the bundle that would make it. Any number of names.
Result<core::Bundle> FetchState(Cluster& cluster, const StateFlags& flags);

/// As much of it as MakePlan() needs.
Result<core::PolicyWorld> FetchWorld(Cluster& cluster, const Documents& documents,
                                     const std::string& pruned_team);

}  // namespace lanemq::cli
