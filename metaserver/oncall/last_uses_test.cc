#include "metaserver/oncall/last_uses.h"

#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lanemq::metaserver {
namespace {

using core::LastUse;
using core::TopicId;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr TopicId kTopic{7};
constexpr std::int64_t kMinute = 60'000'000;

WallTime At(std::int64_t minutes) { return {1'000'000'000'000 + minutes * kMinute}; }

/// A store, looked at again and again.
class LastUsesTest : public ::testing::Test {
 protected:
  std::vector<LastUse> Look(std::int64_t minute, std::int64_t produced, std::int64_t consumed) {
    const std::vector<TopicTotals> totals{{kTopic, produced, consumed}};
    auto changed = uses_.Changed(totals, At(minute));
    uses_.Put(changed);
    for (const LastUse& use : changed) stored_ = use;
    return changed;
  }
  void Restart() { uses_ = LastUses({stored_}); }

  LastUses uses_{{}};
  LastUse stored_;
};

TEST_F(LastUsesTest, AnEmptyTopicWasNeverUsed) {
  EXPECT_THAT(Look(0, 0, 0), ElementsAre(LastUse{kTopic, At(0), {}, {}, 0, 0}));
  EXPECT_THAT(Look(10'000, 0, 0), IsEmpty());
}

TEST_F(LastUsesTest, OneThatHasMessagesWhenItIsFirstSeenMayHaveBeenUsedJustThen) {
  EXPECT_THAT(Look(0, 5, 0), ElementsAre(LastUse{kTopic, At(0), At(0), At(0), 5, 0}));
}

TEST_F(LastUsesTest, UsesAreStoredOnceAnHour) {
  Look(0, 0, 0);
  EXPECT_THAT(Look(5, 1, 0), ElementsAre(LastUse{kTopic, At(0), At(5), {}, 1, 0}));
  EXPECT_THAT(Look(10, 2, 0), IsEmpty());
  EXPECT_THAT(Look(15, 2, 2), ElementsAre(LastUse{kTopic, At(0), At(5), At(15), 1, 2}));
  EXPECT_THAT(Look(64, 2, 2), IsEmpty());
  // The message of minute 10 is not forgotten: it is told with the hour.
  EXPECT_THAT(Look(65, 2, 2), ElementsAre(LastUse{kTopic, At(0), At(65), At(15), 2, 2}));
  EXPECT_THAT(Look(10'000, 2, 2), IsEmpty());
}

TEST_F(LastUsesTest, WhatHappenedWhileNobodyWatchedIsSeenAndTheRestKeepsItsAge) {
  Look(0, 5, 5);
  Restart();
  EXPECT_THAT(Look(90'000, 5, 5), IsEmpty());
  Restart();
  EXPECT_THAT(Look(100'000, 6, 5), ElementsAre(LastUse{kTopic, At(0), At(100'000), At(0), 6, 5}));
}

TEST_F(LastUsesTest, AGroupThatIsDeletedDoesNotHideAnother) {
  Look(0, 5, 50);
  EXPECT_THAT(Look(100, 5, 0), ElementsAre(LastUse{kTopic, At(0), At(0), At(100), 5, 0}));
  EXPECT_THAT(Look(200, 5, 3), ElementsAre(LastUse{kTopic, At(0), At(0), At(200), 5, 3}));
}

LagPicture PictureOf(std::int64_t start, std::int64_t committed) {
  LagPicture picture;
  picture.is_whole = true;
  picture.topics.push_back({.topic = kTopic, .topic_name = "t", .produced = 9, .is_whole = true});
  picture.topics.push_back({.topic = TopicId{8}, .topic_name = "u", .is_whole = false});
  for (const char* name : {"a", "b"}) {
    core::GroupTopicLag group;
    group.group = name;
    group.topic = kTopic;
    core::JudgedPartition& partition = group.partitions.emplace_back();
    partition.sample.start = core::Offset{start};
    partition.sample.committed = core::Offset{committed};
    picture.groups.push_back(group);
  }
  return picture;
}

TEST(TopicTotalsTest, RetentionIsNoUse) {
  const auto before = TotalsOf(PictureOf(1, 3));
  const auto after = TotalsOf(PictureOf(8, 3));
  ASSERT_EQ(before.size(), 1U);
  EXPECT_EQ(before[0].topic, kTopic);
  EXPECT_EQ(before[0].produced, 9);
  EXPECT_EQ(before[0].consumed, 6);
  ASSERT_EQ(after.size(), 1U);
  EXPECT_EQ(after[0].consumed, 6);
  const auto claimed = TotalsOf(PictureOf(1, -1));
  ASSERT_EQ(claimed.size(), 1U);
  EXPECT_EQ(claimed[0].consumed, 0);
}

TEST(TopicTotalsTest, NothingIsSaidUntilEveryNodeWasRead) {
  LagPicture picture = PictureOf(1, 3);
  picture.is_whole = false;
  EXPECT_THAT(TotalsOf(picture), IsEmpty());
}

}  // namespace
}  // namespace lanemq::metaserver
