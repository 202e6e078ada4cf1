#pragma once

#include <vector>

#include "common/core/policy/decision.h"

namespace lanemq::core {

/// The bundle with every fix that `violations` propose. A new name is used wherever the bundle
/// names the thing; a quota's fix becomes a change of the quota, the team's own in `world` with
/// more. What has no fix stays as it is.
[[nodiscard]] Bundle ApplyFixes(const PolicyWorld& world, Bundle bundle,
                                const std::vector<Violation>& violations);

}  // namespace lanemq::core
