#include "metaserver/handlers/topic_figures.h"

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
using std::chrono::seconds;

/// Topic "orders" (7) on the nodes n1 and n2, topic "bills" (8) on n1; all was read a second ago.
class TopicFiguresTest : public ::testing::Test {
 protected:
  TopicFiguresTest() {
    AddTopic(7, "orders", {1, 2});
    AddTopic(8, "bills", {1});
    facts_.age_max = seconds{30};
    for (std::int64_t node = 1; node <= 2; ++node) {
      NodeRound& round = picture_.nodes.emplace_back();
      round.node = NodeId{node};
      round.rounds = 1;
      round.finished = now_ - seconds{1};
      facts_.nodes.emplace_back().node = NodeId{node};
      SetFacts(node, {{"billing", TopicId{7}, 3, 0}});
    }
  }

  void AddTopic(std::int64_t id, const std::string& name, std::vector<std::int64_t> nodes) {
    core::Topic& topic = topics_.emplace_back();
    topic.id = TopicId{id};
    topic.name = name;
    topic.state = core::TopicState::kActive;
    for (const std::int64_t node : nodes) {
      topic.partitions.push_back(
          {static_cast<std::int32_t>(topic.partitions.size()), NodeId{node}, 0});
    }
    picture_.topics.push_back({.topic = topic.id,
                               .topic_name = name,
                               .rate = 2.5,
                               .groups = 4,
                               .is_whole = true,
                               .is_rate_known = true,
                               .stored = 100});
  }
  void SetFacts(std::int64_t node, std::vector<core::DeadLetterFacts> letters,
                bool is_whole = true) {
    core::NodeFacts facts;
    facts.dead_letters = std::move(letters);
    facts.is_whole = is_whole;
    facts_.nodes[static_cast<std::size_t>(node - 1)].facts.Take(std::move(facts),
                                                                now_ - seconds{1});
  }
  NodeRound& Round(std::int64_t node) { return picture_.nodes[static_cast<std::size_t>(node - 1)]; }
  idl::TopicFigures Of(std::int64_t topic) {
    const auto all = FiguresOf(picture_, facts_, topics_, now_);
    const auto found = all.find(TopicId{topic});
    return found == all.end() ? idl::TopicFigures() : found->second;
  }

  const MonotonicTime now_{hours{1}};
  LagPicture picture_;
  FactsView facts_;
  std::vector<core::Topic> topics_;
};

TEST_F(TopicFiguresTest, TellsWhatIsKnown) {
  const idl::TopicFigures orders = Of(7);
  EXPECT_DOUBLE_EQ(orders.in_rate, 2.5);
  EXPECT_EQ(orders.stored_messages, 100);
  EXPECT_EQ(orders.groups, 4);
  EXPECT_EQ(orders.dead_letters, 6) << "of both nodes";
  const idl::TopicFigures bills = Of(8);
  EXPECT_TRUE(bills.__isset.dead_letters) << "none, which is known";
  EXPECT_EQ(bills.dead_letters, 0);
}

TEST_F(TopicFiguresTest, WhatWasNotReadOfLateIsAbsent) {
  Round(2).finished = now_ - seconds{61};
  EXPECT_FALSE(Of(7).__isset.stored_messages);
  EXPECT_FALSE(Of(7).__isset.in_rate);
  EXPECT_FALSE(Of(7).__isset.groups);
  EXPECT_TRUE(Of(7).__isset.dead_letters);
  EXPECT_TRUE(Of(8).__isset.stored_messages) << "it is on the other node";
  Round(1).rounds = 0;
  EXPECT_FALSE(Of(8).__isset.stored_messages);
}

TEST_F(TopicFiguresTest, WhatIsNotWholeIsAbsent) {
  picture_.topics[0].is_rate_known = false;
  EXPECT_FALSE(Of(7).__isset.in_rate);
  EXPECT_TRUE(Of(7).__isset.stored_messages);
  picture_.topics[0].is_whole = false;
  EXPECT_FALSE(Of(7).__isset.stored_messages);
  picture_.rows_dropped = 1;
  EXPECT_FALSE(Of(8).__isset.groups);
  EXPECT_TRUE(Of(8).__isset.in_rate);
}

TEST_F(TopicFiguresTest, DeadLettersAreOldOrNotWhole) {
  SetFacts(2, {}, false);
  EXPECT_FALSE(Of(7).__isset.dead_letters);
  EXPECT_TRUE(Of(8).__isset.dead_letters);
  facts_.age_max = seconds{0};
  EXPECT_FALSE(Of(8).__isset.dead_letters);
}

TEST_F(TopicFiguresTest, OfWhatIsNotActiveNothingIsKnown) {
  topics_[1].state = core::TopicState::kDeleting;
  EXPECT_FALSE(FiguresOf(picture_, facts_, topics_, now_).contains(TopicId{8}));
  EXPECT_TRUE(FiguresOf({}, {}, topics_, now_).empty());
}

}  // namespace
}  // namespace lanemq::metaserver
