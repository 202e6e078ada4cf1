#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "common/core/store/lease_store.h"

namespace lanemq::testing {

/// A store to be tested, on a clock that the test moves.
class LeaseStoreUnderTest {
 public:
  virtual ~LeaseStoreUnderTest() = default;
  virtual core::LeaseStore& store() = 0;
  /// Moves the store's (the database's) time forward.
  virtual void Advance(std::chrono::milliseconds by) = 0;
};

struct LeaseStoreFactory {
  std::string name;
  std::function<std::unique_ptr<LeaseStoreUnderTest>(std::string* why)> make;
};

inline void PrintTo(const LeaseStoreFactory& factory, std::ostream* out) { *out << factory.name; }

/// What every LeaseStore must do.
class LeaseStoreSuite : public ::testing::TestWithParam<LeaseStoreFactory> {
 protected:
  static constexpr std::chrono::milliseconds kTtl{1'000};

  void SetUp() override {
    std::string why;
    under_test_ = GetParam().make(&why);
    if (under_test_ == nullptr)
      GTEST_SKIP() << "SKIPPED LOUDLY: " << GetParam().name << ": " << why;
  }
  static Deadline Soon() {
    return Deadline::After(SystemClock::Instance(), std::chrono::seconds{20});
  }
  core::LeaseStore& store() { return under_test_->store(); }
  void Advance(int ms) { under_test_->Advance(std::chrono::milliseconds{ms}); }

  Result<core::Lease> Acquire(const std::string& owner, const std::string& name = "jobs") {
    return store().Acquire(name, owner, kTtl, Soon());
  }
  core::Lease AcquireOk(const std::string& owner, const std::string& name = "jobs") {
    auto lease = Acquire(owner, name);
    EXPECT_TRUE(lease.ok()) << lease.error().ToString();
    return lease.ok() ? *lease : core::Lease{};
  }
  void ExpectHeldFrom(const std::string& owner) {
    const auto lease = Acquire(owner);
    ASSERT_FALSE(lease.ok());
    EXPECT_EQ(lease.error().code, ErrorCode::kConflict);
  }
  void ExpectEnded(const core::Lease& lease) {
    const Status renewed = store().Renew(lease, kTtl, Soon());
    ASSERT_FALSE(renewed.ok());
    EXPECT_EQ(renewed.error().code, ErrorCode::kFenced);
  }

  std::unique_ptr<LeaseStoreUnderTest> under_test_;
};

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(LeaseStoreSuite);

TEST_P(LeaseStoreSuite, AFreeLeaseIsTakenAndHeldUntilItsTermEnds) {
  EXPECT_EQ(AcquireOk("a").token, core::FencingToken{1});
  ExpectHeldFrom("b");
  Advance(999);
  ExpectHeldFrom("b");
  Advance(1);
  EXPECT_EQ(AcquireOk("b").token, core::FencingToken{2});
  ExpectHeldFrom("a");
}

TEST_P(LeaseStoreSuite, TheOwnerExtendsItsTermUnderTheSameToken) {
  const core::Lease first = AcquireOk("a");
  Advance(600);
  EXPECT_EQ(AcquireOk("a"), first);
  Advance(600);
  ASSERT_TRUE(store().Renew(first, kTtl, Soon()).ok());
  Advance(999);
  ExpectHeldFrom("b");
}

TEST_P(LeaseStoreSuite, AnExpiredTermIsOverEvenWhenNobodyTookOver) {
  const core::Lease first = AcquireOk("a");
  Advance(1'000);
  ExpectEnded(first);
  const core::Lease second = AcquireOk("a");
  EXPECT_GT(second.token, first.token);
  ExpectEnded(first);
  EXPECT_TRUE(store().Renew(second, kTtl, Soon()).ok());
}

TEST_P(LeaseStoreSuite, AnOldTermNeitherRenewsNorReleasesTheNewOne) {
  const core::Lease old = AcquireOk("a");
  Advance(1'500);
  const core::Lease now = AcquireOk("b");
  ExpectEnded(old);
  EXPECT_TRUE(store().Release(old, Soon()).ok());
  EXPECT_TRUE(store().Renew(now, kTtl, Soon()).ok());
  ExpectHeldFrom("a");
}

TEST_P(LeaseStoreSuite, AReleasedLeaseIsFreeAtOnceAndItsTokenIsNotReused) {
  const core::Lease first = AcquireOk("a");
  ASSERT_TRUE(store().Release(first, Soon()).ok());
  ExpectEnded(first);
  const core::Lease second = AcquireOk("b");
  EXPECT_GT(second.token, first.token);
  EXPECT_TRUE(store().Release(first, Soon()).ok());  // Again: harmless.
  ExpectHeldFrom("a");
}

TEST_P(LeaseStoreSuite, NamesAreIndependent) {
  AcquireOk("a", "one");
  EXPECT_EQ(AcquireOk("b", "two").token, core::FencingToken{1});
  EXPECT_EQ(AcquireOk("c", "ONE").token, core::FencingToken{1});
}

TEST_P(LeaseStoreSuite, RunningTermsAreListedByPrefix) {
  const core::Lease two = AcquireOk("b", "slot-2");
  const core::Lease one = AcquireOk("a", "slot-1");
  AcquireOk("a", "slos");
  AcquireOk("a", "slou");
  AcquireOk("a", "Slot-3");
  auto running = store().Running("slot-", Soon());
  ASSERT_TRUE(running.ok()) << running.error().ToString();
  EXPECT_EQ(*running, (std::vector<core::Lease>{one, two}));
  ASSERT_TRUE(store().Release(one, Soon()).ok());
  running = store().Running("slot-", Soon());
  ASSERT_TRUE(running.ok());
  EXPECT_EQ(*running, std::vector<core::Lease>{two});
  Advance(1'000);
  running = store().Running("slot-", Soon());
  ASSERT_TRUE(running.ok());
  EXPECT_TRUE(running->empty());
}

TEST_P(LeaseStoreSuite, OfManyThatRushExactlyOneWinsEachTerm) {
  constexpr int kThreads = 6;
  core::FencingToken last{0};
  for (int round = 0; round < 10; ++round) {
    std::atomic<int> winners{0};
    std::atomic<std::int64_t> token{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        const auto lease = Acquire("owner" + std::to_string(i), "rush");
        if (lease.ok()) {
          ++winners;
          token = lease->token.value;
        } else {
          EXPECT_EQ(lease.error().code, ErrorCode::kConflict) << lease.error().ToString();
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(winners, 1);
    EXPECT_GT(token, last.value);
    last = core::FencingToken{token};
    Advance(1'000);
  }
}

}  // namespace lanemq::testing
