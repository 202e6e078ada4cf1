#include "common/core/lease/lease_trust.h"

#include <gtest/gtest.h>

namespace lanemq::core {
namespace {

using std::chrono::milliseconds;

MonotonicTime At(int ms) { return {milliseconds{ms}}; }
LeaseTrust Trust() { return LeaseTrust({.ttl = milliseconds{900}, .margin = milliseconds{200}}); }

TEST(LeaseTrustTest, NothingIsTrustedBeforeItIsHeld) {
  const LeaseTrust trust = Trust();
  EXPECT_EQ(trust.Token(At(0)), std::nullopt);
  EXPECT_TRUE(trust.ShouldRenew(At(0)));
}

TEST(LeaseTrustTest, TrustEndsAMarginBeforeTheTermCountedFromTheStartOfTheAttempt) {
  LeaseTrust trust = Trust();
  // The answer came 600 ms after the attempt started: only 100 ms of trust are left.
  trust.OnHeld(FencingToken{4}, At(1'000));
  EXPECT_EQ(trust.Token(At(1'600)), FencingToken{4});
  EXPECT_EQ(trust.Token(At(1'699)), FencingToken{4});
  EXPECT_EQ(trust.Token(At(1'700)), std::nullopt);
  // A process that was stopped for long trusts nothing when it goes on.
  EXPECT_EQ(trust.Token(At(60'000)), std::nullopt);
}

TEST(LeaseTrustTest, RenewalIsDueAfterAThirdOfTheTerm) {
  LeaseTrust trust = Trust();
  trust.OnHeld(FencingToken{4}, At(1'000));
  EXPECT_FALSE(trust.ShouldRenew(At(1'299)));
  EXPECT_TRUE(trust.ShouldRenew(At(1'300)));
  trust.OnHeld(FencingToken{4}, At(1'300));
  EXPECT_EQ(trust.Token(At(1'999)), FencingToken{4});
}

TEST(LeaseTrustTest, ALostLeaseIsNotTrusted) {
  LeaseTrust trust = Trust();
  trust.OnHeld(FencingToken{4}, At(1'000));
  trust.OnLost();
  EXPECT_EQ(trust.Token(At(1'001)), std::nullopt);
  EXPECT_TRUE(trust.ShouldRenew(At(1'001)));
}

}  // namespace
}  // namespace lanemq::core
