#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/time.h"
#include "common/core/policy/changes.h"
#include "common/core/policy/policy_types.h"
#include "common/core/policy/policy_world.h"
#include "common/core/policy/sizing.h"

namespace lanemq::core {

/// Who asks for a bundle.
struct Author {
  Actor who;
  /// There: nobody is waited for. Of operators and admins alone, with a reason; those whose yes it
  /// would have needed are told.
  std::optional<std::string> break_glass_reason;
};

/// Something that must not be.
struct Violation {
  std::optional<std::size_t> change;  ///< Its place in the bundle; nullopt: of the whole bundle.
  std::string subject;                ///< "topic orders.paid", "team payments".
  /// "name", "owner", "tier", "description", "partitions", "traffic", a topic's setting,
  /// "principal", "expires_at", "grant", "in_use", "quota.partitions", "changes", "break_glass", …
  std::string field;
  std::string limit;  ///< What is allowed.
  std::string got;
  std::string why;  ///< One sentence where limit and got do not say it.
  /// What the field should have instead: that is allowed. Of a quota: what the team's quota must
  /// be, which is a change more. nullopt: only a person can say.
  std::optional<std::string> fix;
  bool operator==(const Violation&) const = default;
};

struct Decision {
  enum class Kind : std::uint8_t {
    kApply,          ///< Now.
    kNeedsApproval,  ///< By all of `approvers`.
    kRefuse,         ///< For all of `violations`.
  };
  Kind kind = Kind::kRefuse;
  std::vector<Violation> violations;  ///< All there are, of the bundle first, then by change.
  /// Sorted. With break glass: who is told.
  std::vector<Approver> approvers;
  bool is_break_glass = false;  ///< It is applied without the yes of `approvers`.
  Cost cost;
  /// Refused: the bundle with every fix, which is not refused. nullopt: fixes are not enough.
  std::optional<Bundle> fixed;
  bool operator==(const Decision&) const = default;
};

/// Whether the bundle may be applied, by whose yes, and what it comes to.
///
/// Pure: the answer depends on the arguments alone, and not on the order of the changes. Looser
/// limits never turn kApply or kNeedsApproval into kRefuse, nor kApply into kNeedsApproval.
///
/// Refused: what contradicts itself, names what is not there, or is beyond a limit of the policy or
/// of the owner's quota. What a team had before counts only where the bundle makes it more. Needs
/// approval: what a kind's rule does not apply at once, and changes of things whose team the author
/// is not in (its leads). Where a team has no lead but the author, operators say yes instead.
///
/// `now` is for the ends of grants. `policy` passed CheckPolicy(). Cost: linear in the bundle times
/// the logarithm of the world; a prefix grant also costs what it covers, and a team's deletion the
/// grants there are.
[[nodiscard]] Decision Decide(const PolicyWorld& world, const Policy& policy, const Bundle& bundle,
                              const Author& author, WallTime now);

/// "apply", "needs_approval", "refuse".
[[nodiscard]] std::string_view ToString(Decision::Kind kind);

}  // namespace lanemq::core
