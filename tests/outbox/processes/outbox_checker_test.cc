// The checker of these tests, on histories that are in order and on broken ones.
#include "tests/outbox/processes/outbox_checker.h"

#include <utility>

#include <gtest/gtest.h>

namespace lanemq::outbox_testing {
namespace {

constexpr std::int64_t kFirst = 3 * kTrialsPerProducer;

// Three committed transactions of key a (the second with a message without key and a delayed one),
// one that was rolled back, one whose end only the table knows.
OutboxHistory InOrder() {
  const std::string events =
      FormatTrial({.tx = kFirst, .intents = {{"a", 1, 0}}}) +
      FormatEnd(kFirst, Trial::End::kCommitted) +
      FormatTrial(
          {.tx = kFirst + 1, .intents = {{"a", 2, 0}, {std::nullopt, 0, 0}, {"a", 3, 70}}}) +
      FormatEnd(kFirst + 1, Trial::End::kCommitted) +
      FormatTrial({.tx = kFirst + 2, .intents = {{"a", 4, 0}}}) +
      FormatEnd(kFirst + 2, Trial::End::kRolledBack) +
      FormatTrial({.tx = kFirst + 3, .intents = {{"a", 4, 0}}}) + "committed 30";
  OutboxHistory history;
  const Status parsed = ParseTrials(events, history.trials);
  EXPECT_TRUE(parsed.ok()) << parsed.error().ToString();
  history.done = {kFirst, kFirst + 1, kFirst + 3};
  history.log = {{1, 1, "a", IdOf(kFirst, 0), 10},
                 {0, 1, std::nullopt, IdOf(kFirst + 1, 1), 20},
                 {1, 2, "a", IdOf(kFirst + 1, 0), 20},
                 {1, 3, "a", IdOf(kFirst + 3, 0), 30},
                 {1, 4, "a", IdOf(kFirst + 1, 2), 70}};
  return history;
}

std::set<OutboxRule> BrokenBy(const OutboxHistory& history) {
  std::set<OutboxRule> rules;
  for (const auto& [rule, examples] : Check(history).broken) rules.insert(rule);
  return rules;
}

TEST(OutboxCheckerTest, AHistoryInOrderBreaksNoRuleAndIsCounted) {
  const OutboxReport report = Check(InOrder());
  EXPECT_TRUE(report.ok()) << report.ToString();
  EXPECT_EQ(report.committed, 3);
  EXPECT_EQ(report.rolled_back, 1);
  EXPECT_EQ(report.unknown, 1);
  EXPECT_EQ(report.messages, 5);
  EXPECT_EQ(report.keyless, 1);
  EXPECT_EQ(report.delayed, 1);
}

TEST(OutboxCheckerTest, AMessageOfACommittedTransactionThatIsMissingIsLost) {
  OutboxHistory history = InOrder();
  history.log.erase(history.log.begin() + 1);
  EXPECT_EQ(BrokenBy(history), std::set{OutboxRule::kLost});
}

TEST(OutboxCheckerTest, ATransactionThatOnlyTheTableKnowsOfCountsAsCommitted) {
  OutboxHistory history = InOrder();
  history.log.erase(history.log.begin() + 3);
  EXPECT_EQ(BrokenBy(history), std::set{OutboxRule::kLost});
  history.done.erase(kFirst + 3);
  EXPECT_TRUE(BrokenBy(history).empty());
}

TEST(OutboxCheckerTest, AMessageAtTwoPlacesIsADuplicateWhereverItIs) {
  OutboxHistory history = InOrder();
  history.log.push_back({1, 5, "a", IdOf(kFirst + 3, 0), 80});
  EXPECT_EQ(BrokenBy(history), std::set{OutboxRule::kDuplicate});
  history.log.back() = {1, 5, std::nullopt, IdOf(kFirst + 1, 1), 80};
  EXPECT_EQ(BrokenBy(history), std::set{OutboxRule::kDuplicate});
  history.log.back() = {1, 5, "a", IdOf(kFirst + 1, 2), 80};
  EXPECT_EQ(BrokenBy(history), std::set{OutboxRule::kDuplicate});
}

TEST(OutboxCheckerTest, TwoVersionsOfAKeyTheWrongWayRoundAreFound) {
  OutboxHistory history = InOrder();
  std::swap(history.log[2].offset, history.log[3].offset);
  EXPECT_EQ(BrokenBy(history), std::set{OutboxRule::kKeyOrder});
}

TEST(OutboxCheckerTest, AMessageOfATransactionThatWasRolledBackIsAGhost) {
  OutboxHistory history = InOrder();
  history.log.push_back({1, 5, "a", IdOf(kFirst + 2, 0), 80});
  EXPECT_EQ(BrokenBy(history), std::set{OutboxRule::kGhost});
}

TEST(OutboxCheckerTest, AMessageThatNobodyAppendedIsAPhantom) {
  OutboxHistory history = InOrder();
  history.log.push_back({1, 5, "a", IdOf(kFirst, 1), 80});
  EXPECT_EQ(BrokenBy(history), std::set{OutboxRule::kPhantom});
  history.log.back().id = {};
  EXPECT_EQ(BrokenBy(history), std::set{OutboxRule::kPhantom});
}

TEST(OutboxCheckerTest, ContentPlaceAndTimeAreCompared) {
  OutboxHistory history = InOrder();
  history.log[0].key = std::nullopt;
  EXPECT_EQ(BrokenBy(history), std::set{OutboxRule::kAltered});
  history = InOrder();
  history.log[4].partition = 0;
  EXPECT_EQ(BrokenBy(history), std::set{OutboxRule::kScattered});
  history = InOrder();
  history.log[4].timestamp_us = 69;
  EXPECT_EQ(BrokenBy(history), std::set{OutboxRule::kEarly});
}

TEST(OutboxCheckerTest, WhatIsLeftInTheOutboxIsNamed) {
  OutboxHistory history = InOrder();
  history.left = {"a hold of key a"};
  const OutboxReport report = Check(history);
  EXPECT_EQ(BrokenBy(history), std::set{OutboxRule::kLeft});
  EXPECT_NE(report.ToString().find("a hold of key a"), std::string::npos);
}

TEST(OutboxCheckerTest, ABusinessDatabaseThatForgetsIsNotBlamedOnTheOutbox) {
  OutboxHistory history = InOrder();
  history.done.erase(kFirst);
  history.log.erase(history.log.begin());
  EXPECT_EQ(BrokenBy(history), std::set{OutboxRule::kUnfaithful});
  history = InOrder();
  history.done.insert(kFirst + 4);
  EXPECT_EQ(BrokenBy(history), std::set{OutboxRule::kUnfaithful});
}

TEST(OutboxCheckerTest, ALineThatIsNoEventIsAnError) {
  std::map<std::int64_t, Trial> trials;
  for (const char* line :
       {"tri 1 a/1/0\n", "try x a/1/0\n", "try 1 a/1\n", "committed 1\n", "\n"}) {
    EXPECT_FALSE(ParseTrials(line, trials).ok()) << line;
  }
}

}  // namespace
}  // namespace lanemq::outbox_testing
