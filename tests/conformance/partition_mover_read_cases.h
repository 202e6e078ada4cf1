#pragma once

#include <string>
#include <vector>

#include "sql/store/mysql_dead_letter_store.h"
#include "sql/store/mysql_delayed_store.h"
#include "sql/store/mysql_node_facts.h"
#include "sql/store/mysql_retry_store.h"
#include "tests/conformance/partition_mover_fixture.h"

namespace lanemq::testing {

/// What people and brokers read of failed and delayed messages over both nodes while a partition
/// moves: each row once, wherever copies of it are.
class PartitionMoverReads : public PartitionMoverSuite {
 protected:
  /// The partitions in which a read of a node finds something of group g0, one item per find.
  struct Seen {
    std::vector<int> counted, listed, by_time, by_id, backlog, fronts;
    std::int64_t alerted = 0;
  };

  void AddLetters(int node, core::DeadLetterFilter filter, std::vector<int>& partitions) {
    sql::MySqlDeadLetterStore store(two().nodes(), core::NodeId{node});
    const auto page = store.List(filter, std::nullopt, 100, false, Soon());
    ASSERT_TRUE(page.ok()) << page.error().ToString();
    EXPECT_FALSE(page->next);
    for (const core::DeadLetter& letter : page->letters) {
      partitions.push_back(letter.id.key.partition);
    }
  }
  Seen See(int node) {
    const core::NodeId id{node};
    Seen seen;
    sql::MySqlDeadLetterStore letters(two().nodes(), id);
    const auto counts = letters.CountBy("g0", Soon());
    EXPECT_TRUE(counts.ok()) << counts.error().ToString();
    if (counts.ok()) {
      for (const auto& count : *counts) {
        seen.counted.insert(seen.counted.end(), static_cast<std::size_t>(count.letters),
                            count.key.partition);
      }
    }
    AddLetters(node, {.group = "g0"}, seen.listed);
    AddLetters(node, {.group = "g0", .from = WallTime{1}}, seen.by_time);
    AddLetters(node, {.group = "g0", .ids = {{"g0", TwoNodes::kKey, core::Offset{102}}}},
               seen.by_id);
    const auto backlog = sql::MySqlRetryStore(two().nodes(), id).Backlog("g0", Soon());
    EXPECT_TRUE(backlog.ok()) << backlog.error().ToString();
    if (backlog.ok()) {
      for (const auto& one : *backlog) seen.backlog.push_back(one.key.partition);
    }
    const auto fronts = sql::MySqlDelayedStore(two().nodes(), id).ReadFronts(Soon());
    EXPECT_TRUE(fronts.ok()) << fronts.error().ToString();
    if (fronts.ok()) {
      for (const auto& front : fronts->fronts) seen.fronts.push_back(front.key.partition);
    }
    const auto facts = sql::MySqlNodeFacts(two().nodes(), id).Read({}, Soon());
    EXPECT_TRUE(facts.ok()) << facts.error().ToString();
    if (facts.ok()) {
      for (const auto& of : facts->dead_letters) seen.alerted += of.group == "g0" ? of.letters : 0;
      EXPECT_EQ(facts->overdue.count() > 0, !seen.fronts.empty());
    }
    return seen;
  }
  /// Partition 3 is read there, besides 4 at the source.
  void ExpectReadAt(int node) {
    using ::testing::ElementsAre;
    using ::testing::IsEmpty;
    using ::testing::UnorderedElementsAre;
    const Seen seen = See(node);
    if (node == kSource) {
      EXPECT_THAT(seen.counted, ElementsAre(3, 3, 4, 4));
      EXPECT_THAT(seen.listed, ElementsAre(3, 3, 4, 4));
      EXPECT_THAT(seen.by_time, ElementsAre(3, 3, 4, 4));
      EXPECT_THAT(seen.backlog, UnorderedElementsAre(3, 4));
      EXPECT_THAT(seen.fronts, UnorderedElementsAre(3, 4));
    } else {
      EXPECT_THAT(seen.counted, ElementsAre(3, 3));
      EXPECT_THAT(seen.listed, ElementsAre(3, 3));
      EXPECT_THAT(seen.by_time, ElementsAre(3, 3));
      EXPECT_THAT(seen.backlog, ElementsAre(3));
      EXPECT_THAT(seen.fronts, ElementsAre(3));
    }
    EXPECT_THAT(seen.by_id, ElementsAre(3));
    EXPECT_EQ(seen.alerted, node == kSource ? 4 : 2);
  }
  void ExpectNothingReadAt(int node) {
    using ::testing::IsEmpty;
    const Seen seen = See(node);
    EXPECT_THAT(seen.counted, IsEmpty());
    EXPECT_THAT(seen.listed, IsEmpty());
    EXPECT_THAT(seen.by_time, IsEmpty());
    EXPECT_THAT(seen.by_id, IsEmpty());
    EXPECT_THAT(seen.backlog, IsEmpty());
    EXPECT_THAT(seen.fronts, IsEmpty());
    EXPECT_EQ(seen.alerted, 0);
  }
};

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(PartitionMoverReads);

TEST_P(PartitionMoverReads, CopiesOfAPartitionThatArrivesAreNotSeen) {
  two().AppendOk(5);
  two().FillState();
  // Steps 0 to 5 end before the opening; copies are there from step 1 on.
  for (std::size_t step = 0; step < 6; ++step) {
    SCOPED_TRACE(step);
    RunOk(Move(), step, step + 1);
    ExpectReadAt(kSource);
    ExpectNothingReadAt(kTarget);
  }
  EXPECT_EQ(two().Run(kTarget, "SELECT COUNT(*) FROM dead_letters WHERE group_id='g0'"), "2\n");
  RunOk(Move(), 6, 7);
  ExpectReadAt(kTarget);
  RunOk(Move(), 7, 8);
  ExpectReadAt(kTarget);
  EXPECT_EQ(See(kSource).counted, (std::vector<int>{4, 4}));
}

TEST_P(PartitionMoverReads, CopiesOfAMoveThatWasGivenUpAreNotSeen) {
  two().AppendOk(5);
  two().FillState();
  RunOk(Move(), 0, kAhead);
  // Its rows go in steps; this one was left behind by a server that was lost for a while.
  two().Run(kTarget, "CREATE TABLE kept AS SELECT * FROM dead_letters");
  ExpectOk(mover().DropArrival(Move(), Soon()));
  two().Run(kTarget, "INSERT INTO dead_letters SELECT * FROM kept; DROP TABLE kept");
  ExpectNothingReadAt(kTarget);
  ExpectReadAt(kSource);
}

TEST_P(PartitionMoverReads, APartitionThatComesBackIsSeenWhereItIs) {
  two().AppendOk(5);
  two().FillState();
  RunOk(Move());
  const core::PartitionMove back = TwoNodes::Move(6, kTarget, kSource);
  RunOk(back, 0, kAhead);
  ExpectReadAt(kTarget);
  EXPECT_EQ(See(kSource).counted, (std::vector<int>{4, 4}));
  RunOk(back, kAhead);
  ExpectReadAt(kSource);
  ExpectNothingReadAt(kTarget);
}

}  // namespace lanemq::testing
