#include <atomic>
#include <thread>

#include "tests/integration/client/client_test_base.h"

namespace lanemq::testing {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

const TopicPartition kOne{"orders", 0};
const TopicPartition kTwo{"orders", 1};

class ClientConsumerTest : public ClientTest {
 protected:
  std::unique_ptr<Consumer> MakeConsumer(const std::string& group, OffsetReset reset,
                                         std::vector<TopicPartition> partitions = {kOne}) {
    ConsumerOptions options = cluster_->ForConsumer();
    options.group_id = group;
    options.auto_offset_reset = reset;
    options.request_timeout = 10s;
    options.on_event = [this](const std::string& event) { events_.push_back(event); };
    auto consumer = Consumer::Create(options);
    EXPECT_TRUE(consumer.ok()) << consumer.error().ToString();
    EXPECT_TRUE((*consumer)->Assign(std::move(partitions)).ok());
    return *std::move(consumer);
  }
  std::vector<std::string> events_;
};
INSTANTIATE_TEST_SUITE_P(Engines, ClientConsumerTest, ::testing::ValuesIn(Engines()),
                         [](const auto& engine) { return NameOf(engine.param); });

TEST_P(ClientConsumerTest, AGroupGoesOnWhereItCommitted) {
  if (!StartCluster()) return;
  Fill(0, 20);
  {
    auto consumer = MakeConsumer("g", OffsetReset::kEarliest);
    const auto records = PollFor(*consumer, 20);
    ASSERT_TRUE(records.ok()) << records.error().ToString();
    ASSERT_TRUE(consumer->CommitSync({{kOne, 11}}).ok());
    EXPECT_EQ(*consumer->Committed({kOne, kTwo}), (Offsets{{kOne, 11}}));
  }
  ASSERT_EQ(events_.size(), 1u);
  EXPECT_NE(events_[0].find("has no committed offset; goes on at 1 (log start)"), std::string::npos)
      << events_[0];
  auto consumer = MakeConsumer("g", OffsetReset::kError);
  EXPECT_EQ(*consumer->Position(kOne), 11);
  const auto rest = PollFor(*consumer, 10);
  ASSERT_TRUE(rest.ok());
  ASSERT_EQ(rest->size(), 10u);
  EXPECT_EQ(rest->front().offset, 11);
  EXPECT_EQ(rest->front().body, "m10");
  ASSERT_TRUE(consumer->CommitSync().ok());
  EXPECT_EQ(consumer->Committed({kOne})->at(kOne), 21);
}

TEST_P(ClientConsumerTest, AsynchronousCommitsArriveInOrder) {
  if (!StartCluster()) return;
  Fill(0, 50);
  auto consumer = MakeConsumer("g", OffsetReset::kEarliest);
  ASSERT_TRUE(PollFor(*consumer, 50).ok());
  std::vector<int> done;
  for (int i = 1; i <= 50; ++i) {
    consumer->CommitAsync({{kOne, i}}, [&done, i](const Status& status) {
      EXPECT_TRUE(status.ok()) << status.error().ToString();
      done.push_back(i);
    });
  }
  ASSERT_TRUE(
      WaitFor([&] { return consumer->Poll(10ms).ok() && done.size() == 50; }, 20s, "commits"));
  EXPECT_TRUE(std::is_sorted(done.begin(), done.end()));
  EXPECT_EQ(consumer->Committed({kOne})->at(kOne), 50);
}

TEST_P(ClientConsumerTest, WithoutAResetPolicyAMissingStartIsAnErrorUntilASeek) {
  if (!StartCluster()) return;
  Fill(0, 3);
  for (const char* group : {"", "g"}) {
    auto consumer = MakeConsumer(group, OffsetReset::kError);
    for (int i = 0; i < 2; ++i) {
      const auto records = consumer->Poll(10s);
      ASSERT_FALSE(records.ok());
      EXPECT_EQ(records.error().code, ErrorCode::kNotFound) << records.error().ToString();
    }
    ASSERT_TRUE(consumer->Seek(kOne, 2).ok());
    EXPECT_EQ(PollFor(*consumer, 2)->size(), 2u);
  }
  EXPECT_TRUE(events_.empty());
}

TEST_P(ClientConsumerTest, AnOffsetOutOfRangeIsAnErrorOrAReportedReset) {
  if (!StartCluster()) return;
  Fill(0, 3);
  auto strict = MakeConsumer("", OffsetReset::kError);
  ASSERT_TRUE(strict->Seek(kOne, 99).ok());
  const auto records = strict->Poll(10s);
  ASSERT_FALSE(records.ok());
  EXPECT_EQ(records.error().code, ErrorCode::kOffsetOutOfRange);
  EXPECT_TRUE(events_.empty());

  auto lenient = MakeConsumer("", OffsetReset::kEarliest);
  ASSERT_TRUE(lenient->Seek(kOne, 99).ok());
  const auto all = PollFor(*lenient, 3);
  ASSERT_TRUE(all.ok()) << all.error().ToString();
  EXPECT_EQ(all->front().offset, 1);
  ASSERT_FALSE(events_.empty());
  EXPECT_NE(events_.back().find("goes on at 1 (log start)"), std::string::npos) << events_.back();
}

TEST_P(ClientConsumerTest, SeeksOffsetsByTimeAndEnds) {
  if (!StartCluster()) return;
  auto producer = Producer::Create(cluster_->ForProducer());
  ASSERT_TRUE(producer.ok());
  std::vector<std::int64_t> times;
  for (int i = 0; i < 5; ++i) {
    times.push_back((*producer)->SendSync(RecordAt(0, std::to_string(i)))->timestamp_us);
  }
  auto consumer = MakeConsumer("", OffsetReset::kEarliest, {kOne, kTwo});
  EXPECT_EQ(*consumer->BeginningOffsets({kOne, kTwo}), (Offsets{{kOne, 1}, {kTwo, 1}}));
  EXPECT_EQ(*consumer->EndOffsets({kOne, kTwo}), (Offsets{{kOne, 6}, {kTwo, 1}}));
  const auto by_time = consumer->OffsetsForTimes({{kOne, times[3]}, {kTwo, 0}});
  ASSERT_TRUE(by_time.ok()) << by_time.error().ToString();
  EXPECT_EQ(by_time->at(kTwo), 1);
  EXPECT_LE(by_time->at(kOne), 4);
  EXPECT_GT(by_time->at(kOne), 1);
  EXPECT_EQ(consumer->OffsetsForTimes({{kOne, times[4] + 1}})->at(kOne), 6);

  ASSERT_TRUE(consumer->SeekToEnd({kOne}).ok());
  EXPECT_EQ(*consumer->Position(kOne), 6);
  EXPECT_TRUE(consumer->Poll(50ms)->empty());
  ASSERT_TRUE(consumer->SeekToBeginning({kOne}).ok());
  EXPECT_EQ(PollFor(*consumer, 5)->front().body, "0");
  EXPECT_EQ(consumer->Seek({"orders", 3}, 1).error().code, ErrorCode::kFailedPrecondition);
}

TEST_P(ClientConsumerTest, PausedPartitionsWaitAndOthersGoOn) {
  if (!StartCluster()) return;
  Fill(0, 10);
  Fill(1, 10);
  auto consumer = MakeConsumer("", OffsetReset::kEarliest, {kOne, kTwo});
  ASSERT_TRUE(consumer->Pause({kOne}).ok());
  const auto others = PollFor(*consumer, 10);
  ASSERT_EQ(others->size(), 10u);
  for (const ConsumedRecord& record : *others) EXPECT_EQ(record.partition(), 1);
  EXPECT_TRUE(consumer->Poll(50ms)->empty());
  ASSERT_TRUE(consumer->Resume({kOne}).ok());
  const auto rest = PollFor(*consumer, 10);
  ASSERT_EQ(rest->size(), 10u);
  for (const ConsumedRecord& record : *rest) EXPECT_EQ(record.partition(), 0);
}

TEST_P(ClientConsumerTest, TailReadersAreWokenByProducersAndByWakeup) {
  if (!StartCluster()) return;
  auto consumer = MakeConsumer("", OffsetReset::kEarliest);
  auto producer = Producer::Create(cluster_->ForProducer());
  ASSERT_TRUE(producer.ok());
  ASSERT_TRUE(consumer->Position(kOne).ok());
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE((*producer)->SendSync(RecordAt(0, std::to_string(i))).ok());
    const auto records = PollFor(*consumer, 1);
    ASSERT_EQ(records->size(), 1u);
    EXPECT_EQ(records->front().body, std::to_string(i));
  }
  std::jthread waker([&] { consumer->Wakeup(); });
  EXPECT_TRUE(consumer->Poll(60s)->empty());
}

TEST_P(ClientConsumerTest, TwoThreadsInOneConsumerAreToldSo) {
  if (!StartCluster({.brokers = 1})) return;
  auto consumer = MakeConsumer("", OffsetReset::kEarliest);
  std::atomic<bool> is_over{false};
  std::jthread poller([&] {
    while (!is_over) (void)consumer->Poll(60s);
  });
  EXPECT_TRUE(WaitFor(
      [&] {
        const auto position = consumer->Position(kOne);
        return !position.ok() && position.error().code == ErrorCode::kFailedPrecondition;
      },
      20s, "misuse to be detected"));
  is_over = true;
  consumer->Wakeup();
}

TEST_P(ClientConsumerTest, AnOperatorsResetIsFollowedAndNotUndone) {
  if (!StartCluster()) return;
  Fill(0, 20);
  auto consumer = MakeConsumer("g", OffsetReset::kEarliest);
  ASSERT_TRUE(PollFor(*consumer, 20).ok());
  ASSERT_TRUE(consumer->CommitSync().ok());
  const auto moved = cluster_->server().Query(
      "UPDATE " + cluster_->prefix() +
      "_node.group_offsets SET committed_offset = 6, reset_epoch = reset_epoch + 1");
  ASSERT_TRUE(moved.ok()) << moved.error().ToString();
  const Status refused = consumer->CommitSync();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kOffsetReset);
  EXPECT_EQ(consumer->Committed({kOne})->at(kOne), 6);
  const auto again = PollFor(*consumer, 15);
  ASSERT_TRUE(again.ok()) << again.error().ToString();
  EXPECT_EQ(again->front().offset, 6);
  EXPECT_NE(events_.back().find("an operator moved the group's offset; goes on at 6"),
            std::string::npos);
  EXPECT_TRUE(consumer->CommitSync().ok());
  EXPECT_EQ(consumer->Committed({kOne})->at(kOne), 21);
}

TEST_P(ClientConsumerTest, ALateCommitAfterASeekDoesNotUndoAReset) {
  if (!StartCluster()) return;
  Fill(0, 20);
  auto consumer = MakeConsumer("g", OffsetReset::kEarliest);
  ASSERT_TRUE(consumer->CommitSync({{kOne, 3}}).ok()) << "before anything was read";
  auto second = MakeConsumer("g", OffsetReset::kEarliest);
  ASSERT_TRUE(second->Seek(kOne, 10).ok());
  ASSERT_TRUE(PollFor(*second, 11).ok());
  EXPECT_TRUE(second->CommitSync().ok());
  EXPECT_EQ(second->Committed({kOne})->at(kOne), 21);
}

TEST_P(ClientConsumerTest, AHoleInTheLogStopsTheReaderThere) {
  if (!StartCluster({.brokers = 2})) return;
  Fill(0, 20);
  const auto gone = cluster_->server().Query("DELETE FROM " + cluster_->prefix() +
                                             "_00.msg_1_0 WHERE `offset` = 8");
  ASSERT_TRUE(gone.ok()) << gone.error().ToString();
  // What brokers have in memory is older than the hole.
  for (int broker = 0; broker < 2; ++broker) {
    cluster_->KillBroker(broker);
    ASSERT_TRUE(cluster_->StartBroker(broker).ok());
  }
  auto consumer = MakeConsumer("", OffsetReset::kEarliest);
  std::vector<ConsumedRecord> seen;
  Result<std::vector<ConsumedRecord>> last = std::vector<ConsumedRecord>();
  for (int i = 0; i < 50 && last.ok(); ++i) {
    last = consumer->Poll(1s);
    if (last.ok()) seen.insert(seen.end(), last->begin(), last->end());
  }
  ASSERT_FALSE(last.ok());
  EXPECT_EQ(last.error().code, ErrorCode::kDataLossDetected) << last.error().ToString();
  ASSERT_EQ(seen.size(), 7u);
  EXPECT_EQ(seen.back().offset, 7);
  ASSERT_TRUE(consumer->Seek(kOne, 9).ok());
  EXPECT_EQ(PollFor(*consumer, 12)->front().offset, 9);
}

TEST_P(ClientConsumerTest, AutomaticCommitsCoverWhatPollReturned) {
  if (!StartCluster()) return;
  Fill(0, 30);
  ConsumerOptions options = cluster_->ForConsumer();
  options.group_id = "auto";
  options.enable_auto_commit = true;
  options.auto_commit_interval = 10ms;
  auto consumer = Consumer::Create(options);
  ASSERT_TRUE(consumer.ok());
  ASSERT_TRUE((*consumer)->Assign({kOne}).ok());
  ASSERT_TRUE(PollFor(**consumer, 30).ok());
  EXPECT_TRUE(WaitFor(
      [&] {
        if (!(*consumer)->Poll(1ms).ok()) return false;
        const auto committed = (*consumer)->Committed({kOne});
        return committed.ok() && committed->contains(kOne) && committed->at(kOne) == 31;
      },
      20s, "the commit"));
  Fill(0, 5);
  ASSERT_TRUE(PollFor(**consumer, 5).ok());
  consumer->reset();
  auto reader = MakeConsumer("auto", OffsetReset::kError);
  EXPECT_EQ(*reader->Position(kOne), 36) << "the destructor committed the rest";
}

TEST_P(ClientConsumerTest, ATopicNobodyKnowsIsAnErrorInTheEnd) {
  if (!StartCluster({.brokers = 1})) return;
  auto consumer = MakeConsumer("", OffsetReset::kEarliest, {{"missing", 0}});
  const auto records = consumer->Poll(20s);
  ASSERT_FALSE(records.ok());
  EXPECT_EQ(records.error().code, ErrorCode::kUnknownTopicOrPartition);
}

}  // namespace
}  // namespace lanemq::testing
