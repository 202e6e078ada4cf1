#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "client/src/consumer/fake_group_servers.h"
#include "tests/support/wait_for.h"

namespace lanemq::client {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

/// What the listener was told; the test's thread only.
class Heard final : public RebalanceListener {
 public:
  void OnAssigned(const std::vector<TopicPartition>& partitions) override {
    assigned.insert(partitions.begin(), partitions.end());
    if (on_assigned) on_assigned(partitions);
  }
  void OnRevoked(const std::vector<TopicPartition>& partitions) override {
    for (const TopicPartition& id : partitions) assigned.erase(id);
    revoked.insert(partitions.begin(), partitions.end());
    if (on_revoked) on_revoked(partitions);
  }
  void OnLost(const std::vector<TopicPartition>& partitions) override {
    for (const TopicPartition& id : partitions) assigned.erase(id);
    lost.insert(partitions.begin(), partitions.end());
  }

  std::set<TopicPartition> assigned;  // At present.
  std::set<TopicPartition> revoked;   // Ever.
  std::set<TopicPartition> lost;      // Ever.
  std::function<void(const std::vector<TopicPartition>&)> on_assigned;
  std::function<void(const std::vector<TopicPartition>&)> on_revoked;
};

/// The whole client against servers in memory: a coordinator that runs core::GroupMachine, and a
/// broker whose rows fence as a data node's do. Topic "t" has four partitions.
class ConsumerGroupTest : public ::testing::Test {
 protected:
  ConsumerGroupTest() {
    EXPECT_TRUE(broker_server_.Start().ok());
    EXPECT_TRUE(meta_server_.Start().ok());
    cluster_.SetPort(true, broker_server_.port());
    cluster_.SetPort(false, meta_server_.port());
    coordinator_->SetPort(meta_server_.port());
    cluster_.SetTopic("t", 4);
  }
  ~ConsumerGroupTest() override {
    meta_server_.Stop();
    broker_server_.Stop();
  }

  ConsumerOptions Options() {
    ConsumerOptions options;
    options.bootstrap_servers = {"127.0.0.1:" + std::to_string(broker_server_.port())};
    options.client_id = "c";
    options.group_id = "g";
    options.auto_offset_reset = OffsetReset::kEarliest;
    options.max_poll_records = 5;
    options.metadata_max_age = 100ms;
    options.retry_backoff = 5ms;
    options.retry_backoff_max = 50ms;
    options.heartbeat_interval = 20ms;
    options.session_timeout = 5s;
    options.max_poll_interval = 30s;
    return options;
  }
  static std::unique_ptr<Consumer> Make(ConsumerOptions options) {
    auto consumer = Consumer::Create(std::move(options));
    EXPECT_TRUE(consumer.ok()) << consumer.error().ToString();
    return std::move(consumer).value();
  }
  std::unique_ptr<Consumer> Subscribed(const std::shared_ptr<Heard>& heard,
                                       std::optional<ConsumerOptions> options = std::nullopt) {
    auto consumer = Make(options ? *options : Options());
    EXPECT_TRUE(consumer->Subscribe({"t"}, heard).ok());
    return consumer;
  }

  using Records = std::vector<ConsumedRecord>;
  /// One Poll(); fails the test on errors.
  static Records PollOnce(Consumer& consumer) {
    auto records = consumer.Poll(5ms);
    EXPECT_TRUE(records.ok()) << records.error().ToString();
    return records.ok() ? std::move(records).value() : Records();
  }
  /// Polls all in turn until `condition`; what they returned goes to `seen`.
  static ::testing::AssertionResult PollUntil(const std::vector<Consumer*>& consumers,
                                              const std::function<bool()>& condition,
                                              std::string_view what, Records* seen = nullptr) {
    return testing::WaitFor(
        [&] {
          for (Consumer* const consumer : consumers) {
            Records records = PollOnce(*consumer);
            if (seen != nullptr) seen->insert(seen->end(), records.begin(), records.end());
          }
          return condition();
        },
        20s, what);
  }
  [[nodiscard]] bool AllClaimed(int partitions = 4) const {
    for (int p = 0; p < partitions; ++p) {
      if (cluster_.Get({"t", p}).claims == 0) return false;
    }
    return true;
  }
  static std::set<std::int64_t> OffsetsOf(const Records& records, std::int32_t partition) {
    std::set<std::int64_t> offsets;
    for (const auto& record : records) {
      if (record.partition() == partition) offsets.insert(record.offset);
    }
    return offsets;
  }

  FakeCluster cluster_;
  const std::shared_ptr<FakeBroker> broker_ = std::make_shared<FakeBroker>(cluster_);
  const std::shared_ptr<FakeCoordinator> coordinator_ = std::make_shared<FakeCoordinator>(cluster_);
  rpc::Server broker_server_{{.host = "127.0.0.1", .threads = 1, .name = "broker"},
                             std::make_shared<idl::DataPlaneAsyncProcessor>(broker_)};
  rpc::Server meta_server_{{.host = "127.0.0.1", .threads = 1, .name = "meta"},
                           std::make_shared<idl::ControlPlaneAsyncProcessor>(coordinator_)};
};

}  // namespace lanemq::client
