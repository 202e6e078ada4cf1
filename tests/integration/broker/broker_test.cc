#include <atomic>
#include <map>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "common/base/random.h"
#include "tests/integration/broker/broker_rig.h"
#include "tests/support/wait_for.h"

namespace lanemq::testing {
namespace {

using std::chrono::seconds;
using Code = idl::ErrorCode;

class BrokerIntegrationTest : public ::testing::TestWithParam<Engine> {};

INSTANTIATE_TEST_SUITE_P(Engines, BrokerIntegrationTest,
                         ::testing::Values(Engine::kMariaDb, Engine::kMySql),
                         [](const auto& engine) { return NameOf(engine.param); });

TEST_P(BrokerIntegrationTest, WhatIsProducedIsFetchedFromMemoryAndFromTheDatabase) {
  LANEMQ_REQUIRE_SERVER(server, GetParam());
  BrokerRig rig(*server);
  const RigBroker& writer = rig.AddBroker();
  const auto produced = rig.Produce(writer, 0, {"a", std::string("\0'\\\xff", 4), ""});
  ASSERT_TRUE(produced.ok()) << produced.error().ToString();
  ASSERT_FALSE(produced->__isset.error) << produced->error.message;
  EXPECT_EQ(produced->base_offset, 1);
  const RigBroker& other = rig.AddBroker();
  for (const RigBroker* broker : {&writer, &other}) {
    const auto messages = rig.ReadAll(*broker, 0, 3);
    ASSERT_EQ(messages.size(), 3u);
    EXPECT_EQ(messages[1].body, std::string("\0'\\\xff", 4));
    EXPECT_EQ(messages[2].offset, 3);
    EXPECT_EQ(messages[2].timestamp_us, produced->timestamp_us);
    EXPECT_TRUE(messages[2].__isset.body) << "empty is not absent";
  }
}

TEST_P(BrokerIntegrationTest, AFetchWaitsForWhatAnotherBrokerWrites) {
  LANEMQ_REQUIRE_SERVER(server, GetParam());
  BrokerRig rig(*server);
  RigBroker& reader = rig.AddBroker();
  const RigBroker& writer = rig.AddBroker();
  std::atomic<std::size_t> received{0};
  idl::FetchRequest request;
  auto& wanted = request.partitions.emplace_back();
  wanted.topic = "orders";
  wanted.partition = 1;
  wanted.offset = 1;
  request.__set_max_wait_ms(30'000);
  rig.client.Fetch(reader.endpoint(), request, BrokerRig::In(40),
                   [&](const Result<idl::FetchResponse>& reply) {
                     received = reply.ok() ? reply->partitions.at(0).messages.size() : 99;
                   });
  ASSERT_TRUE(WaitFor([&] { return reader.broker.parked_fetches() == 1; }, seconds(20), "parked"));
  ASSERT_TRUE(rig.Produce(writer, 1, {"x"}).ok());
  EXPECT_TRUE(WaitFor([&] { return received == 1; }, seconds(20), "the message"));
}

TEST_P(BrokerIntegrationTest, ARepeatedBatchIsStoredOnceThroughWhicheverBroker) {
  LANEMQ_REQUIRE_SERVER(server, GetParam());
  BrokerRig rig(*server);
  const RigBroker& one = rig.AddBroker();
  const RigBroker& two = rig.AddBroker();
  for (int i = 0; i < 20; ++i) {
    const std::vector<std::string> bodies = {std::to_string(2 * i), std::to_string(2 * i + 1)};
    const auto first = rig.Produce(i % 3 == 0 ? one : two, 0, bodies, 77, 2 * i);
    const auto again = rig.Produce(i % 2 == 0 ? one : two, 0, bodies, 77, 2 * i);
    ASSERT_TRUE(first.ok() && again.ok());
    ASSERT_FALSE(first->__isset.error) << first->error.message;
    ASSERT_FALSE(again->__isset.error) << again->error.message;
    EXPECT_FALSE(first->is_duplicate);
    EXPECT_TRUE(again->is_duplicate);
    EXPECT_EQ(first->base_offset, again->base_offset);
  }
  EXPECT_EQ(rig.ReadAll(one, 0, 40).size(), 40u);
  EXPECT_EQ(rig.Produce(one, 0, {"x"}, 77, 41)->error.code, Code::OUT_OF_ORDER_SEQUENCE_NUMBER);
  EXPECT_EQ(rig.Produce(one, 0, {"x"}, 78, 41)->error.code, Code::UNKNOWN_PRODUCER_ID);
  EXPECT_EQ(rig.Fetch(two, 0, 41, 0)->partitions.size(), 0u);
}

// Kills random database sessions of this rig's user until told to stop.
void KillSessions(DatabaseServer& server, const std::atomic<bool>& is_over,
                  std::atomic<int>& kills) {
  Random random(7);
  while (!is_over) {
    const auto ids = server.Query(
        "SELECT id FROM information_schema.processlist WHERE db LIKE '%_node' AND command IN "
        "('Query','Execute','Sleep') ORDER BY RAND() LIMIT 1");
    if (ids.ok() && !ids->empty() && server.Query("KILL " + *ids).ok()) ++kills;
  }
}

TEST_P(BrokerIntegrationTest, TwoBrokersOnePartitionAndCutConnectionsLoseAndDuplicateNothing) {
  LANEMQ_REQUIRE_SERVER(server, GetParam());
  BrokerRig rig(*server, 1);
  rig.AddBroker();
  rig.AddBroker();
  constexpr int kProducers = 4;
  constexpr int kBatches = 60;
  std::atomic<bool> is_over{false};
  std::atomic<int> kills{0};
  std::jthread killer([&] { KillSessions(*server, is_over, kills); });
  std::atomic<int> given_up{0};
  {
    std::vector<std::jthread> producers;
    for (int p = 1; p <= kProducers; ++p) {
      producers.emplace_back([&, p] {
        Random random(static_cast<std::uint64_t>(p));
        for (int i = 0; i < kBatches; ++i) {
          const std::string tag = std::to_string(p) + ":" + std::to_string(i);
          int attempts = 0;
          for (;; ++attempts) {
            const auto result =
                rig.Produce(*rig.brokers[random.Below(2)], 0, {tag + "a", tag + "b"}, p, 2 * i);
            if (result.ok() &&
                (!result->__isset.error || result->error.code == Code::DUPLICATE_SEQUENCE_NUMBER)) {
              break;
            }
            if (attempts > 200) {
              ++given_up;
              return;
            }
          }
        }
      });
    }
  }
  is_over = true;
  killer.join();
  ASSERT_EQ(given_up, 0);
  EXPECT_GT(kills, 5) << "hardly any connection was cut";
  constexpr std::size_t kTotal = 2u * kProducers * kBatches;
  const auto messages = rig.ReadAll(*rig.brokers[0], 0, kTotal);
  ASSERT_EQ(messages.size(), kTotal);
  std::map<std::string, int> next;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    ASSERT_EQ(messages[i].offset, static_cast<std::int64_t>(i) + 1) << "dense";
    const std::string& body = messages[i].body;
    const std::string producer = body.substr(0, body.find(':'));
    const int expected = next[producer]++;
    EXPECT_EQ(body,
              producer + ":" + std::to_string(expected / 2) + (expected % 2 == 0 ? "a" : "b"));
  }
  EXPECT_EQ(rig.Fetch(*rig.brokers[0], 0, kTotal + 1, 0)->partitions.size(), 0u) << "nothing twice";
}

TEST_P(BrokerIntegrationTest, OffsetsAreCommittedFetchedAndChecked) {
  LANEMQ_REQUIRE_SERVER(server, GetParam());
  BrokerRig rig(*server);
  const RigBroker& broker = rig.AddBroker();
  ASSERT_TRUE(rig.Produce(broker, 0, {"a", "b", "c"}).ok());
  idl::CommitOffsetsRequest commit;
  commit.group = "g";
  commit.partitions.resize(3);
  for (auto& partition : commit.partitions) partition.topic = "orders";
  commit.partitions[0].offset = 3;
  commit.partitions[0].__set_metadata("note");
  commit.partitions[1].offset = 5;  // Beyond the end.
  commit.partitions[2].partition = 9;
  commit.partitions[2].offset = 1;
  const auto committed = rig.client.CommitOffsetsSync(broker.endpoint(), commit, BrokerRig::In(20));
  ASSERT_TRUE(committed.ok()) << committed.error().ToString();
  EXPECT_FALSE(committed->partitions[0].__isset.error) << committed->partitions[0].error.message;
  EXPECT_EQ(committed->partitions[1].error.code, Code::OFFSET_OUT_OF_RANGE);
  EXPECT_EQ(committed->partitions[2].error.code, Code::UNKNOWN_TOPIC_OR_PARTITION);

  idl::FetchOffsetsRequest fetch;
  fetch.group = "g";
  const auto all = rig.client.FetchOffsetsSync(broker.endpoint(), fetch, BrokerRig::In(20));
  ASSERT_TRUE(all.ok()) << all.error().ToString();
  ASSERT_EQ(all->partitions.size(), 1u);
  EXPECT_EQ(all->partitions[0].offset, 3);
  EXPECT_EQ(all->partitions[0].metadata, "note");
  idl::TopicPartition one;
  one.topic = "orders";
  one.partition = 1;
  fetch.__set_partitions({one});
  const auto listed = rig.client.FetchOffsetsSync(broker.endpoint(), fetch, BrokerRig::In(20));
  ASSERT_TRUE(listed.ok());
  EXPECT_EQ(listed->partitions.at(0).offset, -1);
}

TEST_P(BrokerIntegrationTest, OffsetsByTimeAndSingleMessagesAndMetadata) {
  LANEMQ_REQUIRE_SERVER(server, GetParam());
  BrokerRig rig(*server);
  const RigBroker& broker = rig.AddBroker();
  const auto first = rig.Produce(broker, 0, {"a"}, 5, 0);
  const auto second = rig.Produce(broker, 0, {"b"}, 5, 1);
  ASSERT_TRUE(first.ok() && second.ok());
  const auto list = [&](std::int64_t time) {
    idl::ListOffsetsRequest request;
    auto& partition = request.partitions.emplace_back();
    partition.topic = "orders";
    partition.timestamp_us = time;
    return rig.client.ListOffsetsSync(broker.endpoint(), request, BrokerRig::In(20))
        ->partitions.at(0)
        .offset;
  };
  EXPECT_EQ(list(-2), 1);
  EXPECT_EQ(list(-1), 3);
  EXPECT_EQ(list(first->timestamp_us), 1);
  EXPECT_EQ(list(second->timestamp_us), second->timestamp_us == first->timestamp_us ? 1 : 2);
  EXPECT_EQ(list(second->timestamp_us + 1), 3);

  idl::GetMessageRequest get;
  get.topic = "orders";
  get.offset = 2;
  const auto got = rig.client.GetMessageSync(broker.endpoint(), get, BrokerRig::In(20));
  ASSERT_TRUE(got.ok()) << got.error().ToString();
  EXPECT_EQ(got->message.body, "b");
  EXPECT_EQ(got->message.producer_id, 5);
  EXPECT_EQ(got->message.sequence, 1);
  const auto row = server->Query("SELECT body FROM " + got->table_name + " WHERE `offset` = 2");
  ASSERT_TRUE(row.ok()) << row.error().ToString();
  EXPECT_NE(row->find('b'), std::string::npos);
  get.offset = 3;
  EXPECT_EQ(rig.client.GetMessageSync(broker.endpoint(), get, BrokerRig::In(20)).error().code,
            ErrorCode::kOffsetOutOfRange);

  const auto metadata = rig.client.MetadataSync(broker.endpoint(), {}, BrokerRig::In(20));
  ASSERT_TRUE(metadata.ok());
  EXPECT_EQ(metadata->topics.at(0).partitions.size(), 2u);
  const auto info = rig.client.ServerInfoSync(broker.endpoint(), {}, BrokerRig::In(20));
  EXPECT_EQ(info->role, "broker");
  EXPECT_GT(info->started_at_us, 0);
  EXPECT_LE(info->started_at_us, info->now_us);
}

TEST_P(BrokerIntegrationTest, ABrokerStartsAndServesWithoutAnyMetaserver) {
  LANEMQ_REQUIRE_SERVER(server, GetParam());
  BrokerRig rig(*server);
  rig.AddBroker();
  ASSERT_TRUE(rig.Produce(*rig.brokers[0], 0, {"a"}).ok());
  rig.meta.SetAllDown(true);
  rig.brokers.clear();
  const RigBroker& again = rig.AddBroker();
  const auto produced = rig.Produce(again, 0, {"b"});
  ASSERT_TRUE(produced.ok()) << produced.error().ToString();
  EXPECT_EQ(produced->base_offset, 2) << produced->error.message;
  EXPECT_EQ(rig.ReadAll(again, 0, 2).size(), 2u);
}

TEST_P(BrokerIntegrationTest, DrainingAnswersParkedFetchesAndSendsClientsElsewhere) {
  LANEMQ_REQUIRE_SERVER(server, GetParam());
  BrokerRig rig(*server);
  RigBroker& broker = rig.AddBroker();
  ASSERT_TRUE(
      WaitFor([&] { return rig.meta.snapshot().brokers.size() == 1; }, seconds(10), "joined"));
  std::atomic<int> answers{0};
  idl::FetchRequest request;
  auto& wanted = request.partitions.emplace_back();
  wanted.topic = "orders";
  wanted.offset = 1;
  request.__set_max_wait_ms(60'000);
  for (int i = 0; i < 10; ++i) {
    rig.client.Fetch(broker.endpoint(), request, BrokerRig::In(70),
                     [&](const Result<idl::FetchResponse>& reply) {
                       if (reply.ok() && reply->partitions.empty()) ++answers;
                     });
  }
  ASSERT_TRUE(WaitFor([&] { return broker.broker.parked_fetches() == 10; }, seconds(20), "parked"));
  EXPECT_TRUE(broker.broker.Drain().ok());
  EXPECT_TRUE(WaitFor([&] { return answers == 10; }, seconds(10), "answers"));
  EXPECT_TRUE(rig.meta.snapshot().brokers.empty());
}

}  // namespace
}  // namespace lanemq::testing
