#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/simulation/group/sim_world.h"

namespace lanemq::simulation {

struct SimResult {
  std::vector<std::string> violations;
  SimCounts counts;
  std::int64_t generations = 0;
  /// From the end of the faults until the group was settled.
  seconds settled_after{0};
  /// Equal for equal runs.
  std::uint64_t digest = 0;
};

/// One run, all of it decided by `seed`: two minutes of faults, then a group that must settle
/// within kSettleBound, then a coordinator that crashes and a static member that restarts without
/// anybody noticing. A phase that broke a promise is the last.
[[nodiscard]] SimResult RunSimulation(std::uint64_t seed, Defect defect, bool is_traced);

/// A call's longest timeout, a session, a rebalance (two for cooperative) and what repeats them.
inline constexpr seconds kSettleBound{100};

}  // namespace lanemq::simulation
