#include "metaserver/oncall/node_lag.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/random.h"
#include "tests/conformance/fake_lag_source.h"

namespace lanemq::metaserver {
namespace {

using core::PartitionKey;

/// A node in memory, and what is put together of it.
class NodeLagTest : public ::testing::Test {
 protected:
  static PartitionKey Key(std::int32_t partition) { return {core::TopicId{1}, partition}; }
  void Add(std::int32_t partition) {
    source_.Create(Key(partition));
    all_.push_back({Key(partition), core::NodeId{1}, 0});
  }
  void Append(std::int32_t partition, int count = 1) {
    const std::vector<WallTime> times(static_cast<std::size_t>(count), source_.Now());
    source_.Append(Key(partition), times);
  }
  /// One round; how many partitions were asked for.
  std::size_t Round() {
    source_.SetNow({source_.Now().micros + 5'000'000});
    const NodeLag::Plan plan = lag_.Next(all_);
    auto round = source_.Sample({plan.partitions, plan.known_ends, 20'000}, {});
    EXPECT_TRUE(round.ok());
    lag_.Take(plan, *std::move(round));
    return plan.partitions.size();
  }
  const NodeSamples& samples() { return *lag_.samples(); }

  testing::FakeLagSource source_;
  std::vector<core::PartitionLocation> all_;
  NodeLag lag_{core::NodeId{1}, {.quiet_after = 3, .quiet_every = 4}};
};

TEST_F(NodeLagTest, AsksSeldomWhereNothingMoves) {
  Add(0);
  Add(1);
  Append(0);
  source_.Commit("g", Key(0), core::Offset{2});
  std::vector<std::size_t> asked;
  for (int i = 0; i < 12; ++i) asked.push_back(Round());
  EXPECT_EQ(asked, (std::vector<std::size_t>{2, 2, 2, 1, 0, 0, 1, 1, 0, 0, 1, 1}));
  ASSERT_EQ(samples().groups.size(), 1u);
  EXPECT_EQ(samples().partitions.size(), 2u);
}

TEST_F(NodeLagTest, AlwaysAsksWhereSomebodyLagsOrCommits) {
  Add(0);
  Add(1);
  Append(0, 5);
  source_.Commit("g", Key(0), core::Offset{2});
  for (int i = 0; i < 10; ++i) Round();
  EXPECT_EQ(Round() + Round() + Round() + Round(), 5u);  // 0 each time, 1 once.
  EXPECT_EQ(samples().groups[0].at, source_.Now());
}

TEST_F(NodeLagTest, AQuietPartitionThatMovesIsSeenWithinFourRounds) {
  Add(0);
  Append(0);
  source_.Commit("g", Key(0), core::Offset{2});
  for (int i = 0; i < 10; ++i) Round();
  Append(0);
  int rounds = 0;
  do {
    Round();
    ++rounds;
    ASSERT_LE(rounds, 4);
  } while (samples().groups[0].sample.LagMessages() == 0);
  EXPECT_EQ(Round(), 1u);
}

TEST_F(NodeLagTest, CarriedRowsKeepTheirOwnTime) {
  Add(0);
  source_.Commit("g", Key(0), core::Offset{1});
  for (int i = 0; i < 4; ++i) Round();
  const WallTime read = source_.Now();
  ASSERT_EQ(Round(), 0u);
  ASSERT_EQ(samples().groups.size(), 1u);
  EXPECT_EQ(samples().groups[0].at, read);
  EXPECT_GT(samples().at, read);
}

TEST_F(NodeLagTest, ForgetsPartitionsThatAreGone) {
  Add(0);
  Add(1);
  source_.Commit("g", Key(0), core::Offset{1});
  source_.Commit("g", Key(1), core::Offset{1});
  Round();
  all_.pop_back();
  Round();
  ASSERT_EQ(samples().groups.size(), 1u);
  ASSERT_EQ(samples().partitions.size(), 1u);
  EXPECT_EQ(samples().partitions[0].key, Key(0));
}

TEST_F(NodeLagTest, ARowThatIsNotThereAnyMoreIsGone) {
  Add(0);
  source_.Commit("g", Key(0), core::Offset{1});
  source_.Commit("h", Key(0), core::Offset{1});
  Round();
  const NodeLag::Plan plan = lag_.Next(all_);
  auto round = source_.Sample({plan.partitions, plan.known_ends, 20'000}, {});
  ASSERT_TRUE(round.ok());
  round->groups.erase(round->groups.begin());  // "g" was deleted.
  lag_.Take(plan, *std::move(round));
  ASSERT_EQ(samples().groups.size(), 1u);
  EXPECT_EQ(samples().groups[0].sample.group, "h");
}

TEST_F(NodeLagTest, ARoundThatFailedIsAskedForAgain) {
  Add(0);
  for (int i = 0; i < 10; ++i) Round();
  EXPECT_EQ(lag_.Next(all_).partitions.size(), 1u);  // Its answer is lost.
  EXPECT_EQ(lag_.Next(all_).partitions.size(), 1u);
}

/// Whatever happens: nothing is older than four rounds, and what was read in the newest round is
/// the truth of it.
TEST_F(NodeLagTest, NothingIsOlderThanFourRounds) {
  Random random(7);
  for (std::int32_t i = 0; i < 8; ++i) Add(i);
  for (int step = 0; step < 2'000; ++step) {
    const auto partition = static_cast<std::int32_t>(random.Below(8));
    const std::string group = random.Below(2) == 0 ? "a" : "b";
    if (random.Below(20) == 0) Append(partition);
    if (random.Below(20) == 0) {
      source_.Commit(group, Key(partition), core::Offset{static_cast<int>(random.Below(9)) + 1});
    }
    Round();
    const NodeLag::Plan everything{all_, std::vector<core::Offset>(all_.size(), core::Offset{1})};
    const auto truth = source_.Sample({everything.partitions, everything.known_ends, 20'000}, {});
    ASSERT_TRUE(truth.ok());
    std::size_t known = 0;
    for (const core::LagSample& row : truth->groups) {
      for (const SampledGroup& mine : samples().groups) {
        if (mine.sample.group != row.group || mine.sample.key != row.key) continue;
        ++known;
        ASSERT_GE(mine.at.micros, source_.Now().micros - 3 * 5'000'000);
        if (mine.at == source_.Now()) {
          ASSERT_EQ(mine.sample, row);
        }
      }
    }
    // A row that is new may be missing for three rounds.
    ASSERT_LE(truth->groups.size() - known, 3u);
  }
}

}  // namespace
}  // namespace lanemq::metaserver
