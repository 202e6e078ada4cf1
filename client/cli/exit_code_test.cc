#include "client/cli/exit_code.h"

#include <gtest/gtest.h>

namespace lanemq::cli {
namespace {

TEST(ExitCodeTest, TellsScriptsWhatToDo) {
  EXPECT_EQ(static_cast<int>(ExitCodeOf(ErrorCode::kUnknownTopicOrPartition)), 3);
  EXPECT_EQ(static_cast<int>(ExitCodeOf(ErrorCode::kTopicAuthorizationFailed)), 4);
  EXPECT_EQ(static_cast<int>(ExitCodeOf(ErrorCode::kTopicAlreadyExists)), 5);
  EXPECT_EQ(static_cast<int>(ExitCodeOf(ErrorCode::kBrokerNotAvailable)), 6);
  EXPECT_EQ(static_cast<int>(ExitCodeOf(ErrorCode::kInvalidConfig)), 2);
  EXPECT_EQ(static_cast<int>(ExitCodeOf(ErrorCode::kUnknownServerError)), 1);
}

TEST(ExitCodeTest, WhatWorksOnARetryAfterADelayIsUnavailable) {
#define LANEMQ_X(enumerator, wire, number, retry, effect, meaning)                       \
  if (Retry::retry == Retry::kAfterDelay) {                                              \
    EXPECT_EQ(ExitCodeOf(ErrorCode::enumerator), ExitCode::kUnavailable) << #enumerator; \
  }
  LANEMQ_ERROR_CODES(LANEMQ_X)
#undef LANEMQ_X
}

TEST(ExitCodeTest, WhoeverIsRefusedIsToldWhatToDo) {
  for (const ErrorCode code :
       {ErrorCode::kAuthenticationFailed, ErrorCode::kTopicAuthorizationFailed,
        ErrorCode::kGroupAuthorizationFailed, ErrorCode::kClusterAuthorizationFailed}) {
    EXPECT_EQ(static_cast<int>(ExitCodeOf(code)), 4) << NameOf(code);
    EXPECT_NE(HintFor(code).find("lanemq "), std::string::npos) << NameOf(code);
  }
}

TEST(ExitCodeTest, HintsNameACommand) {
  EXPECT_NE(HintFor(ErrorCode::kBrokerNotAvailable).find("lanemq doctor"), std::string::npos);
  EXPECT_EQ(HintFor(ErrorCode::kUnknownServerError), "");
}

}  // namespace
}  // namespace lanemq::cli
