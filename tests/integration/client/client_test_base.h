#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/integration/client/client_cluster.h"
#include "tests/support/wait_for.h"

namespace lanemq::testing {

/// A cluster per test, on both engines.
class ClientTest : public ::testing::TestWithParam<Engine> {
 protected:
  /// False when the test is skipped or has failed.
  bool StartCluster(ClientCluster::Options options = {}) {
    Prepare(options);
    return cluster_ != nullptr;
  }
  void TearDown() override {
    if (HasFailure() && cluster_) std::cerr << cluster_->Logs();
  }

  static ProducerRecord Record(std::string body, std::optional<std::string> key = std::nullopt) {
    ProducerRecord record;
    record.topic = "orders";
    record.key = std::move(key);
    record.body = std::move(body);
    return record;
  }
  static ProducerRecord RecordAt(std::int32_t partition, std::string body) {
    ProducerRecord record = Record(std::move(body));
    record.partition = partition;
    return record;
  }

  /// Sends `count` records "<prefix><n>" to a partition and waits for them.
  void Fill(std::int32_t partition, int count, const std::string& prefix = "m") {
    auto producer = Producer::Create(cluster_->ForProducer());
    ASSERT_TRUE(producer.ok());
    std::vector<std::future<Result<RecordMetadata>>> sent;
    for (int i = 0; i < count; ++i) {
      sent.push_back((*producer)->Send(RecordAt(partition, prefix + std::to_string(i))));
    }
    for (auto& one : sent) {
      const auto result = one.get();
      ASSERT_TRUE(result.ok()) << result.error().ToString();
    }
  }

  /// Polls until `count` records came, an error, or 30 s.
  static Result<std::vector<ConsumedRecord>> PollFor(Consumer& consumer, std::size_t count) {
    std::vector<ConsumedRecord> all;
    const Deadline deadline = Deadline::After(SystemClock::Instance(), std::chrono::seconds(30));
    while (all.size() < count && !deadline.HasPassed(SystemClock::Instance())) {
      auto records = consumer.Poll(std::chrono::milliseconds(500));
      if (!records.ok()) return records.error();
      for (ConsumedRecord& record : *records) all.push_back(std::move(record));
    }
    return all;
  }

  std::unique_ptr<ClientCluster> cluster_;

 private:
  void Prepare(ClientCluster::Options options) {
    LANEMQ_REQUIRE_SERVER(server, GetParam());
    auto cluster = ClientCluster::Start(*server, options);
    ASSERT_TRUE(cluster.ok()) << cluster.error().ToString();
    cluster_ = *std::move(cluster);
  }
};

}  // namespace lanemq::testing
