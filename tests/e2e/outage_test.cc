#include <atomic>
#include <iostream>
#include <map>
#include <mutex>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "lanemq/lanemq.h"
#include "tests/checker/checker.h"
#include "tests/e2e/cluster.h"
#include "tests/support/wait_for.h"

namespace lanemq::e2e {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using testing::Engine;

constexpr std::int32_t kPartitions = 4;

// Applications on the client library, while what they do not need dies round them.
class OutageTest : public ::testing::TestWithParam<Engine> {
 protected:
  void StartAll() {
    LANEMQ_REQUIRE_SERVER(server, GetParam());
    auto started =
        Cluster::Start({.engine = GetParam(), .metaservers = 2, .has_own_metadata_server = true});
    ASSERT_TRUE(started.ok()) << started.error().ToString();
    cluster_ = std::move(started).value();
    const auto topic = cluster_->CreateTopic("orders", kPartitions);
    ASSERT_TRUE(topic.ok()) << topic.error().ToString();
    ProducerOptions producing;
    producing.bootstrap_servers = cluster_->bootstrap();
    auto producer = Producer::Create(producing);
    ASSERT_TRUE(producer.ok()) << producer.error().ToString();
    producer_ = std::move(producer).value();
    ConsumerOptions consuming;
    consuming.bootstrap_servers = cluster_->bootstrap();
    consuming.group_id = "billing";
    consuming.auto_offset_reset = OffsetReset::kEarliest;
    auto consumer = Consumer::Create(consuming);
    ASSERT_TRUE(consumer.ok()) << consumer.error().ToString();
    consumer_ = std::move(consumer).value();
    std::vector<TopicPartition> partitions;
    for (std::int32_t p = 0; p < kPartitions; ++p) {
      partitions.push_back({"orders", p});
      reader_.StartAt(p, 1);
    }
    const Status assigned = consumer_->Assign(partitions);
    ASSERT_TRUE(assigned.ok()) << assigned.error().ToString();
  }

  // Sends `count` messages, reads them all and commits.
  void ExpectService(const std::string& when, int count = 200) {
    SCOPED_TRACE(when);
    const MonotonicTime begun = history_.clock().Now();
    Status first_error;
    std::mutex mutex;
    for (int i = 0; i < count; ++i) {
      const checker::MessageId id = sender_.Next();
      ProducerRecord record;
      record.topic = "orders";
      record.partition = i % kPartitions;
      record.key = "k";
      record.body = checker::MakeBody(id, 100);
      sender_.Begin(id, *record.partition, 0, *record.body);
      const Status sent = producer_->Send(
          std::move(record), [&, id, p = i % kPartitions](const Result<RecordMetadata>& result) {
            if (result.ok()) return sender_.Acked(id, p, result->offset);
            const std::scoped_lock lock(mutex);
            if (first_error.ok()) first_error = result.error();
          });
      ASSERT_TRUE(sent.ok()) << sent.error().ToString();
    }
    const Status flushed = producer_->Flush(30s);
    ASSERT_TRUE(flushed.ok()) << flushed.error().ToString();
    ASSERT_TRUE(first_error.ok()) << first_error.error().ToString();
    expected_ += count;
    const Deadline deadline = Deadline::After(history_.clock(), 30s);
    std::map<std::int32_t, std::int64_t> ends;
    while (reader_.reads() < expected_ && !deadline.HasPassed(history_.clock())) {
      const auto records = consumer_->Poll(500ms);
      ASSERT_TRUE(records.ok()) << records.error().ToString();
      for (const ConsumedRecord& record : *records) {
        reader_.Saw(record.partition(), record.offset, record.timestamp_us, *record.body);
      }
    }
    ASSERT_EQ(reader_.reads(), expected_);
    Offsets offsets;
    std::map<std::int32_t, std::size_t> commits;
    for (std::int32_t p = 0; p < kPartitions; ++p) {
      const auto position = consumer_->Position({"orders", p});
      ASSERT_TRUE(position.ok()) << position.error().ToString();
      offsets[{"orders", p}] = *position;
      commits[p] = reader_.CommitBegun(p, *position);
    }
    const Status committed = consumer_->CommitSync(offsets);
    ASSERT_TRUE(committed.ok()) << committed.error().ToString();
    for (const auto& [partition, commit] : commits) reader_.CommitAcked(commit);
    const MonotonicTime asked = history_.clock().Now();
    std::vector<TopicPartition> partitions;
    for (const auto& [partition, offset] : offsets) partitions.push_back(partition);
    const auto seen = consumer_->Committed(partitions);
    ASSERT_TRUE(seen.ok()) << seen.error().ToString();
    EXPECT_EQ(*seen, offsets);
    for (const auto& [partition, offset] : *seen) {
      reader_.Observed(partition.partition, offset, asked);
    }
    std::cout << fmt::format(
        "{}: produce, fetch, commit of {} in {} ms\n", when, count,
        std::chrono::duration_cast<std::chrono::milliseconds>(history_.clock().Now() - begun)
            .count());
  }

  checker::History history_;
  checker::ProducerLog& sender_ = history_.AddProducer();
  checker::ReaderLog& reader_ = history_.AddReader("billing", "billing");
  std::int64_t expected_ = 0;
  std::unique_ptr<Cluster> cluster_;
  std::unique_ptr<Producer> producer_;
  std::unique_ptr<Consumer> consumer_;
};

TEST_P(OutageTest, WithoutMetadataDatabaseAndMetaserversServiceGoesOn) {
  ASSERT_NO_FATAL_FAILURE(StartAll());
  if (IsSkipped()) return;
  cluster_->ExpectErrors("lanemq-metaserver");  // It may complain while its database is away.
  ASSERT_NO_FATAL_FAILURE(ExpectService("everything up"));

  cluster_->metadata_server().Stop();
  ASSERT_NO_FATAL_FAILURE(ExpectService("metadata database stopped"));

  cluster_->KillMetaserver(0);
  cluster_->KillMetaserver(1);
  ASSERT_NO_FATAL_FAILURE(ExpectService("and all metaservers killed"));

  cluster_->KillBroker(0);
  ASSERT_NO_FATAL_FAILURE(ExpectService("and one of two brokers killed"));
  Status again = cluster_->StartBroker(0);
  ASSERT_TRUE(again.ok()) << again.error().ToString();
  // Only the restarted one is left: it must know the catalogue from its disk.
  cluster_->KillBroker(1);
  ASSERT_NO_FATAL_FAILURE(ExpectService("and served by the restarted broker alone"));
  again = cluster_->StartBroker(1);
  ASSERT_TRUE(again.ok()) << again.error().ToString();

  const Status database = cluster_->metadata_server().StartAgain();
  ASSERT_TRUE(database.ok()) << database.error().ToString();
  for (int i = 0; i < 2; ++i) {
    again = cluster_->StartMetaserver(i);
    ASSERT_TRUE(again.ok()) << again.error().ToString();
  }
  const auto topic = cluster_->CreateTopic("invoices", 1);
  ASSERT_TRUE(topic.ok()) << topic.error().ToString();
  ASSERT_NO_FATAL_FAILURE(ExpectService("everything back"));
  reader_.MarkComplete();
  const checker::Report report = checker::Check(history_);
  EXPECT_TRUE(report.ok()) << report.ToString();
  std::cout << report.ToString();
}

INSTANTIATE_TEST_SUITE_P(Engines, OutageTest, ::testing::ValuesIn(testing::Engines()),
                         [](const auto& engine) { return testing::NameOf(engine.param); });

}  // namespace
}  // namespace lanemq::e2e
