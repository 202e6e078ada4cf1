// Failed records as their consumers see them: settled, delivered again, given up.
#include <gmock/gmock.h>

#include "tests/integration/broker/failures_rig.h"

namespace lanemq::testing {
namespace {

INSTANTIATE_TEST_SUITE_P(On, FailuresTest, ::testing::ValuesIn(Engines()),
                         [](const auto& engine) { return NameOf(engine.param); });

TEST_P(FailuresTest, AFailureIsTriedAgainUntilThePolicyGivesUp) {
  ASSERT_TRUE(SetPolicy(Policy(3)).ok());
  ASSERT_EQ(Claim(0, 1, "m").offset, -1);
  Claim(1, 1, "another");
  idl::SettleRequest first = Settlement(0);
  Commit(first, 4);
  Fail(first, 2, "timeout", "boom");
  const auto settled = Settle(first);
  ASSERT_TRUE(settled.ok() && !settled->__isset.error) << NameOfError(settled);
  EXPECT_EQ(settled->retried, 1);
  EXPECT_EQ(settled->dead, 0);
  EXPECT_EQ(settled->next_due_ms, 0);
  ASSERT_EQ(Outcome(first), "OK") << "a lost reply: it is sent again";

  const auto due = FetchRetries(RetriesOf({On(0), On(1)}));
  ASSERT_TRUE(due.ok()) << NameOfError(due);
  ASSERT_EQ(due->errors.size(), 1u);
  EXPECT_EQ(due->errors[0].partition, 1);
  EXPECT_EQ(due->errors[0].error.code, idl::ErrorCode::ILLEGAL_GENERATION);
  ASSERT_EQ(due->messages.size(), 1u);
  EXPECT_EQ(due->messages[0].topic, "orders");
  EXPECT_EQ(due->messages[0].message.offset, 2);
  EXPECT_EQ(due->messages[0].message.body, "b");
  EXPECT_EQ(due->messages[0].attempt, 2);
  EXPECT_EQ(due->messages[0].reason, "timeout");
  EXPECT_EQ(due->messages[0].last_error, "boom");
  const auto leased = FetchRetries(RetriesOf({On(0)}));
  ASSERT_TRUE(leased.ok());
  EXPECT_TRUE(leased->messages.empty()) << "it is leased";
  EXPECT_GT(leased->next_due_ms, 0);

  idl::SettleRequest again = Settlement(0);
  End(again, 2, 2, false);
  EXPECT_EQ(Settle(again)->retried, 1);
  ASSERT_EQ(Outcome(again), "OK") << "a lost reply: it is sent again";
  ASSERT_EQ(FetchRetries(RetriesOf({On(0)}))->messages.at(0).attempt, 3);
  const auto stale = Settle(again);
  ASSERT_TRUE(stale.ok());
  EXPECT_THAT(stale->stale, ::testing::ElementsAre(2)) << "another delivery's by now";
  idl::SettleRequest last = Settlement(0);
  End(last, 2, 3, false);
  EXPECT_EQ(Settle(last)->dead, 1) << "three attempts";
  const auto none = FetchRetries(RetriesOf({On(0)}));
  EXPECT_TRUE(none->messages.empty());
  EXPECT_FALSE(none->__isset.next_due_ms);

  const auto letters = Letters(List());
  ASSERT_TRUE(letters.ok()) << NameOfError(letters);
  ASSERT_EQ(letters->letters.size(), 1u);
  EXPECT_EQ(letters->letters[0].attempts, 3);
  EXPECT_EQ(letters->letters[0].reason, "declined");
  EXPECT_EQ(letters->letters[0].first_error, "boom");
  EXPECT_EQ(letters->letters[0].last_error, "no money");
  EXPECT_EQ(one_->broker.metrics().GroupFailures("dead").Value(), 1);
  EXPECT_EQ(one_->broker.metrics().GroupFailures("stale").Value(), 1);
}

TEST_P(FailuresTest, ASettlementThatArrivesAfterALaterOneIsRefused) {
  ASSERT_TRUE(SetPolicy(Policy(3)).ok());
  (void)Claim(0, 1, "m");
  idl::SettleRequest first = Settlement(0);
  Commit(first, 4);
  Fail(first, 2, "timeout");
  first.__set_commit_sequence(1);
  ASSERT_EQ(Outcome(first), "OK");
  ASSERT_EQ(FetchRetries(RetriesOf({On(0)}))->messages.at(0).attempt, 2);
  idl::SettleRequest done = Settlement(0);
  End(done, 2, 2, true);
  done.__set_commit_sequence(2);
  ASSERT_EQ(Outcome(done), "OK");
  EXPECT_EQ(Outcome(first), "FENCED") << "it would make the retry anew";
  idl::SettleRequest next = Settlement(0);
  Commit(next, 5);
  next.__set_commit_sequence(3);
  ASSERT_EQ(Outcome(next), "OK");
  EXPECT_EQ(Outcome(first), "FENCED");
  EXPECT_TRUE(FetchRetries(RetriesOf({On(0)}))->messages.empty());
  EXPECT_EQ(Claim(0, 1, "m").offset, 5);
  next.__set_commit_sequence(0);
  EXPECT_EQ(Outcome(next), "INVALID_REQUEST");
}

TEST_P(FailuresTest, OffsetsTellOfRetriesAndPolicies) {
  ASSERT_TRUE(SetPolicy(Policy(3)).ok());
  ASSERT_TRUE(SetPolicy(Policy(9), "orders").ok());
  idl::SettleRequest request = Settlement(0, 0, "");
  Commit(request, 3);
  Fail(request, 1, "timeout").__set_delay_ms(600'000);
  Fail(request, 2, "timeout").__set_delay_ms(300'000);
  const auto settled = Settle(request);
  ASSERT_TRUE(settled.ok() && !settled->__isset.error);
  EXPECT_EQ(settled->next_due_ms, 300'000);
  request = Settlement(1, 0, "");
  Commit(request, 5);
  ASSERT_EQ(Outcome(request), "OK");
  for (const bool is_listed : {false, true}) {
    idl::FetchOffsetsRequest ask;
    ask.group = "g";
    if (is_listed) ask.__set_partitions({On(0), On(1)});
    const auto reply = rig_->client.FetchOffsetsSync(other_->endpoint(), ask, In());
    ASSERT_TRUE(reply.ok()) << NameOfError(reply);
    std::map<std::int32_t, idl::FetchOffsetsPartitionResult> rows;
    for (const auto& row : reply->partitions) rows[row.partition] = row;
    EXPECT_EQ(rows[0].offset, 3);
    EXPECT_GT(rows[0].next_retry_ms, 200'000);
    EXPECT_LE(rows[0].next_retry_ms, 300'000);
    EXPECT_FALSE(rows[1].__isset.next_retry_ms);
    std::map<std::string, std::int32_t> attempts;
    for (const auto& row : reply->policies) attempts[row.topic] = row.policy.max_attempts;
    EXPECT_EQ(attempts, (std::map<std::string, std::int32_t>{{"", 3}, {"orders", 9}}));
  }
}

TEST_P(FailuresTest, AZombieIsRefused) {
  ASSERT_TRUE(SetPolicy(Policy(3)).ok());
  Claim(0, 1, "first");
  idl::SettleRequest request = Settlement(0, 1, "first");
  Commit(request, 2);
  Fail(request, 1, "timeout");
  ASSERT_EQ(Outcome(request), "OK");
  ASSERT_EQ(FetchRetries(RetriesOf({On(0)}, 1, "first"))->messages.size(), 1u);

  EXPECT_EQ(Claim(0, 2, "second").offset, 2);
  request = Settlement(0, 1, "first");
  Commit(request, 4);
  Fail(request, 3, "timeout");
  End(request, 1, 2, true);
  EXPECT_EQ(Outcome(request), "ILLEGAL_GENERATION");
  const auto refused = FetchRetries(RetriesOf({On(0)}, 1, "first"));
  ASSERT_TRUE(refused.ok());
  EXPECT_TRUE(refused->messages.empty());
  ASSERT_EQ(refused->errors.size(), 1u);
  EXPECT_EQ(refused->errors[0].error.code, idl::ErrorCode::ILLEGAL_GENERATION);

  idl::FetchRetriesRequest take = RetriesOf({On(0)}, 2, "second");
  EXPECT_TRUE(FetchRetries(take)->messages.empty()) << "first's lease";
  take.__set_take_over(true);
  const auto taken = FetchRetries(take);
  ASSERT_EQ(taken->messages.size(), 1u) << "neither 3, which first failed, nor without 1";
  EXPECT_EQ(taken->messages[0].message.offset, 1);
  EXPECT_EQ(taken->messages[0].attempt, 3);
}

TEST_P(FailuresTest, ClaimsTellOfTheRecordThatKills) {
  EXPECT_EQ(Claim(0, 1, "m").claims, 1);
  idl::SettleRequest request = Settlement(0);
  request.partitions[0].__set_begins_offset(1);
  EXPECT_EQ(Settle(request)->attempts, 1);
  EXPECT_EQ(Settle(request)->attempts, 2);
  const auto claim = Claim(0, 2, "n");
  EXPECT_EQ(claim.claims, 2);
  EXPECT_EQ(claim.attempt_offset, 1);
  EXPECT_EQ(claim.attempts, 2);
  request = Settlement(0, 2, "n");
  Commit(request, 2);
  ASSERT_EQ(Outcome(request), "OK");
  const auto after = Claim(0, 3, "o");
  EXPECT_EQ(after.offset, 2);
  EXPECT_EQ(after.claims, 1) << "the offset moved";
  EXPECT_FALSE(after.__isset.attempts);
}

TEST_P(FailuresTest, APolicyHoldsAtTheNextSettle) {
  std::int64_t next = 1;
  const auto fail = [&] {
    idl::SettleRequest request = Settlement(0, 0, "");
    Commit(request, next + 1);
    Fail(request, next++, "timeout");
    const auto result = Settle(request);
    if (!result.ok() || result->__isset.error) return std::string("failed");
    return std::string(result->dead == 1 ? "dead" : "retried");
  };
  EXPECT_EQ(fail(), "retried") << "the default";
  ASSERT_TRUE(SetPolicy(Policy(1)).ok());
  EXPECT_EQ(fail(), "dead");
  ASSERT_TRUE(SetPolicy(Policy(5), "orders").ok());
  EXPECT_EQ(fail(), "retried") << "the topic's own";

  idl::GroupPoliciesRequest ask;
  ask.group = "g";
  const auto listed = rig_->client.GroupPoliciesSync(other_->endpoint(), ask, In());
  ASSERT_TRUE(listed.ok()) << NameOfError(listed);
  ASSERT_EQ(listed->policies.size(), 2u);
  EXPECT_FALSE(listed->policies[0].__isset.topic);
  EXPECT_EQ(listed->policies[0].policy.max_attempts, 1);
  EXPECT_EQ(listed->policies[1].topic, "orders");
  EXPECT_EQ(listed->policies[1].requested_by, "ana");
  EXPECT_EQ(listed->policies[1].node_id, 1);

  ASSERT_TRUE(SetPolicy(std::nullopt, "orders").ok());
  EXPECT_EQ(fail(), "dead");
  ASSERT_TRUE(SetPolicy(std::nullopt).ok());
  EXPECT_EQ(fail(), "retried");
  EXPECT_EQ(SetPolicy(Policy(0)).error().code, ErrorCode::kInvalidConfig);
  EXPECT_EQ(SetPolicy(Policy(2), "nobody").error().code, ErrorCode::kUnknownTopicOrPartition);
}

TEST_P(FailuresTest, LimitsGiveClearErrors) {
  idl::SettleRequest request = Settlement(0, 0, "");
  Commit(request, 7);
  EXPECT_EQ(Outcome(request), "OFFSET_OUT_OF_RANGE") << "the log ends at 6";
  request = Settlement(7, 0, "");
  EXPECT_EQ(Outcome(request), "UNKNOWN_TOPIC_OR_PARTITION");
  request = Settlement(0, 0, "");
  for (std::int32_t i = 1; i <= 1'001; ++i) End(request, i, 2, true);
  EXPECT_EQ(Outcome(request), "INVALID_REQUEST");
  request.partitions[0].retries.pop_back();
  EXPECT_EQ(Outcome(request), "OK") << "all are stale";
  request = Settlement(0, 0, "");
  request.partitions.push_back(request.partitions[0]);
  const auto twice = rig_->client.SettleSync(one_->endpoint(), request, In());
  ASSERT_TRUE(twice.ok());
  EXPECT_FALSE(twice->partitions.at(0).__isset.error);
  EXPECT_EQ(twice->partitions.at(1).error.code, idl::ErrorCode::INVALID_REQUEST);
  request = Settlement(0, 1, "");
  EXPECT_EQ(Outcome(request), "INVALID_REQUEST") << "a generation without a member";
  request = Settlement(0);
  request.__set_cluster_id("another");
  EXPECT_EQ(Outcome(request), "INCONSISTENT_CLUSTER_ID");
  request = Settlement(0);
  request.group = "";
  EXPECT_EQ(Outcome(request), "INVALID_GROUP_ID");

  const auto refused = [&](auto change) {
    idl::FetchRetriesRequest ask = RetriesOf({On(0)}, 0, "");
    change(ask);
    return NameOfError(FetchRetries(ask));
  };
  EXPECT_EQ(refused([](auto&) {}), "OK");
  EXPECT_EQ(refused([](auto& r) { r.__set_max_messages(0); }), "INVALID_REQUEST");
  EXPECT_EQ(refused([](auto& r) { r.__set_max_messages(1'001); }), "INVALID_REQUEST");
  EXPECT_EQ(refused([](auto& r) { r.__set_max_bytes((8 << 20) + 1); }), "INVALID_REQUEST");
  EXPECT_EQ(refused([](auto& r) { r.__set_lease_ms(0); }), "INVALID_REQUEST");
  EXPECT_EQ(refused([](auto& r) { r.__set_lease_ms(43'200'001); }), "INVALID_REQUEST");
  EXPECT_EQ(refused([](auto& r) { r.partitions.clear(); }), "INVALID_REQUEST");
  EXPECT_EQ(refused([](auto& r) { r.__set_cluster_id("another"); }), "INCONSISTENT_CLUSTER_ID");
}

TEST_P(FailuresTest, ErrorsAreKeptUpToACharacter) {
  idl::SettleRequest request = Settlement(0, 0, "");
  Commit(request, 2);
  Fail(request, 1, "bad", std::string(2'047, 'x') + "é and more").is_fatal = true;
  ASSERT_EQ(Outcome(request), "OK");
  EXPECT_EQ(Letters(List())->letters.at(0).last_error, std::string(2'047, 'x'));
}

TEST_P(FailuresTest, AnswersStayBelowAFrame) {
  const std::string body(1'000'000, 'x');
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(rig_->Produce(*one_, 2, {body, body, body, body}).ok());
  }
  // All of partition 2 to the retries: five small ones and 16 MB.
  idl::SettleRequest request = Settlement(2, 0, "");
  Commit(request, 22);
  for (std::int64_t offset = 1; offset < 22; ++offset) {
    Fail(request, offset, "timeout").__set_delay_ms(0);
  }
  ASSERT_EQ(Outcome(request), "OK");
  idl::FetchRetriesRequest ask = RetriesOf({On(2)}, 0, "");
  ask.__set_max_bytes(8 << 20);
  ask.__set_max_messages(1'000);
  std::set<std::int64_t> seen;
  request = Settlement(2, 0, "");
  while (seen.size() < 21) {
    const auto due = FetchRetries(ask);
    ASSERT_TRUE(due.ok()) << NameOfError(due);
    ASSERT_FALSE(due->messages.empty());
    for (const auto& message : due->messages) {
      EXPECT_TRUE(seen.insert(message.message.offset).second) << "twice";
      End(request, message.message.offset, 2, false).__set_is_fatal(true);
    }
  }
  ASSERT_EQ(Settle(request)->dead, 21);
  idl::ListDeadLettersRequest list = List();
  list.__set_with_bodies(true);
  list.__set_max_count(1'000);
  std::size_t bytes = 0;
  int pages = 0;
  do {
    const auto page = Letters(list);
    ASSERT_TRUE(page.ok()) << NameOfError(page);
    for (const auto& letter : page->letters) bytes += letter.message.body.size();
    ++pages;
    list.__isset.after = page->__isset.next_page;
    list.after = page->next_page;
  } while (list.__isset.after && pages < 100);
  EXPECT_EQ(bytes, 16'000'005u);
  EXPECT_GE(pages, 2);
}

}  // namespace
}  // namespace lanemq::testing
