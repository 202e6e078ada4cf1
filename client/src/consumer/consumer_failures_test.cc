// Records that an application fails: with which commits they leave, and when they do not.
#include <random>

#include "client/src/consumer/consumer_group_test_base.h"

namespace lanemq::client {
namespace {

class ConsumerFailuresTest : public ConsumerGroupTest {
 protected:
  ConsumerOptions OptionsWithoutRetries() {
    ConsumerOptions options = Options();
    options.enable_retries = false;
    return options;
  }
  static Failure Because(const std::string& reason, bool is_fatal = false) {
    Failure failure;
    failure.reason = reason;
    failure.is_fatal = is_fatal;
    failure.delay = 1h;
    return failure;
  }
  /// Polls until records of partition 1 up to `offset` are there, and fails some.
  Records ReadTo(Consumer& consumer, std::int64_t offset) {
    Records seen;
    EXPECT_TRUE(PollUntil(
        {&consumer}, [&] { return OffsetsOf(seen, 1).contains(offset); }, "read", &seen));
    return seen;
  }
  static const ConsumedRecord& At(const Records& records, std::int64_t offset) {
    for (const ConsumedRecord& record : records) {
      if (record.partition() == 1 && record.offset == offset) return record;
    }
    throw std::out_of_range("no such record");
  }
  const TopicPartition id_{"t", 1};
};

TEST_F(ConsumerFailuresTest, FailuresGoWithTheCommitThatPassesThem) {
  const auto consumer = Subscribed(std::make_shared<Heard>(), OptionsWithoutRetries());
  const Records seen = ReadTo(*consumer, 20);
  ASSERT_TRUE(consumer->Fail(At(seen, 5), Because("declined")).ok());
  ASSERT_TRUE(consumer->Fail(At(seen, 12), Because("broken", /*is_fatal=*/true)).ok());
  ASSERT_TRUE(consumer->CommitSync({{id_, 5}}).ok());
  EXPECT_EQ(broker_->settles, 0) << "5 is not passed";
  ASSERT_TRUE(consumer->CommitSync({{id_, 6}}).ok());
  EXPECT_EQ(cluster_.Get(id_).retries.at(5).reason, "declined");
  EXPECT_TRUE(cluster_.Get(id_).dead.empty());
  ASSERT_TRUE(consumer->CommitSync().ok());
  EXPECT_EQ(cluster_.Get(id_).dead.at(12), "broken");
  EXPECT_EQ(cluster_.Get(id_).retries.size(), 1u);
  EXPECT_EQ(broker_->settles, 2);
  ASSERT_TRUE(consumer->CommitSync().ok());
  EXPECT_EQ(broker_->settles, 2) << "nothing is left to carry";
  Failure failure;
  failure.reason = std::string(65, 'x');
  EXPECT_EQ(consumer->Fail(At(seen, 13), failure).error().code, ErrorCode::kInvalidRequest);
  EXPECT_EQ(consumer->Done(At(seen, 13)).error().code, ErrorCode::kInvalidRequest);
}

TEST_F(ConsumerFailuresTest, ALostReplyOfASettleCostsNothing) {
  const auto consumer = Subscribed(std::make_shared<Heard>(), OptionsWithoutRetries());
  const Records seen = ReadTo(*consumer, 20);
  ASSERT_TRUE(consumer->Fail(At(seen, 5), Because("a")).ok());
  broker_->settle_replies_lost = 2;
  ASSERT_TRUE(consumer->CommitSync({{id_, 10}}).ok());
  EXPECT_EQ(broker_->settles, 3);
  EXPECT_EQ(cluster_.Get(id_).retries.size(), 1u);
  ASSERT_TRUE(consumer->Fail(At(seen, 15), Because("b")).ok());
  // This one is not repeated; the next commit carries it again.
  broker_->settle_replies_lost = 1;
  std::optional<Status> first;
  std::optional<Status> second;
  consumer->CommitAsync({{id_, 17}}, [&](const Status& status) { first = status; });
  ASSERT_TRUE(PollUntil(
      {consumer.get()}, [&] { return first.has_value(); }, "lost"));
  EXPECT_FALSE(first->ok());
  consumer->CommitAsync({{id_, 18}}, [&](const Status& status) { second = status; });
  ASSERT_TRUE(PollUntil(
      {consumer.get()}, [&] { return second.has_value(); }, "answered"));
  EXPECT_TRUE(second->ok());
  EXPECT_EQ(cluster_.Get(id_).offset, 18);
  EXPECT_EQ(cluster_.Get(id_).retries.size(), 2u);
}

TEST_F(ConsumerFailuresTest, EachMessageOfAMemberHasASequenceThatItsRepeatsShare) {
  const auto consumer = Subscribed(std::make_shared<Heard>(), OptionsWithoutRetries());
  const Records seen = ReadTo(*consumer, 20);
  ASSERT_TRUE(consumer->CommitSync({{id_, 3}}).ok());
  ASSERT_TRUE(consumer->Fail(At(seen, 5), Because("a")).ok());
  broker_->settle_replies_lost = 2;
  ASSERT_TRUE(consumer->CommitSync({{id_, 10}}).ok());
  // Two messages: the row goes back, so that it takes the new failure.
  ASSERT_TRUE(consumer->Seek(id_, 7).ok());
  const Records again = ReadTo(*consumer, 8);
  ASSERT_TRUE(consumer->Fail(At(again, 8), Because("b")).ok());
  ASSERT_TRUE(consumer->CommitSync({{id_, 9}}).ok());
  EXPECT_EQ(cluster_.Get(id_).sequences, (std::vector<std::int64_t>{1, 2, 2, 2, 3, 4}));
  EXPECT_EQ(cluster_.Get(id_).offset, 9);

  const auto assigned = Make(OptionsWithoutRetries());
  const TopicPartition other{"t", 3};
  ASSERT_TRUE(assigned->Assign({other}).ok());
  cluster_.Change(other, [](FakeCluster::Row& row) { row = {}; });
  ASSERT_TRUE(assigned->CommitSync({{other, 3}}).ok());
  EXPECT_EQ(cluster_.Get(other).sequences, (std::vector<std::int64_t>{0})) << "nobody's";
}

// Only a member's own later commit can refuse it so: the member stays, and nothing that failed is
// taken for written.
TEST_F(ConsumerFailuresTest, ACommitThatALaterOneFollowedIsDoneAndItsFailuresStay) {
  const auto heard = std::make_shared<Heard>();
  const auto consumer = Subscribed(heard, OptionsWithoutRetries());
  const Records seen = ReadTo(*consumer, 20);
  cluster_.Change(id_, [](FakeCluster::Row& row) {
    row.offset = 15;
    row.commit_sequence = 1'000;
  });
  EXPECT_TRUE(consumer->CommitSync({{id_, 4}}).ok());
  EXPECT_EQ(cluster_.Get(id_).offset, 15);
  ASSERT_TRUE(consumer->Fail(At(seen, 18), Because("a")).ok());
  EXPECT_EQ(consumer->CommitSync({{id_, 19}}).error().code, ErrorCode::kFenced);
  EXPECT_TRUE(cluster_.Get(id_).retries.empty());
  cluster_.Change(id_, [](FakeCluster::Row& row) { row.commit_sequence = 0; });
  ASSERT_TRUE(consumer->CommitSync({{id_, 20}}).ok());
  EXPECT_EQ(cluster_.Get(id_).retries.size(), 1u);
  EXPECT_EQ(cluster_.Get(id_).offset, 20);
  EXPECT_TRUE(heard->lost.empty());
}

TEST_F(ConsumerFailuresTest, MoreThanOneMessageHoldsIsSentInOrder) {
  const auto consumer = Subscribed(std::make_shared<Heard>(), OptionsWithoutRetries());
  const Records seen = ReadTo(*consumer, 20);
  ConsumedRecord record = At(seen, 1);
  for (record.offset = 1; record.offset <= 2'500; ++record.offset) {
    ASSERT_TRUE(consumer->Fail(record, Because("a")).ok());
  }
  ASSERT_TRUE(consumer->CommitSync({{id_, 2'501}}).ok());
  EXPECT_EQ(broker_->settles, 3);
  EXPECT_EQ(cluster_.Get(id_).retries.size(), 2'500u);
  EXPECT_EQ(cluster_.Get(id_).offset, 2'501);
}

TEST_F(ConsumerFailuresTest, ARecordDeliveredAgainHasNotFailed) {
  const auto consumer = Subscribed(std::make_shared<Heard>(), OptionsWithoutRetries());
  const Records seen = ReadTo(*consumer, 20);
  ASSERT_TRUE(consumer->Fail(At(seen, 5), Because("a")).ok());
  ASSERT_TRUE(consumer->Seek(id_, 3).ok());
  (void)ReadTo(*consumer, 8);
  ASSERT_TRUE(consumer->CommitSync({{id_, 8}}).ok());
  EXPECT_TRUE(cluster_.Get(id_).retries.empty());
}

TEST_F(ConsumerFailuresTest, FailuresOfAPartitionThatIsLostAreForgottenAndTheirRecordsComeAgain) {
  const auto heard = std::make_shared<Heard>();
  const auto consumer = Subscribed(heard, OptionsWithoutRetries());
  const Records seen = ReadTo(*consumer, 20);
  ASSERT_TRUE(consumer->CommitSync({{id_, 3}}).ok());
  ASSERT_TRUE(consumer->Fail(At(seen, 5), Because("a")).ok());
  cluster_.Change(id_, [](FakeCluster::Row& row) {
    ++row.generation;
    row.member = "other";
  });
  EXPECT_EQ(consumer->CommitSync({{id_, 10}}).error().code, ErrorCode::kIllegalGeneration);
  EXPECT_TRUE(cluster_.Get(id_).retries.empty());
  Records again;
  ASSERT_TRUE(PollUntil(
      {consumer.get()}, [&] { return heard->lost.size() == 4 && OffsetsOf(again, 1).contains(3); },
      "back", &again));
  ASSERT_TRUE(PollUntil(
      {consumer.get()}, [&] { return OffsetsOf(again, 1).contains(5); }, "again", &again));
  ASSERT_TRUE(consumer->CommitSync().ok());
  EXPECT_TRUE(cluster_.Get(id_).retries.empty());
}

TEST_F(ConsumerFailuresTest, ACommitInTheQueueCarriesWhatFailedBefore) {
  const auto consumer = Subscribed(std::make_shared<Heard>(), OptionsWithoutRetries());
  const Records seen = ReadTo(*consumer, 20);
  ASSERT_TRUE(consumer->Fail(At(seen, 5), Because("a")).ok());
  int answered = 0;
  const auto note = [&](const Status& status) {
    EXPECT_TRUE(status.ok()) << status.error().ToString();
    ++answered;
  };
  // The first keeps the second in the queue while more fails.
  consumer->CommitAsync({{id_, 6}}, note);
  ASSERT_TRUE(consumer->Fail(At(seen, 8), Because("b")).ok());
  consumer->CommitAsync({{id_, 10}}, note);
  ASSERT_TRUE(PollUntil(
      {consumer.get()}, [&] { return answered == 2; }, "answered"));
  const FakeCluster::Row row = cluster_.Get(id_);
  EXPECT_EQ(row.offset, 10);
  EXPECT_EQ(row.retries.size(), 2u);
}

TEST_F(ConsumerFailuresTest, ACommitInTheQueueIsRefusedWhenItsFailuresWereForgotten) {
  for (const bool is_given_up : {true, false}) {
    cluster_.Change(id_, [](FakeCluster::Row& row) { row = {}; });
    const auto consumer = Make(OptionsWithoutRetries());
    ASSERT_TRUE(consumer->Assign({id_, {"t", 2}}).ok());
    const Records seen = ReadTo(*consumer, 20);
    ASSERT_TRUE(consumer->Fail(At(seen, 5), Because("a")).ok());
    ASSERT_TRUE(consumer->Fail(At(seen, 8), Because("b")).ok());
    broker_->holds_settles = true;
    std::optional<Status> first;
    std::optional<Status> second;
    consumer->CommitAsync({{id_, 6}}, [&](const Status& status) { first = status; });
    consumer->CommitAsync({{id_, 10}}, [&](const Status& status) { second = status; });
    if (is_given_up) {
      ASSERT_TRUE(consumer->Assign({{"t", 2}}).ok());
    } else {
      ASSERT_TRUE(consumer->Seek(id_, 7).ok());
      (void)ReadTo(*consumer, 9);
    }
    broker_->holds_settles = false;
    ASSERT_TRUE(PollUntil(
        {consumer.get()}, [&] { return first && second; }, "answered"));
    EXPECT_TRUE(first->ok());
    ASSERT_FALSE(second->ok()) << "it would pass 8, which nobody knows to have failed any more";
    EXPECT_EQ(second->error().code, ErrorCode::kIllegalGeneration);
    EXPECT_EQ(cluster_.Get(id_).offset, 6);
  }
}

// Whatever is committed how, is read again, or is lost on the way: no commit passes a record whose
// last delivery failed, unless its failure is written.
TEST_F(ConsumerFailuresTest, NoCommitPassesAFailureUnwritten) {
  for (std::uint32_t seed = 1; seed <= 5; ++seed) {
    cluster_.Change(id_, [](FakeCluster::Row& row) { row = {}; });
    std::mt19937 random(seed);
    const auto consumer = Make(OptionsWithoutRetries());
    ASSERT_TRUE(consumer->Assign({id_}).ok());
    ASSERT_TRUE(consumer->Position(id_).ok());
    std::set<std::int64_t> failed;
    const auto check = [&](std::int64_t committed) {
      const FakeCluster::Row row = cluster_.Get(id_);
      EXPECT_EQ(row.offset, committed) << "seed " << seed;
      for (const std::int64_t offset : failed) {
        if (offset >= committed) break;
        EXPECT_TRUE(row.retries.contains(offset)) << "seed " << seed << ", offset " << offset;
      }
    };
    for (int step = 0; step < 400; ++step) {
      const std::int64_t position = *consumer->Position(id_);
      const auto before = position - static_cast<std::int64_t>(random() % 8);
      switch (random() % 8) {
        case 0:
          if (before > 0) consumer->CommitAsync({{id_, before}}, nullptr);
          break;
        case 1:
          consumer->CommitAsync({{id_, position}}, nullptr);
          break;
        case 2:
          if (before > 0 && consumer->CommitSync({{id_, before}}).ok()) check(before);
          break;
        case 3:
          if (before <= 0) break;
          ASSERT_TRUE(consumer->Seek(id_, before).ok());
          break;
        case 4:
          if (random() % 4 == 0) broker_->settle_replies_lost = 1;
          break;
        default:
          for (const ConsumedRecord& record : PollOnce(*consumer)) {
            failed.erase(record.offset);
            if (random() % 3 != 0) continue;
            ASSERT_TRUE(consumer->Fail(record, Because("a")).ok());
            failed.insert(record.offset);
          }
      }
    }
    broker_->settle_replies_lost = 0;
    ASSERT_TRUE(consumer->CommitSync().ok()) << "seed " << seed;
    check(*consumer->Position(id_));
    EXPECT_FALSE(failed.empty());
  }
}

TEST_F(ConsumerFailuresTest, AnAutomaticCommitCarriesFailuresToo) {
  ConsumerOptions options = OptionsWithoutRetries();
  options.enable_auto_commit = true;
  options.auto_commit_interval = 10ms;
  const auto consumer = Subscribed(std::make_shared<Heard>(), options);
  Records seen;
  std::set<std::int64_t> failed;
  ASSERT_TRUE(PollUntil(
      {consumer.get()},
      [&] {
        for (const ConsumedRecord& record : seen) {
          if (record.partition() != 1 || record.offset % 7 != 0) continue;
          EXPECT_TRUE(consumer->Fail(record, Because("a")).ok());
          failed.insert(record.offset);
        }
        seen.clear();
        return cluster_.Get(id_).offset > 100;
      },
      "read", &seen));
  ASSERT_TRUE(consumer->Close(10s).ok());
  const FakeCluster::Row row = cluster_.Get(id_);
  for (const std::int64_t offset : failed) {
    EXPECT_EQ(row.retries.contains(offset), offset < row.offset) << offset;
  }
}

}  // namespace
}  // namespace lanemq::client
