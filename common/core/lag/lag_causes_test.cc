#include "common/core/lag/lag_causes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lanemq::core {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using enum LagCause;

/// In trouble, and every cause fits at once.
CauseFacts Everything() {
  CauseFacts facts;
  facts.status = LagStatus::kSlow;
  facts.node_name = "n1";
  facts.canary_failing_for = 2min;
  facts.members = 0;
  facts.is_stable = false;
  facts.group_state = "PreparingRebalance";
  facts.unstable_for = 90s;
  facts.attempts = 5;
  facts.attempt_offset = Offset{77};
  facts.poison_partition = 3;
  facts.owner = "m-1";
  facts.last_poll_age = 125s;
  facts.is_throttled = true;
  facts.in_rate = 50;
  facts.in_norm = 10;
  facts.out_rate = 9;
  facts.out_norm = 10;
  facts.partitions = 4;
  facts.partitions_lagging = 4;
  return facts;
}

TEST(FindCauseTest, TheFirstThatFitsInTheOrderOfTheDesign) {
  CauseFacts facts = Everything();
  EXPECT_EQ(FindCause(facts).cause, kDataNodeSlow);
  facts.canary_failing_for = 0ms;
  facts.round_took = 1'001ms;
  EXPECT_EQ(FindCause(facts).cause, kDataNodeSlow);
  facts.round_took = 1s;
  EXPECT_EQ(FindCause(facts).cause, kNoMembers);
  facts.members = 4;
  EXPECT_EQ(FindCause(facts).cause, kRebalancing);
  facts.unstable_for = 59s;
  facts.rebalances = 7;
  EXPECT_EQ(FindCause(facts).cause, kRebalancing);
  facts.rebalances = 6;
  EXPECT_EQ(FindCause(facts).cause, kPoison);
  facts.attempts = 2;
  facts.claims = 3;
  EXPECT_EQ(FindCause(facts).cause, kPoison);
  facts.claims = 2;
  EXPECT_EQ(FindCause(facts).cause, kNotPolling);
  facts.last_poll_age = 60s;
  EXPECT_EQ(FindCause(facts).cause, kThrottled);
  facts.is_throttled = false;
  EXPECT_EQ(FindCause(facts).cause, kProducerSurge);
  facts.out_rate = 7.9;
  EXPECT_EQ(FindCause(facts).cause, kTooFewPartitions);
  facts.members = 3;
  EXPECT_EQ(FindCause(facts).cause, kUnknown);
}

TEST(FindCauseTest, NothingIsLookedForWhenNothingIsWrong) {
  for (const LagStatus status : {LagStatus::kOk, LagStatus::kNew, LagStatus::kPaused}) {
    CauseFacts facts = Everything();
    facts.status = status;
    EXPECT_EQ(FindCause(facts).cause, kNone);
    EXPECT_EQ(FindCause(facts).evidence, "");
  }
}

TEST(FindCauseTest, AnOwnerThatPollsAndDoesNotGetPastARecordIsPoisoned) {
  CauseFacts facts;
  facts.status = LagStatus::kStop;
  facts.members = 1;
  facts.partitions = facts.partitions_lagging = 1;
  facts.owner = "m-1";
  facts.committed = Offset{42};
  EXPECT_EQ(FindCause(facts).cause, kUnknown) << "whether it polls is not known";
  facts.last_poll_age = 2s;
  EXPECT_EQ(FindCause(facts).cause, kPoison);
  EXPECT_EQ(FindCause(facts).evidence,
            "partition 0: its owner m-1 polls, and does not get past offset 42");
  facts.status = LagStatus::kSlow;
  EXPECT_EQ(FindCause(facts).cause, kTooFewPartitions);
}

TEST(FindCauseTest, AnExplicitReaderNeedsNoMembers) {
  CauseFacts facts;
  facts.status = LagStatus::kStop;
  EXPECT_EQ(FindCause(facts).cause, kNoMembers);
  facts.has_explicit_reader = true;
  EXPECT_EQ(FindCause(facts).cause, kUnknown);
}

TEST(FindCauseTest, ASurgeIsOneAgainstANormAndAtLeastOneMessageASecond) {
  CauseFacts facts;
  facts.status = LagStatus::kSlow;
  facts.members = 1;
  facts.partitions = 2;
  facts.in_rate = 0.9;
  facts.in_norm = 0.1;
  facts.out_norm = 0;
  EXPECT_EQ(FindCause(facts).cause, kUnknown);
  facts.in_rate = 1;
  EXPECT_EQ(FindCause(facts).cause, kProducerSurge);
  facts.in_norm = 0.5;
  EXPECT_EQ(FindCause(facts).cause, kUnknown);
  facts.in_norm = std::nullopt;
  EXPECT_EQ(FindCause(facts).cause, kUnknown);
}

TEST(FindCauseTest, EvidenceHasTheFigures) {
  CauseFacts facts = Everything();
  EXPECT_EQ(FindCause(facts).evidence,
            "data node n1: test messages have been late or failing for 2 min");
  facts.canary_failing_for = 0ms;
  facts.round_took = 1'500ms;
  EXPECT_EQ(FindCause(facts).evidence, "data node n1: reading its offsets took 1.5 s");
  facts.round_took = 0ms;
  facts.members = 4;
  EXPECT_EQ(FindCause(facts).evidence, "the group has been PreparingRebalance for 90 s");
  facts.is_stable = true;
  EXPECT_EQ(FindCause(facts).evidence,
            "partition 3: offset 77 was tried 5 times and fails each time");
  facts.attempts = 0;
  facts.claims = 4;
  facts.committed = Offset{76};
  EXPECT_EQ(FindCause(facts).evidence,
            "partition 3: 4 members in turn took it at offset 76 and did not get past it");
  facts.claims = 0;
  EXPECT_EQ(FindCause(facts).evidence,
            "partition 0: its owner m-1 sends heartbeats but has not polled for 2.08 min");
  facts.last_poll_age = std::nullopt;
  facts.is_throttled = false;
  EXPECT_THAT(FindCause(facts).evidence, HasSubstr("50 messages/s, 5 times the usual"));
}

TEST(FactsOfTest, ComeFromThePartitionsInTrouble) {
  const auto partition = [](std::int32_t index, LagStatus status, std::int64_t lag) {
    JudgedPartition judged;
    judged.sample.key = {TopicId{1}, index};
    judged.sample.member_id = "m-" + std::to_string(index);
    judged.sample.committed = Offset{10 * index};
    judged.verdict.status = status;
    judged.verdict.lag_messages = lag;
    judged.verdict.lag = std::chrono::seconds{lag};
    return judged;
  };
  GroupTopicLag group;
  group.status = LagStatus::kSlow;
  group.members = 2;
  group.partitions = {partition(0, LagStatus::kOk, 900), partition(1, LagStatus::kSlow, 5),
                      partition(2, LagStatus::kSlow, 7), partition(3, LagStatus::kOk, 0)};
  group.partitions[0].sample.claims = 9;  // Not in trouble.
  group.partitions[1].sample.attempts = 4;
  group.partitions[3].sample.member_id.clear();
  const CauseFacts facts = FactsOf(group);
  EXPECT_EQ(facts.partition, 2);
  EXPECT_EQ(facts.owner, "m-2");
  EXPECT_EQ(facts.poison_partition, 1);
  EXPECT_EQ(facts.committed, Offset{10});
  EXPECT_EQ(facts.attempts, 4);
  EXPECT_EQ(facts.partitions, 4);
  EXPECT_EQ(facts.partitions_lagging, 3);
  EXPECT_FALSE(facts.has_explicit_reader);
  EXPECT_EQ(WorstPartition(GroupTopicLag{}), nullptr);
}

}  // namespace
}  // namespace lanemq::core
