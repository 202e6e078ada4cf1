#include "client/cli/text/exec_verdict.h"

#include <gtest/gtest.h>

namespace lanemq::cli {
namespace {

using Kind = ExecVerdict::Kind;

ExecVerdict OfExit(int code, std::string errors = "") {
  return JudgeChild({.exit_code = code, .error_tail = std::move(errors)});
}

TEST(JudgeChild, KnowsTheExitCodes) {
  EXPECT_EQ(OfExit(0, "just a note\n").kind, Kind::kDone);
  EXPECT_EQ(OfExit(1).kind, Kind::kRetry);
  EXPECT_EQ(OfExit(75).kind, Kind::kRetry);
  EXPECT_EQ(OfExit(65).kind, Kind::kDead);
  EXPECT_EQ(OfExit(64).kind, Kind::kRetry);
  EXPECT_EQ(OfExit(126).kind, Kind::kStop);
  EXPECT_EQ(OfExit(127).kind, Kind::kStop);
}

TEST(JudgeChild, ReasonsAreWordsToCountBy) {
  EXPECT_EQ(OfExit(75).reason, "exit_75");
  EXPECT_EQ(JudgeChild({.signal = 9}).reason, "signal_9");
  EXPECT_EQ(JudgeChild({.signal = 9}).kind, Kind::kRetry);
  EXPECT_EQ(JudgeChild({.is_timed_out = true}).reason, "timeout");
  EXPECT_EQ(JudgeChild({.is_timed_out = true}).kind, Kind::kRetry);
}

TEST(JudgeChild, ErrorsAreWhatItSaidOrHowItEnded) {
  EXPECT_EQ(OfExit(1, "no such customer\n\n").error, "no such customer");
  EXPECT_EQ(OfExit(3, "\n").error, "exit code 3");
  EXPECT_EQ(JudgeChild({.signal = 15}).error, "ended by signal 15");
  EXPECT_EQ(JudgeChild({.is_timed_out = true}).error, "killed: it took too long");
}

}  // namespace
}  // namespace lanemq::cli
