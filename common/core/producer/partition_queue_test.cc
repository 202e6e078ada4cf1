#include "common/core/producer/partition_queue.h"

#include <map>
#include <set>

#include <gtest/gtest.h>

namespace lanemq::core {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

PartitionQueue::Options Small() {
  PartitionQueue::Options options;
  options.batch_records = 2;
  options.linger = 5ms;
  options.delivery_timeout = 10s;
  return options;
}

Error Code(ErrorCode code) { return {code, "test"}; }

class PartitionQueueTest : public ::testing::Test {
 protected:
  void Fill(int records) {
    for (int i = 0; i < records; ++i) queue.Append(10, now);
  }
  PartitionQueue queue{Small(), Random(7)};
  MonotonicTime now{1s};
};

TEST_F(PartitionQueueTest, FullBatchesGoAtOnceAndOthersLinger) {
  Fill(3);
  const auto* first = queue.NextToSend(now);
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first->records, 2);
  EXPECT_EQ(queue.NextToSend(now), nullptr);
  EXPECT_EQ(queue.NextDeadline(now), now + 5ms);
  now = now + 5ms;
  const auto* second = queue.NextToSend(now);
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(second->records, 1);
  EXPECT_EQ(second->base_sequence, 2);
}

TEST_F(PartitionQueueTest, ABatchWithinItsLimitsKeepsItsSequenceOverRetries) {
  Fill(2);
  const auto* batch = queue.NextToSend(now);
  const auto producer = batch->producer;
  EXPECT_TRUE(queue.OnReply(1, Code(ErrorCode::kNetworkException), now).empty());
  EXPECT_EQ(queue.NextToSend(now), nullptr) << "backs off";
  now = now + 1s;
  batch = queue.NextToSend(now);
  ASSERT_NE(batch, nullptr);
  EXPECT_EQ(batch->base_sequence, 0);
  EXPECT_EQ(batch->producer, producer);
  const auto finished = queue.OnReply(1, std::nullopt, now);
  ASSERT_EQ(finished.size(), 1u);
  EXPECT_FALSE(finished[0].error);
}

TEST_F(PartitionQueueTest, ALaterBatchRefusedForAGapWaitsForTheEarlierOne) {
  Fill(4);
  queue.NextToSend(now);
  queue.NextToSend(now);
  EXPECT_TRUE(queue.OnReply(1, Code(ErrorCode::kBrokerNotAvailable), now).empty());
  EXPECT_TRUE(queue.OnReply(2, Code(ErrorCode::kOutOfOrderSequence), now).empty());
  EXPECT_EQ(queue.NextToSend(now), nullptr) << "2 must not overtake 1";
  now = now + 1s;
  EXPECT_EQ(queue.NextToSend(now)->serial, 1);
  EXPECT_EQ(queue.NextToSend(now)->serial, 2);
}

TEST_F(PartitionQueueTest, ABatchRefusedForAGapGoesAtOnceWhenTheEarlierOneIsStored) {
  Fill(4);
  queue.NextToSend(now);
  queue.NextToSend(now);
  queue.OnReply(2, Code(ErrorCode::kOutOfOrderSequence), now);
  EXPECT_EQ(queue.NextToSend(now), nullptr) << "not again while 1 is under way";
  queue.OnReply(1, std::nullopt, now);
  const auto* batch = queue.NextToSend(now);
  ASSERT_NE(batch, nullptr);
  EXPECT_EQ(batch->serial, 2);
}

TEST_F(PartitionQueueTest, ABrokerThatFailsIsReplacedWithoutBackOff) {
  Fill(2);
  queue.NextToSend(now);
  queue.OnReply(1, Code(ErrorCode::kShuttingDown), now, /*can_go_elsewhere=*/true);
  EXPECT_NE(queue.NextToSend(now), nullptr);
}

TEST_F(PartitionQueueTest, ADuplicateOfUnknownOffsetIsSuccess) {
  Fill(2);
  queue.NextToSend(now);
  const auto finished = queue.OnReply(1, Code(ErrorCode::kDuplicateSequence), now);
  ASSERT_EQ(finished.size(), 1u);
  EXPECT_FALSE(finished[0].error);
}

TEST_F(PartitionQueueTest, AfterARejectedBatchTheRestGoesOnUnderANewProducerId) {
  Fill(4);
  const auto old_producer = queue.NextToSend(now)->producer;
  queue.NextToSend(now);
  auto finished = queue.OnReply(1, Code(ErrorCode::kMessageTooLarge), now);
  ASSERT_EQ(finished.size(), 1u);
  EXPECT_EQ(finished[0].error->code, ErrorCode::kMessageTooLarge);
  EXPECT_TRUE(queue.OnReply(2, Code(ErrorCode::kOutOfOrderSequence), now).empty());
  const auto* batch = queue.NextToSend(now);
  ASSERT_NE(batch, nullptr);
  EXPECT_EQ(batch->serial, 2);
  EXPECT_EQ(batch->base_sequence, 0);
  EXPECT_NE(batch->producer, old_producer);
}

TEST_F(PartitionQueueTest, ABatchThatMayBeStoredIsNeverSentUnderANewProducerId) {
  Fill(4);
  queue.NextToSend(now);
  queue.NextToSend(now);
  queue.OnReply(2, Code(ErrorCode::kRequestTimedOut), now);
  const auto finished = queue.OnReply(1, Code(ErrorCode::kMessageTooLarge), now);
  ASSERT_EQ(finished.size(), 2u);
  EXPECT_EQ(finished[1].serial, 2);
  EXPECT_EQ(finished[1].error->code, ErrorCode::kOutcomeUnknown);
  EXPECT_TRUE(queue.IsEmpty());
}

TEST_F(PartitionQueueTest, ExpiryTellsWhetherTheRecordsMayBeStored) {
  Fill(2);
  now = now + 10s;
  auto finished = queue.Expire(now);
  ASSERT_EQ(finished.size(), 1u);
  EXPECT_EQ(finished[0].error->code, ErrorCode::kBrokerNotAvailable);
  Fill(2);
  queue.NextToSend(now);
  EXPECT_TRUE(queue.Expire(now + 10s).empty()) << "in flight: left to its reply";
  queue.OnReply(2, Code(ErrorCode::kNetworkException), now);
  finished = queue.Expire(now + 10s);
  ASSERT_EQ(finished.size(), 1u);
  EXPECT_EQ(finished[0].error->code, ErrorCode::kOutcomeUnknown);
}

TEST_F(PartitionQueueTest, ThrottlingIsWaitedOutForAsLongAsTheBrokerSays) {
  Fill(2);
  queue.NextToSend(now);
  queue.OnReply(1, Error{ErrorCode::kThrottled, "full", 700}, now);
  EXPECT_EQ(queue.NextToSend(now + 699ms), nullptr);
  EXPECT_NE(queue.NextToSend(now + 720ms), nullptr);
}

TEST_F(PartitionQueueTest, AfterARefusalForTheRateBatchesGoOneByOneUntilTheyAreStored) {
  Fill(2 * 12);
  for (int i = 0; i < 5; ++i) ASSERT_NE(queue.NextToSend(now), nullptr);
  EXPECT_EQ(queue.NextToSend(now), nullptr) << "five at once";
  queue.OnReply(1, Error{ErrorCode::kThrottled, "a quota", 40}, now);
  for (int i = 2; i <= 5; ++i) queue.OnReply(i, Code(ErrorCode::kOutOfOrderSequence), now);
  now = now + 1s;
  const auto sent = [&] {
    std::vector<std::int64_t> serials;
    while (const auto* batch = queue.NextToSend(now)) serials.push_back(batch->serial);
    return serials;
  };
  EXPECT_EQ(sent(), (std::vector<std::int64_t>{1}));
  queue.OnReply(1, std::nullopt, now);
  EXPECT_EQ(sent(), (std::vector<std::int64_t>{2, 3}));
  queue.OnReply(2, std::nullopt, now);
  EXPECT_EQ(sent(), (std::vector<std::int64_t>{4, 5}));
  for (int i = 3; i <= 5; ++i) queue.OnReply(i, std::nullopt, now);
  EXPECT_EQ(sent(), (std::vector<std::int64_t>{6, 7, 8, 9, 10})) << "as many as ever";
}

TEST(PartitionQueueSizesTest,
     BatchesThatAreFilledAfterARefusalForTheRateAreSmallUntilSomeAreStored) {
  PartitionQueue::Options options;
  options.batch_bytes = 512u << 10;
  PartitionQueue queue(options, Random(7));
  MonotonicTime now{1s};
  const auto fill = [&] {  // How much a new batch takes.
    queue.SealAll();
    queue.Append(1'024, now);
    std::size_t bytes = 1'024;
    while (!queue.Append(1'024, now).is_new) bytes += 1'024;
    return bytes;
  };
  const auto answer = [&](std::optional<Error> error) {
    now = now + 1s;
    const std::int64_t serial = queue.NextToSend(now)->serial;
    queue.OnReply(serial, std::move(error), now);
  };
  EXPECT_EQ(fill(), 500u << 10) << "500 records";
  answer(Error{ErrorCode::kThrottled, "a quota", 40});
  EXPECT_EQ(fill(), 250u << 10);
  for (int i = 0; i < 5; ++i) answer(Error{ErrorCode::kThrottled, "a quota", 40});
  EXPECT_EQ(fill(), PartitionQueue::kThrottledBatchBytes);
  answer(std::nullopt);
  EXPECT_EQ(fill(), PartitionQueue::kThrottledBatchBytes / 4 * 5);
  for (int i = 0; i < 20; ++i) {
    queue.Append(1'024, now);
    queue.SealAll();
    answer(std::nullopt);
  }
  EXPECT_EQ(fill(), 500u << 10) << "as much as ever";
}

TEST_F(PartitionQueueTest, HoweverOftenItIsThrottledABatchDoesNotWaitMuchLongerThanTheBrokerSays) {
  Fill(2);
  for (int attempt = 1; attempt <= 20; ++attempt) {
    ASSERT_NE(queue.NextToSend(now), nullptr) << attempt;
    EXPECT_TRUE(queue.OnReply(1, Error{ErrorCode::kThrottled, "a quota", 40}, now).empty());
    EXPECT_EQ(queue.NextToSend(now + 39ms), nullptr) << attempt;
    now = now + 50ms;
  }
}

TEST_F(PartitionQueueTest, NoMoreThanTheLimitIsInFlight) {
  Fill(20);
  int sent = 0;
  while (queue.NextToSend(now) != nullptr) ++sent;
  EXPECT_EQ(sent, 5);
}

// A log that dedupes like a broker, and a network that loses requests and replies: whatever
// happens, nothing is stored twice or out of order, and every batch is finished exactly once.
TEST(PartitionQueuePropertyTest, NothingIsStoredTwiceOrOutOfOrderWhateverTheNetworkLoses) {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    PartitionQueue queue(Small(), Random(seed * 31));
    MonotonicTime now{1s};
    std::map<std::int64_t, std::int64_t> last_sequence;
    std::vector<std::int64_t> log;
    std::map<std::int64_t, int> finished_count;
    std::map<std::int64_t, bool> ok;
    std::int64_t serials = 0;
    const auto account = [&](const std::vector<PartitionQueue::Finished>& finished) {
      for (const auto& f : finished) {
        ++finished_count[f.serial];
        ok[f.serial] = !f.error;
      }
    };
    std::vector<PartitionQueue::Batch> wire;
    for (int step = 0; step < 400 || !queue.IsEmpty(); ++step) {
      ASSERT_LT(step, 5000);
      now = now + 20ms;
      if (step < 200 && random.Below(2) == 0) serials = queue.Append(10, now).serial;
      if (step == 200) queue.SealAll();
      account(queue.Expire(now));
      if (const auto* batch = queue.NextToSend(now)) wire.push_back(*batch);
      if (wire.empty() || random.Below(3) == 0) continue;
      const std::size_t pick = random.Below(wire.size());
      const auto batch = wire[pick];
      wire.erase(wire.begin() + static_cast<std::ptrdiff_t>(pick));
      std::optional<Error> reply;
      const auto fate = random.Below(10);
      if (fate == 0) {
        reply = Code(ErrorCode::kNetworkException);
      } else if (fate == 1 && step < 300) {
        reply = Code(ErrorCode::kInvalidRequest);
      } else {
        const auto known = last_sequence.find(batch.producer.value);
        const std::int64_t expected = known == last_sequence.end() ? 0 : known->second;
        if (batch.base_sequence > expected) {
          reply = Code(known == last_sequence.end() ? ErrorCode::kUnknownProducerId
                                                    : ErrorCode::kOutOfOrderSequence);
        } else if (batch.base_sequence == expected) {
          last_sequence[batch.producer.value] = expected + batch.records;
          log.push_back(batch.serial);
        }
        if (fate == 2) reply = Code(ErrorCode::kRequestTimedOut);
      }
      account(queue.OnReply(batch.serial, reply, now));
    }
    std::set<std::int64_t> unique(log.begin(), log.end());
    EXPECT_EQ(unique.size(), log.size()) << "stored twice";
    EXPECT_TRUE(std::is_sorted(log.begin(), log.end())) << "out of order";
    for (std::int64_t serial = 1; serial <= serials; ++serial) {
      EXPECT_EQ(finished_count[serial], 1) << serial;
      EXPECT_TRUE(!ok[serial] || unique.contains(serial)) << "acknowledged but not stored";
    }
  }
}

}  // namespace
}  // namespace lanemq::core
