// People in the book: roles, tokens, places in teams.
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "common/core/access/access_book.h"
#include "common/core/access/access_rig.h"
#include "common/core/access/test_access_world.h"

namespace lanemq::core {
namespace {

using enum Action;
using testing::AccessRig;
using testing::Expect;
using testing::Group;
using testing::kCluster;
using testing::kNow;
using testing::PersonNamed;
using testing::ServiceNamed;
using testing::Topic;
using testing::World;

TEST(AccessPeopleTest, PeopleHaveTheirRolesBesideWhatTheirTeamsAllow) {
  AccessRig rig = World();
  rig.AddPerson("ann");
  rig.AddPerson("dan");
  rig.AddPerson("eva", PersonRole::kOperator);
  rig.AddPerson("fay", PersonRole::kAdmin);
  rig.AddPerson("gil", PersonRole::kAdmin).is_disabled = true;
  rig.AddPerson("cid", PersonRole::kViewer).is_disabled = true;
  const AccessBook book(std::move(rig.records));
  Expect(book, {
                   {PersonNamed("dan"), kNothing, kCluster, true},
                   {PersonNamed("dan"), kDescribe, Topic("orders"), true},
                   {PersonNamed("dan"), kDescribe, Group("biller"), true},
                   {PersonNamed("dan"), kPeek, Topic("orders"), false},
                   {PersonNamed("dan"), kConsume, Topic("orders"), false},
                   {PersonNamed("dan"), kManage, Topic("orders"), false},
                   {PersonNamed("dan"), kDescribe, kCluster, false},
                   {PersonNamed("dan"), kOperate, kCluster, false},
                   {PersonNamed("ann"), kManage, Topic("orders"), true},
                   {PersonNamed("ann"), kManage, Topic("parcels"), false},
                   {PersonNamed("ann"), kDescribe, Topic("parcels"), true},
                   // In a team alone: not even a viewer.
                   {PersonNamed("bob"), kManage, Topic("orders"), true},
                   {PersonNamed("bob"), kDescribe, Topic("nobodys"), false},
                   {PersonNamed("eva"), kPeek, Topic("orders"), true},
                   {PersonNamed("eva"), kManage, Group("biller"), true},
                   {PersonNamed("eva"), kOperate, kCluster, true},
                   {PersonNamed("eva"), kAdminister, kCluster, false},
                   {PersonNamed("eva"), kServe, kCluster, false},
                   {PersonNamed("fay"), kAdminister, kCluster, true},
                   {PersonNamed("fay"), kOperate, kCluster, true},
                   {PersonNamed("fay"), kServe, kCluster, false},
                   {PersonNamed("fay"), kActFor, kCluster, false},
                   {PersonNamed("gil"), kNothing, kCluster, false},
                   {PersonNamed("gil"), kAdminister, kCluster, false},
                   {PersonNamed("cid"), kManage, Topic("parcels"), false},
               });
}

TEST(AccessPeopleTest, APersonsTokenSaysWhoHeIsUnlessHeIsDisabledOrGone) {
  AccessRig rig = World();
  rig.AddPerson("ann");
  rig.AddPerson("gil", PersonRole::kAdmin).is_disabled = true;
  rig.AddPerson("hal");
  rig.records.people.pop_back();  // Deleted; bob below is in teams alone.
  rig.AddPerson("bob");
  rig.records.people.pop_back();
  // A service of the name does not vouch for the person, nor the other way round.
  rig.AddService("twin", "payments");
  rig.records.tokens.back().service = "";
  rig.records.tokens.back().person = "twin";
  const AccessBook book(rig.records);
  const auto ann = book.Authenticate("t-ann", AccessRig::HashOf("ann"), kNow);
  ASSERT_TRUE(ann.ok());
  EXPECT_EQ(*ann, (Caller{PersonNamed("ann"), "t-ann"}));
  EXPECT_TRUE(book.IsValid(*ann, kNow));
  EXPECT_FALSE(book.IsValid({PersonNamed("ann"), "t-gil"}, kNow));
  EXPECT_FALSE(book.IsValid({ServiceNamed("ann"), "t-ann"}, kNow));
  for (const std::string name : {"gil", "hal", "bob", "twin"}) {
    EXPECT_FALSE(book.Authenticate("t-" + name, AccessRig::HashOf(name), kNow).ok()) << name;
    EXPECT_FALSE(book.IsValid({PersonNamed(name), "t-" + name}, kNow)) << name;
  }
  EXPECT_FALSE(book.Authenticate("t-ann", AccessRig::HashOf("bob"), kNow).ok());
  rig.records.people[0].is_disabled = true;
  EXPECT_FALSE(AccessBook(rig.records).IsValid(*ann, kNow));
}

TEST(AccessPeopleTest, PeopleTheirSeatsTokensAndQuotasAreFound) {
  AccessRig rig = World();
  rig.AddPerson("bob").must_change_password = true;
  rig.records.quotas = {{"payments", {.topics = 5}}};
  const AccessBook book(std::move(rig.records));
  ASSERT_NE(book.FindPerson("bob"), nullptr);
  EXPECT_TRUE(book.FindPerson("bob")->must_change_password);
  EXPECT_EQ(book.FindPerson("ann"), nullptr);  // In a team alone.
  EXPECT_EQ(book.SeatsOf("bob"), (std::vector<AccessBook::Seat>{{"payments", TeamRole::kMember},
                                                                {"shipping", TeamRole::kLead}}));
  EXPECT_TRUE(book.SeatsOf("dan").empty());
  ASSERT_NE(book.FindToken("t-bob"), nullptr);
  EXPECT_TRUE(book.FindToken("t-bob")->is_session);
  EXPECT_EQ(book.FindToken("t-dan"), nullptr);
  ASSERT_NE(book.QuotaOf("payments"), nullptr);
  EXPECT_EQ(book.QuotaOf("payments")->topics, 5);
  EXPECT_EQ(book.QuotaOf("shipping"), nullptr);
}

}  // namespace
}  // namespace lanemq::core
