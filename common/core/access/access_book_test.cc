#include "common/core/access/access_book.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "common/core/access/access_rig.h"
#include "common/core/access/access_rules.h"
#include "common/core/access/test_access_world.h"

namespace lanemq::core {
namespace {

using enum Action;
using testing::AccessRig;
using testing::Group;
using testing::PersonNamed;
using testing::ServiceNamed;
using testing::TeamNamed;
using testing::Topic;

using testing::CallerOf;
using testing::Expect;
using testing::kCluster;
using testing::kNow;
using testing::World;
using Case = testing::AccessCase;

TEST(AccessBookTest, ServicesOfTheOwnerUseWhatItOwnsAndNobodyElseDoes) {
  const AccessBook book(World().records);
  Expect(book, {
                   {ServiceNamed("billing"), kDescribe, Topic("orders"), true},
                   {ServiceNamed("billing"), kProduce, Topic("orders"), true},
                   {ServiceNamed("billing"), kConsume, Topic("orders"), true},
                   {ServiceNamed("billing"), kPeek, Topic("orders"), false},
                   {ServiceNamed("billing"), kManage, Topic("orders"), false},
                   {ServiceNamed("billing"), kDescribe, Group("biller"), true},
                   {ServiceNamed("billing"), kConsume, Group("biller"), true},
                   {ServiceNamed("billing"), kManage, Group("biller"), false},
                   // A topic's name says nothing of the group that has the same.
                   {ServiceNamed("billing"), kConsume, Group("orders"), false},
                   {ServiceNamed("billing"), kConsume, Topic("biller"), false},
                   {ServiceNamed("billing"), kDescribe, Topic("parcels"), false},
                   {ServiceNamed("billing"), kConsume, Topic("nobodys"), false},
                   {ServiceNamed("parcels"), kConsume, Topic("orders"), false},
                   {ServiceNamed("parcels"), kConsume, Topic("parcels"), true},
                   {ServiceNamed("asleep"), kConsume, Topic("orders"), false},
                   {ServiceNamed("stranger"), kConsume, Topic("orders"), false},
                   {{}, kConsume, Topic("orders"), false},
               });
}

TEST(AccessBookTest, PeopleManageWhatTheirTeamsOwnAndLeadsLookInside) {
  const AccessBook book(World().records);
  Expect(book, {
                   {PersonNamed("ann"), kDescribe, Topic("orders"), true},
                   {PersonNamed("ann"), kManage, Topic("orders"), true},
                   {PersonNamed("ann"), kPeek, Topic("orders"), true},
                   {PersonNamed("ann"), kProduce, Topic("orders"), false},
                   {PersonNamed("ann"), kConsume, Topic("orders"), false},
                   {PersonNamed("ann"), kManage, Group("biller"), true},
                   {PersonNamed("ann"), kConsume, Group("biller"), false},
                   {PersonNamed("ann"), kManage, Topic("parcels"), false},
                   {PersonNamed("bob"), kManage, Topic("orders"), true},
                   {PersonNamed("bob"), kPeek, Topic("orders"), false},
                   {PersonNamed("bob"), kPeek, Topic("parcels"), true},
                   {PersonNamed("cid"), kPeek, Topic("parcels"), false},
                   {PersonNamed("cid"), kManage, Topic("orders"), false},
                   {PersonNamed("dan"), kDescribe, Topic("orders"), false},
                   {PersonNamed("ann"), kOperate, kCluster, false},
                   {PersonNamed("ann"), kAdminister, kCluster, false},
               });
}

TEST(AccessBookTest, KindsOfServicesHaveTheirRoles) {
  const AccessBook book(World().records);
  const Action all[] = {kDescribe, kProduce, kConsume, kPeek, kManage};
  std::vector<Case> cases;
  for (const std::string name : {"tools", "setup"}) {
    for (const Action action : all) {
      cases.push_back({ServiceNamed(name), action, Topic("nobodys"), true});
      cases.push_back({ServiceNamed(name), action, kCluster, true});
    }
    cases.push_back({ServiceNamed(name), kOperate, kCluster, true});
    cases.push_back({ServiceNamed(name), kServe, kCluster, false});
    cases.push_back({ServiceNamed(name), kActFor, kCluster, false});
    cases.push_back({ServiceNamed(name), kAdminister, kCluster, name == "setup"});
  }
  for (const Action action : all) {
    cases.push_back({ServiceNamed("portal"), action, Topic("nobodys"), false});
    cases.push_back({ServiceNamed("portal"), action, kCluster, false});
  }
  cases.push_back({ServiceNamed("portal"), kActFor, kCluster, true});
  for (const Action action : {kOperate, kServe, kAdminister}) {
    cases.push_back({ServiceNamed("portal"), action, kCluster, false});
  }
  for (const Action action : {kDescribe, kManage, kOperate, kServe, kAdminister, kActFor}) {
    cases.push_back({ServiceNamed("billing"), action, kCluster, false});
  }
  Expect(book, cases);
}

TEST(AccessBookTest, ServersServeAndDescribeAndWorkOnTopicsOfTheirOwn) {
  const AccessBook book(World().records);
  std::vector<Case> cases = {
      {ServiceNamed("broker"), kServe, kCluster, true},
      {ServiceNamed("broker"), kDescribe, Topic("orders"), true},
      {ServiceNamed("broker"), kDescribe, Group("biller"), true},
      {ServiceNamed("broker"), kConsume, Group("lanemq.canary"), true},
      {ServiceNamed("broker"), kManage, Group("lanemq.canary"), true},
      {ServiceNamed("broker"), kPeek, Topic("lanemq.canary.n1"), false},
  };
  for (const Action action : {kOperate, kAdminister, kActFor, kDescribe, kManage, kProduce}) {
    cases.push_back({ServiceNamed("broker"), action, kCluster, false});
  }
  for (const Action action : {kProduce, kConsume, kManage}) {
    cases.push_back({ServiceNamed("broker"), action, Topic("lanemq.canary.n1"), true});
    for (const std::string name : {"orders", "lanemq", "lanemqx", "Lanemq.canary", ""}) {
      cases.push_back({ServiceNamed("broker"), action, Topic(name), false});
    }
  }
  Expect(book, cases);
}

TEST(AccessBookTest, WhatAKindDoesNotHaveIsAllowedToNobody) {
  const AccessBook book(World().records);
  for (const std::string name : {"tools", "setup", "billing"}) {
    Expect(book, {{ServiceNamed(name), kProduce, Group("biller"), false},
                  {ServiceNamed(name), kPeek, Group("biller"), false}});
  }
}

TEST(AccessBookTest, WhatNeedsNothingIsAllowedToWhoeverIsThere) {
  const AccessBook book(World().records);
  Expect(book, {
                   {ServiceNamed("billing"), kNothing, kCluster, true},
                   {ServiceNamed("broker"), kNothing, Topic("orders"), true},
                   {PersonNamed("cid"), kNothing, kCluster, true},
                   {TeamNamed("payments"), kNothing, kCluster, true},
                   {ServiceNamed("asleep"), kNothing, kCluster, false},
                   {ServiceNamed("stranger"), kNothing, kCluster, false},
                   {PersonNamed("dan"), kNothing, kCluster, false},
                   {TeamNamed("nobodys"), kNothing, kCluster, false},
                   {{}, kNothing, kCluster, false},
               });
}

TEST(AccessBookTest, GrantsAreToAServiceOrToATeamWithItsServicesAndMembers) {
  AccessRig rig = World();
  rig.AddGrant(ResourceKind::kTopic, "orders", ServiceNamed("parcels"), {kConsume});
  rig.AddGrant(ResourceKind::kTopic, "audit", TeamNamed("payments"), {kManage});
  rig.AddGrant(ResourceKind::kGroup, "biller", TeamNamed("shipping"), {kConsume});
  const AccessBook book(std::move(rig.records));
  Expect(book, {
                   {ServiceNamed("parcels"), kConsume, Topic("orders"), true},
                   {ServiceNamed("parcels"), kDescribe, Topic("orders"), true},  // Implied.
                   {ServiceNamed("parcels"), kProduce, Topic("orders"), false},
                   {TeamNamed("shipping"), kConsume, Topic("orders"), false},
                   {PersonNamed("cid"), kConsume, Topic("orders"), false},
                   {ServiceNamed("billing"), kManage, Topic("audit"), true},
                   {ServiceNamed("billing"), kDescribe, Topic("audit"), true},
                   {ServiceNamed("billing"), kConsume, Topic("audit"), false},
                   {PersonNamed("ann"), kManage, Topic("audit"), true},
                   {TeamNamed("payments"), kManage, Topic("audit"), true},
                   {TeamNamed("payments"), kProduce, Topic("orders"), true},
                   {PersonNamed("cid"), kConsume, Group("biller"), true},
                   {ServiceNamed("parcels"), kManage, Group("biller"), false},
                   {ServiceNamed("asleep"), kManage, Topic("audit"), false},
               });
}

TEST(AccessBookTest, APrefixGrantsWhatBeginsWithIt) {
  AccessRig rig = World();
  rig.AddGrant(ResourceKind::kTopic, "eu.*", ServiceNamed("billing"), {kConsume});
  rig.AddGrant(ResourceKind::kTopic, "eu.orders.*", ServiceNamed("billing"), {kProduce});
  rig.AddGrant(ResourceKind::kGroup, "*", ServiceNamed("parcels"), {kConsume});
  const AccessBook book(std::move(rig.records));
  Expect(book, {
                   {ServiceNamed("billing"), kConsume, Topic("eu."), true},
                   {ServiceNamed("billing"), kConsume, Topic("eu.parcels"), true},
                   {ServiceNamed("billing"), kConsume, Topic("eu.orders.paid"), true},
                   {ServiceNamed("billing"), kProduce, Topic("eu.orders.paid"), true},
                   {ServiceNamed("billing"), kProduce, Topic("eu.orders."), true},
                   {ServiceNamed("billing"), kProduce, Topic("eu.orders"), false},
                   {ServiceNamed("billing"), kConsume, Topic("eu"), false},
                   {ServiceNamed("billing"), kConsume, Topic("Eu.parcels"), false},
                   {ServiceNamed("billing"), kConsume, Group("eu.parcels"), false},
                   {ServiceNamed("parcels"), kConsume, Group("whatever"), true},
                   {ServiceNamed("parcels"), kConsume, Topic("whatever"), false},
               });
}

TEST(AccessBookTest, AGrantEndsAtItsTime) {
  AccessRig rig = World();
  rig.AddGrant(ResourceKind::kTopic, "orders", ServiceNamed("parcels"), {kConsume}).expires_at =
      WallTime{kNow.micros + 1};
  // Another one goes on, though it is found later.
  rig.AddGrant(ResourceKind::kTopic, "ord*", ServiceNamed("parcels"), {kProduce});
  const AccessBook book(std::move(rig.records));
  const Caller caller = CallerOf("parcels");
  EXPECT_TRUE(book.Allows(caller, kConsume, Topic("orders"), kNow));
  EXPECT_FALSE(book.Allows(caller, kConsume, Topic("orders"), WallTime{kNow.micros + 1}));
  EXPECT_TRUE(book.Allows(caller, kDescribe, Topic("orders"), WallTime{kNow.micros + 1}));
}

TEST(AccessBookTest, ATokenSaysWhoseItIs) {
  const AccessBook book(World().records);
  const auto caller = book.Authenticate("t-billing", AccessRig::HashOf("billing"), kNow);
  ASSERT_TRUE(caller.ok());
  EXPECT_EQ(*caller, CallerOf("billing"));
  EXPECT_TRUE(book.IsValid(*caller, kNow));
}

TEST(AccessBookTest, WhateverIsWrongWithATokenTheAnswerIsTheSame) {
  AccessRig rig = World();
  rig.records.tokens[1].expires_at = kNow;              // Of parcels.
  rig.records.tokens.push_back(rig.records.tokens[0]);  // Of a service that is gone.
  rig.records.tokens.back().id = "t-gone";
  rig.records.tokens.back().service = "gone";
  const AccessBook book(std::move(rig.records));
  std::vector<std::string> messages;
  for (const auto& [id, hash] : std::vector<std::pair<std::string, std::string>>{
           {"t-billing", AccessRig::HashOf("parcels")},
           {"t-billing", AccessRig::HashOf("billing").substr(1)},
           {"t-billing", ""},
           {"t-stranger", AccessRig::HashOf("stranger")},
           {"t-stranger", std::string(32, '.')},
           {"", ""},
           {"t-parcels", AccessRig::HashOf("parcels")},
           {"t-asleep", AccessRig::HashOf("asleep")},
           {"t-gone", AccessRig::HashOf("billing")}}) {
    const auto caller = book.Authenticate(id, hash, kNow);
    ASSERT_FALSE(caller.ok()) << id;
    EXPECT_EQ(caller.error().code, ErrorCode::kAuthenticationFailed);
    messages.push_back(caller.error().message);
    EXPECT_EQ(messages.back(), messages.front());
  }
  EXPECT_TRUE(
      book.Authenticate("t-parcels", AccessRig::HashOf("parcels"), WallTime{kNow.micros - 1}).ok());
}

TEST(AccessBookTest, EveryByteOfAHashCounts) {
  const AccessBook book(World().records);
  const std::string hash = AccessRig::HashOf("billing");
  for (std::size_t at = 0; at < hash.size(); ++at) {
    for (const int bit : {0, 7}) {
      std::string other = hash;
      other[at] = static_cast<char>(other[at] ^ (1 << bit));
      EXPECT_FALSE(book.Authenticate("t-billing", other, kNow).ok()) << at;
    }
  }
}

TEST(AccessBookTest, ACallerStaysValidForAsLongAsItsTokenDoes) {
  AccessRig rig = World();
  rig.records.tokens[0].expires_at = WallTime{kNow.micros + 5};
  const AccessBook book(rig.records);
  const Caller billing = CallerOf("billing");
  EXPECT_TRUE(book.IsValid(billing, kNow));
  EXPECT_FALSE(book.IsValid(billing, WallTime{kNow.micros + 5}));
  EXPECT_FALSE(book.Allows(billing, kConsume, Topic("orders"), WallTime{kNow.micros + 5}));
  EXPECT_FALSE(book.IsValid(CallerOf("asleep"), kNow));
  // The token of one service does not vouch for another.
  EXPECT_FALSE(book.IsValid({ServiceNamed("setup"), "t-billing"}, kNow));
  EXPECT_FALSE(book.Allows({ServiceNamed("setup"), "t-billing"}, kAdminister, kCluster, kNow));
  EXPECT_FALSE(book.IsValid({PersonNamed("ann"), "t-billing"}, kNow));
  EXPECT_FALSE(book.IsValid({TeamNamed("payments"), {}}, kNow));
  EXPECT_FALSE(book.IsValid({}, kNow));
  rig.records.tokens.erase(rig.records.tokens.begin());  // Revoked.
  EXPECT_FALSE(AccessBook(rig.records).IsValid(billing, kNow));
}

TEST(AccessBookTest, ACertificateNamesAServiceThatIsThereAndEnabled) {
  const AccessBook book(World().records);
  const auto caller = book.AuthenticateService("broker");
  ASSERT_TRUE(caller.ok());
  EXPECT_EQ(*caller, (Caller{ServiceNamed("broker"), {}}));
  EXPECT_TRUE(book.IsValid(*caller, kNow));
  for (const std::string name : {"asleep", "stranger", "", "ann"}) {
    const auto refused = book.AuthenticateService(name);
    ASSERT_FALSE(refused.ok()) << name;
    EXPECT_EQ(refused.error().code, ErrorCode::kAuthenticationFailed);
    EXPECT_FALSE(book.IsValid({ServiceNamed(name), {}}, kNow));
  }
}

TEST(AccessBookTest, WhatIsAskedByNameIsFound) {
  const AccessBook book(World().records);
  ASSERT_NE(book.FindService("billing"), nullptr);
  EXPECT_EQ(book.FindService("billing")->team, "payments");
  EXPECT_EQ(book.FindService("Billing"), nullptr);
  ASSERT_NE(book.FindTeam("shipping"), nullptr);
  EXPECT_EQ(book.FindTeam("shipping")->members.size(), 2u);
  EXPECT_EQ(book.FindTeam(""), nullptr);
  EXPECT_EQ(book.OwnerOf(ResourceKind::kTopic, "orders"), "payments");
  EXPECT_EQ(book.OwnerOf(ResourceKind::kGroup, "orders"), "");
  EXPECT_EQ(book.OwnerOf(ResourceKind::kCluster, ""), "");
}

TEST(AccessBookTest, AServiceOfNoTeamDoesNotOwnWhatNobodyOwns) {
  AccessRig rig = World();
  rig.AddService("loner", "");
  rig.AddTeam("");
  const AccessBook book(std::move(rig.records));
  Expect(book, {{ServiceNamed("loner"), kConsume, Topic("nobodys"), false},
                {ServiceNamed("loner"), kDescribe, Topic(""), false}});
}

TEST(AccessBookTest, DamagedRecordsAllowNothingMore) {
  AccessRig rig = World();
  rig.AddGrant(ResourceKind::kCluster, "", ServiceNamed("billing"), {kAdminister, kOperate});
  rig.AddGrant(ResourceKind::kTopic, "x", ServiceNamed("billing"), {kAdminister, kServe});
  rig.AddGrant(ResourceKind::kTopic, "orders", PersonNamed("cid"), {kManage});
  rig.AddGrant(ResourceKind::kTopic, "orders", {}, {kManage});
  rig.Own(ResourceKind::kCluster, "", "payments");
  const AccessBook book(std::move(rig.records));
  Expect(book, {{ServiceNamed("billing"), kAdminister, kCluster, false},
                {ServiceNamed("billing"), kOperate, kCluster, false},
                {ServiceNamed("billing"), kAdminister, Topic("x"), false},
                {PersonNamed("cid"), kManage, Topic("orders"), false},
                {{}, kManage, Topic("orders"), false}});
}

}  // namespace
}  // namespace lanemq::core
