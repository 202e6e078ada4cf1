#include "common/core/policy/sizing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lanemq::core {
namespace {

using ::testing::HasSubstr;

constexpr std::int64_t kMost = INT64_MAX;

TEST(SizingTest, AMillionMessagesADayAreAPartition) {
  struct Case {
    std::int64_t messages;
    std::int32_t partitions;
  };
  for (const Case& c :
       {Case{0, 1}, Case{1, 1}, Case{1'000'000, 1}, Case{1'000'001, 2}, Case{2'000'000, 2},
        Case{64'500'000, 65}, Case{999'000'000, 999}, Case{1'000'000'000, 1'000},
        Case{5'000'000'000, 1'000}, Case{kMost, 1'000}, Case{-5, 1}}) {
    EXPECT_EQ(ProposeSize({c.messages, 100, Ordering::kNone}, {}, {}).partitions, c.partitions)
        << c.messages;
    EXPECT_EQ(ProposeSize({c.messages, 100, Ordering::kPerKey}, {}, {}).partitions, c.partitions)
        << c.messages;
  }
}

TEST(SizingTest, ThePolicyBoundsWhatIsProposed) {
  Policy policy;
  policy.partitions = {4, 16};
  EXPECT_EQ(ProposeSize({1, 1, Ordering::kNone}, {}, policy).partitions, 4);
  EXPECT_EQ(ProposeSize({9'000'000, 1, Ordering::kNone}, {}, policy).partitions, 9);
  const Sizing cut = ProposeSize({90'000'000, 1, Ordering::kNone}, {}, policy);
  EXPECT_EQ(cut.partitions, 16);
  EXPECT_THAT(cut.notes, ::testing::Contains(HasSubstr("90 partitions were right, but 16")));
  policy.partitions = {};
  policy.sizing.messages_per_partition_and_day = 100;
  EXPECT_EQ(ProposeSize({1'001, 1, Ordering::kNone}, {}, policy).partitions, 11);
}

TEST(SizingTest, TestEnvironmentsHaveTwo) {
  Policy policy;
  policy.sizing.partitions = 2;
  for (const std::int64_t messages : {0L, 1'000'000L, 900'000'000L}) {
    for (const Ordering ordering : {Ordering::kNone, Ordering::kPerKey, Ordering::kAll}) {
      EXPECT_EQ(ProposeSize({messages, 1, ordering}, {}, policy).partitions, 2) << messages;
    }
  }
}

TEST(SizingTest, OrderingDecidesOrWarns) {
  const Sizing one = ProposeSize({5'000'000, 1, Ordering::kAll}, {}, {});
  EXPECT_EQ(one.partitions, 1);
  EXPECT_THAT(one.notes, ::testing::Contains(HasSubstr("only one partition")));
  const Sizing keyed = ProposeSize({5'000'000, 1, Ordering::kPerKey}, {}, {});
  EXPECT_THAT(keyed.notes, ::testing::Contains(HasSubstr("keys move")));
  EXPECT_THAT(ProposeSize({5'000'000, 1, Ordering::kNone}, {}, {}).notes, ::testing::IsEmpty());
  Policy policy;
  policy.partitions.min = 3;
  EXPECT_THAT(ProposeSize({1, 1, Ordering::kAll}, {}, policy).notes,
              ::testing::Contains(HasSubstr("same key")));
}

TEST(SizingTest, StoredBytesAreADaysTimesTheDaysTheyAreKept) {
  const Traffic traffic{1'000'000, 1'000, Ordering::kNone};
  struct Case {
    TopicConfig config;
    std::int64_t bytes;
  };
  const std::vector<Case> cases = {
      {{}, 7'000'000'000},  // A week is the default.
      {{{"retention.ms", "86400000"}}, 1'000'000'000},
      {{{"retention.ms", "43200000"}}, 500'000'000},
      {{{"retention.ms", "129600000"}}, 1'500'000'000},
      {{{"retention.ms", "1"}}, 11},
      {{{"retention.ms", "-1"}}, 365'000'000'000},
      {{{"retention.ms", "nonsense"}}, 7'000'000'000},
      {{{"retention.bytes", "1000000000"}}, 4'000'000'000},
      {{{"retention.bytes", "1000000000000"}}, 7'000'000'000},
      {{{"retention.bytes", "-1"}}, 7'000'000'000},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(StoredBytes(4, c.config, traffic), c.bytes)
        << (c.config.empty() ? "" : c.config.begin()->first + "=" + c.config.begin()->second);
  }
  EXPECT_EQ(StoredBytes(4, {}, std::nullopt), 0);
  EXPECT_EQ(StoredBytes(4, {{"retention.bytes", "1000"}}, std::nullopt), 4'000);
}

TEST(SizingTest, NothingOverflows) {
  const TopicConfig for_ever{{"retention.ms", "9223372036854775807"}};
  EXPECT_EQ(StoredBytes(1'000, for_ever, Traffic{kMost, kMost, Ordering::kNone}), kMost);
  EXPECT_EQ(StoredBytes(1'000, {{"retention.ms", "86399999"}}, Traffic{kMost, 1, Ordering::kNone}),
            kMost / 86'400'000 * 86'399'999);
  EXPECT_EQ(StoredBytes(1'000, {{"retention.bytes", "9223372036854775807"}},
                        Traffic{kMost, kMost, Ordering::kNone}),
            kMost);
  EXPECT_EQ(StoredBytes(-4, {{"retention.bytes", "10"}}, Traffic{-4, -4, Ordering::kNone}), 0);
  EXPECT_EQ(SaturatedSum(kMost, 1), kMost);
  EXPECT_EQ(SaturatedProduct(kMost, 2), kMost);
}

TEST(SizingTest, TheCostIsOfWhatIsProposed) {
  const Sizing sizing = ProposeSize({3'000'000, 500, Ordering::kNone}, {}, {});
  EXPECT_EQ(sizing.cost, (Cost{3, 3'000'000, 10'500'000'000}));
}

}  // namespace
}  // namespace lanemq::core
