#include "client/cli/terminal/interrupt.h"

#include <csignal>
#include <unistd.h>

#include <gtest/gtest.h>

namespace lanemq::cli {
namespace {

using namespace std::chrono_literals;

TEST(InterruptTest, TheFirstSignalIsNotedAndWakesEveryWait) {
  int fds[2];
  ASSERT_EQ(pipe(fds), 0);
  {
    const InterruptGuard guard;
    EXPECT_FALSE(guard.IsInterrupted());
    EXPECT_FALSE(guard.WaitReadable(fds[0], 1ms));
    EXPECT_TRUE(guard.Pause(1us));
    std::raise(SIGINT);
    EXPECT_TRUE(guard.IsInterrupted());
    EXPECT_FALSE(guard.Pause(1h));
    EXPECT_FALSE(guard.WaitReadable(fds[0], 1h));
  }
  const InterruptGuard next;
  EXPECT_FALSE(next.IsInterrupted());
  ASSERT_EQ(write(fds[1], "x", 1), 1);
  EXPECT_TRUE(next.WaitReadable(fds[0], 1h));
  close(fds[0]);
  close(fds[1]);
}

TEST(InterruptDeathTest, TheSecondSignalEndsTheProcess) {
  EXPECT_EXIT(
      {
        const InterruptGuard guard;
        std::raise(SIGTERM);
        std::raise(SIGINT);
      },
      testing::ExitedWithCode(130), "");
}

}  // namespace
}  // namespace lanemq::cli
