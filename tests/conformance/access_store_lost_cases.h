#pragma once

// Part of access_store_suite.h: lost replies.
#include "tests/conformance/access_store_suite.h"

namespace lanemq::testing {

TEST_P(AccessStoreSuite, AChangeWhoseReplyWasLostIsMadeOnce) {
  AddBilling();
  int number = 0;
  for (const bool after_effect : {false, true}) {
    const auto expect_once = [&](const std::function<Status()>& change) {
      if (!under_test_->LoseNextReply(after_effect)) return;
      ExpectChange(change);
      EXPECT_TRUE(under_test_->HasLostReply());
      ++number;
    };
    const std::string name = after_effect ? "after" : "before";
    expect_once([&] { return store().PutTeam(TeamOf(name), Note(), Soon()); });
    expect_once([&] { return store().DeleteTeam(name, Note(), Soon()); });
    const core::Service service = ServiceOf(name, "payments");
    expect_once([&] { return store().PutService(service, Note(), Soon()); });
    core::Token added;
    expect_once([&]() -> Status {
      LANEMQ_ASSIGN_OR_RETURN(added, store().AddToken(TokenOf(name, name), Note(), Soon()));
      return {};
    });
    core::Grant grant;
    expect_once([&]() -> Status {
      LANEMQ_ASSIGN_OR_RETURN(grant, store().PutGrant(GrantOf(name, Billing()), Note(), Soon()));
      return {};
    });
    if (number > 0) {
      EXPECT_EQ(added.id, name);
      EXPECT_THAT(Load().grants, ElementsAre(grant));
    }
    expect_once([&] { return store().RevokeToken(name, Note(), Soon()); });
    expect_once([&] { return store().DeleteGrant(grant.id, Note(), Soon()); });
    const core::Owner owner{core::ResourceKind::kTopic, name, "payments"};
    expect_once([&] { return store().SetOwner(owner, Note(), Soon()); });
    expect_once(
        [&] { return store().DeleteRightsOn(core::ResourceKind::kTopic, name, Note(), Soon()); });
    expect_once([&] { return store().DeleteService(name, Note(), Soon()); });
  }
  EXPECT_TRUE(number == 0 || number == 20) << number;
}

}  // namespace lanemq::testing
