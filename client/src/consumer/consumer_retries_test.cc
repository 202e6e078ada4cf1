// The group's retries: who gets them, when, and how many.
#include <algorithm>
#include <map>
#include <set>

#include "client/src/consumer/consumer_group_test_base.h"
#include "common/base/clock.h"

namespace lanemq::client {
namespace {

class ConsumerRetriesTest : public ConsumerGroupTest {
 protected:
  void AddRetries(std::int32_t partition, std::int64_t from, std::int64_t count,
                  std::chrono::milliseconds due = 0ms) {
    cluster_.Change({"t", partition}, [&](FakeCluster::Row& row) {
      for (std::int64_t i = 0; i < count; ++i) {
        row.retries[from + i] = {1, SystemClock::Instance().Now() + due, "before", false, ""};
      }
    });
  }
  static Records RetriesIn(const Records& records) {
    Records retries;
    std::ranges::copy_if(records, std::back_inserter(retries),
                         [](const auto& record) { return record.is_retry(); });
    return retries;
  }
  std::size_t RetriesLeft() {
    std::size_t sum = 0;
    for (const auto& [id, row] : cluster_.Rows()) sum += row.retries.size();
    return sum;
  }
  const TopicPartition id_{"t", 1};
};

TEST_F(ConsumerRetriesTest, AFailedRecordComesBackWithItsHistoryUntilItIsDone) {
  for (const bool is_member : {true, false}) {
    cluster_.Change(id_, [](FakeCluster::Row& row) { row = {}; });
    const auto consumer = Make(Options());
    if (is_member) {
      ASSERT_TRUE(consumer->Subscribe({"t"}).ok());
    } else {
      ASSERT_TRUE(consumer->Assign({id_}).ok());
    }
    Records seen;
    ASSERT_TRUE(PollUntil(
        {consumer.get()}, [&] { return OffsetsOf(seen, 1).contains(5); }, "read", &seen));
    const auto fifth = std::ranges::find_if(
        seen, [](const auto& r) { return r.partition() == 1 && r.offset == 5; });
    EXPECT_FALSE(fifth->is_retry());
    EXPECT_EQ(fifth->attempt, 1);
    Failure failure;
    failure.reason = "declined";
    ASSERT_TRUE(consumer->Fail(*fifth, failure).ok());
    ASSERT_TRUE(consumer->CommitSync({{id_, 6}}).ok());
    Records retries;
    const auto one_more = [&] {
      for (auto& retry : RetriesIn(seen)) retries.push_back(retry);
      seen.clear();
      return !retries.empty();
    };
    ASSERT_TRUE(PollUntil({consumer.get()}, one_more, "retried", &seen));
    ASSERT_EQ(retries.size(), 1u);
    EXPECT_EQ(retries[0].offset, 5);
    EXPECT_EQ(retries[0].attempt, 2);
    EXPECT_EQ(retries[0].last_reason, "declined");
    EXPECT_EQ(retries[0].first_failed_at_us, 1);
    ASSERT_TRUE(consumer->Fail(retries[0], failure).ok());
    const ConsumedRecord stale = retries[0];
    retries.clear();
    ASSERT_TRUE(consumer->CommitSync(Offsets()).ok()) << "no offsets, and outcomes all the same";
    ASSERT_TRUE(PollUntil({consumer.get()}, one_more, "again", &seen));
    EXPECT_EQ(retries[0].attempt, 3);
    EXPECT_EQ(consumer->Done(stale).error().code, ErrorCode::kFailedPrecondition);
    ASSERT_TRUE(consumer->CommitSync(Offsets()).ok());
    EXPECT_EQ(cluster_.Get(id_).retries.size(), 1u) << "nobody said that it is done";
    if (is_member) {
      ASSERT_TRUE(consumer->Done(retries[0]).ok());
      ASSERT_TRUE(consumer->CommitSync(Offsets()).ok());
    } else {
      ASSERT_TRUE(consumer->CommitSync().ok());
    }
    EXPECT_TRUE(cluster_.Get(id_).retries.empty()) << is_member;
    EXPECT_TRUE(consumer->Close(5s).ok());
  }
}

TEST_F(ConsumerRetriesTest, AMemberKeepsARecordThatIsDueSoonAndAsksForNothing) {
  ConsumerOptions options = Options();
  options.max_poll_records = 5;
  const auto consumer = Subscribed(std::make_shared<Heard>(), options);
  Records seen;
  std::optional<MonotonicTime> begin;
  ASSERT_TRUE(testing::WaitFor(
      [&] {
        for (const auto& record : PollOnce(*consumer)) seen.push_back(record);
        if (!begin && OffsetsOf(seen, 1).contains(5)) begin = SystemClock::Instance().Now();
        return begin && SystemClock::Instance().Now() - *begin > 400ms && AllClaimed();
      },
      30s, "polled steadily"));
  const auto fifth =
      std::ranges::find_if(seen, [](const auto& r) { return r.partition() == 1 && r.offset == 5; });
  Failure failure;
  failure.reason = "declined";
  failure.delay = 200ms;
  ASSERT_TRUE(consumer->Fail(*fifth, failure).ok());
  broker_->settle_replies_lost = 1;  // The repeated call must answer that it is kept, too.
  ASSERT_TRUE(consumer->CommitSync({{id_, 6}}).ok());
  const int fetches = broker_->retry_fetches;
  EXPECT_TRUE(cluster_.Get(id_).retries.at(5).is_leased);
  EXPECT_EQ(cluster_.Get(id_).retries.at(5).attempts, 2) << "counted before it is handed out";
  Records again;
  for (int attempt = 2; attempt <= 3; ++attempt) {
    again.clear();
    ASSERT_TRUE(PollUntil(
        {consumer.get()}, [&] { return !RetriesIn(again).empty(); }, "due", &again));
    const ConsumedRecord retry = RetriesIn(again)[0];
    EXPECT_EQ(retry.offset, 5);
    EXPECT_EQ(retry.attempt, attempt);
    EXPECT_EQ(retry.body, fifth->body);
    EXPECT_EQ(retry.last_reason, "declined");
    EXPECT_EQ(retry.first_failed_at_us, 1);
    if (attempt == 2) {
      ASSERT_TRUE(consumer->Fail(retry, failure).ok());
    } else {
      ASSERT_TRUE(consumer->Done(retry).ok());
    }
    ASSERT_TRUE(consumer->CommitSync(Offsets()).ok());
  }
  EXPECT_TRUE(cluster_.Get(id_).retries.empty());
  EXPECT_EQ(broker_->retry_fetches, fetches);
}

TEST_F(ConsumerRetriesTest, WhatAPauseMadeLateIsGivenBackAndComesAgain) {
  AddRetries(1, 7, 20);
  ConsumerOptions options = Options();
  options.retry_lease = 300ms;  // And 100 of slack.
  options.max_poll_records = 8;
  const auto consumer = Subscribed(std::make_shared<Heard>(), options);
  // Some are leased and not handed out yet, when the partition is paused.
  std::set<std::int64_t> handed_out;
  std::map<std::int64_t, std::int32_t> kept;
  ASSERT_TRUE(testing::WaitFor(
      [&] {
        for (const auto& record : PollOnce(*consumer)) {
          if (record.is_retry()) handed_out.insert(record.offset);
        }
        for (const auto& [offset, retry] : cluster_.Get(id_).retries) {
          if (retry.is_leased && !handed_out.contains(offset)) kept[offset] = retry.attempts;
        }
        return !kept.empty() && consumer->Pause({id_}).ok();
      },
      30s, "leased and not handed out"));
  ASSERT_TRUE(testing::WaitFor(
      [&] {
        (void)PollOnce(*consumer);
        EXPECT_TRUE(consumer->CommitSync(Offsets()).ok());
        const auto retries = cluster_.Get(id_).retries;
        return std::ranges::none_of(
            kept, [&](const auto& one) { return retries.at(one.first).is_leased; });
      },
      30s, "given back"));
  for (const auto& [offset, attempts] : kept) {
    EXPECT_EQ(cluster_.Get(id_).retries.at(offset).attempts, attempts);
  }
}

TEST_F(ConsumerRetriesTest, AStormStarvesNeitherTheLogNorItself) {
  AddRetries(1, 1, 300);
  AddRetries(2, 1, 300);
  ConsumerOptions options = Options();
  options.max_poll_records = 20;
  const auto consumer = Subscribed(std::make_shared<Heard>(), options);
  std::size_t logs = 0;
  std::size_t retries = 0;
  ASSERT_TRUE(testing::WaitFor(
      [&] {
        const Records records = PollOnce(*consumer);
        const std::size_t count = RetriesIn(records).size();
        if (count < records.size()) {
          EXPECT_LE(count, 5u);
          logs += records.size() - count;
        }
        retries += count;
        EXPECT_TRUE(consumer->CommitSync().ok());
        return retries == 600;
      },
      30s, "all retried"));
  EXPECT_GT(logs, 300u);
  EXPECT_EQ(RetriesLeft(), 0u);
  // Ten in the buffer, and what the last Poll() returned.
  EXPECT_LE(broker_->retries_leased_most, 30);
}

TEST_F(ConsumerRetriesTest, WhatIsDueLaterIsAskedForThen) {
  AddRetries(1, 7, 1, 1'500ms);
  const auto consumer = Subscribed(std::make_shared<Heard>());
  for (int p = 0; p < 4; ++p) {
    cluster_.Change({"t", p}, [](FakeCluster::Row& row) { row.offset = FakeBroker::kLogEnd; });
  }
  const MonotonicTime begin = SystemClock::Instance().Now();
  Records seen;
  ASSERT_TRUE(PollUntil(
      {consumer.get()}, [&] { return !RetriesIn(seen).empty(); }, "due", &seen));
  EXPECT_GE(SystemClock::Instance().Now() - begin, 1'400ms);
  EXPECT_LE(broker_->retry_fetches, 8);
  EXPECT_EQ(broker_->take_overs, 1);
}

TEST_F(ConsumerRetriesTest, OperatorsRedriveIsNoticedAndAPauseHoldsRetriesBack) {
  const auto consumer = Subscribed(std::make_shared<Heard>());
  Records seen;
  ASSERT_TRUE(PollUntil(
      {consumer.get()}, [&] { return AllClaimed() && !OffsetsOf(seen, 1).empty(); }, "reads",
      &seen));
  ASSERT_TRUE(consumer->Pause({id_}).ok());
  AddRetries(1, 7, 1);
  AddRetries(2, 8, 1);
  seen.clear();
  ASSERT_TRUE(PollUntil(
      {consumer.get()}, [&] { return !RetriesIn(seen).empty(); }, "noticed", &seen));
  EXPECT_EQ(RetriesIn(seen)[0].partition(), 2);
  EXPECT_EQ(RetriesIn(seen).size(), 1u);
  ASSERT_TRUE(consumer->Resume({id_}).ok());
  ASSERT_TRUE(PollUntil(
      {consumer.get()}, [&] { return RetriesIn(seen).size() == 2; }, "resumed", &seen));
}

TEST_F(ConsumerRetriesTest, TheNextOwnerTakesOverWhatTheFormerOneHeld) {
  AddRetries(1, 1, 50);
  auto first = Subscribed(std::make_shared<Heard>());
  Records seen;
  ASSERT_TRUE(PollUntil(
      {first.get()}, [&] { return RetriesIn(seen).size() >= 2; }, "leased", &seen));
  const ConsumedRecord held = RetriesIn(seen)[0];
  first.reset();
  const auto second = Subscribed(std::make_shared<Heard>());
  Records again;
  ASSERT_TRUE(PollUntil(
      {second.get()},
      [&] {
        EXPECT_TRUE(second->CommitSync().ok());
        return RetriesIn(again).size() >= 50;
      },
      "taken over", &again));
  const Records retries = RetriesIn(again);
  const auto taken =
      std::ranges::find_if(retries, [&](const auto& retry) { return retry.offset == held.offset; });
  ASSERT_NE(taken, retries.end());
  EXPECT_GT(taken->attempt, held.attempt);
  ASSERT_TRUE(second->CommitSync().ok());
  EXPECT_EQ(RetriesLeft(), 0u);
}

TEST_F(ConsumerRetriesTest, ARetryWithoutAnOutcomeComesAgainWhenItsLeaseEnds) {
  AddRetries(1, 7, 1);
  ConsumerOptions options = Options();
  options.retry_lease = 300ms;
  const auto consumer = Subscribed(std::make_shared<Heard>(), options);
  Records seen;
  ASSERT_TRUE(PollUntil(
      {consumer.get()}, [&] { return RetriesIn(seen).size() == 2; }, "twice", &seen));
  EXPECT_EQ(RetriesIn(seen)[0].attempt, 2);
  EXPECT_EQ(RetriesIn(seen)[1].attempt, 3);
  EXPECT_FALSE(consumer->Done(RetriesIn(seen)[0]).ok());
  EXPECT_TRUE(consumer->Done(RetriesIn(seen)[1]).ok());
}

TEST_F(ConsumerRetriesTest, AFailedRecordThatLeftTheLogDoesNotHoldCommitsUpForever) {
  ConsumerOptions options = Options();
  std::vector<std::string> events;
  options.on_event = [&](const std::string& what) { events.push_back(what); };
  const auto consumer = Subscribed(std::make_shared<Heard>(), options);
  Records seen;
  ASSERT_TRUE(PollUntil(
      {consumer.get()}, [&] { return OffsetsOf(seen, 1).contains(20); }, "read", &seen));
  for (const auto& record : seen) {
    if (record.partition() != 1 || record.offset > 20 || record.offset % 10 != 0) continue;
    Failure failure;
    failure.is_fatal = true;
    ASSERT_TRUE(consumer->Fail(record, failure).ok());
  }
  cluster_.Change(id_, [](FakeCluster::Row& row) { row.gone.insert(10); });
  broker_->log_start = 11;
  EXPECT_EQ(consumer->CommitSync({{id_, 21}}).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(cluster_.Get(id_).offset, -1);
  ASSERT_TRUE(PollUntil(
      {consumer.get()},
      [&] {
        return std::ranges::any_of(events, [](const std::string& event) {
          return event.find("failed record at offset 10 ") != std::string::npos;
        });
      },
      "told"));
  EXPECT_TRUE(consumer->CommitSync({{id_, 21}}).ok());
  EXPECT_EQ(cluster_.Get(id_).dead.size(), 1u);
}

}  // namespace
}  // namespace lanemq::client
