#include "broker/quota/turn_pool.h"

#include <atomic>
#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include "tests/support/wait_for.h"

namespace lanemq::broker {
namespace {

using lanemq::testing::WaitFor;
using std::chrono::seconds;

/// One thread, which is held until Open().
class HeldPool {
 public:
  explicit HeldPool(std::size_t queue_max = 100)
      : pool_({.name = "held", .threads = 1, .queue_max = queue_max, .quantum = 10}) {
    EXPECT_TRUE(pool_.TryPost(0, 1, [this] {
      MutexLock lock(mutex_);
      is_held_ = true;
      while (!is_open_) changed_.Wait(mutex_);
    }));
    EXPECT_TRUE(WaitFor(
        [this] {
          MutexLock lock(mutex_);
          return is_held_;
        },
        seconds(5), "the thread is held"));
  }
  bool Post(std::uint64_t party, std::size_t cost, char mark) {
    return pool_.TryPost(party, cost, [this, mark] {
      MutexLock lock(mutex_);
      done_ += mark;
    });
  }
  /// What ran, in order.
  std::string Open() {
    {
      MutexLock lock(mutex_);
      is_open_ = true;
      changed_.NotifyAll();
    }
    pool_.Stop();
    MutexLock lock(mutex_);
    return done_;
  }
  [[nodiscard]] TurnPool& pool() { return pool_; }

 private:
  Mutex mutex_;
  CondVar changed_;
  bool is_held_ = false;
  bool is_open_ = false;
  std::string done_;
  TurnPool pool_;
};

TEST(TurnPoolTest, OnePartysTasksRunInOrderOfArrival) {
  HeldPool held;
  for (const char c : std::string("abcdef")) EXPECT_TRUE(held.Post(1, 30, c));
  EXPECT_EQ(held.Open(), "abcdef");
}

TEST(TurnPoolTest, WhoHasLittleWaitingIsNotBehindAllOfWhoHasMuch) {
  HeldPool held;
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(held.Post(1, 10, 'x'));
  EXPECT_TRUE(held.Post(2, 10, 'y'));
  const std::string done = held.Open();
  EXPECT_EQ(done.size(), 21u);
  EXPECT_LE(done.find('y'), 1u) << done;
}

TEST(TurnPoolTest, AFullQueueAndAStoppedPoolRefuse) {
  HeldPool held(2);
  EXPECT_TRUE(held.Post(1, 1, 'a'));
  EXPECT_TRUE(held.Post(2, 1, 'b'));
  EXPECT_FALSE(held.Post(3, 1, 'c'));
  EXPECT_EQ(held.pool().QueueDepth(), 2u);
  EXPECT_EQ(held.Open(), "ab");
  EXPECT_FALSE(held.Post(1, 1, 'd'));
}

TEST(TurnPoolTest, ManyThreadsRunEverythingOnce) {
  std::atomic<int> ran{0};
  TurnPool pool({.name = "many", .threads = 4, .queue_max = 100'000});
  for (int i = 0; i < 10'000; ++i) {
    ASSERT_TRUE(pool.TryPost(static_cast<std::uint64_t>(i % 7), 1u << 15, [&ran] { ++ran; }));
  }
  pool.Stop();
  EXPECT_EQ(ran, 10'000);
}

}  // namespace
}  // namespace lanemq::broker
