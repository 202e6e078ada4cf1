#include "metaserver/catalog/catalog_differences.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lanemq::metaserver {
namespace {

using std::chrono_literals::operator""s;
using core::NodeId;
using core::TopicId;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A cluster of two nodes; "orders" (id 7) has partitions 0 and 1 on n1 and 2 on n2.
class CatalogDifferencesTest : public ::testing::Test {
 protected:
  CatalogDifferencesTest() {
    for (int i = 1; i <= 2; ++i) {
      core::DataNode node;
      node.id = NodeId{i};
      node.name = "n" + std::to_string(i);
      node.host = "db" + std::to_string(i);
      node.port = 3306;
      facts_.nodes.push_back(node);
    }
    core::TopicRecord orders;
    orders.topic.id = TopicId{7};
    orders.topic.name = "orders";
    orders.topic.state = core::TopicState::kActive;
    orders.topic.partitions = {{0, NodeId{1}, 0}, {1, NodeId{1}, 1}, {2, NodeId{2}, 0}};
    orders.ready = 3;
    facts_.topics = {orders};
    facts_.groups = {"billing"};
    inventory_.tables = {{0, "msg_7_0"}, {1, "msg_7_1"}};
    inventory_.partitions = {{{TopicId{7}, 0}, 0, "orders"}, {{TopicId{7}, 1}, 1, "orders"}};
    inventory_.offsets = {{"billing", TopicId{7}, 3, core::Generation{4}, 5s}};
    inventory_.schema_version = inventory_.schema_version_known = 18;
  }
  std::vector<CatalogDifference> Differences() const {
    return DifferencesOf(facts_.nodes[0], facts_, inventory_, after_.value_or(facts_));
  }
  core::TopicRecord& orders() { return facts_.topics[0]; }

  CatalogFacts facts_;
  std::optional<CatalogFacts> after_;
  core::NodeInventory inventory_;
};

auto Is(const std::string& kind, const std::string& object) {
  return AllOf(Field(&CatalogDifference::kind, kind), Field(&CatalogDifference::object, object),
               Field(&CatalogDifference::node, "n1"));
}

TEST_F(CatalogDifferencesTest, WhereBothAgreeThereIsNothingToSay) {
  EXPECT_THAT(Differences(), IsEmpty());
  EXPECT_THAT(StuckTopics(facts_, WallTime{1'000'000'000}), IsEmpty());
}

TEST_F(CatalogDifferencesTest, ATableThatIsMissingIsToldByItsPartition) {
  inventory_.tables.pop_back();
  const auto found = Differences();
  ASSERT_THAT(found, ElementsAre(Is("table_missing", "orders/1")));
  EXPECT_THAT(found[0].detail, HasSubstr("lanemq_01.msg_7_1"));
  EXPECT_THAT(found[0].advice, HasSubstr("backup"));
}

TEST_F(CatalogDifferencesTest, ATableInAnotherSchemaIsMissingHereAndNobodysThere) {
  inventory_.tables[1].schema_index = 4;
  const auto found = Differences();
  ASSERT_THAT(found, ElementsAre(Is("table_missing", "orders/1"),
                                 Is("table_orphaned", "lanemq_04.msg_7_1")));
  EXPECT_THAT(found[1].detail, HasSubstr("the catalogue has orders/1 on data node n1, schema 01"));
}

TEST_F(CatalogDifferencesTest, AStateRowThatIsMissingIsTold) {
  inventory_.partitions.erase(inventory_.partitions.begin());
  EXPECT_THAT(Differences(), ElementsAre(Is("state_row_missing", "orders/0")));
}

TEST_F(CatalogDifferencesTest, WhatIsOnItsWayIsNeitherMissingNorNobodys) {
  // orders/1 leaves, and orders/2 arrives.
  inventory_.tables = {{0, "msg_7_0"}, {1, "msg_7_1"}, {5, "msg_7_2"}};
  inventory_.partitions[1].is_sealed = true;
  facts_.moving = {{{TopicId{7}, 1}, NodeId{2}, 3}, {{TopicId{7}, 2}, NodeId{1}, 5}};
  EXPECT_THAT(Differences(), IsEmpty());
  // It is open at its new place, of which the catalogue does not know yet.
  inventory_.partitions.push_back({{TopicId{7}, 2}, 5, "orders"});
  EXPECT_THAT(Differences(), IsEmpty());
  // The move has ended in the meantime.
  after_ = facts_;
  after_->moving.clear();
  EXPECT_THAT(Differences(), IsEmpty());
}

TEST_F(CatalogDifferencesTest, WhatAMoveHasLeftBehindIsTold) {
  inventory_.tables = {{0, "msg_7_0"}, {1, "msg_7_1"}, {5, "msg_7_2"}, {6, "msg_7_3"}};
  inventory_.partitions[1].is_sealed = true;
  inventory_.partitions.push_back(
      {.key = {TopicId{7}, 3}, .schema_index = 6, .topic_name = "orders", .is_sealed = true});
  const auto found = Differences();
  ASSERT_THAT(
      found, ElementsAre(Is("table_missing", "orders/1"), Is("table_orphaned", "lanemq_05.msg_7_2"),
                         Is("table_orphaned", "lanemq_06.msg_7_3")));
  EXPECT_THAT(found[0].advice, HasSubstr("ALTER TABLE lanemq_01.msg_7_1 RENAME COLUMN sealed_"));
  EXPECT_THAT(found[1].advice, HasSubstr("arriving_timestamp_us"));
  EXPECT_THAT(found[2].advice, HasSubstr("old place"));
}

TEST_F(CatalogDifferencesTest, WhatIsBeingMadeOrDeletedIsNotMissing) {
  inventory_.tables.clear();
  orders().topic.state = core::TopicState::kCreating;
  orders().ready = 0;
  EXPECT_THAT(Differences(), IsEmpty());
  orders().topic.state = core::TopicState::kDeleting;
  orders().ready = 3;
  EXPECT_THAT(Differences(), IsEmpty());
  // Whoever brings it back wants its messages.
  orders().topic.deletion = core::TopicDeletion{};
  EXPECT_FALSE(Differences().empty());
}

TEST_F(CatalogDifferencesTest, ATopicThatWasDeletedOrMadeMeanwhileIsNoDifference) {
  after_ = facts_;
  after_->topics.clear();
  inventory_.tables.clear();
  inventory_.partitions.clear();
  inventory_.offsets.clear();
  EXPECT_THAT(Differences(), IsEmpty());  // Deleted while the node was looked at.
  std::swap(facts_, *after_);
  inventory_.tables = {{0, "msg_7_0"}};
  inventory_.offsets = {{"billing", TopicId{7}, 1, core::Generation{1}, 0s}};
  EXPECT_THAT(Differences(), IsEmpty());  // Made then, half of it.
}

TEST_F(CatalogDifferencesTest, ATableThatNobodyNamesIsToldWithItsOldTopic) {
  inventory_.tables.push_back({0, "msg_3_0"});
  inventory_.tables.push_back({2, "notes_of_a_dba"});
  inventory_.partitions.push_back({{TopicId{3}, 0}, 0, "payments"});
  const auto found = Differences();
  ASSERT_THAT(found, ElementsAre(Is("table_orphaned", "lanemq_00.msg_3_0"),
                                 Is("table_orphaned", "lanemq_02.notes_of_a_dba")));
  EXPECT_THAT(found[0].detail, HasSubstr("made for topic payments; the catalogue has no topic"));
  EXPECT_EQ(found[0].table, (core::NodeTable{0, "msg_3_0"}));  // Its rows are to be looked up.
}

TEST_F(CatalogDifferencesTest, APartitionOfAnotherNodeIsNobodysHere) {
  inventory_.tables.push_back({0, "msg_7_2"});
  const auto found = Differences();
  ASSERT_THAT(found, ElementsAre(Is("table_orphaned", "lanemq_00.msg_7_2")));
}

TEST_F(CatalogDifferencesTest, AStateRowWithoutTableAndPartitionIsTold) {
  inventory_.partitions.push_back({{TopicId{3}, 5}, 0, "payments"});
  EXPECT_THAT(Differences(), ElementsAre(Is("state_row_orphaned", "payments/5")));
}

TEST_F(CatalogDifferencesTest, OffsetsOfTopicsAndGroupsThatAreGoneAreTold) {
  inventory_.offsets = {{"billing", TopicId{3}, 4, core::Generation{1}, 9s},
                        {"gone", TopicId{7}, 2, core::Generation{6}, 7s},
                        {"explicit", TopicId{7}, 2, core::Generation{0}, 7s}};
  const auto found = Differences();
  ASSERT_THAT(found,
              ElementsAre(Is("offsets_orphaned", "billing"), Is("offsets_orphaned", "gone")));
  EXPECT_THAT(found[0].advice,
              HasSubstr("DELETE FROM lanemq_node.group_offsets WHERE topic_id = 3"));
  EXPECT_EQ(found[0].rows, 4);
  EXPECT_EQ(found[0].age, std::chrono::microseconds{9s});
  EXPECT_THAT(found[1].advice, HasSubstr("lanemq group delete gone"));
}

TEST_F(CatalogDifferencesTest, SchemasOfOtherVersionsAreTold) {
  inventory_.schema_version = 17;
  auto found = Differences();
  ASSERT_THAT(found, ElementsAre(Is("schema_version", "lanemq_node")));
  EXPECT_THAT(found[0].advice, HasSubstr("lanemq node add n1 --address db1:3306"));
  inventory_.schema_version = 19;
  found = Differences();
  ASSERT_THAT(found, ElementsAre(Is("schema_version", "lanemq_node")));
  EXPECT_THAT(found[0].advice, HasSubstr("Upgrade this metaserver"));
}

TEST_F(CatalogDifferencesTest, OfWhatWasNotReadToItsEndNothingIsMissing) {
  inventory_.tables.clear();
  inventory_.is_whole = false;
  EXPECT_THAT(Differences(), IsEmpty());
}

TEST_F(CatalogDifferencesTest, WhatDoesNotGetReadyIsToldAfterAMinute) {
  orders().ready = 1;
  orders().changed_at = WallTime{1'000'000'000};
  EXPECT_THAT(StuckTopics(facts_, WallTime{1'060'000'000}), IsEmpty());
  auto stuck = StuckTopics(facts_, WallTime{1'061'000'000});
  ASSERT_EQ(stuck.size(), 1u);
  EXPECT_EQ(stuck[0].kind, "partition_stuck");
  EXPECT_EQ(stuck[0].node, "n1,n2");
  EXPECT_THAT(stuck[0].detail, HasSubstr("partitions 1 to 2 are not made yet, since 61 s"));
  orders().topic.state = core::TopicState::kDeleting;
  stuck = StuckTopics(facts_, WallTime{1'061'000'000});
  ASSERT_EQ(stuck.size(), 1u);
  EXPECT_THAT(stuck[0].detail, HasSubstr("being deleted"));
  orders().topic.deletion = core::TopicDeletion{};
  orders().ready = 3;
  EXPECT_THAT(StuckTopics(facts_, WallTime{1'061'000'000}), IsEmpty());
}

}  // namespace
}  // namespace lanemq::metaserver
