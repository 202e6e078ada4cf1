#include "common/guard/guard.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/guard/guard_rig.h"

namespace lanemq {
namespace {

using core::Action;
using core::ResourceKind;
using testing::CodeOf;
using testing::FakeCall;
using testing::GuardClock;
using testing::GuardTest;
using ::testing::HasSubstr;
using testing::kOrders;
using testing::kOthers;
using testing::kPickers;
using testing::World;

TEST_F(GuardTest, OffEverybodyIsAnonymousAndMayDoEverything) {
  const Guard off(false, clock_);
  EXPECT_FALSE(off.Admit({.method = "putTeam", .peer = "p:1"}));
  EXPECT_TRUE(off.Check(nullptr, Action::kAdminister).ok());
  EXPECT_TRUE(off.Check(nullptr, Action::kProduce, kOrders).ok());
  const auto caller = off.Authenticate("whatever");
  ASSERT_TRUE(caller.ok());
  EXPECT_EQ(*caller, core::Caller{});
  EXPECT_FALSE(off.IsVoid()(world_.CallerOf("cart")));
}

TEST_F(GuardTest, WithoutABookNobodyIsServedYet) {
  const Guard guard(true, clock_);
  const core::Caller cart = world_.CallerOf("cart");
  const auto refused = guard.Admit({.method = "metadata", .peer = "p:1", .caller = &cart});
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->code, ErrorCode::kMetadataUnavailable);
  EXPECT_GT(refused->retry_after_ms, 0);
  EXPECT_EQ(CodeOf(guard.Check(&cart, Action::kProduce, kOrders)), ErrorCode::kMetadataUnavailable);
  EXPECT_EQ(guard.Authenticate(world_.TextOf("cart")).error().code,
            ErrorCode::kMetadataUnavailable);
  EXPECT_FALSE(guard.Admit({.method = "authenticate", .peer = "p:1"}));
  // Nobody is sent away for a book that is not there.
  EXPECT_FALSE(guard.IsVoid()(cart));
}

TEST_F(GuardTest, WhoHasNotSaidWhoHeIsMaySayItAndAskForTheServersNameAlone) {
  EXPECT_FALSE(Admit("authenticate", nullptr));
  EXPECT_FALSE(Admit("serverInfo", nullptr));
  EXPECT_FALSE(Admit("signIn", nullptr)) << "a person says it with his password";
  for (const core::MethodAccess& row : core::kAccessTable) {
    if (row.method == "authenticate" || row.method == "serverInfo" || row.method == "signIn") {
      continue;
    }
    const auto refused = Admit(row.method, nullptr);
    ASSERT_TRUE(refused) << row.method;
    EXPECT_EQ(refused->code, ErrorCode::kAuthenticationFailed) << row.method;
  }
  EXPECT_EQ(CodeOf(guard_.Check(nullptr, Action::kDescribe, kOrders)),
            ErrorCode::kAuthenticationFailed);
  EXPECT_EQ(CodeOf(guard_.Check(nullptr, Action::kServe)), ErrorCode::kAuthenticationFailed);
}

TEST_F(GuardTest, ATokenThatIsRevokedIsVoidAtOnce) {
  const auto caller = guard_.Authenticate(world_.TextOf("cart"));
  ASSERT_TRUE(caller.ok());
  EXPECT_FALSE(Admit("metadata", &*caller));
  EXPECT_FALSE(guard_.IsVoid()(*caller));
  world_.Revoke("cart");
  ASSERT_TRUE(guard_.Publish(world_.Book()));
  EXPECT_EQ(Admit("metadata", &*caller)->code, ErrorCode::kAuthenticationFailed);
  EXPECT_TRUE(guard_.IsVoid()(*caller));
  EXPECT_FALSE(guard_.IsVoid()(world_.CallerOf("billing")));
  EXPECT_FALSE(guard_.Authenticate(world_.TextOf("cart")).ok());
  EXPECT_FALSE(guard_.Check(&*caller, Action::kProduce, kOrders).ok());
}

TEST_F(GuardTest, ATokenEndsByTheClock) {
  world_.TokenOf("cart").expires_at = WallTime{clock_.WallNow().micros + 1'000'000};
  ++world_.records.version;
  guard_.Publish(world_.Book());
  const core::Caller cart = world_.CallerOf("cart");
  const auto is_void = guard_.IsVoid();
  EXPECT_FALSE(is_void(cart));
  clock_.Advance(std::chrono::seconds{1});
  EXPECT_TRUE(is_void(cart));
  EXPECT_TRUE(Admit("metadata", &cart));
}

TEST_F(GuardTest, ABookThatIsNotNewerIsNotTaken) {
  world_.records.version = 7;
  EXPECT_TRUE(guard_.Publish(world_.Book()));
  EXPECT_FALSE(guard_.Publish(world_.Book()));
  world_.records.version = 6;
  EXPECT_FALSE(guard_.Publish(world_.Book()));
  EXPECT_EQ(guard_.book()->version(), 7);
  // Another cluster counts from one again.
  world_.records.cluster_id = "another";
  EXPECT_TRUE(guard_.Publish(world_.Book()));
  EXPECT_EQ(guard_.book()->version(), 6);
}

TEST_F(GuardTest, EveryResourceMustBeAllowed) {
  const core::Caller cart = world_.CallerOf("cart");
  EXPECT_TRUE(guard_.Check(&cart, Action::kProduce, kOrders).ok());
  EXPECT_TRUE(guard_.Check(&cart, Action::kConsume, kPickers).ok());
  const std::vector<core::Resource> both = {kOrders, kOthers};
  const Status refused = guard_.Check(&cart, Action::kProduce, both);
  ASSERT_EQ(CodeOf(refused), ErrorCode::kTopicAuthorizationFailed);
  EXPECT_THAT(refused.error().message, HasSubstr("service:cart may not produce to topic 'others'"));
}

TEST_F(GuardTest, ARefusalSaysWhomToAsk) {
  const core::Caller billing = world_.CallerOf("billing");
  const Status topic = guard_.Check(&billing, Action::kProduce, kOrders);
  ASSERT_EQ(CodeOf(topic), ErrorCode::kTopicAuthorizationFailed);
  EXPECT_THAT(topic.error().message, HasSubstr("team 'shop'"));
  EXPECT_THAT(topic.error().message, HasSubstr("lanemq acl grant"));
  EXPECT_EQ(CodeOf(guard_.Check(&billing, Action::kConsume, kPickers)),
            ErrorCode::kGroupAuthorizationFailed);
  const Status cluster = guard_.Check(&billing, Action::kAdminister);
  ASSERT_EQ(CodeOf(cluster), ErrorCode::kClusterAuthorizationFailed);
  EXPECT_THAT(cluster.error().message, HasSubstr("service:billing may not administer"));
}

TEST_F(GuardTest, ANameOfMegabytesIsNotSentBack) {
  const core::Caller billing = world_.CallerOf("billing");
  const core::Resource huge{ResourceKind::kTopic, std::string(1u << 20, 'x')};
  const Status refused = guard_.Check(&billing, Action::kProduce, huge);
  ASSERT_FALSE(refused.ok());
  EXPECT_LT(refused.error().message.size(), 1'000u);
}

TEST_F(GuardTest, WhatNamesNoTopicOrGroupTakesTheRightToOperate) {
  for (const char* service : {"billing", "cart"}) {
    const core::Caller caller = world_.CallerOf(service);
    EXPECT_EQ(CodeOf(guard_.Check(&caller, Action::kManage)),
              ErrorCode::kClusterAuthorizationFailed);
    EXPECT_TRUE(guard_.Check(&caller, Action::kNothing).ok());
  }
  const core::Caller ops = world_.CallerOf("ops");
  EXPECT_TRUE(guard_.Check(&ops, Action::kManage).ok());
  EXPECT_FALSE(guard_.Check(&ops, Action::kAdminister).ok());
  EXPECT_FALSE(guard_.Check(&ops, Action::kServe).ok());
  const core::Caller broker = world_.CallerOf("broker-1");
  EXPECT_TRUE(guard_.Check(&broker, Action::kServe).ok());
}

TEST_F(GuardTest, ACertificateNamesAServiceThatIsKnown) {
  const auto broker = guard_.Identify("broker-1");
  ASSERT_NE(broker, nullptr);
  EXPECT_EQ(broker->principal.name, "broker-1");
  EXPECT_TRUE(broker->token_id.empty());
  EXPECT_EQ(guard_.Identify("nobody"), nullptr);
  // Before the first book the name is all that is known; it counts for nothing yet.
  Guard young(true, clock_);
  const auto early = young.Identify("nobody");
  ASSERT_NE(early, nullptr);
  EXPECT_EQ(young.Admit({.method = "metadata", .peer = "p:1", .caller = early.get()})->code,
            ErrorCode::kMetadataUnavailable);
  young.Publish(world_.Book());
  EXPECT_TRUE(young.IsVoid()(*early));
}

// ---------------------------------------------------------------- observing

class ObservingGuardTest : public ::testing::Test {
 protected:
  ObservingGuardTest() { guard_.Publish(world_.Book()); }
  [[nodiscard]] std::uint64_t Counted(const std::string& method) const {
    const auto observed = guard_.log().observed();
    const auto found = observed.find(method);
    return found == observed.end() ? 0 : found->second;
  }

  GuardClock clock_;
  World world_;
  Guard guard_{AuthMode::kObserve, clock_};
};

TEST_F(ObservingGuardTest, EverybodyIsServedAndWhoeverWouldNotBeIsCountedByMethod) {
  EXPECT_FALSE(guard_.is_on());
  EXPECT_TRUE(guard_.asks());
  EXPECT_FALSE(guard_.Admit({.method = "produce", .peer = "p:1"}));
  EXPECT_TRUE(guard_.Check(nullptr, Action::kProduce, kOrders).ok());
  EXPECT_EQ(Counted("produce"), 1u) << "once, not for each look";
  EXPECT_FALSE(guard_.Admit({.method = "authenticate", .peer = "p:1"}));
  EXPECT_EQ(guard_.log().observed_total(), 1u);

  const core::Caller cart = world_.CallerOf("cart");
  EXPECT_FALSE(guard_.Admit({.method = "produce", .peer = "p:1", .caller = &cart}));
  EXPECT_TRUE(guard_.Check(&cart, Action::kProduce, kOrders).ok());
  EXPECT_EQ(guard_.log().observed_total(), 1u) << "who may is not counted";
  EXPECT_TRUE(guard_.Check(&cart, Action::kProduce, kOthers).ok());
  EXPECT_TRUE(guard_.Check(&cart, Action::kAdminister).ok());
  EXPECT_EQ(guard_.log().observed_total(), 3u);
}

TEST_F(ObservingGuardTest, RevokedCallersStayAndAreCountedOnce) {
  const core::Caller cart = world_.CallerOf("cart");
  world_.Revoke("cart");
  ASSERT_TRUE(guard_.Publish(world_.Book()));
  EXPECT_FALSE(guard_.IsVoid()(cart));
  EXPECT_FALSE(guard_.Admit({.method = "fetch", .peer = "p:1", .caller = &cart}));
  EXPECT_TRUE(guard_.Check(&cart, Action::kConsume, kOrders).ok());
  EXPECT_EQ(Counted("fetch"), 1u);
  EXPECT_EQ(guard_.log().observed_total(), 1u);
}

TEST_F(ObservingGuardTest, ATokenThatIsNotKnownIsWelcomeAndNobodys) {
  idl::AuthenticateRequest request;
  request.token = "nonsense";
  FakeCall call;
  const auto welcome = Authenticate(guard_, request, call);
  ASSERT_TRUE(welcome.ok());
  EXPECT_EQ(welcome->principal, "anonymous");
  EXPECT_EQ(call.identified, nullptr);
  EXPECT_EQ(Counted("authenticate"), 1u);
  request.token = world_.TextOf("cart");
  ASSERT_TRUE(Authenticate(guard_, request, call).ok());
  ASSERT_NE(call.identified, nullptr);
  EXPECT_EQ(call.identified->principal.name, "cart");
  EXPECT_EQ(Counted("authenticate"), 1u);
}

TEST_F(ObservingGuardTest, WithoutABookNobodyIsHeldUpAndNothingIsCounted) {
  const Guard young(AuthMode::kObserve, clock_);
  const core::Caller cart = world_.CallerOf("cart");
  EXPECT_FALSE(young.Admit({.method = "produce", .peer = "p:1", .caller = &cart}));
  EXPECT_TRUE(young.Check(&cart, Action::kProduce, kOrders).ok());
  EXPECT_EQ(young.log().observed_total(), 0u);
}

// ---------------------------------------------------------------- people

TEST_F(GuardTest, WhoMustChangeHisPasswordMayDoThatAlone) {
  core::Token token = world_.TokenOf("cart");
  token.id = "0000000ann";
  token.service.clear();
  token.person = "ann";
  world_.records.tokens.insert(world_.records.tokens.begin(), token);
  world_.records.people = {{.name = "ann", .role = core::PersonRole::kAdmin}};
  world_.records.people[0].must_change_password = true;
  ++world_.records.version;
  guard_.Publish(world_.Book());
  const core::Caller ann{{core::PrincipalKind::kPerson, "ann"}, token.id};
  for (const char* method : {"setPassword", "signOut", "authenticate", "serverInfo"}) {
    EXPECT_FALSE(Admit(method, &ann)) << method;
  }
  for (const char* method : {"metadata", "putPerson", "listPeople", "produce"}) {
    const auto refused = Admit(method, &ann);
    ASSERT_TRUE(refused) << method;
    EXPECT_EQ(refused->code, ErrorCode::kClusterAuthorizationFailed);
    EXPECT_THAT(refused->message, HasSubstr("password"));
  }
  world_.records.people[0].must_change_password = false;
  ++world_.records.version;
  guard_.Publish(world_.Book());
  EXPECT_FALSE(Admit("metadata", &ann));
}

}  // namespace
}  // namespace lanemq
