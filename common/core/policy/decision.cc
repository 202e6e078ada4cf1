#include "common/core/policy/decision.h"

#include <algorithm>
#include <utility>

#include "common/core/policy/approvals.h"
#include "common/core/policy/bundle_checks.h"
#include "common/core/policy/bundle_fixes.h"
#include "common/core/policy/bundle_world.h"

namespace lanemq::core {
namespace {

/// A fix may need another one: a topic that gets an owner counts for that team's quota.
constexpr int kFixRounds = 4;

std::optional<Bundle> FixedBundle(const PolicyWorld& world, const Policy& policy, Bundle bundle,
                                  const Author& author, WallTime now,
                                  std::vector<Violation> violations) {
  for (int round = 0; round < kFixRounds; ++round) {
    const bool are_fixable = std::all_of(violations.begin(), violations.end(),
                                         [](const Violation& v) { return v.fix.has_value(); });
    if (!are_fixable) return std::nullopt;
    bundle = ApplyFixes(world, std::move(bundle), violations);
    const BundleWorld after(world, bundle);
    violations = FindViolations({after, policy, bundle, author, now});
    if (violations.empty()) return bundle;
  }
  return std::nullopt;
}

}  // namespace

ApprovalRules DefaultApprovals() {
  ApprovalRules rules;
  for (std::size_t i = 0; i < kChangeKindCount; ++i) {
    const auto kind = static_cast<ChangeKind>(i);
    ApprovalRule& rule = rules[kind];
    switch (kind) {
      case ChangeKind::kCreateTopic:
      case ChangeKind::kAlterTopic:
      case ChangeKind::kAddPartitions:
      case ChangeKind::kDeleteTopic:
      case ChangeKind::kPutGroup:
      case ChangeKind::kDeleteGroup:
      case ChangeKind::kPutGrant:
      case ChangeKind::kRevokeGrant:
      case ChangeKind::kSetOwner:
        break;
      case ChangeKind::kSetQuota:
      case ChangeKind::kPutTeam:
      case ChangeKind::kDeleteTeam:
        rule.is_automatic = false;
        rule.approvers = {{.kind = Approver::Kind::kOperators, .team = {}}};
        break;
    }
  }
  return rules;
}

std::string_view ToString(Decision::Kind kind) {
  switch (kind) {
    case Decision::Kind::kApply:
      return "apply";
    case Decision::Kind::kNeedsApproval:
      return "needs_approval";
    case Decision::Kind::kRefuse:
      return "refuse";
  }
  return "refuse";
}

Decision Decide(const PolicyWorld& world, const Policy& policy, const Bundle& bundle,
                const Author& author, WallTime now) {
  Decision decision;
  const BundleWorld after(world, bundle);
  decision.cost = after.cost();
  decision.violations = FindViolations({after, policy, bundle, author, now});
  if (!decision.violations.empty()) {
    decision.kind = Decision::Kind::kRefuse;
    decision.fixed = FixedBundle(world, policy, bundle, author, now, decision.violations);
    return decision;
  }
  decision.approvers = RequiredApprovers(after, policy, bundle, author.who);
  decision.is_break_glass = author.break_glass_reason && !decision.approvers.empty();
  const bool must_wait = !decision.approvers.empty() && !decision.is_break_glass;
  decision.kind = must_wait ? Decision::Kind::kNeedsApproval : Decision::Kind::kApply;
  return decision;
}

}  // namespace lanemq::core
