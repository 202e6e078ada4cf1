#pragma once

#include <vector>

#include "common/core/policy/bundle_world.h"
#include "common/core/policy/decision.h"

namespace lanemq::core {

/// Whose yes the bundle needs; empty: nobody's. Sorted, each once.
///
/// Those that a kind's rule names, where the change is not applied at once, and leads of the teams
/// whose things are changed by somebody who is not in them. What is nobody's takes operators. A
/// service makes new things of its team alone; a plain member gives nobody payloads, nor another
/// team the right to manage. For a bundle without violations.
[[nodiscard]] std::vector<Approver> RequiredApprovers(const BundleWorld& world,
                                                      const Policy& policy, const Bundle& bundle,
                                                      const Actor& author);

/// Whether `actor` may say yes for `approver`.
[[nodiscard]] bool MayApprove(const Approver& approver, const Actor& actor);

}  // namespace lanemq::core
