#include "metaserver/handlers/dead_letter_summary.h"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace lanemq::metaserver {
namespace {

using core::NodeId;
using core::TopicId;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// Topic "orders" (7), and the nodes n1 and n2, which were read a second ago.
class DeadLetterSummaryTest : public ::testing::Test {
 protected:
  DeadLetterSummaryTest() {
    core::Topic topic;
    topic.id = TopicId{7};
    topic.name = "orders";
    catalog_.topics = {topic};
    catalog_.nodes = {{.id = NodeId{1}, .name = "n1"}, {.id = NodeId{2}, .name = "n2"}};
    facts_.age_max = seconds{30};
    Read(1, {{"billing", TopicId{7}, 3, 1, WallTime{50}}, {"audit", TopicId{7}, 1, 0, WallTime{9}}},
         seconds{1});
    Read(2, {{"billing", TopicId{7}, 4, 0, WallTime{40}}}, seconds{2});
  }

  void Read(std::int64_t node, std::vector<core::DeadLetterFacts> letters, seconds ago,
            bool is_whole = true) {
    core::NodeFacts facts;
    facts.dead_letters = std::move(letters);
    facts.is_whole = is_whole;
    std::erase_if(facts_.nodes, [&](const NodeFactsView& v) { return v.node == NodeId{node}; });
    NodeFactsView& view = facts_.nodes.emplace_back();
    view.node = NodeId{node};
    view.facts.Take(std::move(facts), now_ - ago);
  }
  idl::SummarizeDeadLettersResponse Tell(const std::string& hidden = "") {
    facts_.catalog = std::make_shared<core::CatalogSnapshot>(catalog_);
    return TellDeadLetters(
        facts_, [&](const std::string& group) { return group != hidden; }, now_);
  }

  const MonotonicTime now_{hours{1}};
  core::CatalogSnapshot catalog_;
  FactsView facts_;
};

TEST_F(DeadLetterSummaryTest, AddsUpTheNodes) {
  const auto told = Tell();
  ASSERT_EQ(told.groups.size(), 2u);
  EXPECT_EQ(told.groups[0].group, "audit");
  EXPECT_EQ(told.groups[1].group, "billing");
  EXPECT_EQ(told.groups[1].topic, "orders");
  EXPECT_EQ(told.groups[1].letters, 7);
  EXPECT_EQ(told.groups[1].recent, 1);
  EXPECT_EQ(told.groups[1].newest_us, 50);
  EXPECT_EQ(told.age_ms, 2'000);
  EXPECT_FALSE(told.__isset.unknown_nodes);
}

TEST_F(DeadLetterSummaryTest, LeavesOutWhatTheCallerMayNotSee) {
  const auto told = Tell("billing");
  ASSERT_EQ(told.groups.size(), 1u);
  EXPECT_EQ(told.groups[0].group, "audit");
}

TEST_F(DeadLetterSummaryTest, NamesTheNodesOfWhichNotAllIsKnown) {
  Read(1, {}, seconds{31});
  EXPECT_EQ(Tell().unknown_nodes, (std::vector<std::string>{"n1"}));
  EXPECT_EQ(Tell().groups.size(), 1u);
  Read(2, {{"billing", TopicId{7}, 4, 0, {}}}, seconds{2}, false);
  EXPECT_EQ(Tell().unknown_nodes, (std::vector<std::string>{"n1", "n2"}));
  ASSERT_EQ(Tell().groups.size(), 1u) << "what is known is told";
  EXPECT_FALSE(Tell().groups[0].__isset.newest_us);
  catalog_.nodes[0].state = core::NodeState::kDisabled;
  EXPECT_EQ(Tell().unknown_nodes, (std::vector<std::string>{"n2"}));
}

TEST_F(DeadLetterSummaryTest, TopicsThatAreGoneAreLeftOut) {
  catalog_.topics.clear();
  EXPECT_TRUE(Tell().groups.empty());
}

}  // namespace
}  // namespace lanemq::metaserver
