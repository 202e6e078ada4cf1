#include "common/guard/refusal_limit.h"

#include <chrono>

#include <gtest/gtest.h>

namespace lanemq {
namespace {

MonotonicTime At(std::chrono::milliseconds time) { return {time}; }

int Taken(RefusalLimit& limit, const std::string& peer, MonotonicTime now, int tries) {
  int taken = 0;
  for (int i = 0; i < tries; ++i) taken += limit.Take(peer, now) ? 1 : 0;
  return taken;
}

TEST(RefusalLimitTest, AnAddressHasItsAllowanceAndGetsItBack) {
  RefusalLimit limit({.per_second = 10});
  EXPECT_EQ(Taken(limit, "1.1.1.1:1", At(std::chrono::seconds{1}), 100), 10);
  EXPECT_EQ(Taken(limit, "1.1.1.1:2", At(std::chrono::seconds{1}), 100), 0);
  EXPECT_EQ(Taken(limit, "1.1.1.2:1", At(std::chrono::seconds{1}), 100), 10);
  EXPECT_EQ(Taken(limit, "1.1.1.1:3", At(std::chrono::milliseconds{1'500}), 100), 5);
  EXPECT_EQ(Taken(limit, "1.1.1.1:3", At(std::chrono::hours{1}), 100), 10);
}

TEST(RefusalLimitTest, AddressesOfVersionSixAreToldApart) {
  RefusalLimit limit({.per_second = 1});
  EXPECT_EQ(Taken(limit, "2001:db8::1:80", At(std::chrono::seconds{1}), 5), 1);
  EXPECT_EQ(Taken(limit, "2001:db8::2:80", At(std::chrono::seconds{1}), 5), 1);
}

TEST(RefusalLimitTest, WhenTheTableIsFullNewAddressesShareOneAllowance) {
  RefusalLimit limit({.per_second = 2, .addresses_max = 100});
  const MonotonicTime now = At(std::chrono::seconds{1});
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(Taken(limit, "a" + std::to_string(i) + ":1", now, 1), 1);
  }
  int taken = 0;
  for (int i = 0; i < 10'000; ++i) taken += Taken(limit, "b" + std::to_string(i) + ":1", now, 1);
  EXPECT_EQ(taken, 2);
  EXPECT_LE(limit.addresses(), 101u);
}

TEST(RefusalLimitTest, AFullTableForgetsWhoHasBeenQuiet) {
  RefusalLimit limit({.per_second = 2, .addresses_max = 100});
  for (int i = 0; i < 100; ++i) {
    Taken(limit, "a" + std::to_string(i) + ":1", At(std::chrono::seconds{1}), 2);
  }
  EXPECT_EQ(Taken(limit, "new:1", At(std::chrono::seconds{10}), 5), 2);
  EXPECT_EQ(limit.addresses(), 1u);
}

}  // namespace
}  // namespace lanemq
