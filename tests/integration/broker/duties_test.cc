// Delayed messages delivered by brokers, whichever of them has the duties of the data node.
#include <map>
#include <set>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/integration/broker/broker_rig.h"
#include "tests/support/wait_for.h"

namespace lanemq::testing {
namespace {

using std::chrono::seconds;

class DutiesTest : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    LANEMQ_REQUIRE_SERVER(server, GetParam());
    rig_ = std::make_unique<BrokerRig>(*server, 3);
  }

  /// The database's clock, from where due times are counted.
  std::int64_t NowUs() {
    const auto now =
        rig_->server.Query("SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6))");
    EXPECT_TRUE(now.ok());
    return now.ok() ? std::stoll(*now) : 0;
  }
  /// "<first>", "<first + 1>", ... each due `apart_us` after the one before.
  void Schedule(const RigBroker& broker, std::int32_t partition, int first, int count,
                std::int64_t due_us, std::int64_t apart_us) {
    idl::ScheduleRequest request;
    auto& batch = request.partitions.emplace_back();
    batch.topic = "orders";
    batch.partition = partition;
    for (int i = 0; i < count; ++i) {
      auto& message = batch.messages.emplace_back();
      message.message.__set_body(std::to_string(first + i));
      message.due_us = due_us + i * apart_us;
    }
    const auto reply = rig_->client.ScheduleSync(broker.endpoint(), request, BrokerRig::In(40));
    ASSERT_TRUE(reply.ok()) << reply.error().ToString();
    ASSERT_FALSE(reply->partitions.at(0).__isset.error) << reply->partitions[0].error.message;
  }
  static std::vector<std::string> Bodies(const std::vector<idl::StoredMessage>& log) {
    std::vector<std::string> bodies;
    for (const auto& one : log) bodies.push_back(one.body);
    return bodies;
  }
  static std::vector<std::string> Numbers(int count) {
    std::vector<std::string> numbers;
    for (int i = 0; i < count; ++i) numbers.push_back(std::to_string(i));
    return numbers;
  }
  static std::int64_t DueOf(const idl::StoredMessage& message) {
    for (const auto& header : message.headers) {
      if (header.name == "lanemq-due-us") return std::stoll(header.value);
    }
    return INT64_MAX;
  }
  /// How many brokers believe that they have the duties.
  int Holders() {
    int holders = 0;
    for (const auto& broker : rig_->brokers) {
      for (const auto& family : broker->broker.metrics().registry()->Collect()) {
        if (family.name != "lanemq_duties_held") continue;
        for (const auto& metric : family.metric) holders += metric.gauge.value > 0 ? 1 : 0;
      }
    }
    return holders;
  }

  std::unique_ptr<BrokerRig> rig_;
};
INSTANTIATE_TEST_SUITE_P(On, DutiesTest, ::testing::ValuesIn(Engines()),
                         [](const auto& engine) { return NameOf(engine.param); });

TEST_P(DutiesTest, WhatBecomesDueIsReadByThoseWhoWaitNotEarlyAndInOrder) {
  RigBroker& one = rig_->AddBroker();
  RigBroker& other = rig_->AddBroker();
  // Whichever is the mover: readers of both wait at the end.
  std::vector<idl::StoredMessage> seen[2];
  std::thread readers[2];
  for (int i = 0; i < 2; ++i) {
    readers[i] = std::thread([&, i] { seen[i] = rig_->ReadAll(i == 0 ? one : other, 0, 100); });
  }
  Schedule(one, 0, 0, 50, NowUs() + 300'000, 10'000);
  Schedule(other, 0, 50, 50, NowUs() + 900'000, 1'000);
  for (auto& reader : readers) reader.join();
  for (const auto& log : seen) {
    EXPECT_EQ(Bodies(log), Numbers(100));
    for (const auto& message : log) EXPECT_GE(message.timestamp_us, DueOf(message));
  }
}

TEST_P(DutiesTest, MessagesThatAreDueAtOnceDoNotWaitForTheNextLook) {
  broker::DutyOptions hardly_looks;
  hardly_looks.look_every = std::chrono::hours(1);
  RigBroker& one = rig_->AddBroker(hardly_looks);
  ASSERT_TRUE(WaitFor([&] { return Holders() == 1; }, seconds(20), "one holder"));
  for (int partition = 0; partition < 3; ++partition) {
    Schedule(one, partition, 0, 20, NowUs() - 1'000'000, 1);
    EXPECT_EQ(Bodies(rig_->ReadAll(one, partition, 20)), Numbers(20));
  }
}

TEST_P(DutiesTest, OneBrokerHasTheDutiesAndAnotherTakesOverWhenItGoes) {
  constexpr int kCount = 400;
  rig_->AddBroker();
  rig_->AddBroker();
  RigBroker& stays = rig_->AddBroker();
  ASSERT_TRUE(WaitFor([&] { return Holders() == 1; }, seconds(20), "one holder"));
  for (int partition = 0; partition < 3; ++partition) {
    Schedule(stays, partition, 0, kCount, NowUs(), 10'000);  // For four seconds.
  }
  std::vector<idl::StoredMessage> before = rig_->ReadAll(stays, 0, 20);
  ASSERT_GE(before.size(), 20u);
  // One goes in order, one as it comes: at least one of them, or the last, had the duties.
  ASSERT_TRUE(rig_->brokers[0]->broker.Drain().ok());
  rig_->brokers[1]->broker.Stop();
  for (int partition = 0; partition < 3; ++partition) {
    EXPECT_EQ(Bodies(rig_->ReadAll(stays, partition, kCount)), Numbers(kCount));
  }
  EXPECT_EQ(Holders(), 1);
}

TEST_P(DutiesTest, ProducersAndTheMoverWriteOnePartitionTogether) {
  RigBroker& one = rig_->AddBroker();
  RigBroker& other = rig_->AddBroker();
  std::thread producer([&] {
    for (int i = 0; i < 200; ++i) {
      const auto done = rig_->Produce(i % 2 == 0 ? one : other, 0, {"p" + std::to_string(i)});
      ASSERT_TRUE(done.ok() && !done->__isset.error);
    }
  });
  for (int i = 0; i < 200; i += 10) Schedule(i % 20 == 0 ? one : other, 0, i, 10, NowUs(), 100);
  producer.join();
  const auto log = rig_->ReadAll(one, 0, 400);
  ASSERT_EQ(log.size(), 400u);
  std::set<std::string> all;
  int produced = 0;
  for (std::size_t i = 0; i < log.size(); ++i) {
    EXPECT_EQ(log[i].offset, static_cast<std::int64_t>(i) + 1);
    if (i > 0) {
      EXPECT_GE(log[i].timestamp_us, log[i - 1].timestamp_us);
    }
    EXPECT_TRUE(all.insert(log[i].body).second) << log[i].body << " twice";
    if (log[i].body.front() == 'p') {
      EXPECT_EQ(log[i].body, "p" + std::to_string(produced++));
    }
  }
  EXPECT_EQ(produced, 200);
}

TEST_P(DutiesTest, WithoutAMetaserverEverythingIsDeliveredAllTheSame) {
  RigBroker& one = rig_->AddBroker();
  rig_->meta.SetAllDown(true);
  Schedule(one, 1, 0, 20, NowUs() + 50'000, 1'000);
  EXPECT_EQ(Bodies(rig_->ReadAll(one, 1, 20)), Numbers(20));
}

}  // namespace
}  // namespace lanemq::testing
