#include "common/core/group/assignor.h"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lanemq::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;
using testing::UnorderedElementsAre;

using Topics = std::vector<std::string>;
using Partitions = std::vector<TopicPartition>;

GroupMember MakeMember(const std::string& id, Topics topics, Partitions owned = {},
                       std::int64_t generation = 1) {
  return {id, "", {std::move(topics), std::move(owned), Generation{generation}}};
}

TEST(AssignorNames, AreKafkas) {
  for (const std::string_view name : {"range", "roundrobin", "sticky", "cooperative-sticky"}) {
    const auto kind = ParseAssignor(name);
    ASSERT_TRUE(kind.has_value()) << name;
    EXPECT_EQ(NameOf(*kind), name);
    EXPECT_EQ(IsCooperative(*kind), name == "cooperative-sticky");
  }
  EXPECT_EQ(ParseAssignor("Range"), std::nullopt);
  EXPECT_EQ(ParseAssignor(""), std::nullopt);
}

TEST(Range, GivesConsecutivePartitionsOfEachTopicAndTheSurplusToTheFirst) {
  const std::vector members{MakeMember("c0", {"t0", "t1"}), MakeMember("c1", {"t0", "t1"})};
  EXPECT_THAT(Assign(AssignorKind::kRange, members, {{"t0", 3}, {"t1", 3}}),
              ElementsAre(Pair("c0", Partitions{{"t0", 0}, {"t0", 1}, {"t1", 0}, {"t1", 1}}),
                          Pair("c1", Partitions{{"t0", 2}, {"t1", 2}})));
}

TEST(RoundRobin, GoesOnWithTheNextMemberAtTheNextTopic) {
  const std::vector members{MakeMember("c0", {"t0", "t1"}), MakeMember("c1", {"t0", "t1"})};
  EXPECT_THAT(Assign(AssignorKind::kRoundRobin, members, {{"t0", 3}, {"t1", 3}}),
              ElementsAre(Pair("c0", Partitions{{"t0", 0}, {"t0", 2}, {"t1", 1}}),
                          Pair("c1", Partitions{{"t0", 1}, {"t1", 0}, {"t1", 2}})));
}

TEST(RoundRobin, PassesOverWhoIsNotSubscribed) {
  const std::vector members{MakeMember("c0", {"t0"}), MakeMember("c1", {"t0", "t1"}),
                            MakeMember("c2", {"t0", "t1", "t2"})};
  EXPECT_THAT(Assign(AssignorKind::kRoundRobin, members, {{"t0", 1}, {"t1", 2}, {"t2", 3}}),
              ElementsAre(Pair("c0", Partitions{{"t0", 0}}), Pair("c1", Partitions{{"t1", 0}}),
                          Pair("c2", Partitions{{"t1", 1}, {"t2", 0}, {"t2", 1}, {"t2", 2}})));
}

TEST(Sticky, EvensOutWhereRoundRobinDoesNot) {
  const std::vector members{MakeMember("c0", {"t0"}), MakeMember("c1", {"t0", "t1"}),
                            MakeMember("c2", {"t0", "t1", "t2"})};
  EXPECT_THAT(
      Assign(AssignorKind::kSticky, members, {{"t0", 1}, {"t1", 2}, {"t2", 3}}),
      ElementsAre(Pair("c0", Partitions{{"t0", 0}}), Pair("c1", Partitions{{"t1", 0}, {"t1", 1}}),
                  Pair("c2", Partitions{{"t2", 0}, {"t2", 1}, {"t2", 2}})));
}

TEST(Sticky, MovesOnlyWhatTheNewMemberNeeds) {
  const std::vector members{MakeMember("c0", {"t"}, {{"t", 0}, {"t", 2}, {"t", 4}}),
                            MakeMember("c1", {"t"}, {{"t", 1}, {"t", 3}, {"t", 5}}),
                            MakeMember("c2", {"t"})};
  EXPECT_THAT(Assign(AssignorKind::kSticky, members, {{"t", 6}}),
              ElementsAre(Pair("c0", Partitions{{"t", 0}, {"t", 2}}),
                          Pair("c1", Partitions{{"t", 1}, {"t", 3}}), Pair("c2", SizeIs(2))));
}

TEST(Sticky, TakesFromEveryTopicOfAMemberThatGivesUpMuch) {
  Partitions owned;
  for (std::int32_t i = 0; i < 10; ++i) owned.insert(owned.end(), {{"a", i}, {"b", i}});
  const auto got =
      Assign(AssignorKind::kSticky,
             std::vector{MakeMember("c0", {"a", "b"}, owned), MakeMember("c1", {"a", "b"})},
             {{"a", 10}, {"b", 10}});
  EXPECT_EQ(std::ranges::count(got.at("c1"), "a", &TopicPartition::topic), 5);
  EXPECT_EQ(std::ranges::count(got.at("c1"), "b", &TopicPartition::topic), 5);
}

TEST(Sticky, TheNewerClaimWins) {
  const std::vector members{MakeMember("c0", {"t"}, {{"t", 0}, {"t", 1}}, 4),
                            MakeMember("c1", {"t"}, {{"t", 1}}, 5)};
  EXPECT_THAT(Assign(AssignorKind::kSticky, members, {{"t", 2}}),
              ElementsAre(Pair("c0", Partitions{{"t", 0}}), Pair("c1", Partitions{{"t", 1}})));
  const std::vector turned{MakeMember("c0", {"t"}, {{"t", 0}, {"t", 1}}, 5),
                           MakeMember("c1", {"t"}, {{"t", 0}}, 4)};
  EXPECT_THAT(Assign(AssignorKind::kSticky, turned, {{"t", 2}}),
              ElementsAre(Pair("c0", SizeIs(1)), Pair("c1", SizeIs(1))));
}

TEST(Sticky, ForgetsClaimsOnWhatIsGoneOrNoLongerWanted) {
  const std::vector members{
      MakeMember("c0", {"t"}, {{"t", 7}, {"t", -1}, {"gone", 0}, {"other", 0}}),
      MakeMember("c1", {"other"})};
  EXPECT_THAT(Assign(AssignorKind::kSticky, members, {{"t", 1}, {"other", 1}}),
              ElementsAre(Pair("c0", Partitions{{"t", 0}}), Pair("c1", Partitions{{"other", 0}})));
}

TEST(CooperativeSticky, WithholdsWhatStillHasAnOwner) {
  const Partitions all{{"t", 0}, {"t", 1}, {"t", 2}, {"t", 3}};
  std::vector members{MakeMember("c0", {"t"}, all), MakeMember("c1", {"t"})};
  auto got = Assign(AssignorKind::kCooperativeSticky, members, {{"t", 4}});
  EXPECT_THAT(got, ElementsAre(Pair("c0", SizeIs(2)), Pair("c1", IsEmpty())));
  members[0].subscription.owned = got["c0"];
  const auto kept = got["c0"];
  got = Assign(AssignorKind::kCooperativeSticky, members, {{"t", 4}});
  EXPECT_THAT(got, ElementsAre(Pair("c0", kept), Pair("c1", SizeIs(2))));
}

TEST(CooperativeSticky, GivesWhatADeadMemberOwnedAtOnce) {
  const std::vector members{MakeMember("c0", {"t"}, {{"t", 0}, {"t", 1}}), MakeMember("c1", {"t"})};
  EXPECT_THAT(Assign(AssignorKind::kCooperativeSticky, members, {{"t", 4}}),
              ElementsAre(Pair("c0", Partitions{{"t", 0}, {"t", 1}}),
                          Pair("c1", Partitions{{"t", 2}, {"t", 3}})));
}

TEST(CooperativeSticky, AStaleClaimDoesNotStopTheRightfulOwner) {
  const std::vector members{MakeMember("c0", {"t"}, {{"t", 0}, {"t", 1}}, 3),
                            MakeMember("c1", {"t"}, {{"t", 1}}, 4)};
  EXPECT_THAT(Assign(AssignorKind::kCooperativeSticky, members, {{"t", 2}}),
              ElementsAre(Pair("c0", Partitions{{"t", 0}}), Pair("c1", Partitions{{"t", 1}})));
}

TEST(CooperativeSticky, TwoEqualClaimsAreBothGivenUpFirst) {
  const std::vector members{MakeMember("c0", {"t"}, {{"t", 0}}),
                            MakeMember("c1", {"t"}, {{"t", 0}})};
  EXPECT_THAT(Assign(AssignorKind::kCooperativeSticky, members, {{"t", 1}}),
              ElementsAre(Pair("c0", IsEmpty()), Pair("c1", IsEmpty())));
}

class EveryAssignor : public testing::TestWithParam<AssignorKind> {};

TEST_P(EveryAssignor, NamesEveryMemberEvenIfThereIsNothingToDo) {
  EXPECT_THAT(Assign(GetParam(), {}, {{"t", 3}}), IsEmpty());
  const std::vector idle{MakeMember("a", {}), MakeMember("b", {"unknown"})};
  EXPECT_THAT(Assign(GetParam(), idle, {{"t", 3}, {"unknown", 0}}),
              UnorderedElementsAre(Pair("a", IsEmpty()), Pair("b", IsEmpty())));
}

TEST_P(EveryAssignor, MoreMembersThanPartitionsIsNormal) {
  const std::vector members{MakeMember("a", {"t"}), MakeMember("b", {"t"}), MakeMember("c", {"t"})};
  EXPECT_THAT(Assign(GetParam(), members, {{"t", 2}}),
              ElementsAre(Pair("a", SizeIs(1)), Pair("b", SizeIs(1)), Pair("c", IsEmpty())));
}

TEST_P(EveryAssignor, RanksStaticMembersByInstanceIdBeforeTheDynamicOnes) {
  std::vector members{MakeMember("a", {"t"}), MakeMember("z", {"t"}), MakeMember("y", {"t"})};
  members[1].instance_id = "node-1";
  members[2].instance_id = "node-2";
  EXPECT_THAT(Assign(GetParam(), members, {{"t", 2}}),
              ElementsAre(Pair("a", IsEmpty()), Pair("y", Partitions{{"t", 1}}),
                          Pair("z", Partitions{{"t", 0}})));
}

INSTANTIATE_TEST_SUITE_P(Assignors, EveryAssignor,
                         testing::Values(AssignorKind::kRange, AssignorKind::kRoundRobin,
                                         AssignorKind::kSticky, AssignorKind::kCooperativeSticky));

}  // namespace
}  // namespace lanemq::core
