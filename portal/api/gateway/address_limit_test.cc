#include "portal/api/gateway/address_limit.h"

#include <gtest/gtest.h>

namespace lanemq::portal {
namespace {

using std::chrono::milliseconds;

MonotonicTime At(std::int64_t ms) { return {milliseconds(1'000'000 + ms)}; }

TEST(AddressLimitTest, LetsABurstThroughAndThenSoManyASecond) {
  AddressLimit limit({.per_second = 10, .burst = 3});
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(limit.Take("10.0.0.1", At(0)));
  EXPECT_EQ(limit.Take("10.0.0.1", At(0)), milliseconds(100));
  EXPECT_FALSE(limit.Take("10.0.0.2", At(0)));
  EXPECT_FALSE(limit.Take("10.0.0.1", At(100)));
  EXPECT_TRUE(limit.Take("10.0.0.1", At(110)));
}

TEST(AddressLimitTest, TheAddressesOfOneIpv6NetworkAreOne) {
  AddressLimit limit({.per_second = 1, .burst = 1});
  EXPECT_FALSE(limit.Take("2001:db8::1", At(0)));
  EXPECT_TRUE(limit.Take("2001:db8::ffff:2", At(0)));
  EXPECT_FALSE(limit.Take("2001:db8:0:1::1", At(0)));
}

TEST(AddressLimitTest, ForgetsTheOneUnheardOfForLongest) {
  AddressLimit limit({.per_second = 0.001, .burst = 1, .addresses_max = 2});
  EXPECT_FALSE(limit.Take("a", At(0)));
  EXPECT_FALSE(limit.Take("b", At(1)));
  EXPECT_TRUE(limit.Take("a", At(2)));
  EXPECT_FALSE(limit.Take("c", At(3)));  // b goes.
  EXPECT_TRUE(limit.Take("a", At(4)));
  EXPECT_FALSE(limit.Take("b", At(5)));
}

}  // namespace
}  // namespace lanemq::portal
