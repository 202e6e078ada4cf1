#pragma once

// Part of access_store_suite.h: grants and owners.
#include "tests/conformance/access_store_suite.h"

namespace lanemq::testing {

TEST_P(AccessStoreSuite, AGrantGetsANumberAndComesBack) {
  AddBilling();
  core::Grant grant = GrantOf("orders", Billing());
  grant.id = 4'711;
  grant.actions = {core::Action::kConsume, core::Action::kProduce, core::Action::kConsume};
  grant.expires_at = In(std::chrono::hours{24} + std::chrono::microseconds{1});
  core::Grant stored;
  ExpectChange([&] {
    stored = AddGrant(grant);
    return Status{};
  });
  EXPECT_GT(stored.id, 0);
  grant.id = stored.id;
  core::Normalize(grant);
  EXPECT_EQ(stored, grant);
  EXPECT_THAT(Load().grants, ElementsAre(grant));
  EXPECT_EQ(LastEvent().change.object_kind, "grant");
  EXPECT_EQ(LastEvent().change.object_name, std::to_string(grant.id));
}

TEST_P(AccessStoreSuite, AnEqualGrantIsChanged) {
  AddBilling();
  core::Grant grant = AddGrant(GrantOf("orders", Billing()));
  const std::int64_t id = grant.id;
  ExpectNoChange([&] { return StatusOf(store().PutGrant(grant, Note(), Soon())); });
  grant.id = 0;
  ExpectNoChange([&] {
    const auto same = store().PutGrant(grant, Note(), Soon());
    EXPECT_EQ(same->id, id);
    return StatusOf(same);
  });
  grant.actions = {core::Action::kPeek};
  ExpectChange([&] { return StatusOf(store().PutGrant(grant, Note(), Soon())); });
  EXPECT_THAT(LastEvent().change.before_json, HasSubstr("produce"));
  EXPECT_THAT(LastEvent().change.after_json, HasSubstr("peek"));
  grant.expires_at = In(std::chrono::hours{1});
  ExpectChange([&] { return StatusOf(store().PutGrant(grant, Note(), Soon())); });
  grant.id = id;
  EXPECT_THAT(Load().grants, ElementsAre(grant));
  grant.expires_at.reset();
  ExpectChange([&] { return StatusOf(store().PutGrant(grant, Note(), Soon())); });
  EXPECT_THAT(Load().grants, ElementsAre(grant));
}

TEST_P(AccessStoreSuite, GrantsThatDifferInAnythingElseStandBesideEachOther) {
  AddBilling();
  std::vector<core::Grant> grants(5, GrantOf("orders", Billing()));
  grants[1].principal = Payments();
  grants[2].is_prefix = true;
  grants[3].kind = core::ResourceKind::kGroup;
  grants[3].actions = {core::Action::kConsume};
  grants[4].name = "Orders";
  for (core::Grant& grant : grants) grant.id = AddGrant(grant).id;
  EXPECT_EQ(Load().grants, grants);
  ExpectChange([&] { return store().DeleteGrant(grants[2].id, Note(), Soon()); });
  ExpectRefused([&] { return store().DeleteGrant(grants[2].id, Note(), Soon()); },
                ErrorCode::kNotFound);
  grants.erase(grants.begin() + 2);
  EXPECT_EQ(Load().grants, grants);
}

TEST_P(AccessStoreSuite, AGrantIsToSomebodyWhoIsThere) {
  AddBilling();
  for (const core::Principal& principal :
       {core::Principal{core::PrincipalKind::kService, "payments"},
        core::Principal{core::PrincipalKind::kTeam, "billing"}}) {
    ExpectRefused(
        [&] { return StatusOf(store().PutGrant(GrantOf("x", principal), Note(), Soon())); },
        ErrorCode::kFailedPrecondition);
  }
}

TEST_P(AccessStoreSuite, ANameIsKeptByteByByte) {
  AddBilling();
  std::vector<core::Grant> grants;
  for (const std::string& name :
       {std::string("a"), std::string("A"), std::string("a "), std::string("a%"),
        std::string("a_'\"\\"), std::string("\xff\0z", 3), std::string(249, 'n')}) {
    core::Grant grant = GrantOf(name, Billing());
    grant.kind = core::ResourceKind::kGroup;
    grant.actions = {core::Action::kConsume};
    grants.push_back(AddGrant(grant));
    ExpectOk(store().SetOwner({core::ResourceKind::kGroup, name, "payments"}, Note(), Soon()));
  }
  core::Grant everything = GrantOf("", Billing());
  everything.is_prefix = true;
  grants.push_back(AddGrant(everything));
  EXPECT_EQ(Load().grants, grants);
  EXPECT_THAT(Load().owners, SizeIs(7));
}

TEST_P(AccessStoreSuite, AnOwnerIsSetChangedAndTakenAway) {
  AddTeam("payments");
  AddTeam("shipping");
  core::Owner owner{core::ResourceKind::kTopic, "orders", "payments"};
  const auto set = [&] { return store().SetOwner(owner, Note(), Soon()); };
  ExpectChange(set);
  ExpectNoChange(set);
  EXPECT_EQ(LastEvent().change.object_kind, "owner");
  EXPECT_EQ(LastEvent().change.object_name, "topic:orders");
  EXPECT_EQ(LastEvent().change.before_json, "");
  owner.team = "shipping";
  ExpectChange(set);
  EXPECT_THAT(LastEvent().change.before_json, HasSubstr("payments"));
  EXPECT_THAT(LastEvent().change.after_json, HasSubstr("shipping"));
  EXPECT_THAT(Load().owners, ElementsAre(owner));
  owner.team = "nobody";
  ExpectRefused(set, ErrorCode::kFailedPrecondition);
  owner.team.clear();
  ExpectChange(set);
  EXPECT_EQ(LastEvent().change.after_json, "");
  EXPECT_THAT(Load().owners, IsEmpty());
  ExpectNoChange(set);
}

TEST_P(AccessStoreSuite, OwnersComeByKindAndName) {
  AddTeam("payments");
  const std::vector<core::Owner> owners = {{core::ResourceKind::kTopic, "a", "payments"},
                                           {core::ResourceKind::kTopic, "b", "payments"},
                                           {core::ResourceKind::kGroup, "a", "payments"},
                                           {core::ResourceKind::kGroup, "c", "payments"}};
  for (const std::size_t i : {3u, 1u, 0u, 2u}) {
    ExpectOk(store().SetOwner(owners[i], Note(), Soon()));
  }
  EXPECT_EQ(Load().owners, owners);
}

TEST_P(AccessStoreSuite, WhatIsGoneLeavesNoRightsBehind) {
  AddBilling();
  using core::ResourceKind;
  std::vector<core::Grant> kept;
  for (const ResourceKind kind : {ResourceKind::kTopic, ResourceKind::kGroup}) {
    ExpectOk(store().SetOwner({kind, "orders", "payments"}, Note(), Soon()));
    for (const bool is_prefix : {false, true}) {
      core::Grant grant = GrantOf("orders", Billing());
      grant.kind = kind;
      grant.is_prefix = is_prefix;
      grant.actions = {core::Action::kConsume};
      grant.id = AddGrant(grant).id;
      if (kind == ResourceKind::kTopic || is_prefix) kept.push_back(grant);
    }
  }
  const auto end = [&] {
    return store().DeleteRightsOn(ResourceKind::kGroup, "orders", Note(), Soon());
  };
  ExpectChange(end, 2);
  EXPECT_EQ(Load().grants, kept);
  EXPECT_THAT(Load().owners, ElementsAre(core::Owner{ResourceKind::kTopic, "orders", "payments"}));
  ExpectNoChange(end);
}

TEST_P(AccessStoreSuite, ActionsThatOnlyANewerVersionKnowsStayWithTheirGrant) {
  AddBilling();
  core::Grant grant = AddGrant(GrantOf("orders", Billing()));
  if (!under_test_->AddUnknownAction(grant.id)) return;
  EXPECT_THAT(Load().grants, ElementsAre(grant));
  grant.actions = {core::Action::kConsume, core::Action::kManage};
  grant.expires_at = In(std::chrono::hours{1});
  ExpectChange([&] { return StatusOf(store().PutGrant(grant, Note(), Soon())); });
  EXPECT_EQ(under_test_->ActionsOf(grant.id), "consume,manage,mirror,replay");
  EXPECT_THAT(Load().grants, ElementsAre(grant));
  ExpectNoChange([&] { return StatusOf(store().PutGrant(grant, Note(), Soon())); });
}

}  // namespace lanemq::testing
