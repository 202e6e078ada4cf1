#pragma once

// Part of access_store_suite.h: quotas.
#include <string>

#include "tests/conformance/access_store_suite.h"

namespace lanemq::testing {

TEST_P(AccessStoreSuite, AQuotaIsSetAsAWholeAndComesBack) {
  AddTeam("payments");
  AddTeam("search");
  EXPECT_THAT(Load().quotas, ElementsAre());
  const core::QuotaOfTeam all{"payments", {1, 2, 3, 4, 5, 6, 7}};
  const core::QuotaOfTeam some{"search",
                               {.partitions = 0, .messages_per_s = std::int64_t{1} << 60}};
  ExpectChange([&] { return store().PutQuota(some, Note(), Soon()); });
  EXPECT_EQ(LastEvent().change.object_kind, "quota");
  EXPECT_EQ(LastEvent().change.object_name, "search");
  EXPECT_EQ(LastEvent().change.before_json, "");
  EXPECT_THAT(LastEvent().change.after_json, HasSubstr("messages_per_s"));
  ExpectChange([&] { return store().PutQuota(all, Note(), Soon()); });
  EXPECT_THAT(Load().quotas, ElementsAre(all, some));

  ExpectNoChange([&] { return store().PutQuota(all, Note(), Soon()); });
  const core::QuotaOfTeam other{"payments", {.topics = 2}};
  ExpectChange([&] { return store().PutQuota(other, Note(), Soon()); });
  EXPECT_THAT(LastEvent().change.before_json, HasSubstr("message_bytes_max"));
  EXPECT_EQ(LastEvent().change.after_json, R"({"team":"payments","topics":2})");
  EXPECT_THAT(Load().quotas, ElementsAre(other, some));
}

TEST_P(AccessStoreSuite, AQuotaWithoutALimitIsNone) {
  AddTeam("payments");
  ExpectNoChange([&] { return store().PutQuota({"payments", {}}, Note(), Soon()); });
  ExpectChange([&] { return store().PutQuota({"payments", {.topics = 1}}, Note(), Soon()); });
  ExpectChange([&] { return store().PutQuota({"payments", {}}, Note(), Soon()); });
  EXPECT_EQ(LastEvent().change.after_json, "");
  EXPECT_THAT(Load().quotas, ElementsAre());
}

TEST_P(AccessStoreSuite, OnlyTeamsHaveQuotasAndTheyGoWithThem) {
  const core::QuotaOfTeam quota{"payments", {.topics = 1}};
  ExpectRefused([&] { return store().PutQuota(quota, Note(), Soon()); },
                ErrorCode::kFailedPrecondition);
  AddTeam("payments");
  ExpectChange([&] { return store().PutQuota(quota, Note(), Soon()); });
  ExpectChange([&] { return store().DeleteTeam("payments", Note(), Soon()); }, 2);
  EXPECT_THAT(Load().quotas, ElementsAre());
  AddTeam("payments");
  EXPECT_THAT(Load().quotas, ElementsAre()) << "whoever makes the team anew starts without";
}

TEST_P(AccessStoreSuite, TheModeIsToEnforceUntilSomebodySaysSomethingElse) {
  EXPECT_EQ(Load().quota_mode, core::QuotaMode::kEnforce);
  ExpectNoChange([&] { return store().SetQuotaMode(core::QuotaMode::kEnforce, Note(), Soon()); });
  ExpectChange([&] { return store().SetQuotaMode(core::QuotaMode::kLog, Note(), Soon()); });
  EXPECT_EQ(LastEvent().change.object_kind, "quota");
  EXPECT_EQ(LastEvent().change.before_json, R"({"mode":"enforce"})");
  EXPECT_EQ(LastEvent().change.after_json, R"({"mode":"log"})");
  EXPECT_EQ(Load().quota_mode, core::QuotaMode::kLog);
  ExpectNoChange([&] { return store().SetQuotaMode(core::QuotaMode::kLog, Note(), Soon()); });
  ExpectChange([&] { return store().SetQuotaMode(core::QuotaMode::kOff, Note(), Soon()); });
  EXPECT_EQ(Load().quota_mode, core::QuotaMode::kOff);
}

}  // namespace lanemq::testing
