// Runs the conformance suites on the fakes and on both database engines.
#include <memory>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sql/migrate/migrator.h"
#include "sql/store/mysql_delayed_store.h"
#include "sql/store/mysql_lease_store.h"
#include "sql/store/mysql_message_store.h"
#include "sql/store/mysql_offset_store.h"
#include "sql/store/mysql_retry_store.h"
#include "tests/conformance/delayed_store_suite.h"
#include "tests/conformance/fake_message_store.h"
#include "tests/conformance/fake_offset_store.h"
#include "tests/conformance/message_store_suite.h"
#include "tests/conformance/offset_store_suite.h"
#include "tests/conformance/on_server.h"
#include "tests/conformance/retry_store_suite.h"
#include "tests/support/database_server.h"

namespace lanemq::testing {
namespace {

class FakeMessages final : public MessageStoreUnderTest {
 public:
  core::MessageStore& store() override { return store_; }
  core::PartitionLocation Location(int index) override {
    return {{core::TopicId{1}, index}, core::NodeId{1}, 0};
  }
  void SetLogStart(const core::PartitionLocation& location, core::Offset log_start) override {
    store_.SetLogStart(location, log_start);
  }

 private:
  FakeMessageStore store_;
};

class FakeOffsets final : public OffsetStoreUnderTest {
 public:
  core::OffsetStore& store() override { return store_; }
  void SetPlace(const core::PartitionKey& key, Place place) override {
    store_.SetMoving(key, place != Place::kHere);
  }

 private:
  FakeOffsetStore store_;
};

/// A freshly migrated data node on the shared server of the engine.
class SqlNode {
 public:
  explicit SqlNode(DatabaseServer& server)
      : server_(server), prefix_(UniquePrefix()), nodes_(sql::DataNodeOptions{.user = "root"}) {
    const Status migrated =
        sql::MigrateNode({.host = server.host(), .port = server.port(), .user = "root"}, prefix_,
                         Deadline::After(SystemClock::Instance(), std::chrono::seconds{60}), 3);
    EXPECT_TRUE(migrated.ok()) << migrated.error().ToString();
    const core::DataNode node{.id = core::NodeId{1},
                              .name = "one",
                              .host = server.host(),
                              .port = server.port(),
                              .schema_prefix = prefix_};
    nodes_.Update(std::span(&node, 1));
  }

  sql::DataNodes& nodes() { return nodes_; }
  std::string Run(const std::string& statement) {
    const auto done = server_.Query(fmt::format("USE {}_node; {}", prefix_, statement));
    EXPECT_TRUE(done.ok()) << done.error().ToString();
    return done.ok() ? *done : std::string{};
  }
  const std::string& prefix() const { return prefix_; }
  /// The partition begins, or does not go on, to move.
  void SetMoving(const core::PartitionKey& key, bool is_moving) {
    Run(
        fmt::format("UPDATE partition_state SET state='{}' WHERE topic_id={} AND "
                    "partition_index={}",
                    is_moving ? "moving" : "writable", key.topic.value, key.partition));
  }

 private:
  DatabaseServer& server_;
  const std::string prefix_;
  sql::DataNodes nodes_;
};

class SqlMessages final : public MessageStoreUnderTest {
 public:
  explicit SqlMessages(DatabaseServer& server) : node_(server), store_(node_.nodes()) {}
  core::MessageStore& store() override { return store_; }
  core::PartitionLocation Location(int index) override {
    return {{core::TopicId{1}, index}, core::NodeId{1}, index % 3};
  }
  void SetLogStart(const core::PartitionLocation& location, core::Offset log_start) override {
    node_.Run(
        fmt::format("UPDATE partition_state SET log_start_offset={} WHERE topic_id={} AND "
                    "partition_index={}",
                    log_start.value, location.key.topic.value, location.key.partition));
  }

 private:
  SqlNode node_;
  sql::MySqlMessageStore store_;
};

class SqlOffsets final : public OffsetStoreUnderTest {
 public:
  explicit SqlOffsets(DatabaseServer& server)
      : node_(server), store_(node_.nodes(), core::NodeId{1}) {
    constexpr int kPartitions = 100;
    std::string rows;
    for (int i = 0; i < kPartitions; ++i) rows += (i > 0 ? "," : "") + RowOf(i);
    node_.Run(kInsert + rows);
  }
  core::OffsetStore& store() override { return store_; }
  void SetPlace(const core::PartitionKey& key, Place place) override {
    if (place == Place::kElsewhere) {
      node_.Run(
          fmt::format("DELETE FROM partition_state WHERE topic_id={} AND "
                      "partition_index={}",
                      key.topic.value, key.partition));
      return;
    }
    node_.Run(kInsert + RowOf(key.partition) + " ON DUPLICATE KEY UPDATE state=state");
    node_.SetMoving(key, place == Place::kMoving);
  }

 private:
  static std::string RowOf(int partition) {
    return fmt::format("(3,{},'orders',0,UTC_TIMESTAMP(6))", partition);
  }
  const std::string kInsert =
      "INSERT INTO partition_state (topic_id,partition_index,topic_name,schema_index,created_at) "
      "VALUES ";

  SqlNode node_;
  sql::MySqlOffsetStore store_;
};

class SqlDelayed final : public DelayedStoreUnderTest {
 public:
  explicit SqlDelayed(DatabaseServer& server)
      : node_(server),
        store_(node_.nodes(), core::NodeId{1}),
        messages_(node_.nodes()),
        leases_(node_.nodes(), core::NodeId{1}) {}
  core::DelayedStore& store() override { return store_; }
  void SetMoving(const core::PartitionKey& key, bool is_moving) override {
    node_.SetMoving(key, is_moving);
  }
  core::MessageStore& messages() override { return messages_; }
  core::LeaseStore& leases() override { return leases_; }
  core::PartitionLocation Location(int index) override {
    return {{core::TopicId{1}, index}, core::NodeId{1}, index % 3};
  }
  std::unique_ptr<core::DelayedStore> Another() override {
    return std::make_unique<sql::MySqlDelayedStore>(node_.nodes(), core::NodeId{1});
  }

 private:
  SqlNode node_;
  sql::MySqlDelayedStore store_;
  sql::MySqlMessageStore messages_;
  sql::MySqlLeaseStore leases_;
};

class SqlRetries final : public RetryStoreUnderTest {
 public:
  explicit SqlRetries(DatabaseServer& server)
      : node_(server),
        store_(node_.nodes(), core::NodeId{1}),
        offsets_(node_.nodes(), core::NodeId{1}),
        messages_(node_.nodes()) {}
  core::RetryStore& store() override { return store_; }
  void SetMoving(const core::PartitionKey& key, bool is_moving) override {
    node_.SetMoving(key, is_moving);
  }
  core::OffsetStore& offsets() override { return offsets_; }
  core::MessageStore& messages() override { return messages_; }
  core::PartitionLocation Location(int index) override {
    return {{core::TopicId{1}, index}, core::NodeId{1}, index % 3};
  }
  std::string Run(const std::string& sql) override {
    std::string text = sql;
    for (const std::string_view word : {"FROM log ", "JOIN log "}) {
      if (const std::size_t at = text.find(word); at != std::string::npos) {
        text.replace(at + 5, 3, node_.prefix() + "_00.msg_1_0");
      }
    }
    return node_.Run(text);
  }

 private:
  SqlNode node_;
  sql::MySqlRetryStore store_;
  sql::MySqlOffsetStore offsets_;
  sql::MySqlMessageStore messages_;
};

std::vector<MessageStoreFactory> MessageStores() {
  return {
      {"Fake", [](std::string*) { return std::make_unique<FakeMessages>(); }},
      {"MariaDB", OnServer<SqlMessages, MessageStoreUnderTest>(Engine::kMariaDb)},
      {"MySQL", OnServer<SqlMessages, MessageStoreUnderTest>(Engine::kMySql)},
  };
}

std::vector<OffsetStoreFactory> OffsetStores() {
  return {
      {"Fake", [](std::string*) { return std::make_unique<FakeOffsets>(); }},
      {"MariaDB", OnServer<SqlOffsets, OffsetStoreUnderTest>(Engine::kMariaDb)},
      {"MySQL", OnServer<SqlOffsets, OffsetStoreUnderTest>(Engine::kMySql)},
  };
}

std::vector<DelayedStoreFactory> DelayedStores() {
  return {
      {"MariaDB", OnServer<SqlDelayed, DelayedStoreUnderTest>(Engine::kMariaDb)},
      {"MySQL", OnServer<SqlDelayed, DelayedStoreUnderTest>(Engine::kMySql)},
  };
}

std::vector<RetryStoreFactory> RetryStores() {
  return {
      {"MariaDB", OnServer<SqlRetries, RetryStoreUnderTest>(Engine::kMariaDb)},
      {"MySQL", OnServer<SqlRetries, RetryStoreUnderTest>(Engine::kMySql)},
  };
}

const auto kNameOf = [](const auto& info) { return info.param.name; };

}  // namespace

INSTANTIATE_TEST_SUITE_P(On, MessageStoreSuite, ::testing::ValuesIn(MessageStores()), kNameOf);
INSTANTIATE_TEST_SUITE_P(On, OffsetStoreSuite, ::testing::ValuesIn(OffsetStores()), kNameOf);
INSTANTIATE_TEST_SUITE_P(On, DelayedStoreSuite, ::testing::ValuesIn(DelayedStores()), kNameOf);
INSTANTIATE_TEST_SUITE_P(On, RetryStoreSuite, ::testing::ValuesIn(RetryStores()), kNameOf);

}  // namespace lanemq::testing
