#include "common/core/access/quota_text.h"

#include <gtest/gtest.h>

#include "common/core/access/access_rules.h"

namespace lanemq::core {
namespace {

TEST(QuotaTextTest, ModesAreReadAsTheyAreWritten) {
  for (const QuotaMode mode : {QuotaMode::kOff, QuotaMode::kLog, QuotaMode::kEnforce}) {
    EXPECT_EQ(QuotaModeFromString(ToString(mode)), mode);
  }
  EXPECT_EQ(ToString(QuotaMode::kLog), "log");
  EXPECT_FALSE(QuotaModeFromString("Enforce"));
  EXPECT_FALSE(QuotaModeFromString(""));
}

TEST(QuotaTextTest, EveryFieldMakesAQuotaALimitAndIsInTheDocument) {
  EXPECT_TRUE(IsUnlimited({}));
  std::int64_t value = 7;
  QuotaOfTeam all{"shop", {}};
  for (const QuotaField& field : kQuotaFields) {
    TeamQuota one;
    one.*field.value = 0;
    EXPECT_FALSE(IsUnlimited(one)) << field.name;
    all.quota.*field.value = value++;
  }
  EXPECT_EQ(ToJson(all),
            R"({"fetch_bytes_per_s":11,"message_bytes_max":13,"messages_per_s":12,"partitions":8,)"
            R"("produce_bytes_per_s":10,"stored_bytes":9,"team":"shop","topics":7})");
  EXPECT_EQ(ToJson({"shop", {}}), R"({"team":"shop"})");
}

TEST(QuotaTextTest, LimitsBelowZeroAndNamesThatCannotBeATeamsAreRefused) {
  QuotaOfTeam quota{"shop", {.topics = 0}};
  EXPECT_TRUE(CheckQuota(quota).ok());
  quota.quota.messages_per_s = -1;
  const Status negative = CheckQuota(quota);
  EXPECT_EQ(negative.error().code, ErrorCode::kInvalidRequest);
  EXPECT_NE(negative.error().message.find("messages_per_s"), std::string::npos);
  EXPECT_EQ(CheckQuota({"The Shop", {}}).error().code, ErrorCode::kInvalidRequest);
}

}  // namespace
}  // namespace lanemq::core
