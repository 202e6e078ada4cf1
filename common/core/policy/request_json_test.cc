#include "common/core/policy/request_json.h"

#include <gtest/gtest.h>

namespace lanemq::core {
namespace {

ChangeRequest FullRequest() {
  ChangeRequest request;
  request.id = 7;
  request.approvers = {{Approver::Kind::kTeamLeads, "payments"}, {Approver::Kind::kAdmins, {}}};
  request.approvals = {{{Approver::Kind::kAdmins, {}}, {PrincipalKind::kPerson, "adam"}, {5}}};
  request.reason = "no \"room\"";
  request.break_glass_reason = "the bank waits";
  request.progress = {.epoch = 3,
                      .direction = ApplyDirection::kBack,
                      .done = 2,
                      .is_marked = true,
                      .is_past_return = true,
                      .is_given_up = true,
                      .attempts = 4,
                      .since = {6},
                      .retry_at = {7},
                      .last_error = "gone"};
  return request;
}

TEST(RequestJsonTest, WhatARowKeepsComesBackAsItWas) {
  for (const ChangeRequest& request : {ChangeRequest{}, FullRequest()}) {
    ChangeRequest again;
    again.id = request.id;
    const Status read = RequestDetailFromText(RequestDetailToText(request), again);
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(again, request) << RequestDetailToText(request);
  }
}

TEST(RequestJsonTest, WhatANewerVersionWroteIsNotGuessedAt) {
  for (const char* text : {"", "[]", R"({"progress": {"epoch": 1, "stage": 2}})",
                           R"({"approvers": ["everybody"]})", R"({"progress": {"done": -1}})"}) {
    ChangeRequest request;
    const Status read = RequestDetailFromText(text, request);
    ASSERT_FALSE(read.ok()) << text;
    EXPECT_EQ(read.error().code, ErrorCode::kFailedPrecondition);
  }
}

}  // namespace
}  // namespace lanemq::core
