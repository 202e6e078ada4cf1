#include "common/guard/guard.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "access_types.h"
#include "common/core/access/access_table.h"
#include "common/guard/authenticate.h"
#include "common/guard/test_world.h"

namespace lanemq {
namespace {

using core::Action;
using core::ResourceKind;
using testing::FakeCall;
using testing::GuardClock;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::World;

const core::Resource kOrders{ResourceKind::kTopic, "orders"};
const core::Resource kOthers{ResourceKind::kTopic, "others"};
const core::Resource kPickers{ResourceKind::kGroup, "pickers"};

ErrorCode CodeOf(const Status& status) {
  return status.ok() ? ErrorCode::kUnknownServerError : status.error().code;
}

class GuardTest : public ::testing::Test {
 protected:
  GuardTest() { guard_.Publish(world_.Book()); }

  std::optional<Error> Admit(std::string_view method, const core::Caller* caller) const {
    return guard_.Admit({.method = method, .peer = "p:1", .caller = caller});
  }
  Result<idl::AuthenticateResponse> Present(const std::string& token, FakeCall& call) const {
    idl::AuthenticateRequest request;
    request.token = token;
    return Authenticate(guard_, request, call);
  }

  GuardClock clock_;
  World world_;
  Guard guard_{true, clock_};
};

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
  for (const core::MethodAccess& row : core::kAccessTable) {
    if (row.method == "authenticate" || row.method == "serverInfo") continue;
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

TEST_F(GuardTest, WhateverIsWrongWithATokenTheAnswerIsTheSame) {
  const std::string good = world_.TextOf("cart");
  std::string other_secret = good;
  other_secret.back() = good.back() == 'a' ? 'b' : 'a';
  std::string other_id = good;
  other_id[4] = good[4] == 'a' ? 'b' : 'a';
  std::vector<std::string> messages;
  for (const std::string& bad : {std::string("nonsense"), std::string(), other_secret, other_id}) {
    FakeCall call;
    const auto refused = Present(bad, call);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::kAuthenticationFailed);
    EXPECT_THAT(refused.error().message, Not(HasSubstr(good.substr(20))));
    EXPECT_EQ(call.identified, nullptr);
    messages.push_back(refused.error().message);
  }
  EXPECT_THAT(messages, ::testing::Each(messages.front()));
}

TEST_F(GuardTest, AuthenticateMakesTheConnectionWhoTheTokenSays) {
  world_.TokenOf("cart").expires_at = WallTime{2'000'000'000'000'000};
  ++world_.records.version;
  guard_.Publish(world_.Book());
  FakeCall call;
  const auto welcome = Present(world_.TextOf("cart") + "\n", call);
  ASSERT_TRUE(welcome.ok()) << welcome.error().ToString();
  EXPECT_EQ(welcome->principal, "service:cart");
  EXPECT_EQ(welcome->team, "shop");
  EXPECT_EQ(welcome->expires_at_us, 2'000'000'000'000'000);
  ASSERT_NE(call.identified, nullptr);
  EXPECT_EQ(*call.identified, world_.CallerOf("cart"));
}

TEST_F(GuardTest, AConnectionStaysWhoItIs) {
  FakeCall call(std::make_shared<const core::Caller>(world_.CallerOf("cart")));
  const auto refused = Present(world_.TextOf("root"), call);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kAuthenticationFailed);
  EXPECT_EQ(call.identified, nullptr);
  // Another token of the same service is how tokens are changed.
  EXPECT_TRUE(Present(world_.TextOf("cart"), call).ok());
  EXPECT_NE(call.identified, nullptr);
}

TEST_F(GuardTest, OffAuthenticateDoesNothing) {
  const Guard off(false, clock_);
  FakeCall call;
  idl::AuthenticateRequest request;
  request.token = world_.TextOf("cart");
  const auto welcome = Authenticate(off, request, call);
  ASSERT_TRUE(welcome.ok());
  EXPECT_EQ(welcome->principal, "anonymous");
  EXPECT_EQ(call.identified, nullptr);
}

TEST_F(GuardTest, WrongTokensOfOneAddressAreHeldUpAndRightOnesAreNot) {
  for (int i = 0; i < 10; ++i) {
    FakeCall call(nullptr, "10.1.2.3:" + std::to_string(i));
    EXPECT_EQ(Present("wrong", call).error().code, ErrorCode::kAuthenticationFailed);
  }
  FakeCall call(nullptr, "10.1.2.3:99");
  const auto held_up = Present("wrong", call);
  EXPECT_EQ(held_up.error().code, ErrorCode::kThrottled);
  EXPECT_GT(held_up.error().retry_after_ms, 0);
  EXPECT_TRUE(Present(world_.TextOf("cart"), call).ok());
  FakeCall elsewhere(nullptr, "10.1.2.4:1");
  EXPECT_EQ(Present("wrong", elsewhere).error().code, ErrorCode::kAuthenticationFailed);
  clock_.Advance(std::chrono::milliseconds{100});
  EXPECT_EQ(Present("wrong", call).error().code, ErrorCode::kAuthenticationFailed);
  EXPECT_EQ(Present("wrong", call).error().code, ErrorCode::kThrottled);
}

}  // namespace
}  // namespace lanemq
