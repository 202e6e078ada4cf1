#include "client/cli/terminal/child_process.h"

#include <chrono>
#include <csignal>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/cli/terminal/interrupt.h"
#include "common/base/clock.h"

namespace lanemq::cli {
namespace {

using std::chrono_literals::operator""ms;
using testing::EndsWith;
using testing::HasSubstr;
using testing::SizeIs;

ChildResult Ran(const ChildCommand& command) {
  auto result = RunChild(command);
  EXPECT_TRUE(result.ok());
  return result.ok() ? *result : ChildResult();
}

TEST(RunChild, TellsTheExitCode) {
  EXPECT_EQ(Ran({.text = "true"}).exit_code, 0);
  EXPECT_EQ(Ran({.text = "exit 65"}).exit_code, 65);
  EXPECT_EQ(Ran({.text = "/no/such/program 2>/dev/null"}).exit_code, 127);
}

TEST(RunChild, InputComesWhole) {
  EXPECT_EQ(Ran({.text = "test \"$(cat)\" = 'a b'", .input = "a b"}).exit_code, 0);
  const std::string large(3'000'000, 'x');  // More than a pipe holds.
  EXPECT_EQ(Ran({.text = "test $(wc -c) -eq 3000000", .input = large}).exit_code, 0);
}

TEST(RunChild, NeedNotReadItsInput) {
  IgnoreBrokenPipes();
  const std::string large(3'000'000, 'x');
  EXPECT_EQ(Ran({.text = "exit 3", .input = large}).exit_code, 3);
}

TEST(RunChild, KeepsTheEndOfStderr) {
  EXPECT_EQ(Ran({.text = "echo no such customer >&2; exit 1"}).error_tail, "no such customer\n");
  const ChildResult chatty = Ran({.text = "yes noise | head -c 5000 >&2; echo end >&2"});
  EXPECT_THAT(chatty.error_tail, SizeIs(2'000));
  EXPECT_THAT(chatty.error_tail, EndsWith("end\n"));
}

TEST(RunChild, TheEnvironmentIsOursAndMore) {
  const ChildResult result = Ran({.text = "test -n \"$PATH\" && test \"$LANEMQ_KEY\" = 'c 1'",
                                  .environment = {{"LANEMQ_KEY", "c 1"}}});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(Ran({.text = "test \"$PATH\" = x", .environment = {{"PATH", "x"}}}).exit_code, 0);
}

TEST(RunChild, KillsItAndItsChildrenWhenTheTimeIsOver) {
  const auto began = SystemClock::Instance().Now();
  const ChildResult result = Ran({.text = "sleep 600 & sleep 600", .timeout = 100ms});
  EXPECT_TRUE(result.is_timed_out);
  EXPECT_FALSE(result.exit_code.has_value());
  EXPECT_LT(SystemClock::Instance().Now() - began, std::chrono::seconds(60));
}

TEST(RunChild, DoesNotWaitForWhatTheCommandLeftBehind) {
  const auto began = SystemClock::Instance().Now();
  EXPECT_EQ(Ran({.text = "sleep 30 & exit 0"}).exit_code, 0);
  EXPECT_LT(SystemClock::Instance().Now() - began, std::chrono::seconds(20));
}

TEST(RunChild, TellsTheSignal) {
  const ChildResult result = Ran({.text = "kill -9 $$"});
  EXPECT_EQ(result.signal, SIGKILL);
  EXPECT_FALSE(result.exit_code.has_value());
}

TEST(RunChild, BrokenPipesEndCommandsAsUsual) {
  IgnoreBrokenPipes();
  EXPECT_EQ(Ran({.text = "yes | head -n 1 > /dev/null"}).exit_code, 0);
}

TEST(RunChild, WorksOnManyThreadsAtOnce) {
  std::vector<std::jthread> threads;
  std::vector<int> codes(8, -1);
  for (std::size_t i = 0; i < codes.size(); ++i) {
    threads.emplace_back([&codes, i] {
      const std::string input = std::to_string(i);
      const ChildResult result = Ran({.text = "exit $(cat)", .input = input});
      codes[i] = result.exit_code.value_or(-1);
    });
  }
  threads.clear();
  EXPECT_THAT(codes, testing::ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
}

}  // namespace
}  // namespace lanemq::cli
