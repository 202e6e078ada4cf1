#include "broker/timer.h"

#include <future>
#include <vector>

#include <gtest/gtest.h>

namespace lanemq::broker {
namespace {

using std::chrono::milliseconds;

TEST(TimerTest, CallsInOrderOfTimeAndNotWhatWasCancelled) {
  const Clock& clock = SystemClock::Instance();
  Timer timer(clock);
  const MonotonicTime now = clock.Now();
  std::vector<int> order;  // Of the timer's thread, until the promise.
  std::promise<void> last;
  timer.Schedule(now + milliseconds(30), [&] { last.set_value(); });
  timer.Schedule(now + milliseconds(20), [&] { order.push_back(2); });
  timer.Schedule(now + milliseconds(10), [&] { order.push_back(1); });
  const MonotonicTime at = now + milliseconds(15);
  timer.Cancel(at, timer.Schedule(at, [&] { order.push_back(9); }));
  last.get_future().wait();
  EXPECT_EQ(order, (std::vector<int>{1, 2}));
  EXPECT_GE(clock.Now(), now + milliseconds(30));
}

TEST(TimerTest, NothingIsCalledAfterStop) {
  Timer timer(SystemClock::Instance());
  timer.Schedule(SystemClock::Instance().Now() + std::chrono::hours(1), [] { FAIL(); });
  timer.Stop();
  timer.Stop();
  timer.Schedule({}, [] { FAIL(); });
}

}  // namespace
}  // namespace lanemq::broker
