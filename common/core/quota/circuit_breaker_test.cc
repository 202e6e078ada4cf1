#include "common/core/quota/circuit_breaker.h"

#include <gtest/gtest.h>

namespace lanemq::core {
namespace {

using std::chrono::milliseconds;
using State = CircuitBreaker::State;

MonotonicTime At(int ms) { return {milliseconds{ms}}; }

CircuitBreaker Make() {
  return CircuitBreaker(
      {.failures_to_open = 2, .pause_min = milliseconds{100}, .pause_max = milliseconds{300}});
}

TEST(CircuitBreakerTest, OneFailureDoesNotOpenIt) {
  CircuitBreaker breaker = Make();
  breaker.OnFailure(At(0));
  EXPECT_TRUE(breaker.Allow(At(0)));
  EXPECT_EQ(breaker.state(), State::kClosed);
}

TEST(CircuitBreakerTest, ASuccessBetweenFailuresStartsTheCountAgain) {
  CircuitBreaker breaker = Make();
  breaker.OnFailure(At(0));
  breaker.OnSuccess();
  breaker.OnFailure(At(1));
  EXPECT_EQ(breaker.state(), State::kClosed);
}

TEST(CircuitBreakerTest, OpenRefusesUntilThePauseIsOver) {
  CircuitBreaker breaker = Make();
  breaker.OnFailure(At(0));
  breaker.OnFailure(At(0));
  EXPECT_FALSE(breaker.Allow(At(99)));
  EXPECT_EQ(breaker.RetryIn(At(60)), milliseconds{40});
  EXPECT_TRUE(breaker.Allow(At(100)));
  EXPECT_EQ(breaker.state(), State::kHalfOpen);
}

TEST(CircuitBreakerTest, HalfOpenLetsOneProbeThrough) {
  CircuitBreaker breaker = Make();
  breaker.OnFailure(At(0));
  breaker.OnFailure(At(0));
  EXPECT_TRUE(breaker.Allow(At(100)));
  EXPECT_FALSE(breaker.Allow(At(100)));
  breaker.OnSuccess();
  EXPECT_TRUE(breaker.Allow(At(101)));
  EXPECT_EQ(breaker.state(), State::kClosed);
}

TEST(CircuitBreakerTest, FailedProbesDoubleThePauseUpToItsBound) {
  CircuitBreaker breaker = Make();
  breaker.OnFailure(At(0));
  breaker.OnFailure(At(0));
  ASSERT_TRUE(breaker.Allow(At(100)));
  breaker.OnFailure(At(100));
  EXPECT_EQ(breaker.RetryIn(At(100)), milliseconds{200});
  ASSERT_TRUE(breaker.Allow(At(300)));
  breaker.OnFailure(At(300));
  EXPECT_EQ(breaker.RetryIn(At(300)), milliseconds{300});
  ASSERT_TRUE(breaker.Allow(At(600)));
  breaker.OnSuccess();
  breaker.OnFailure(At(601));
  breaker.OnFailure(At(601));
  EXPECT_EQ(breaker.RetryIn(At(601)), milliseconds{100});
}

TEST(CircuitBreakerTest, AProbeThatNeverReportsIsGivenUp) {
  CircuitBreaker breaker = Make();
  breaker.OnFailure(At(0));
  breaker.OnFailure(At(0));
  ASSERT_TRUE(breaker.Allow(At(100)));
  EXPECT_FALSE(breaker.Allow(At(399)));
  EXPECT_TRUE(breaker.Allow(At(400)));
}

TEST(CircuitBreakerTest, LateFailuresDoNotProlongTheOpenPause) {
  CircuitBreaker breaker = Make();
  breaker.OnFailure(At(0));
  breaker.OnFailure(At(0));
  breaker.OnFailure(At(90));
  EXPECT_TRUE(breaker.Allow(At(100)));
}

TEST(CircuitBreakerTest, AnOperatorHoldsItOpenWhateverHappens) {
  CircuitBreaker breaker = Make();
  breaker.SetHeldOpen(true);
  breaker.OnSuccess();
  EXPECT_FALSE(breaker.Allow(At(1'000'000)));
  breaker.SetHeldOpen(false);
  EXPECT_TRUE(breaker.Allow(At(1'000'000)));
}

TEST(CircuitBreakerTest, LettingGoOfABreakerThatWasNotHeldChangesNothing) {
  CircuitBreaker breaker = Make();
  breaker.OnFailure(At(0));
  breaker.OnFailure(At(0));
  breaker.SetHeldOpen(false);
  EXPECT_EQ(breaker.state(), State::kOpen);
}

}  // namespace
}  // namespace lanemq::core
