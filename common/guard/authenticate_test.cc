#include "common/guard/authenticate.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/guard/guard_rig.h"

namespace lanemq {
namespace {

using core::Action;
using testing::FakeCall;
using testing::GuardTest;
using ::testing::HasSubstr;
using ::testing::Not;

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

// ---------------------------------------------------------------- new tokens

class NewTokenTest : public GuardTest {
 protected:
  NewTokenTest() {
    guard_.ExpectNewTokens(std::chrono::milliseconds{500}, [this] { ++asked_; });
    guard_.Confirm(clock_.Now());
  }
  static constexpr const char* kNew = "lmq_0123456789_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopq";
  ErrorCode CodeFor(const std::string& token) {
    FakeCall call(nullptr, "10.0.0." + std::to_string(++calls_) + ":1");
    const auto reply = Present(token, call);
    return reply.ok() ? ErrorCode::kUnknownServerError : reply.error().code;
  }

  int asked_ = 0;
  int calls_ = 0;
};

TEST_F(NewTokenTest, ATokenThatNobodyKnowsYetIsToldToComeAgainUntilTheBookWasAskedFor) {
  FakeCall call;
  const auto first = Present(kNew, call);
  ASSERT_FALSE(first.ok());
  EXPECT_EQ(first.error().code, ErrorCode::kMetadataUnavailable);
  EXPECT_EQ(first.error().retry_after_ms, 300);
  EXPECT_EQ(first.error().message.find("ABCDEF"), std::string::npos);
  EXPECT_EQ(asked_, 1);
  clock_.Advance(std::chrono::milliseconds{400});
  guard_.Confirm(clock_.Now());
  EXPECT_EQ(CodeFor(kNew), ErrorCode::kMetadataUnavailable) << "a metaserver may be behind, too";
  clock_.Advance(std::chrono::milliseconds{200});
  guard_.Confirm(clock_.Now());
  EXPECT_EQ(CodeFor(kNew), ErrorCode::kAuthenticationFailed);
  EXPECT_EQ(asked_, 2);
}

TEST_F(NewTokenTest, WhatIsNoTokenAndWhatIsKnownToBeWrongIsRefusedAtOnce) {
  std::string other_secret = world_.TextOf("cart");
  other_secret.back() = other_secret.back() == 'a' ? 'b' : 'a';
  EXPECT_EQ(CodeFor("nonsense"), ErrorCode::kAuthenticationFailed);
  EXPECT_EQ(CodeFor(other_secret), ErrorCode::kAuthenticationFailed);
  const std::string revoked = world_.TextOf("cart");
  world_.Revoke("cart");
  ASSERT_TRUE(guard_.Publish(world_.Book()));
  EXPECT_EQ(CodeFor(revoked), ErrorCode::kAuthenticationFailed);
  EXPECT_EQ(asked_, 0);
}

TEST_F(NewTokenTest, OneAddressCannotMakeServersAskAllTheTime) {
  FakeCall call;
  for (int i = 0; i < 10; ++i) (void)Present(kNew, call);
  EXPECT_EQ(Present(kNew, call).error().code, ErrorCode::kThrottled);
  EXPECT_EQ(asked_, 10);
}

// ---------------------------------------------------------------- gateways

TEST_F(GuardTest, AGatewayCallsForSomebodyWithItsOwnTokenBesideHis) {
  FakeCall call;
  idl::AuthenticateRequest request;
  request.token = world_.TextOf("cart");
  request.__set_gateway_token(world_.TextOf("portal"));
  request.__set_client_address("192.0.2.7");
  const auto welcome = Authenticate(guard_, request, call);
  ASSERT_TRUE(welcome.ok()) << welcome.error().ToString();
  EXPECT_EQ(welcome->principal, "service:cart");
  ASSERT_NE(call.identified, nullptr);
  EXPECT_EQ(call.identified->gateway, "portal");
  EXPECT_EQ(call.identified->client_address, "192.0.2.7");
  EXPECT_FALSE(Admit("metadata", call.identified.get()));
  EXPECT_FALSE(guard_.Check(call.identified.get(), Action::kActFor).ok())
      << "what the gateway may is not his to do";
  for (core::Service& service : world_.records.services) {
    if (service.name == "portal") service.is_disabled = true;
  }
  ++world_.records.version;
  guard_.Publish(world_.Book());
  EXPECT_TRUE(guard_.IsVoid()(*call.identified)) << "what came through it goes with it";
}

TEST_F(GuardTest, NobodyElseNamesAnAddress) {
  const auto code_of = [&](const std::string& gateway_token, const std::string& address) {
    FakeCall call;
    idl::AuthenticateRequest request;
    request.token = world_.TextOf("cart");
    if (!gateway_token.empty()) request.__set_gateway_token(gateway_token);
    request.__set_client_address(address);
    const auto reply = Authenticate(guard_, request, call);
    EXPECT_EQ(call.identified, nullptr);
    return reply.ok() ? ErrorCode::kUnknownServerError : reply.error().code;
  };
  EXPECT_EQ(code_of("", "192.0.2.7"), ErrorCode::kInvalidRequest);
  EXPECT_EQ(code_of(world_.TextOf("ops"), "192.0.2.7"), ErrorCode::kAuthenticationFailed);
  EXPECT_EQ(code_of("nonsense", "192.0.2.7"), ErrorCode::kAuthenticationFailed);
  EXPECT_EQ(code_of(world_.TextOf("portal"), std::string(65, '1')), ErrorCode::kInvalidRequest);
  EXPECT_EQ(code_of(world_.TextOf("portal"), "1.2.3.4\nforged"), ErrorCode::kInvalidRequest);
}

TEST_F(GuardTest, WrongTokensThroughAGatewayHoldUpTheirAddressAlone) {
  const auto code_of = [&](const std::string& address) {
    FakeCall call;
    idl::AuthenticateRequest request;
    request.token = "wrong";
    request.__set_gateway_token(world_.TextOf("portal"));
    request.__set_client_address(address);
    return Authenticate(guard_, request, call).error().code;
  };
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(code_of("192.0.2.7"), ErrorCode::kAuthenticationFailed);
  }
  EXPECT_EQ(code_of("192.0.2.7"), ErrorCode::kThrottled);
  EXPECT_EQ(code_of("192.0.2.8"), ErrorCode::kAuthenticationFailed);
}

}  // namespace
}  // namespace lanemq
