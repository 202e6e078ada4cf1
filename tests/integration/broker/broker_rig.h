#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "broker/broker.h"
#include "broker/catalog/fake_meta_client.h"
#include "common/rpc/client.h"
#include "common/rpc/data_plane_client.h"
#include "lanemq_types.h"
#include "sql/migrate/migrator.h"
#include "sql/store/mysql_data_loss_store.h"
#include "sql/store/mysql_dead_letter_store.h"
#include "sql/store/mysql_delayed_store.h"
#include "sql/store/mysql_lease_store.h"
#include "sql/store/mysql_message_store.h"
#include "sql/store/mysql_message_tracer.h"
#include "sql/store/mysql_offset_store.h"
#include "sql/store/mysql_retention_store.h"
#include "sql/store/mysql_retry_store.h"
#include "tests/support/database_server.h"
#include "tests/support/temp_dir.h"

namespace lanemq::testing {

/// Puts something before a broker's retention; empty: nothing.
using WrapRetention =
    std::function<std::unique_ptr<core::RetentionStore>(std::unique_ptr<core::RetentionStore>)>;

/// The MySQL stores behind a broker, as main.cc wires them.
class RigStores final : public broker::Stores {
 public:
  explicit RigStores(const DatabaseServer& server, WrapRetention wrap = {})
      : nodes_(Options(server)), messages_(nodes_), wrap_(std::move(wrap)) {}
  void UpdateNodes(std::span<const core::DataNode> nodes) override { nodes_.Update(nodes); }
  core::MessageStore& messages() override { return messages_; }
  std::unique_ptr<core::OffsetStore> OffsetsOn(core::NodeId node) override {
    return std::make_unique<sql::MySqlOffsetStore>(nodes_, node);
  }
  std::unique_ptr<core::RetryStore> RetriesOn(core::NodeId node) override {
    return std::make_unique<sql::MySqlRetryStore>(nodes_, node);
  }
  std::unique_ptr<core::DeadLetterStore> DeadLettersOn(core::NodeId node) override {
    return std::make_unique<sql::MySqlDeadLetterStore>(nodes_, node);
  }
  std::unique_ptr<core::DelayedStore> DelayedOn(core::NodeId node) override {
    return std::make_unique<sql::MySqlDelayedStore>(nodes_, node);
  }
  std::unique_ptr<core::MessageTracer> TracerOn(core::NodeId node) override {
    return std::make_unique<sql::MySqlMessageTracer>(nodes_, node);
  }
  std::unique_ptr<core::RetentionStore> RetentionOn(core::NodeId node) override {
    std::unique_ptr<core::RetentionStore> store =
        std::make_unique<sql::MySqlRetentionStore>(nodes_, node);
    return wrap_ ? wrap_(std::move(store)) : std::move(store);
  }
  std::unique_ptr<core::DataLossStore> DataLossesOn(core::NodeId node) override {
    return std::make_unique<sql::MySqlDataLossStore>(nodes_, node);
  }
  std::unique_ptr<core::LeaseStore> LeasesOn(core::NodeId node) override {
    return std::make_unique<sql::MySqlLeaseStore>(nodes_, node);
  }

 private:
  static sql::DataNodeOptions Options(const DatabaseServer& server) {
    sql::DataNodeOptions options;
    options.user = server.user();
    options.password = server.password();
    options.pool.connections_max = 8;
    return options;
  }

  sql::DataNodes nodes_;
  sql::MySqlMessageStore messages_;
  const WrapRetention wrap_;
};

/// A broker with stores of its own.
struct RigBroker {
  RigBroker(int id, const DatabaseServer& server, broker::testing::FakeMetaClient& meta,
            const std::filesystem::path& data_dir = {}, const broker::DutyOptions& duties = {},
            const broker::JanitorOptions& retention = {}, WrapRetention wrap = {})
      : stores(server, std::move(wrap)),
        broker(Options(id, data_dir, duties, retention), stores, meta) {
    const Status started = broker.Start();
    LANEMQ_CHECK(started.ok());
  }
  static broker::BrokerOptions Options(int id, const std::filesystem::path& data_dir,
                                       const broker::DutyOptions& duties,
                                       const broker::JanitorOptions& retention) {
    broker::BrokerOptions options;
    options.duties = duties;
    options.retention = retention;
    options.broker_id = id;
    options.listen_host = "127.0.0.1";
    options.metaservers = {{"meta", id}};  // Each may lose its own.
    options.data_dir = data_dir;
    options.workers = {.append_threads = 4, .read_threads = 2};
    options.start_patience = std::chrono::seconds(1);
    return options;
  }
  [[nodiscard]] rpc::Endpoint endpoint() const { return {"127.0.0.1", broker.port()}; }

  RigStores stores;
  broker::Broker broker;
};

/// A data node with topic "orders", one fake metaserver, and as many brokers as wanted.
struct BrokerRig {
  explicit BrokerRig(DatabaseServer& s, int partitions = 2) : server(s), prefix(UniquePrefix()) {
    sql::ConnectionOptions connection;
    connection.host = server.host();
    connection.port = server.port();
    connection.user = server.user();
    connection.password = server.password();
    const Status migrated = sql::MigrateNode(connection, prefix, In(60), 1);
    LANEMQ_CHECK(migrated.ok());
    core::DataNode node;
    node.id = core::NodeId{1};
    node.name = "n1";
    node.host = server.host();
    node.port = server.port();
    node.schema_prefix = prefix;
    const core::Topic topic = broker::testing::TestTopic(1, "orders", partitions);
    RigStores stores(server);
    stores.UpdateNodes(std::vector<core::DataNode>{node});
    for (const auto& partition : topic.partitions) {
      const Status made =
          stores.messages().CreatePartition(topic.LocationOf(partition), "orders", In(20));
      LANEMQ_CHECK(made.ok());
    }
    meta.Change([&](core::CatalogSnapshot& snapshot) {
      snapshot.nodes = {node};
      snapshot.topics = {topic};
    });
  }

  RigBroker& AddBroker(const broker::DutyOptions& duties = {},
                       const broker::JanitorOptions& retention = {}, WrapRetention wrap = {}) {
    const int id = static_cast<int>(brokers.size()) + 1;
    const auto data_dir = dir.path() / std::to_string(id);
    std::filesystem::create_directories(data_dir);
    brokers.push_back(std::make_unique<RigBroker>(id, server, meta, data_dir, duties, retention,
                                                  std::move(wrap)));
    return *brokers.back();
  }
  static Deadline In(int seconds) {
    return Deadline::After(SystemClock::Instance(), std::chrono::seconds(seconds));
  }

  Result<idl::ProducePartitionResult> Produce(const RigBroker& broker, std::int32_t partition,
                                              const std::vector<std::string>& bodies,
                                              std::int64_t producer = 0,
                                              std::int64_t sequence = 0) {
    idl::ProduceRequest request;
    auto& batch = request.partitions.emplace_back();
    batch.topic = "orders";
    batch.partition = partition;
    for (const std::string& body : bodies) batch.messages.emplace_back().__set_body(body);
    if (producer != 0) {
      batch.__set_producer_id(producer);
      batch.__set_base_sequence(sequence);
    }
    LANEMQ_ASSIGN_OR_RETURN(auto reply, client.ProduceSync(broker.endpoint(), request, In(40)));
    return std::move(reply.partitions.at(0));
  }

  Result<idl::FetchResponse> Fetch(const RigBroker& broker, std::int32_t partition,
                                   std::int64_t offset, std::int32_t max_wait_ms = 5'000) {
    idl::FetchRequest request;
    auto& wanted = request.partitions.emplace_back();
    wanted.topic = "orders";
    wanted.partition = partition;
    wanted.offset = offset;
    request.__set_max_wait_ms(max_wait_ms);
    return client.FetchSync(broker.endpoint(), request, In(40));
  }

  /// Every message of a partition, in order, until `count` are there.
  std::vector<idl::StoredMessage> ReadAll(const RigBroker& broker, std::int32_t partition,
                                          std::size_t count) {
    std::vector<idl::StoredMessage> out;
    while (out.size() < count) {
      auto reply = Fetch(broker, partition, static_cast<std::int64_t>(out.size()) + 1);
      if (!reply.ok() || reply->partitions.empty() || reply->partitions[0].__isset.error) break;
      for (auto& message : reply->partitions[0].messages) out.push_back(std::move(message));
    }
    return out;
  }

  DatabaseServer& server;
  const std::string prefix;
  TempDir dir;
  broker::testing::FakeMetaClient meta;
  rpc::RpcClient transport;
  rpc::DataPlaneClient client{transport};
  std::vector<std::unique_ptr<RigBroker>> brokers;
};

}  // namespace lanemq::testing
