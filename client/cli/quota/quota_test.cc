#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/cli/quota/quota_flags.h"
#include "client/cli/quota/quota_table.h"

namespace lanemq::cli {
namespace {

using ::testing::HasSubstr;

TEST(ReadAmountTest, PeopleWriteUnits) {
  const std::vector<std::pair<std::string, std::int64_t>> cases = {{"0", 0},
                                                                   {"500", 500},
                                                                   {"500B", 500},
                                                                   {"10k", 10'000},
                                                                   {"10K", 10'000},
                                                                   {"10MB", 10'000'000},
                                                                   {"10mb", 10'000'000},
                                                                   {"1.5G", 1'500'000'000},
                                                                   {"1KiB", 1'024},
                                                                   {"1.5GiB", 1'610'612'736},
                                                                   {"2TB", 2'000'000'000'000}};
  for (const auto& [text, amount] : cases) {
    const auto read = ReadAmount(text);
    ASSERT_TRUE(read.ok()) << text;
    EXPECT_EQ(*read, amount) << text;
  }
}

TEST(ReadAmountTest, AnythingElseIsRefused) {
  for (const std::string text : {"", "B", "MB", "-1", "10 MB", "10X", "10MBs", "1e9", "nan", "inf",
                                 "99999999999T", "0x10", "10ik"}) {
    EXPECT_FALSE(ReadAmount(text).ok()) << text;
  }
}

TEST(ChangeQuotaTest, WhatIsNotGivenStays) {
  idl::TeamQuota before;
  before.team = "payments";
  before.__set_topics(5);
  before.__set_fetch_bytes_per_s(100);
  QuotaFlags flags;
  flags.team = "payments";
  flags.fetch_bytes_per_s = "none";
  flags.produce_bytes_per_s = "10MB";
  const auto after = ChangeQuota(before, flags);
  ASSERT_TRUE(after.ok());
  EXPECT_EQ(after->topics, 5);
  EXPECT_FALSE(after->__isset.fetch_bytes_per_s);
  EXPECT_TRUE(after->__isset.produce_bytes_per_s);
  EXPECT_EQ(after->produce_bytes_per_s, 10'000'000);
  EXPECT_FALSE(after->__isset.partitions);
}

TEST(ChangeQuotaTest, FaultsNameTheFlag) {
  QuotaFlags flags;
  flags.team = "payments";
  EXPECT_THAT(ChangeQuota({}, flags).error().message, HasSubstr("what is to be limited"));
  flags.messages_per_s = "many";
  EXPECT_THAT(ChangeQuota({}, flags).error().message, HasSubstr("--messages-per-s"));
}

TEST(QuotaTableTest, ShowsUseBesideLimits) {
  idl::TeamQuotaUse use;
  use.quota.team = "payments";
  use.quota.__set_topics(5);
  use.topics = 3;
  use.partitions = 12;
  const std::string one = Render(QuotaTable(use), {OutputFormat::kCsv, true});
  EXPECT_THAT(one, HasSubstr("quota,used,limit"));
  EXPECT_THAT(one, HasSubstr("topics,3,5"));
  EXPECT_THAT(one, HasSubstr("partitions,12,\n"));
  idl::QuotasResponse all;
  all.teams.push_back(use);
  EXPECT_THAT(Render(QuotasTable(all), {OutputFormat::kCsv, false}),
              HasSubstr("payments,3,5,12,,0,,,,,"));
}

}  // namespace
}  // namespace lanemq::cli
