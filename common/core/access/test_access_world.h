#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/core/access/access_book.h"
#include "common/core/access/access_rig.h"
#include "common/core/access/access_rules.h"

/// What the tests of AccessBook are about.
namespace lanemq::core::testing {

using enum Action;

inline constexpr WallTime kNow{1'000'000};
inline const Resource kCluster;

/// Two teams: payments owns topic orders and group biller, shipping owns topic parcels.
inline AccessRig World() {
  AccessRig rig;
  rig.AddTeam("payments", {{"ann", TeamRole::kLead}, {"bob", TeamRole::kMember}});
  rig.AddTeam("shipping", {{"bob", TeamRole::kLead}, {"cid", TeamRole::kMember}});
  rig.AddService("billing", "payments");
  rig.AddService("parcels", "shipping");
  rig.AddService("asleep", "payments").is_disabled = true;
  rig.AddService("broker", "", ServiceKind::kServer);
  rig.AddService("portal", "", ServiceKind::kGateway);
  rig.AddService("tools", "", ServiceKind::kOperator);
  rig.AddService("setup", "", ServiceKind::kAdmin);
  rig.Own(ResourceKind::kTopic, "orders", "payments");
  rig.Own(ResourceKind::kGroup, "biller", "payments");
  rig.Own(ResourceKind::kTopic, "parcels", "shipping");
  return rig;
}

inline Caller CallerOf(const std::string& service) {
  return {ServiceNamed(service), "t-" + service};
}

struct AccessCase {
  Principal who;
  Action action;
  Resource what;
  bool is_allowed;
};

/// Asks the book both ways, for what a service may and what is said of it.
inline void Expect(const AccessBook& book, const std::vector<AccessCase>& cases) {
  for (const AccessCase& c : cases) {
    const std::string named = ToString(c.who) + " " + std::string(ToString(c.action)) + " " +
                              std::string(ToString(c.what.kind)) + " " + c.what.name;
    EXPECT_EQ(book.Explain(c.who, c.action, c.what, kNow).is_allowed, c.is_allowed)
        << named << ": " << book.Explain(c.who, c.action, c.what, kNow).because;
    if (c.who.kind != PrincipalKind::kTeam) {
      EXPECT_EQ(book.Allows({c.who, {}}, c.action, c.what, kNow), c.is_allowed) << named;
    }
    if (c.who.kind == PrincipalKind::kService) {
      EXPECT_EQ(book.Allows(CallerOf(c.who.name), c.action, c.what, kNow), c.is_allowed) << named;
    }
  }
}

}  // namespace lanemq::core::testing
