#include "common/core/store/message_tracer.h"

#include <gtest/gtest.h>

namespace lanemq::core {
namespace {

constexpr Offset kFive{5};

MessageTrace TraceOf(std::int64_t start, std::int64_t end, bool is_there, bool is_lost = false) {
  MessageTrace trace;
  trace.log_start = Offset{start};
  trace.log_end = Offset{end};
  if (is_there) trace.record = RecordIdentity{.offset = kFive};
  if (is_lost) trace.lost_at = WallTime{1};
  return trace;
}

TEST(MessagePlaceTest, IsByTheEndsOfTheLogAndTheRow) {
  EXPECT_EQ(PlaceOf(TraceOf(1, 6, true), kFive), MessagePlace::kStored);
  EXPECT_EQ(PlaceOf(TraceOf(5, 6, true), kFive), MessagePlace::kStored);
  EXPECT_EQ(PlaceOf(TraceOf(6, 6, false), kFive), MessagePlace::kRemoved);
  EXPECT_EQ(PlaceOf(TraceOf(1, 7, false), kFive), MessagePlace::kMissing);
  EXPECT_EQ(PlaceOf(TraceOf(1, 5, false), kFive), MessagePlace::kNotYet);
}

TEST(MessagePlaceTest, WhatWasLostIsNotToCome) {
  EXPECT_EQ(PlaceOf(TraceOf(1, 5, false, true), kFive), MessagePlace::kLost);
  EXPECT_EQ(PlaceOf(TraceOf(1, 7, false, true), kFive), MessagePlace::kLost);
  EXPECT_EQ(PlaceOf(TraceOf(1, 7, true, true), kFive), MessagePlace::kStored);
  EXPECT_EQ(PlaceOf(TraceOf(6, 7, false, true), kFive), MessagePlace::kRemoved);
}

TEST(GroupPlaceTest, IsByItsOffset) {
  GroupTrace group;
  EXPECT_EQ(PlaceIn(group, kFive, Offset{1}), GroupPlace::kNotRead);
  group.committed = kFive;
  EXPECT_EQ(PlaceIn(group, kFive, Offset{1}), GroupPlace::kNotRead);
  group.attempts = 1;
  EXPECT_EQ(PlaceIn(group, kFive, Offset{1}), GroupPlace::kHandling);
  group.committed = Offset{6};
  EXPECT_EQ(PlaceIn(group, kFive, Offset{1}), GroupPlace::kPassed);
}

TEST(GroupPlaceTest, WhatIsGoneUnreadIsNotPassed) {
  GroupTrace group;
  group.committed = Offset{3};
  EXPECT_EQ(PlaceIn(group, kFive, Offset{6}), GroupPlace::kRemovedUnread);
  group.committed = Offset{9};  // It was moved to where the log begins.
  EXPECT_EQ(PlaceIn(group, kFive, Offset{6}), GroupPlace::kPassed);
  group.removed_unread = TracedRemoval{"time", WallTime{1}, {}};
  EXPECT_EQ(PlaceIn(group, kFive, Offset{6}), GroupPlace::kRemovedUnread);
}

TEST(GroupPlaceTest, FailuresComeFirst) {
  GroupTrace group;
  group.committed = Offset{3};  // It went back.
  group.retry.emplace();
  EXPECT_EQ(PlaceIn(group, kFive, Offset{6}), GroupPlace::kRetrying);
  group.letter.emplace();
  EXPECT_EQ(PlaceIn(group, kFive, Offset{6}), GroupPlace::kDeadLetter);
}

TEST(CoverTest, IsExactWhereTheMessageIsNamed) {
  const PartitionKey key{TopicId{7}, 2};
  const PartitionKey other{TopicId{7}, 3};
  DeadLetterFilter filter{.group = "g"};
  EXPECT_EQ(CoverOf(filter, key, kFive), Cover::kMaybe);
  filter.topic = TopicId{7};
  EXPECT_EQ(CoverOf(filter, key, kFive), Cover::kMaybe);
  filter.partition = key;
  EXPECT_EQ(CoverOf(filter, key, kFive), Cover::kMaybe);
  EXPECT_EQ(CoverOf(filter, other, kFive), Cover::kNone);
  EXPECT_EQ(CoverOf({.group = "g", .topic = TopicId{8}}, key, kFive), Cover::kNone);
  filter.ids = {{"g", key, Offset{4}}, {"g", other, kFive}};
  EXPECT_EQ(CoverOf(filter, key, kFive), Cover::kNone);
  filter.ids.push_back({"g", key, kFive});
  EXPECT_EQ(CoverOf(filter, key, kFive), Cover::kExact);
}

}  // namespace
}  // namespace lanemq::core
