// A partition moves to another data node under two brokers, one of which does not hear of it: it
// must refuse what it cannot know, and never say "nothing" of what is somewhere else.
#include <future>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "common/rpc/wire/errors.h"
#include "tests/integration/broker/broker_rig.h"
#include "tests/support/wait_for.h"

namespace lanemq::testing {
namespace {

using Names = std::vector<std::string>;

constexpr std::int64_t kYear2100 = 4'102'444'800'000'000;

class MovingTest : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    LANEMQ_REQUIRE_SERVER(server, GetParam());
    rig_ = std::make_unique<BrokerRig>(*server, 2);
    sql::ConnectionOptions connection;
    connection.host = server->host();
    connection.port = server->port();
    connection.user = server->user();
    connection.password = server->password();
    ASSERT_TRUE(sql::MigrateNode(connection, to_, BrokerRig::In(60), 1).ok());
    rig_->meta.Change([&](core::CatalogSnapshot& snapshot) {
      core::DataNode node = snapshot.nodes.front();
      node.id = core::NodeId{2};
      node.name = "n2";
      node.schema_prefix = to_;
      snapshot.nodes.push_back(node);
    });
    fresh_ = &rig_->AddBroker();
    stale_ = &rig_->AddBroker();
    ASSERT_TRUE(WaitFor([&] { return NodesOf(*fresh_) == 2 && NodesOf(*stale_) == 2; },
                        std::chrono::seconds(10), "the catalogue with both nodes"));
    ASSERT_TRUE(rig_->Produce(*stale_, 0, {"a", "b", "c"}).ok());
    ASSERT_EQ(Commit(*stale_, 3), "OK");
    ASSERT_EQ(Schedule(*stale_), "OK");
    // From now on it hears of nothing.
    rig_->meta.SetDown({"meta", 2}, true);
  }
  void TearDown() override {
    if (rig_) rig_->meta.SetAllDown(false);
  }

  static std::size_t NodesOf(const RigBroker& broker) {
    return broker.broker.catalog().View()->snapshot().nodes.size();
  }
  void Run(const std::string& statements) {
    const auto done = rig_->server.Query(statements);
    ASSERT_TRUE(done.ok()) << done.error().ToString();
  }

  // What a move does, in its order.
  void Seal() {
    Run(
        fmt::format("UPDATE {0}_node.partition_state SET state='moving' WHERE partition_index=0; "
                    "ALTER TABLE {0}_00.msg_1_0 RENAME COLUMN timestamp_us TO "
                    "sealed_timestamp_us, ALGORITHM=INSTANT",
                    rig_->prefix));
  }
  void Open() {
    std::string text = fmt::format(
        "CREATE TABLE {1}_00.msg_1_0 LIKE {0}_00.msg_1_0; INSERT INTO {1}_00.msg_1_0 SELECT * "
        "FROM {0}_00.msg_1_0; ALTER TABLE {1}_00.msg_1_0 RENAME COLUMN sealed_timestamp_us TO "
        "timestamp_us, ALGORITHM=INSTANT;",
        rig_->prefix, to_);
    for (const char* const table : {"group_offsets", "delayed_messages", "delayed_producers"}) {
      text += fmt::format(
          "INSERT INTO {1}_node.{2} SELECT * FROM {0}_node.{2} "
          "WHERE partition_index=0;",
          rig_->prefix, to_, table);
    }
    text += fmt::format(
        "INSERT INTO {}_node.partition_state (topic_id,partition_index,topic_name,schema_index,"
        "created_at) VALUES (1,0,'orders',0,UTC_TIMESTAMP(6))",
        to_);
    Run(text);
    rig_->meta.Change([](core::CatalogSnapshot& snapshot) {
      snapshot.topics.front().partitions.front().node = core::NodeId{2};
    });
  }
  void Clean() {
    std::string text;
    for (const char* const table :
         {"group_offsets", "delayed_messages", "delayed_producers", "partition_state"}) {
      text += fmt::format("DELETE FROM {}_node.{} WHERE partition_index=0;", rig_->prefix, table);
    }
    Run(text + fmt::format("DROP TABLE {}_00.msg_1_0", rig_->prefix));
  }

  /// OK, or the name of the error of the call, or of its first partition.
  template <typename Reply>
  static std::string CodeOf(const Result<Reply>& reply) {
    if (!reply.ok()) return std::string(NameOf(reply.error().code));
    if constexpr (requires { reply->partitions[0].error; }) {
      for (const auto& one : reply->partitions) {
        if (one.__isset.error) return std::string(NameOf(wire::FromWire(one.error).code));
      }
    }
    return "OK";
  }
  template <typename Request>
  static auto& On(Request& request) {
    auto& one = request.partitions.emplace_back();
    one.topic = "orders";
    one.partition = 0;
    return one;
  }
  std::string Produce(const RigBroker& at) {
    idl::ProduceRequest request;
    On(request).messages.emplace_back().__set_body("more");
    return CodeOf(rig_->client.ProduceSync(at.endpoint(), request, In()));
  }
  std::string Commit(const RigBroker& at, std::int64_t offset) {
    idl::CommitOffsetsRequest request;
    request.group = "g";
    On(request).offset = offset;
    return CodeOf(rig_->client.CommitOffsetsSync(at.endpoint(), request, In()));
  }
  std::string Claim(const RigBroker& at) {
    idl::ClaimPartitionsRequest request;
    request.group = "claimed";
    request.generation = 1;
    request.member_id = "m";
    On(request);
    return CodeOf(rig_->client.ClaimPartitionsSync(at.endpoint(), request, In()));
  }
  std::string Schedule(const RigBroker& at) {
    idl::ScheduleRequest request;
    auto& message = On(request).messages.emplace_back();
    message.message.__set_body("later");
    message.due_us = kYear2100;
    return CodeOf(rig_->client.ScheduleSync(at.endpoint(), request, In()));
  }
  /// The group's offset, as it is asked for by name or as one of all; or the error.
  std::string Offset(const RigBroker& at, bool by_name) {
    idl::FetchOffsetsRequest request;
    request.group = "g";
    if (by_name) {
      On(request);
      request.__isset.partitions = true;
    }
    const auto reply = rig_->client.FetchOffsetsSync(at.endpoint(), request, In());
    const std::string code = CodeOf(reply);
    if (code != "OK") return code;
    std::string offsets;
    for (const auto& one : reply->partitions) offsets += std::to_string(one.offset);
    return offsets;
  }
  /// How many are listed, or the error.
  std::string Delayed(const RigBroker& at) {
    idl::ListDelayedRequest request;
    request.topic = "orders";
    const auto reply = rig_->client.ListDelayedSync(at.endpoint(), request, In());
    return reply.ok() ? std::to_string(reply->messages.size()) : CodeOf(reply);
  }
  std::string Letters(const RigBroker& at) {
    idl::CountDeadLettersRequest request;
    request.group = "g";
    return CodeOf(rig_->client.CountDeadLettersSync(at.endpoint(), request, In()));
  }
  /// The log's end, or the first message at a time; or the error.
  std::string Listed(const RigBroker& at, std::int64_t time) {
    idl::ListOffsetsRequest request;
    On(request).timestamp_us = time;
    const auto reply = rig_->client.ListOffsetsSync(at.endpoint(), request, In());
    const std::string code = CodeOf(reply);
    return code == "OK" ? std::to_string(reply->partitions.at(0).offset) : code;
  }
  Names AskAll(const RigBroker& at) {
    return {Produce(at),       Commit(at, 2), Claim(at),   Schedule(at),   Offset(at, true),
            Offset(at, false), Delayed(at),   Letters(at), Listed(at, -1), Listed(at, 0)};
  }
  static Deadline In() { return BrokerRig::In(30); }

  const std::string to_ = UniquePrefix();
  std::unique_ptr<BrokerRig> rig_;
  RigBroker* fresh_ = nullptr;
  RigBroker* stale_ = nullptr;
};
INSTANTIATE_TEST_SUITE_P(On, MovingTest, ::testing::ValuesIn(Engines()),
                         [](const auto& engine) { return NameOf(engine.param); });

TEST_P(MovingTest, WhatABrokerCannotKnowItRefuses) {
  const Names refused(10, "DATA_NODE_UNAVAILABLE");
  Seal();
  EXPECT_EQ(AskAll(*stale_), refused) << "while it is nowhere";
  EXPECT_EQ(AskAll(*fresh_), refused);
  Open();
  EXPECT_EQ(AskAll(*stale_), refused) << "where it was";
  Clean();
  EXPECT_EQ(AskAll(*stale_), refused) << "where nothing is left of it";
  ASSERT_TRUE(WaitFor([&] { return Listed(*fresh_, -1) == "4"; }, std::chrono::seconds(10),
                      "the new place"));
  EXPECT_EQ(Offset(*fresh_, true), "3");
  EXPECT_EQ(Offset(*fresh_, false), "3");
  EXPECT_EQ(Delayed(*fresh_), "1");
  EXPECT_EQ(AskAll(*fresh_), (Names{"OK", "OK", "OK", "OK", "2", "2", "2", "OK", "5", "1"}));
  EXPECT_EQ(fresh_->broker.metrics().data_loss.Value(), 0.0);

  // Once it hears of it.
  rig_->meta.SetDown({"meta", 2}, false);
  ASSERT_TRUE(WaitFor([&] { return Produce(*stale_) == "OK"; }, std::chrono::seconds(10),
                      "the other broker to find the new place"));
  EXPECT_EQ(rig_->ReadAll(*stale_, 0, 5).size(), 5u);
  EXPECT_EQ(stale_->broker.metrics().data_loss.Value(), 0.0);
}

TEST_P(MovingTest, ReadersThatWaitAreSentToTheNewPlace) {
  auto waiting = std::async(std::launch::async,
                            [&] { return rig_->Fetch(*fresh_, 0, 4, /*max_wait_ms=*/30'000); });
  ASSERT_TRUE(WaitFor([&] { return fresh_->broker.parked_fetches() == 1; },
                      std::chrono::seconds(10), "a reader that waits"));
  Seal();
  Open();
  ASSERT_EQ(waiting.wait_for(std::chrono::seconds(10)), std::future_status::ready)
      << "it waits where nothing comes any more";
  const auto fetched = waiting.get();
  ASSERT_TRUE(fetched.ok());
  EXPECT_TRUE(fetched->partitions.empty() || !fetched->partitions[0].__isset.error);
  ASSERT_TRUE(
      WaitFor([&] { return Produce(*fresh_) == "OK"; }, std::chrono::seconds(10), "the new place"));
  EXPECT_EQ(rig_->ReadAll(*fresh_, 0, 4).size(), 4u);
}

}  // namespace
}  // namespace lanemq::testing
