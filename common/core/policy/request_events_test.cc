#include "common/core/policy/request_events.h"

#include <string>

#include <gtest/gtest.h>

namespace lanemq::core {
namespace {

ChangeRequest In(RequestState state) {
  ChangeRequest request;
  request.state = state;
  return request;
}

std::string Told(const ChangeRequest& before, const ChangeRequest& after) {
  const auto event = EventOf(&before, after);
  return event ? std::string(ToString(*event)) : "";
}

std::string Told(RequestState before, RequestState after) { return Told(In(before), In(after)); }

TEST(RequestEventsTest, OthersHearOfWhatTheyWaitForAndOfNothingElse) {
  using enum RequestState;
  EXPECT_EQ(Told(kDraft, kPending), "submitted");
  EXPECT_EQ(Told(kApproved, kPending), "submitted");
  EXPECT_EQ(Told(kPending, kApproved), "approved");
  EXPECT_EQ(Told(kDraft, kApproved), "") << "nobody had to agree";
  EXPECT_EQ(Told(kPending, kDeclined), "declined");
  EXPECT_EQ(Told(kPending, kExpired), "expired");
  EXPECT_EQ(Told(kApproved, kFailed), "failed");
  EXPECT_EQ(Told(kApplying, kApplied), "applied");
  EXPECT_EQ(Told(kApplying, kUndone), "undone");
  EXPECT_EQ(Told(kApproved, kApplying), "");
  EXPECT_EQ(Told(kPending, kDraft), "");
  EXPECT_EQ(Told(kPending, kWithdrawn), "");
  for (const RequestState state : {kDraft, kPending, kApproved, kApplying, kApplied, kFailed}) {
    EXPECT_EQ(Told(state, state), "") << ToString(state);
  }
}

TEST(RequestEventsTest, TheGlassIsBrokenOnce) {
  ChangeRequest broken = In(RequestState::kApproved);
  broken.break_glass_reason = "night";
  EXPECT_EQ(Told(In(RequestState::kPending), broken), "break_glass");
  EXPECT_EQ(EventOf(nullptr, broken), RequestEvent::kBreakGlass) << "at once, on submission";
  ChangeRequest applied = broken;
  applied.state = RequestState::kApplied;
  EXPECT_EQ(Told(broken, applied), "applied");
}

TEST(RequestEventsTest, ANewRequestWasADraftBefore) {
  EXPECT_EQ(EventOf(nullptr, In(RequestState::kDraft)), std::nullopt);
  EXPECT_EQ(EventOf(nullptr, In(RequestState::kPending)), RequestEvent::kSubmitted);
  EXPECT_EQ(EventOf(nullptr, In(RequestState::kApproved)), std::nullopt);
}

TEST(RequestEventsTest, NamesComeBack) {
  for (int i = 0; i < 8; ++i) {
    const auto event = static_cast<RequestEvent>(i);
    EXPECT_EQ(RequestEventFromString(ToString(event)), event);
    EXPECT_EQ(IsForApprovers(event),
              event == RequestEvent::kSubmitted || event == RequestEvent::kBreakGlass);
  }
  EXPECT_EQ(RequestEventFromString("decided"), std::nullopt);
}

}  // namespace
}  // namespace lanemq::core
