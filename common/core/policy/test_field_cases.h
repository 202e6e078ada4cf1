#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/core/policy/decision.h"
#include "common/core/policy/policy_rig.h"

/// What tables of refused fields share.
namespace lanemq::core::policy_rig {

inline constexpr const char* kNoFix = "(none)";

/// A bundle, and what it is refused for.
struct FieldCase {
  std::string name;
  std::vector<Change> changes;
  std::string fields;  // FieldsOf(); empty: not refused.
  // Of each field in order; "*": any. Missing: no matter.
  std::vector<std::string> fixes = {};
  std::function<void(Policy&)> tweak = {};
  std::string author = "bob";
};

inline void ExpectFields(const std::vector<FieldCase>& cases) {
  const PolicyWorld world = SmallWorld();
  for (const FieldCase& c : cases) {
    SCOPED_TRACE(c.name);
    Policy policy = StrictPolicy();
    if (c.tweak) c.tweak(policy);
    const Decision decision = Decide(world, policy, {c.changes}, AuthorNamed(c.author), kNow);
    EXPECT_EQ(FieldsOf(decision), c.fields) << Shown(decision);
    EXPECT_EQ(decision.kind == Decision::Kind::kRefuse, !c.fields.empty());
    std::map<std::string, std::string> fixes;
    bool are_fixable = true;
    for (const Violation& violation : decision.violations) {
      fixes[violation.field] = violation.fix.value_or(kNoFix);
      are_fixable = are_fixable && violation.fix.has_value();
      EXPECT_FALSE(violation.subject.empty());
      EXPECT_FALSE(violation.limit.empty());
    }
    std::size_t at = 0;
    for (const auto& [field, fix] : fixes) {
      if (at < c.fixes.size() && c.fixes[at] != "*") {
        EXPECT_EQ(fix, c.fixes[at]) << field;
      }
      ++at;
    }
    EXPECT_EQ(decision.fixed.has_value(), are_fixable && !decision.violations.empty())
        << Shown(decision);
    if (!decision.fixed) continue;
    const Decision again = Decide(world, policy, *decision.fixed, AuthorNamed(c.author), kNow);
    EXPECT_NE(again.kind, Decision::Kind::kRefuse) << Shown(again);
  }
}

}  // namespace lanemq::core::policy_rig
