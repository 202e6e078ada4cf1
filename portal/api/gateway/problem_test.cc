#include "portal/api/gateway/problem.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace lanemq::portal {
namespace {

TEST(ProblemTest, SaysWhatWhyAndWhen) {
  const HttpReply reply =
      ReplyOf(ProblemOf({ErrorCode::kThrottled, "slowly", 1500}, "srv-1"), "gw-1");
  EXPECT_EQ(reply.status, 429);
  const auto body = nlohmann::json::parse(reply.body);
  EXPECT_EQ(body["code"], "THROTTLED");
  EXPECT_EQ(body["detail"], "slowly");
  EXPECT_EQ(body["retry_after_ms"], 1500);
  EXPECT_EQ(body["request_id"], "gw-1");
  EXPECT_EQ(body["server_request_id"], "srv-1");
  EXPECT_EQ(std::count(reply.headers.begin(), reply.headers.end(),
                       std::pair<std::string, std::string>("Retry-After", "2")),
            1);
}

TEST(ProblemTest, EveryCodeHasAStatusWithATitle) {
#define LANEMQ_X(enumerator, wire, number, retry, effect, meaning)                     \
  EXPECT_GE(HttpStatusOf(ErrorCode::enumerator), 400) << #wire;                        \
  EXPECT_TRUE(HttpStatusOf(ErrorCode::enumerator) == 500 ||                            \
              TitleOf(HttpStatusOf(ErrorCode::enumerator)) != "Internal Server Error") \
      << #wire;
  LANEMQ_ERROR_CODES(LANEMQ_X)
#undef LANEMQ_X
}

TEST(ProblemTest, TextsThatAreNotUtf8DoNotBreakIt) {
  const HttpReply reply = ReplyOf(ProblemOf({ErrorCode::kNotFound, "\xff<script>", 0}), "r");
  EXPECT_EQ(nlohmann::json::parse(reply.body)["detail"], "\xef\xbf\xbd<script>");
}

}  // namespace
}  // namespace lanemq::portal
