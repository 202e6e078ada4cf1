#include "client/src/runner/careful.h"

#include <memory>

#include <gtest/gtest.h>

namespace lanemq::client {
namespace {

const auto kP0 = std::make_shared<const TopicPartition>(TopicPartition{"t", 0});
const auto kP1 = std::make_shared<const TopicPartition>(TopicPartition{"t", 1});

void Add(CarefulPartitions& careful, const std::shared_ptr<const TopicPartition>& source,
         std::int64_t from, std::int64_t to, std::int64_t log_end) {
  for (std::int64_t offset = from; offset <= to; ++offset) {
    ConsumedRecord record;
    record.source = source;
    record.offset = offset;
    careful.Add(std::move(record), log_end);
  }
}

TEST(CarefulTest, OneRecordAtATimeUntilEnoughHavePassed) {
  CarefulPartitions careful;
  careful.Start(*kP0, 2);
  EXPECT_TRUE(careful.Ready().empty());
  EXPECT_TRUE(careful.TakeFinished().empty()) << "nothing has come yet";
  Add(careful, kP0, 5, 9, 100);
  ASSERT_EQ(careful.Ready(), std::vector{*kP0});
  EXPECT_EQ(careful.Next(*kP0).offset, 5);
  EXPECT_EQ(careful.Begin(*kP0).offset, 5);
  EXPECT_TRUE(careful.Ready().empty());
  careful.OnEnd(*kP0, 4);
  EXPECT_TRUE(careful.Ready().empty()) << "that was another one";
  careful.OnEnd(*kP0, 5);
  EXPECT_TRUE(careful.TakeFinished().empty());
  EXPECT_EQ(careful.Begin(*kP0).offset, 6);
  EXPECT_TRUE(careful.TakeFinished().empty()) << "6 is being handled";
  careful.OnEnd(*kP0, 6);
  EXPECT_TRUE(careful.Ready().empty());
  const auto rest = careful.TakeFinished();
  ASSERT_EQ(rest.size(), 3u);
  EXPECT_EQ(rest[0].offset, 7);
  EXPECT_FALSE(careful.Has(*kP0));
}

TEST(CarefulTest, TheLogEndEndsItToo) {
  CarefulPartitions careful;
  careful.Start(*kP0, 100);
  careful.Start(*kP1, 100);
  Add(careful, kP0, 5, 6, 7);
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(careful.TakeFinished().empty());
    careful.OnEnd(*kP0, careful.Begin(*kP0).offset);
  }
  EXPECT_TRUE(careful.TakeFinished().empty());
  EXPECT_FALSE(careful.Has(*kP0));
  EXPECT_TRUE(careful.Has(*kP1));
  careful.Remove({*kP1});
  EXPECT_FALSE(careful.Has(*kP1));
}

TEST(CarefulTest, AMovedPositionDropsWhatWaits) {
  CarefulPartitions careful;
  careful.Start(*kP0, 100);
  Add(careful, kP0, 5, 9, 100);
  (void)careful.Begin(*kP0);
  Add(careful, kP0, 50, 51, 100);
  EXPECT_EQ(careful.size(), 2u);
  ASSERT_EQ(careful.Ready(), std::vector{*kP0});
  EXPECT_EQ(careful.Next(*kP0).offset, 50);
}

}  // namespace
}  // namespace lanemq::client
