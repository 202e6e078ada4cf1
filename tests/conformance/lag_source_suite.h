#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/core/store/lag_source.h"

namespace lanemq::testing {

/// A source to be tested, and ways to make what it should find. Groups' rows are of topic 1.
class LagSourceUnderTest {
 public:
  virtual ~LagSourceUnderTest() = default;
  virtual core::LagSource& source() = 0;
  virtual core::PartitionLocation Location(int index) = 0;
  virtual void Create(int index) = 0;
  virtual void Drop(int index) = 0;
  virtual void Append(int index, const std::vector<WallTime>& times) = 0;
  virtual void SetLogStart(int index, core::Offset start) = 0;
  virtual void LoseTail(int index, core::Offset end) = 0;
  virtual void Commit(const std::string& group, int index, core::Offset offset) = 0;
  virtual void Claim(const std::string& group, int index, core::Generation generation,
                     const std::string& member) = 0;
  /// What is known of the record that is handled.
  virtual void SetAttempts(const std::string& group, int index, core::Offset offset,
                           std::int32_t attempts) = 0;
  virtual void Pause(const std::string& group, int index, std::optional<WallTime> until,
                     const std::string& reason) = 0;
  /// Records that retention took the messages [from, to).
  virtual void Lose(const std::string& group, int index, core::Offset from, core::Offset to) = 0;
  /// Runs once within the next round, after the groups' rows were read.
  virtual void DuringNextRound(std::function<void()> action) = 0;
};

struct LagSourceFactory {
  std::string name;
  std::function<std::unique_ptr<LagSourceUnderTest>(std::string* why)> make;
};

inline void PrintTo(const LagSourceFactory& factory, std::ostream* out) { *out << factory.name; }

/// What every LagSource must do.
class LagSourceSuite : public ::testing::TestWithParam<LagSourceFactory> {
 protected:
  void SetUp() override {
    std::string why;
    under_test_ = GetParam().make(&why);
    if (under_test_ == nullptr)
      GTEST_SKIP() << "SKIPPED LOUDLY: " << GetParam().name << ": " << why;
  }

  LagSourceUnderTest& on() { return *under_test_; }
  static Deadline Soon() {
    return Deadline::After(SystemClock::Instance(), std::chrono::seconds{30});
  }
  /// Offset i of a log has the time i seconds.
  static std::vector<WallTime> Times(int first, int last) {
    std::vector<WallTime> times;
    for (int i = first; i <= last; ++i) times.push_back(At(i));
    return times;
  }
  static WallTime At(int offset) { return WallTime{std::int64_t{offset} * 1'000'000}; }
  void CreateWith(int index, int rows) {
    on().Create(index);
    if (rows > 0) on().Append(index, Times(1, rows));
  }
  core::LagRound Sample(const std::vector<int>& indices, std::vector<std::int64_t> ends = {},
                        std::size_t rows_max = 20'000) {
    std::vector<core::PartitionLocation> locations;
    std::vector<core::Offset> known;
    for (const int index : indices) locations.push_back(on().Location(index));
    ends.resize(indices.size(), 1);
    for (const std::int64_t end : ends) known.emplace_back(end);
    auto round = on().source().Sample({locations, known, rows_max}, Soon());
    EXPECT_TRUE(round.ok()) << round.error().ToString();
    return round.ok() ? *std::move(round) : core::LagRound{};
  }
  /// The sample of the only group's row in the round.
  core::LagSample Only(const core::LagRound& round) {
    EXPECT_EQ(round.groups.size(), 1u);
    return round.groups.empty() ? core::LagSample{} : round.groups.front();
  }
  static std::vector<std::string> Names(const core::LagRound& round) {
    std::vector<std::string> names;
    for (const auto& sample : round.groups) {
      names.push_back(fmt::format("{}/{}", sample.group, sample.key.partition));
    }
    return names;
  }
  static std::string LagOf(const core::LagSample& sample) {
    return fmt::format("{} in {}-{} oldest {}", sample.committed.value, sample.start.value,
                       sample.end.value,
                       sample.oldest_unread ? sample.oldest_unread->micros / 1'000'000 : -1);
  }

  std::unique_ptr<LagSourceUnderTest> under_test_;
};

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(LagSourceSuite);

using ::testing::ElementsAre;

TEST_P(LagSourceSuite, NothingAskedForIsNothing) {
  CreateWith(0, 3);
  on().Commit("g", 0, core::Offset{2});
  const core::LagRound round = Sample({});
  EXPECT_TRUE(round.groups.empty());
  EXPECT_TRUE(round.partitions.empty());
  EXPECT_GT(round.at.micros, 0);
  EXPECT_EQ(round.node, core::NodeId{1});
}

TEST_P(LagSourceSuite, AnEmptyLogHasNoLag) {
  CreateWith(0, 0);
  on().Claim("g", 0, core::Generation{1}, "m");
  const core::LagRound round = Sample({0});
  EXPECT_EQ(LagOf(Only(round)), "-1 in 1-1 oldest -1");
  EXPECT_EQ(Only(round).LagMessages(), 0);
  EXPECT_THAT(round.partitions, ElementsAre(core::PartitionSample{
                                    on().Location(0).key, core::Offset{1}, core::Offset{1}}));
}

TEST_P(LagSourceSuite, LagIsFromTheCommitToTheEnd) {
  CreateWith(0, 10);
  on().Commit("g", 0, core::Offset{4});
  const core::LagSample sample = Only(Sample({0}));
  EXPECT_EQ(LagOf(sample), "4 in 1-11 oldest 4");
  EXPECT_EQ(sample.LagMessages(), 7);
  on().Commit("g", 0, core::Offset{10});
  EXPECT_EQ(LagOf(Only(Sample({0}, {11}))), "10 in 1-11 oldest 10");
  on().Commit("g", 0, core::Offset{11});
  EXPECT_EQ(LagOf(Only(Sample({0}, {11}))), "11 in 1-11 oldest -1");
}

TEST_P(LagSourceSuite, NothingCommittedIsAllOfTheLog) {
  CreateWith(0, 10);
  on().Claim("g", 0, core::Generation{3}, "m");
  EXPECT_EQ(LagOf(Only(Sample({0}))), "-1 in 1-11 oldest 1");
  on().SetLogStart(0, core::Offset{6});
  const core::LagSample sample = Only(Sample({0}));
  EXPECT_EQ(LagOf(sample), "-1 in 6-11 oldest 6");
  EXPECT_EQ(sample.LagMessages(), 5);
}

TEST_P(LagSourceSuite, BelowTheLogStartTheOldestIsTheFirstThatIsThere) {
  CreateWith(0, 10);
  on().Commit("g", 0, core::Offset{2});
  on().SetLogStart(0, core::Offset{5});
  const core::LagSample sample = Only(Sample({0}, {11}));
  EXPECT_EQ(LagOf(sample), "2 in 5-11 oldest 5");
  EXPECT_EQ(sample.LagMessages(), 6);
}

TEST_P(LagSourceSuite, ALogThatEndsBeforeItsStartEndsThere) {
  CreateWith(0, 3);
  on().SetLogStart(0, core::Offset{9});
  on().Commit("g", 0, core::Offset{2});
  EXPECT_EQ(LagOf(Only(Sample({0}, {4}))), "2 in 9-9 oldest -1");
}

TEST_P(LagSourceSuite, KnownEndsChangeNothing) {
  CreateWith(0, 10);
  on().Commit("g", 0, core::Offset{7});
  for (const std::int64_t known : {1, 2, 8, 10, 11}) {
    EXPECT_EQ(LagOf(Only(Sample({0}, {known}))), "7 in 1-11 oldest 7") << known;
  }
}

TEST_P(LagSourceSuite, ALogThatGotShorterIsSeen) {
  CreateWith(0, 10);
  CreateWith(1, 4);
  on().Commit("g", 0, core::Offset{9});
  on().Commit("h", 0, core::Offset{3});
  on().LoseTail(0, core::Offset{6});
  core::LagRound round = Sample({0, 1}, {11, 5});
  ASSERT_EQ(round.groups.size(), 2u);
  EXPECT_EQ(LagOf(round.groups[0]), "9 in 1-6 oldest -1");
  EXPECT_EQ(round.groups[0].LagMessages(), 0);
  EXPECT_EQ(LagOf(round.groups[1]), "3 in 1-6 oldest 3");
  EXPECT_EQ(round.partitions[1].end, core::Offset{5});
  on().LoseTail(0, core::Offset{1});
  EXPECT_EQ(LagOf(Sample({0, 1}, {6, 5}).groups[0]), "9 in 1-1 oldest -1");
}

TEST_P(LagSourceSuite, GroupsAreToldInOrderWithLagsOfTheirOwn) {
  CreateWith(0, 10);
  CreateWith(2, 5);
  on().Commit("b", 2, core::Offset{5});
  on().Commit("b", 0, core::Offset{4});
  on().Commit("a", 0, core::Offset{4});
  on().Commit("B", 0, core::Offset{8});
  on().Commit("c", 0, core::Offset{11});
  const core::LagRound round = Sample({0, 2});
  EXPECT_THAT(Names(round), ElementsAre("B/0", "a/0", "b/0", "b/2", "c/0"));
  std::vector<std::string> lags;
  for (const auto& sample : round.groups) lags.push_back(LagOf(sample));
  EXPECT_THAT(lags, ElementsAre("8 in 1-11 oldest 8", "4 in 1-11 oldest 4", "4 in 1-11 oldest 4",
                                "5 in 1-6 oldest 5", "11 in 1-11 oldest -1"));
}

TEST_P(LagSourceSuite, ManyGroupsAndPartitions) {
  constexpr int kPartitions = 150;
  constexpr int kGroups = 300;
  std::vector<int> indices;
  for (int i = 0; i < kPartitions; ++i) {
    CreateWith(i, i % 7);
    on().Commit("g", i, core::Offset{i % 3 + 1});
    indices.push_back(i);
  }
  on().Append(0, Times(1, kGroups));
  for (int i = 0; i < kGroups; ++i) on().Commit(fmt::format("h{:03}", i), 0, core::Offset{i + 1});
  const core::LagRound round = Sample(indices);
  ASSERT_EQ(round.groups.size(), static_cast<std::size_t>(kPartitions + kGroups));
  EXPECT_EQ(LagOf(round.groups[0]), fmt::format("1 in 1-{} oldest 1", kGroups + 1));
  for (int i = 1; i < kPartitions; ++i) {
    const int position = i % 3 + 1;
    EXPECT_EQ(LagOf(round.groups[static_cast<std::size_t>(i)]),
              fmt::format("{} in 1-{} oldest {}", position, i % 7 + 1,
                          position <= i % 7 ? position : -1));
  }
  for (int i = 0; i < kGroups; ++i) {
    EXPECT_EQ(round.groups[static_cast<std::size_t>(kPartitions + i)].oldest_unread, At(i + 1));
  }
}

TEST_P(LagSourceSuite, TheOwnerAndItsProgressAreTold) {
  CreateWith(0, 10);
  on().Claim("g", 0, core::Generation{7}, "m1");
  on().Claim("g", 0, core::Generation{8}, "m2");
  on().SetAttempts("g", 0, core::Offset{3}, 2);
  const core::LagSample claimed = Only(Sample({0}));
  EXPECT_EQ(claimed.member_id, "m2");
  EXPECT_EQ(claimed.generation, core::Generation{8});
  EXPECT_EQ(claimed.claims, 2);
  EXPECT_EQ(claimed.attempt_offset, core::Offset{3});
  EXPECT_EQ(claimed.attempts, 2);
  EXPECT_EQ(claimed.reset_epoch, 0);
  EXPECT_GT(claimed.committed_at.micros, 0);
  on().Commit("h", 0, core::Offset{5});
  const core::LagRound round = Sample({0});
  EXPECT_EQ(round.groups.at(1).member_id, "");
  EXPECT_EQ(round.groups.at(1).attempt_offset, core::Offset{-1});
  EXPECT_LE(round.groups.at(1).committed_at, round.at);
}

TEST_P(LagSourceSuite, PausesInForceAreTold) {
  for (const int i : {0, 1, 2, 9}) CreateWith(i, 5);
  const WallTime now = Sample({0}).at;
  const WallTime later{now.micros + 3'600'000'000};
  for (const char* group : {"ended", "forever", "none", "until"}) {
    on().Commit(group, 0, core::Offset{2});
  }
  on().Pause("ended", 0, WallTime{now.micros - 1}, "over");
  on().Pause("forever", 0, std::nullopt, "by hand");
  on().Pause("until", 0, later, "deploy");
  on().Pause("new", 1, later, "before the first claim");
  on().Pause("new", 9, later, "not asked for");
  on().Pause("ended", 1, WallTime{now.micros - 1}, "over");
  const core::LagRound round = Sample({0, 1, 2});
  ASSERT_THAT(Names(round), ElementsAre("ended/0", "forever/0", "new/1", "none/0", "until/0"));
  EXPECT_FALSE(round.groups[0].is_paused);
  EXPECT_FALSE(round.groups[3].is_paused);
  EXPECT_TRUE(round.groups[1].is_paused);
  EXPECT_EQ(round.groups[1].paused_until, std::nullopt);
  EXPECT_EQ(round.groups[1].pause_reason, "by hand");
  EXPECT_TRUE(round.groups[2].is_paused);
  EXPECT_EQ(LagOf(round.groups[2]), "-1 in 1-6 oldest 1");
  EXPECT_EQ(round.groups[4].paused_until, later);
  EXPECT_EQ(LagOf(round.groups[4]), "2 in 1-6 oldest 2");
}

TEST_P(LagSourceSuite, WhatWasLostIsAddedUp) {
  CreateWith(0, 10);
  CreateWith(1, 10);
  on().Commit("g", 0, core::Offset{2});
  on().Commit("g", 1, core::Offset{2});
  on().Commit("h", 0, core::Offset{2});
  on().Lose("g", 0, core::Offset{2}, core::Offset{5});
  on().Lose("g", 0, core::Offset{5}, core::Offset{7});
  on().Lose("h", 0, core::Offset{6}, core::Offset{7});
  on().Lose("gone", 0, core::Offset{1}, core::Offset{7});
  const core::LagRound round = Sample({0, 1});
  ASSERT_THAT(Names(round), ElementsAre("g/0", "g/1", "h/0"));
  EXPECT_EQ(round.groups[0].lost_messages, 5);
  EXPECT_EQ(round.groups[1].lost_messages, 0);
  EXPECT_EQ(round.groups[2].lost_messages, 1);
  EXPECT_EQ(round.groups[1].lost_at, std::nullopt);
  for (const int lost : {0, 2}) {
    ASSERT_TRUE(round.groups[lost].lost_at.has_value());
    EXPECT_LE(*round.groups[lost].lost_at, round.at);
    EXPECT_GE(round.groups[lost].lost_at->micros, round.at.micros - 600'000'000);
  }
}

TEST_P(LagSourceSuite, RowsBeyondTheLimitAreCounted) {
  CreateWith(0, 5);
  CreateWith(1, 5);
  for (const char* group : {"a", "b", "c"}) {
    on().Commit(group, 0, core::Offset{2});
    on().Commit(group, 1, core::Offset{3});
  }
  EXPECT_EQ(Sample({0, 1}, {}, 6).rows_dropped, 0);
  const core::LagRound round = Sample({0, 1}, {}, 4);
  EXPECT_THAT(Names(round), ElementsAre("a/0", "a/1", "b/0", "b/1"));
  EXPECT_EQ(round.rows_dropped, 2);
  EXPECT_EQ(round.partitions.size(), 2u);
  // A pause without a row of its own takes a place; where rows were cut off it may be of any.
  on().Pause("aa", 0, std::nullopt, "");
  EXPECT_THAT(Names(Sample({0, 1}, {}, 4)), ElementsAre("a/0", "a/1", "b/0", "b/1"));
  const core::LagRound all = Sample({0, 1}, {}, 6);
  EXPECT_THAT(Names(all), ElementsAre("a/0", "a/1", "aa/0", "b/0", "b/1", "c/0"));
  EXPECT_EQ(all.rows_dropped, 1);
}

TEST_P(LagSourceSuite, PartitionsThatAreNotAskedForOrNotThereAreLeftOut) {
  for (int i = 0; i < 4; ++i) {
    CreateWith(i, 5);
    on().Commit("g", i, core::Offset{2});
  }
  on().Drop(2);
  const core::LagRound round = Sample({0, 2, 3, 8});
  EXPECT_THAT(Names(round), ElementsAre("g/0", "g/3"));
  ASSERT_EQ(round.partitions.size(), 2u);
  EXPECT_EQ(round.partitions[0].key, on().Location(0).key);
  EXPECT_EQ(round.partitions[1].key, on().Location(3).key);
}

TEST_P(LagSourceSuite, WhatHappensDuringARoundIsNotInIt) {
  CreateWith(0, 10);
  CreateWith(1, 3);
  on().Commit("g", 0, core::Offset{4});
  on().Commit("g", 1, core::Offset{4});
  on().DuringNextRound([&] {
    on().Append(0, Times(11, 12));
    on().Append(1, Times(4, 4));
    on().Commit("g", 0, core::Offset{13});
    on().Commit("g", 1, core::Offset{5});
    on().Commit("h", 0, core::Offset{1});
    on().SetLogStart(0, core::Offset{7});
  });
  const core::LagRound before = Sample({0, 1});
  ASSERT_THAT(Names(before), ElementsAre("g/0", "g/1"));
  EXPECT_EQ(LagOf(before.groups[0]), "4 in 1-11 oldest 4");
  EXPECT_EQ(LagOf(before.groups[1]), "4 in 1-4 oldest -1");
  const core::LagRound after = Sample({0, 1}, {11, 4});
  ASSERT_THAT(Names(after), ElementsAre("g/0", "g/1", "h/0"));
  EXPECT_EQ(LagOf(after.groups[0]), "13 in 7-13 oldest -1");
  EXPECT_EQ(LagOf(after.groups[1]), "5 in 1-5 oldest -1");
  EXPECT_EQ(LagOf(after.groups[2]), "1 in 7-13 oldest 7");
}

TEST_P(LagSourceSuite, AQueryInDisorderIsRefused) {
  CreateWith(0, 1);
  CreateWith(1, 1);
  const std::vector<core::Offset> ends(2, core::Offset{1});
  const std::vector<core::PartitionLocation> turned = {on().Location(1), on().Location(0)};
  const auto refused = on().source().Sample({turned, ends}, Soon());
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidRequest);
  const std::vector<core::PartitionLocation> sorted = {on().Location(0), on().Location(1)};
  EXPECT_FALSE(on().source().Sample({sorted, std::span(ends).first(1)}, Soon()).ok());
}

}  // namespace lanemq::testing
