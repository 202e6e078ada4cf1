// Facts of a data node, on both database engines.
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/store/mysql_node_facts.h"
#include "tests/conformance/sql_lag_node.h"

namespace lanemq::testing {
namespace {

using std::chrono_literals::operator""min;
using std::chrono_literals::operator""s;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class NodeFactsTest : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    LANEMQ_REQUIRE_SERVER(server, GetParam());
    server_ = server;
    node_ = std::make_unique<SqlLagNode>(*server);
    source_ = std::make_unique<sql::MySqlNodeFacts>(node_->nodes(), SqlLagNode::kNode);
  }
  core::NodeFacts Read(const core::NodeFactsQuery& query = {}) {
    const auto facts = source_->Read(query, SqlLagNode::Soon());
    EXPECT_TRUE(facts.ok()) << facts.error().ToString();
    return facts.ok() ? *facts : core::NodeFacts{};
  }
  /// Without times, which the database chose.
  static std::vector<core::DeadLetterFacts> Counts(const core::NodeFacts& facts) {
    std::vector<core::DeadLetterFacts> counts = facts.dead_letters;
    for (core::DeadLetterFacts& of : counts) of.newest.reset();
    return counts;
  }
  void Die(const std::string& group, int topic, int offset, std::chrono::seconds ago) {
    node_->Run(
        fmt::format("INSERT INTO dead_letters (group_id,topic_id,partition_index,origin_offset,"
                    "dead_at,attempts,first_failed_at,last_failed_at,timestamp_us,producer_id,"
                    "sequence,codec) VALUES ('{}',{},0,{},UTC_TIMESTAMP(6)-INTERVAL {} SECOND,1,"
                    "UTC_TIMESTAMP(6),UTC_TIMESTAMP(6),0,0,0,0)",
                    group, topic, offset, ago.count()));
  }
  void Delay(int partition, std::chrono::seconds ago) {
    node_->Run(
        fmt::format("INSERT INTO delayed_messages (topic_id,partition_index,due_us,producer_id,"
                    "sequence,codec) VALUES (1,{},TIMESTAMPDIFF(MICROSECOND,'1970-01-01',"
                    "UTC_TIMESTAMP(6))-{},0,0,0)",
                    partition, std::chrono::microseconds(ago).count()));
  }
  void Lose(int partition, int from, int to, std::chrono::seconds ago) {
    node_->Run(
        fmt::format("INSERT INTO data_losses (topic_id,partition_index,from_offset,to_offset,at) "
                    "VALUES (1,{},{},{},UTC_TIMESTAMP(6)-INTERVAL {} SECOND)",
                    partition, from, to, ago.count()));
  }

  DatabaseServer* server_ = nullptr;
  std::unique_ptr<SqlLagNode> node_;
  std::unique_ptr<core::NodeFactsSource> source_;
};

TEST_P(NodeFactsTest, OfANewNodeThereIsNothing) { EXPECT_EQ(Read(), core::NodeFacts{}); }

TEST_P(NodeFactsTest, DeadLettersAreCountedByGroupAndTopic) {
  Die("a", 1, 1, 700s);
  Die("a", 1, 2, 500s);
  Die("a", 2, 1, 0s);
  Die("b", 1, 1, 601s);
  using core::DeadLetterFacts;
  using core::TopicId;
  EXPECT_THAT(Counts(Read()), ElementsAre(DeadLetterFacts{"a", TopicId{1}, 2, 1},
                                          DeadLetterFacts{"a", TopicId{2}, 1, 1},
                                          DeadLetterFacts{"b", TopicId{1}, 1, 0}));
  // The newest ones of each group, and groups by name.
  const core::NodeFacts few = Read({.groups_max = 1, .letters_max = 2});
  EXPECT_THAT(Counts(few), ElementsAre(DeadLetterFacts{"a", TopicId{1}, 1, 1},
                                       DeadLetterFacts{"a", TopicId{2}, 1, 1}));
  EXPECT_FALSE(few.is_whole);
  EXPECT_TRUE(Read({.letters_max = 1}).is_whole);
}

TEST_P(NodeFactsTest, TheNewestDeadLetterOfEachTopicIsTold) {
  Die("a", 1, 1, 5'000s);
  Die("a", 1, 2, 100s);
  Die("a", 2, 1, 1'100s);
  const auto letters = Read().dead_letters;
  ASSERT_EQ(letters.size(), 2u);
  ASSERT_TRUE(letters[0].newest && letters[1].newest);
  // Both were written a moment apart, by one clock.
  const std::chrono::microseconds between{letters[0].newest->micros - letters[1].newest->micros};
  EXPECT_GE(between, 940s);
  EXPECT_LE(between, 1'000s);
}

TEST_P(NodeFactsTest, TheOldestDueMessageCounts) {
  Delay(0, -1000s);
  EXPECT_EQ(Read().overdue, 0s);
  Delay(0, 20s);
  Delay(1, 40s);
  const auto overdue = Read().overdue;
  EXPECT_GE(overdue, 40s);
  EXPECT_LT(overdue, 100s);
  EXPECT_EQ(Read({.deleted = {core::TopicId{1}}}).overdue, 0s) << "nobody delivers them";
  EXPECT_GE(Read({.deleted = {core::TopicId{2}}}).overdue, 40s);
}

TEST_P(NodeFactsTest, LossesAreAddedUpByPartition) {
  Lose(0, 5, 9, 4'000s);
  Lose(0, 10, 11, 10s);
  Lose(2, 1, 3, 3'700s);
  using core::DataLossFacts;
  const auto key = [](int partition) { return core::PartitionKey{core::TopicId{1}, partition}; };
  EXPECT_THAT(Read().losses, ElementsAre(DataLossFacts{key(0), 5, 1}, DataLossFacts{key(2), 2, 0}));
  const core::NodeFacts few = Read({.losses_within = 80min, .losses_max = 1});
  EXPECT_THAT(few.losses, ElementsAre(DataLossFacts{key(0), 5, 5}));
  EXPECT_FALSE(few.is_whole);
}

TEST_P(NodeFactsTest, UsedBytesAreOfThisNodeAlone) {
  const auto bytes = [&] {
    const auto used = source_->UsedBytes(SqlLagNode::Soon());
    EXPECT_TRUE(used.ok()) << used.error().ToString();
    return used.ok() ? *used : 0;
  };
  const std::int64_t before = bytes();
  EXPECT_GT(before, 0);  // The tables of its own schema.
  // Another node on the same server, whose prefix begins with this one's.
  const std::string other = node_->prefix() + "_x_00";
  node_->Run("CREATE DATABASE " + other);
  node_->Run("CREATE TABLE " + other + ".msg_1_0 (id INT PRIMARY KEY)");
  EXPECT_EQ(bytes(), before);
  node_->Create(0);
  EXPECT_GT(bytes(), before);
}

TEST_P(NodeFactsTest, ANodeThatIsUnknownHasNone) {
  sql::MySqlNodeFacts other(node_->nodes(), core::NodeId{9});
  EXPECT_FALSE(other.Read({}, SqlLagNode::Soon()).ok());
  EXPECT_FALSE(other.UsedBytes(SqlLagNode::Soon()).ok());
}

INSTANTIATE_TEST_SUITE_P(On, NodeFactsTest, ::testing::ValuesIn(Engines()),
                         [](const auto& param) { return NameOf(param.param); });

}  // namespace
}  // namespace lanemq::testing
