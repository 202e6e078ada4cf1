// The pure parts of retention in the broker: the queue, the window, settings.
#include <gtest/gtest.h>

#include "broker/retention/daily_window.h"
#include "broker/retention/janitor_queue.h"
#include "broker/retention/janitors.h"

namespace lanemq::broker {
namespace {

using std::chrono::seconds;

MonotonicTime At(int s) { return {seconds(s)}; }
core::PartitionKey Key(int partition) { return {core::TopicId{1}, partition}; }
JanitorTask Task(int partition) { return {{Key(partition), core::NodeId{1}, 0}, "t", {}}; }

int NextOf(const JanitorQueue& queue, int s) {
  const auto next = queue.Next(At(s));
  return next ? next->location.key.partition : -1;
}

TEST(JanitorQueueTest, WhoWaitedLongestIsNext) {
  JanitorQueue queue({.every = seconds(60)});
  EXPECT_EQ(queue.NextAt(), std::nullopt);
  queue.SetTasks({Task(0), Task(1)}, At(0));
  EXPECT_EQ(NextOf(queue, 0), 0);
  queue.OnProgress(Key(0), At(1));
  EXPECT_EQ(NextOf(queue, 1), 1) << "one with much to remove stops no other";
  queue.OnIdle(Key(1), At(2));
  EXPECT_EQ(NextOf(queue, 2), 0);
  queue.OnProgress(Key(0), At(3), seconds(4));
  EXPECT_EQ(NextOf(queue, 6), -1) << "its writers waited: they are left alone for a while";
  EXPECT_EQ(NextOf(queue, 7), 0);
  queue.OnIdle(Key(0), At(3));
  EXPECT_EQ(NextOf(queue, 61), -1);
  EXPECT_EQ(queue.NextAt(), At(62));
  EXPECT_EQ(NextOf(queue, 62), 1);
}

TEST(JanitorQueueTest, ABusyTableWaitsLongerEachTimeUpToALimit) {
  JanitorQueue queue({.busy_first = seconds(5), .busy_slowest = seconds(300)});
  queue.SetTasks({Task(0)}, At(0));
  int now = 0;
  for (const int wait : {5, 10, 20, 40, 80, 160, 300, 300}) {
    queue.OnFailed(Key(0), At(now));
    EXPECT_EQ(queue.NextAt(), At(now + wait));
    now += wait;
  }
  queue.OnProgress(Key(0), At(now));
  queue.OnFailed(Key(0), At(now));
  EXPECT_EQ(queue.NextAt(), At(now + 5)) << "it worked once: it begins anew";
}

TEST(JanitorQueueTest, ANewCatalogueKeepsTheTimesOfWhatIsKnown) {
  JanitorQueue queue({.every = seconds(60)});
  queue.SetTasks({Task(0), Task(1)}, At(0));
  queue.OnIdle(Key(0), At(0));
  queue.OnIdle(Key(1), At(0));
  JanitorTask changed = Task(0);
  changed.policy.keep_bytes = 7;
  queue.SetTasks({changed, Task(2)}, At(10));
  EXPECT_EQ(NextOf(queue, 10), 2);
  queue.OnIdle(Key(2), At(10));
  EXPECT_EQ(queue.Next(At(60)), changed);
  queue.OnIdle(Key(1), At(60));  // Gone: nothing happens.
  queue.Restart(At(11));
  EXPECT_EQ(queue.NextAt(), At(11));
}

WallTime Clock(int hours, int minutes) {
  constexpr std::int64_t kDays = 20'000;
  return {((kDays * 24 + hours) * 60 + minutes) * 60'000'000};
}

TEST(DailyWindowTest, HasItsPartOfTheDay) {
  const auto night = ParseDailyWindow("22:30-05:00");
  ASSERT_TRUE(night.ok());
  EXPECT_TRUE(night->Has(Clock(22, 30)));
  EXPECT_TRUE(night->Has(Clock(0, 0)));
  EXPECT_FALSE(night->Has(Clock(5, 0)));
  EXPECT_FALSE(night->Has(Clock(22, 29)));
  const auto noon = ParseDailyWindow("11:00-13:00");
  ASSERT_TRUE(noon.ok());
  EXPECT_TRUE(noon->Has(Clock(12, 59)));
  EXPECT_FALSE(noon->Has(Clock(13, 0)));
  EXPECT_FALSE(noon->Has(Clock(10, 59)));
  const auto all = ParseDailyWindow("");
  ASSERT_TRUE(all.ok());
  EXPECT_TRUE(all->Has(Clock(13, 0)));
}

TEST(DailyWindowTest, RefusesWhatIsNone) {
  for (const char* text : {"x", "1:00-2:00", "24:00-01:00", "01:60-02:00", "01:00", "01:00-",
                           "01:00-01:00", "01:00-02:00 ", "+1:00-02:00"}) {
    EXPECT_FALSE(ParseDailyWindow(text).ok()) << text;
  }
}

}  // namespace
}  // namespace lanemq::broker
