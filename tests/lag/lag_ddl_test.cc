// Tables that change in the middle of a round, and how the statements of a round find their rows.
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/store/lag_text.h"
#include "tests/conformance/sql_lag_node.h"

namespace lanemq::testing {
namespace {

using ::testing::HasSubstr;

/// Runs something in each round, after the groups' rows were read.
class Meanwhile final : public sql::LagRoundObserver {
 public:
  std::function<void(int round)> action;
  int rounds = 0;
  void OnGroupsRead() override {
    ++rounds;
    if (action) action(rounds);
  }
};

class LagDdlTest : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    LANEMQ_REQUIRE_SERVER(server, GetParam());
    server_ = server;
    node_ = std::make_unique<SqlLagNode>(*server);
    source_ = std::make_unique<sql::MySqlLagSource>(node_->nodes(), SqlLagNode::kNode, &meanwhile_);
    for (int i = 0; i < 3; ++i) {
      node_->Create(i);
      std::vector<WallTime> times;
      for (int row = 1; row <= 100; ++row) times.push_back(WallTime{row});
      node_->Append(i, times);
      node_->Commit("g", i, core::Offset{20});
    }
    // Table partitions up to 29, 59, 89 and the rest.
    node_->Run("ALTER TABLE " + node_->Table(1) +
               " PARTITION BY RANGE (`offset`) (PARTITION p_30 VALUES LESS THAN (30),PARTITION "
               "p_60 VALUES LESS THAN (60),PARTITION p_90 VALUES LESS THAN (90),PARTITION p_tail "
               "VALUES LESS THAN MAXVALUE)");
  }
  Result<core::LagRound> Sample() {
    const std::vector<core::PartitionLocation> all = {
        SqlLagNode::Location(0), SqlLagNode::Location(1), SqlLagNode::Location(2)};
    const std::vector<core::Offset> ends(3, core::Offset{101});
    return source_->Sample({all, ends}, SqlLagNode::Soon());
  }

  DatabaseServer* server_ = nullptr;
  std::unique_ptr<SqlLagNode> node_;
  Meanwhile meanwhile_;
  std::unique_ptr<sql::MySqlLagSource> source_;
};
INSTANTIATE_TEST_SUITE_P(On, LagDdlTest, ::testing::ValuesIn(Engines()),
                         [](const auto& engine) { return NameOf(engine.param); });

// The snapshot has the old log start, and the rows are gone from it all the same.
TEST_P(LagDdlTest, RowsThatWereDroppedMeanwhileTakeTheRoundAgain) {
  meanwhile_.action = [&](int round) {
    if (round > 1) return;
    node_->SetLogStart(1, core::Offset{30});
    node_->Run("ALTER TABLE " + node_->Table(1) + " DROP PARTITION p_30");
  };
  const auto round = Sample();
  ASSERT_TRUE(round.ok()) << round.error().ToString();
  EXPECT_EQ(meanwhile_.rounds, 2);
  EXPECT_EQ(round->groups.at(1).start, core::Offset{30});
  EXPECT_EQ(round->groups.at(1).LagMessages(), 71);
  EXPECT_EQ(round->groups.at(1).oldest_unread, WallTime{30});
}

TEST_P(LagDdlTest, AHoleThatStaysIsPassed) {
  node_->Run("DELETE FROM " + node_->Table(1) + " WHERE `offset` BETWEEN 10 AND 40");
  node_->Run("DELETE FROM " + node_->Table(2) + " WHERE `offset` BETWEEN 20 AND 20");
  const auto round = Sample();
  ASSERT_TRUE(round.ok()) << round.error().ToString();
  EXPECT_EQ(meanwhile_.rounds, 2);
  EXPECT_EQ(round->groups.at(0).oldest_unread, WallTime{20});
  EXPECT_EQ(round->groups.at(1).oldest_unread, WallTime{41});
  EXPECT_EQ(round->groups.at(2).oldest_unread, WallTime{21});
}

TEST_P(LagDdlTest, ASplitMeanwhileTakesTheRoundAgain) {
  meanwhile_.action = [&](int round) {
    if (round > 1) return;
    node_->Run("ALTER TABLE " + node_->Table(1) +
               " REORGANIZE PARTITION p_tail INTO (PARTITION p_120 VALUES LESS THAN "
               "(120),PARTITION p_tail VALUES LESS THAN MAXVALUE)");
  };
  const auto round = Sample();
  ASSERT_TRUE(round.ok()) << round.error().ToString();
  EXPECT_EQ(round->groups.at(1).LagMessages(), 81);
  EXPECT_EQ(round->groups.at(1).oldest_unread, WallTime{20});
}

TEST_P(LagDdlTest, SplitsWithoutEndAreAConflict) {
  meanwhile_.action = [&](int round) {
    // All of the table, so that MySQL cannot look past it.
    node_->Run(
        fmt::format("ALTER TABLE {} PARTITION BY RANGE (`offset`) (PARTITION p_{} VALUES "
                    "LESS THAN ({}),PARTITION p_tail VALUES LESS THAN MAXVALUE)",
                    node_->Table(1), 200 + round, 200 + round));
  };
  const auto round = Sample();
  ASSERT_FALSE(round.ok());
  EXPECT_EQ(round.error().code, ErrorCode::kConflict) << round.error().ToString();
  EXPECT_EQ(meanwhile_.rounds, 2);
  // The connection is as good as before.
  meanwhile_.action = nullptr;
  EXPECT_TRUE(Sample().ok());
}

TEST_P(LagDdlTest, APartitionThatIsDroppedMeanwhileIsLeftOut) {
  meanwhile_.action = [&](int round) {
    if (round > 1) return;
    ASSERT_TRUE(node_->messages().DropPartition(SqlLagNode::Location(1), SqlLagNode::Soon()).ok());
  };
  const auto round = Sample();
  ASSERT_TRUE(round.ok()) << round.error().ToString();
  EXPECT_EQ(round->partitions.size(), 2u);
  EXPECT_EQ(round->groups.size(), 2u);
}

// One table that somebody removed by hand must not blind us to all others.
TEST_P(LagDdlTest, ATableThatIsMissingHidesItsPartitionAlone) {
  node_->Run("DROP TABLE " + node_->Table(1));
  const auto round = Sample();
  ASSERT_TRUE(round.ok()) << round.error().ToString();
  ASSERT_EQ(round->groups.size(), 2u);
  EXPECT_EQ(round->groups.at(0).LagMessages(), 81);
  EXPECT_EQ(round->groups.at(1).oldest_unread, WallTime{20});
}

TEST_P(LagDdlTest, SmallTablesAreNotReadFromEndToEnd) {
  node_->Create(3);
  node_->Append(3, {WallTime{1}, WallTime{2}, WallTime{3}});
  const std::vector<core::Offset> offsets = {core::Offset{20}, core::Offset{21}, core::Offset{95}};
  std::vector<sql::RowsArm> arms;
  for (std::size_t i = 0; i < 2; ++i) {
    arms.push_back({i, SqlLagNode::Location(static_cast<int>(i)), offsets});
  }
  std::string text;
  EXPECT_EQ(sql::RowTimesText(node_->prefix(), arms, text), 2u);
  const bool is_mariadb = GetParam() == Engine::kMariaDb;
  const std::string explain = is_mariadb ? "EXPLAIN PARTITIONS " : "EXPLAIN FORMAT=TRADITIONAL ";
  const auto plan = server_->Query(explain + text);
  ASSERT_TRUE(plan.ok()) << plan.error().ToString();
  EXPECT_THAT(*plan, HasSubstr("p_30,p_tail\trange\tPRIMARY\tPRIMARY"));
  const std::vector<core::Offset> every = {core::Offset{1}, core::Offset{2}, core::Offset{3}};
  const std::vector<sql::RowsArm> tiny = {{0, SqlLagNode::Location(3), every}};
  EXPECT_EQ(sql::RowTimesText(node_->prefix(), tiny, text), 1u);
  const auto plan_of_tiny = server_->Query(explain + text);
  ASSERT_TRUE(plan_of_tiny.ok()) << plan_of_tiny.error().ToString();
  EXPECT_THAT(*plan_of_tiny, HasSubstr("\trange\tPRIMARY\tPRIMARY"));
  const std::vector<sql::NewestArm> newest = {{0, SqlLagNode::Location(1), core::Offset{100}}};
  EXPECT_EQ(sql::NewestText(node_->prefix(), newest, text), 1u);
  const auto read =
      server_->Query("FLUSH STATUS;" + text + ";SHOW SESSION STATUS LIKE 'Handler_read_%'");
  ASSERT_TRUE(read.ok()) << read.error().ToString();
  EXPECT_THAT(*read, HasSubstr("Handler_read_last\t1\n"));
  EXPECT_THAT(*read, HasSubstr("Handler_read_next\t0\n"));
  EXPECT_THAT(*read, HasSubstr("Handler_read_prev\t0\n"));
}

}  // namespace
}  // namespace lanemq::testing
