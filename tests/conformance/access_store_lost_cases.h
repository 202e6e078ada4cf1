#pragma once

// Part of access_store_suite.h: lost replies, and changes of what was changed meanwhile.
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

TEST_P(AccessStoreSuite, ATeamThatWasChangedMeanwhileStays) {
  core::Team team = TeamOf("payments");
  const auto put = [&](std::int64_t if_version) {
    return [this, team, if_version] { return store().PutTeam(team, if_version, Note(), Soon()); };
  };
  ExpectRefused(put(7), ErrorCode::kConflict);  // There is none yet.
  ExpectChange(put(0));
  ExpectNoChange(put(0));  // It is as it shall be: told twice, done once.
  const std::int64_t seen = core::VersionOf(Load().teams.at(0));
  team.members = {{"bob", core::TeamRole::kMember}, {"ann", core::TeamRole::kLead}};
  ExpectRefused(put(0), ErrorCode::kConflict);
  ExpectChange(put(seen));
  team.description = "of somebody who has seen the old one";
  ExpectRefused(put(seen), ErrorCode::kConflict);
  EXPECT_EQ(Load().teams.at(0).description, "");
  ExpectChange(put(core::VersionOf(Load().teams.at(0))));
}

}  // namespace lanemq::testing
