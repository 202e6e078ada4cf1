#include "common/rpc/call_log.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "common/base/log.h"
#include "lanemq_types.h"

namespace lanemq::rpc {
namespace {

using std::chrono::milliseconds;

class CallLogTest : public ::testing::Test {
 protected:
  CallLogTest() {
    SetUpLogging("call-log-test", LogLevel::INFO);
    event_.method = "fetch";
    event_.detail = "orders-0";
    event_.peer = "1.2.3.4:5";
    event_.request_id = [] { return std::string("aa-1"); };
  }
  std::string LinesOf(const CallEvent& event) {
    ::testing::internal::CaptureStderr();
    log_.OnCall(event);
    return ::testing::internal::GetCapturedStderr();
  }
  SlowLog slow_{{.request = milliseconds(100)}};
  CallLog log_{slow_};
  CallEvent event_;
};

TEST_F(CallLogTest, OnlyWorkMakesACallSlow) {
  event_.duration = milliseconds(30'099);
  event_.waited = milliseconds(30'000);
  EXPECT_EQ(LinesOf(event_), "");
  event_.duration = milliseconds(30'100);
  EXPECT_NE(LinesOf(event_).find("slow.request method=fetch took_ms=100 request_id=aa-1 "
                                 "detail=orders-0 peer=1.2.3.4:5"),
            std::string::npos);
  idl::SlowCallsRequest request;
  const auto shown = SlowCallsOf(slow_, request);
  ASSERT_EQ(shown.calls.size(), 1u);
  EXPECT_EQ(shown.calls[0].request_id, "aa-1");
  EXPECT_EQ(shown.calls[0].kind, "request");
  EXPECT_EQ(shown.request_threshold_ms, 100);
}

TEST_F(CallLogTest, ACallThatTheClientLeftIsNotSlow) {
  event_.duration = milliseconds(5'000);
  event_.outcome = CallOutcome::kCancelled;
  EXPECT_EQ(LinesOf(event_), "");
  EXPECT_TRUE(slow_.Newest(1).empty());
}

TEST_F(CallLogTest, FailuresThatClientsDoNotGetOverAreLogged) {
  event_.outcome = CallOutcome::kDeclaredError;
  event_.error = ErrorCode::kMessageTooLarge;
  EXPECT_NE(LinesOf(event_).find("rpc.failed method=fetch request_id=aa-1 error="),
            std::string::npos);
  event_.error = ErrorCode::kRebalanceInProgress;
  EXPECT_EQ(LinesOf(event_), "") << "clients repeat it by themselves";
  event_.error.reset();
  event_.outcome = CallOutcome::kBroken;
  EXPECT_NE(LinesOf(event_).find("no reply could be made"), std::string::npos);
}

TEST_F(CallLogTest, AFloodOfFailuresIsCountedNotWritten) {
  event_.outcome = CallOutcome::kDeclaredError;
  event_.error = ErrorCode::kThrottled;
  ::testing::internal::CaptureStderr();
  for (int i = 0; i < 10'000; ++i) log_.OnCall(event_);
  const std::string lines = ::testing::internal::GetCapturedStderr();
  // The loop may see the turn of a second or two.
  EXPECT_LE(std::count(lines.begin(), lines.end(), '\n'), 50) << lines.substr(0, 500);
}

TEST_F(CallLogTest, TheNumberShownIsBounded) {
  slow_.Add({});
  slow_.Add({});
  idl::SlowCallsRequest request;
  for (const int max : {-5, 0, 1}) {
    request.__set_max(max);
    EXPECT_EQ(SlowCallsOf(slow_, request).calls.size(), 1u) << max;
  }
}

}  // namespace
}  // namespace lanemq::rpc
