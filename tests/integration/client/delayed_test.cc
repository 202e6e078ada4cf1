// Delayed records, from Send() to the table they wait in; nothing here comes due.
#include <algorithm>
#include <atomic>
#include <future>
#include <limits>
#include <map>
#include <set>
#include <sstream>

#include "common/core/partition/partitioner.h"
#include "tests/integration/client/client_test_base.h"

namespace lanemq::testing {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr auto kLong = std::chrono::hours(24 * 365);

class ClientDelayedTest : public ClientTest {
 protected:
  static ProducerRecord Later(std::string body, std::optional<std::string> key = std::nullopt) {
    ProducerRecord record = Record(std::move(body), std::move(key));
    record.delay = kLong;
    return record;
  }
  /// Bodies of all messages that wait, in the order of delivery.
  std::vector<std::string> Waiting() {
    const auto text =
        cluster_->server().Query("SELECT body FROM " + cluster_->prefix() +
                                 "_node.delayed_messages ORDER BY partition_index, due_us, "
                                 "producer_id, sequence");
    EXPECT_TRUE(text.ok());
    std::vector<std::string> bodies;
    std::istringstream lines(text.ok() ? *text : "");
    for (std::string line; std::getline(lines, line);) bodies.push_back(line);
    return bodies;
  }
  void ExpectNothingInTheLog() {
    const auto rows = cluster_->Rows();
    ASSERT_TRUE(rows.ok()) << rows.error().ToString();
    for (const auto& partition : *rows) EXPECT_TRUE(partition.empty());
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, ClientDelayedTest, ::testing::ValuesIn(Engines()),
                         [](const auto& engine) { return NameOf(engine.param); });

TEST_P(ClientDelayedTest, HandlesComeBackKeysKeepTheirPartitionAndTheLogStaysEmpty) {
  if (!StartCluster()) return;
  auto producer = Producer::Create(cluster_->ForProducer());
  ASSERT_TRUE(producer.ok());
  std::vector<std::future<Result<RecordMetadata>>> sent;
  for (int i = 0; i < 300; ++i) {
    const std::string key = "k" + std::to_string(i % 17);
    sent.push_back((*producer)->Send(Later(key + "=" + std::to_string(i), key)));
  }
  ASSERT_TRUE((*producer)->Flush(30s).ok());
  std::set<std::string> handles;
  for (int i = 0; i < 300; ++i) {
    const auto result = sent[static_cast<std::size_t>(i)].get();
    ASSERT_TRUE(result.ok()) << result.error().ToString();
    EXPECT_EQ(result->offset, -1);
    EXPECT_EQ(result->timestamp_us, 0);
    EXPECT_EQ(result->partition, core::PartitionForKey("k" + std::to_string(i % 17), 4));
    handles.insert(result->delayed_handle);
  }
  EXPECT_EQ(handles.size(), 300u);
  EXPECT_EQ((*producer)->Stats().buffered_bytes, 0u);
  EXPECT_EQ((*producer)->Stats().records_sent, 300);
  std::map<std::string, int> last;
  for (const std::string& body : Waiting()) {
    const std::string key = body.substr(0, body.find('='));
    const int number = std::stoi(body.substr(body.find('=') + 1));
    EXPECT_GT(number, last.contains(key) ? last[key] : -1) << "equal delays keep the order";
    last[key] = number;
  }
  EXPECT_EQ(last.size(), 17u);
  ExpectNothingInTheLog();
  const auto now = (*producer)->SendSync(Record("now"));
  ASSERT_TRUE(now.ok());
  EXPECT_EQ(now->offset, 1);
  EXPECT_TRUE(now->delayed_handle.empty());
}

TEST_P(ClientDelayedTest, ContradictionsAreRefusedAndTheBrokersLimitsHold) {
  if (!StartCluster({.brokers = 1})) return;
  auto producer = Producer::Create(cluster_->ForProducer());
  ASSERT_TRUE(producer.ok());
  ProducerRecord both = Later("x");
  both.deliver_at_us = 5;
  EXPECT_EQ((*producer)->SendSync(both).error().code, ErrorCode::kInvalidRequest);
  ProducerRecord negative = Record("x");
  negative.delay = -1ms;
  EXPECT_EQ((*producer)->SendSync(negative).error().code, ErrorCode::kInvalidRequest);
  negative.delay.reset();
  negative.deliver_at_us = -1;
  EXPECT_EQ((*producer)->SendSync(negative).error().code, ErrorCode::kInvalidRequest);
  EXPECT_EQ((*producer)->SendSync(Later("x", std::string(2 << 10, 'k'))).error().code,
            ErrorCode::kMessageTooLarge)
      << "refused by the broker";
  ProducerRecord far = Record("the end of time");
  far.deliver_at_us = std::numeric_limits<std::int64_t>::max();
  EXPECT_TRUE((*producer)->SendSync(far).ok());
  EXPECT_EQ(Waiting(), std::vector<std::string>{"the end of time"});
}

TEST_P(ClientDelayedTest, RepliesLostAndBrokersKilledEachIsStoredOnceAndCancelledForGood) {
  if (!StartCluster({.brokers = 2, .partitions = 2, .seed = 5})) return;
  ProducerOptions options = cluster_->ForProducer();
  options.batch_num_messages = 5;
  auto producer = Producer::Create(options);
  ASSERT_TRUE(producer.ok());
  for (int i = 0; i < 2; ++i) cluster_->proxy(i).SetCuts({.before_reply = 0.2});
  std::vector<std::string> handles;
  std::multiset<std::string> expected;
  for (int round = 0; round < 4; ++round) {
    std::vector<std::future<Result<RecordMetadata>>> sent;
    for (int i = 0; i < 100; ++i) {
      const std::string body = std::to_string(round) + "-" + std::to_string(i);
      expected.insert(body);
      sent.push_back((*producer)->Send(Later(body, std::to_string(i % 7))));
    }
    cluster_->KillBroker(round % 2);
    for (auto& one : sent) {
      const auto result = one.get();
      ASSERT_TRUE(result.ok()) << result.error().ToString();
      handles.push_back(result->delayed_handle);
    }
    ASSERT_TRUE(cluster_->StartBroker(round % 2).ok());
  }
  const auto waiting = Waiting();
  EXPECT_EQ(std::multiset<std::string>(waiting.begin(), waiting.end()), expected);
  EXPECT_EQ(std::set<std::string>(handles.begin(), handles.end()).size(), 400u);
  EXPECT_GT(cluster_->proxy(0).Stats().before_reply + cluster_->proxy(1).Stats().before_reply, 5);

  for (int i = 0; i < 2; ++i) cluster_->proxy(i).SetCuts({.before_reply = 0.5});
  int cancelled = 0;
  for (std::size_t begin = 0; begin < 390; begin += 10) {
    const auto at = handles.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto states = (*producer)->Cancel({at, at + 10});
    ASSERT_TRUE(states.ok()) << states.error().ToString();
    ASSERT_EQ(states->size(), 10u);
    for (const CancelState state : *states) {
      // Not found: the cancel whose answer was lost did it.
      EXPECT_NE(state, CancelState::kDelivered);
      if (state == CancelState::kCancelled) ++cancelled;
    }
  }
  EXPECT_GT(cancelled, 0);
  EXPECT_EQ(Waiting().size(), 10u);
  ExpectNothingInTheLog();
}

TEST_P(ClientDelayedTest, WhenRepliesNeverComeTheOutcomeIsUnknownAndTheRecordIsStoredOnce) {
  if (!StartCluster({.brokers = 1, .partitions = 1})) return;
  ProducerOptions options = cluster_->ForProducer();
  options.delivery_timeout = 2s;
  auto producer = Producer::Create(options);
  ASSERT_TRUE(producer.ok());
  const auto first = (*producer)->SendSync(Later("first"));
  ASSERT_TRUE(first.ok()) << first.error().ToString();
  cluster_->proxy(0).SetCuts({.before_reply = 1});
  const auto lost = (*producer)->SendSync(Later("second"));
  ASSERT_FALSE(lost.ok());
  EXPECT_EQ(lost.error().code, ErrorCode::kOutcomeUnknown) << lost.error().ToString();
  EXPECT_FALSE((*producer)->Cancel({first->delayed_handle}).ok()) << "nobody knows";
  cluster_->proxy(0).SetCuts({});
  ASSERT_TRUE((*producer)->SendSync(Later("third")).ok());
  auto waiting = Waiting();
  std::ranges::sort(waiting);
  EXPECT_EQ(waiting, (std::vector<std::string>{"second", "third"}));
}

TEST_P(ClientDelayedTest, CancelSaysWhatBecameOfEachAndRefusesWhatIsNoHandle) {
  if (!StartCluster({.brokers = 2})) return;
  auto producer = Producer::Create(cluster_->ForProducer());
  ASSERT_TRUE(producer.ok());
  std::vector<std::string> handles;
  std::vector<std::future<Result<RecordMetadata>>> sent;
  for (int i = 0; i < 1'500; ++i) sent.push_back((*producer)->Send(Later("x")));
  ASSERT_TRUE((*producer)->Flush(30s).ok());
  for (auto& one : sent) handles.push_back(one.get()->delayed_handle);
  auto mistyped = handles;
  mistyped[1'200][20] = mistyped[1'200][20] == 'A' ? 'B' : 'A';
  EXPECT_EQ((*producer)->Cancel(mistyped).error().code, ErrorCode::kInvalidRequest);
  EXPECT_EQ(Waiting().size(), 1'500u) << "none of them was cancelled";
  const auto once = (*producer)->Cancel(handles);
  ASSERT_TRUE(once.ok()) << once.error().ToString();
  EXPECT_EQ(*once, std::vector<CancelState>(1'500, CancelState::kCancelled));
  EXPECT_TRUE(Waiting().empty());
  const auto twice = (*producer)->Cancel(handles);
  ASSERT_TRUE(twice.ok());
  EXPECT_EQ(*twice, std::vector<CancelState>(1'500, CancelState::kNotFound));
  EXPECT_TRUE((*producer)->Cancel({})->empty());
  ASSERT_TRUE((*producer)->Close(10s).ok());
  EXPECT_EQ((*producer)->Cancel(handles).error().code, ErrorCode::kClosed);
}

TEST_P(ClientDelayedTest, CloseSendsWhatLingers) {
  if (!StartCluster({.brokers = 1})) return;
  ProducerOptions options = cluster_->ForProducer();
  options.linger = 10s;
  auto producer = Producer::Create(options);
  ASSERT_TRUE(producer.ok());
  std::atomic<int> called = 0;
  for (int i = 0; i < 20; ++i) {
    const auto done = [&](const Result<RecordMetadata>& result) {
      called += result.ok() && !result->delayed_handle.empty() ? 1 : 100;
    };
    ASSERT_TRUE((*producer)->Send(Later("x"), done).ok());
  }
  const auto began = SystemClock::Instance().Now();
  ASSERT_TRUE((*producer)->Close(30s).ok());
  EXPECT_LT(SystemClock::Instance().Now() - began, 9s) << "without linger";
  EXPECT_EQ(called, 20);
  EXPECT_EQ(Waiting().size(), 20u);
}

}  // namespace
}  // namespace lanemq::testing
