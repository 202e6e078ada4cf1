#include "common/base/thread_pool.h"

#include <atomic>
#include <future>

#include <gtest/gtest.h>

namespace lanemq {
namespace {

TEST(ThreadPoolTest, RunsEverythingThatWasAcceptedBeforeStopReturns) {
  std::atomic<int> ran{0};
  ThreadPool pool({.name = "test", .threads = 3});
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(pool.TryPost([&ran] { ++ran; }));
  pool.Stop();
  EXPECT_EQ(ran, 1000);
  EXPECT_FALSE(pool.TryPost([] {}));
}

TEST(ThreadPoolTest, RefusesBeyondItsQueue) {
  std::promise<void> started;
  std::promise<void> release;
  ThreadPool pool({.name = "test", .threads = 1, .queue_max = 2});
  ASSERT_TRUE(pool.TryPost([&] {
    started.set_value();
    release.get_future().wait();
  }));
  started.get_future().wait();
  EXPECT_TRUE(pool.TryPost([] {}));
  EXPECT_TRUE(pool.TryPost([] {}));
  EXPECT_FALSE(pool.TryPost([] {}));
  EXPECT_EQ(pool.QueueDepth(), 2u);
  release.set_value();
}

}  // namespace
}  // namespace lanemq
