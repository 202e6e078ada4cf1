#pragma once

#include <algorithm>
#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "metaserver/catalog/catalog_service.h"
#include "sql/migrate/migrator.h"
#include "sql/store/data_nodes.h"
#include "sql/store/mysql_audit_log.h"
#include "sql/store/mysql_catalog_store.h"
#include "sql/store/mysql_lease_store.h"
#include "sql/store/mysql_message_store.h"
#include "sql/store/mysql_node_admin.h"
#include "sql/store/sealed_node_vault.h"
#include "tests/integration/meta/store_wrappers.h"
#include "tests/support/database_server.h"
#include "tests/support/note.h"

namespace lanemq::testing {

/// The inside of one metaserver on real databases, without its process. Several on one prefix are
/// several metaservers of a cluster.
class MetaRig {
 public:
  MetaRig(DatabaseServer& server, std::string prefix, StoreHook hook = {},
          std::chrono::milliseconds undelete_retention = {})
      : hook_(hook ? std::move(hook) : [](std::string_view, bool) { return Status{}; }),
        prefix_(std::move(prefix)),
        server_(server),
        connection_(MakeConnection(server, prefix_)),
        pool_("metadata", connection_, sql::PoolOptions{}),
        real_catalog(pool_),
        leases(pool_),
        audit(pool_),
        nodes_(NodeOptions()),
        real_messages_(nodes_),
        node_admin_(NodeOptions()),
        catalog_store(real_catalog, hook_),
        messages_(real_messages_, hook_),
        cache({.poll_interval = std::chrono::milliseconds{50}}, real_catalog,
              SystemClock::Instance(),
              [this](std::span<const core::DataNode> known) { nodes_.Update(known); }),
        catalog({.change_timeout = std::chrono::milliseconds{20'000},
                 .undelete_retention = undelete_retention},
                catalog_store, messages_, node_admin_, vault_, cache, SystemClock::Instance()) {
    const Status migrated = sql::MigrateMeta(connection_, prefix_, Soon());
    EXPECT_TRUE(migrated.ok()) << migrated.error().ToString();
    EXPECT_TRUE(real_catalog.EnsureCluster("c", Soon()).ok());
    EXPECT_TRUE(cache.Load().ok());
  }

  static Deadline Soon() {
    return Deadline::After(SystemClock::Instance(), std::chrono::seconds{60});
  }

  /// Adds a data node of this test's own on the same server.
  core::DataNode AddNode(const std::string& name, int schemas = 2, int tables = 99) {
    core::DataNode node;
    node.name = name;
    node.host = server_.host();
    node.port = server_.port();
    node.schema_prefix = prefix_ + "_" + name;
    node.schemas_max = schemas;
    node.tables_per_schema_max = tables;
    auto added = catalog.AddNode(node, Note());
    EXPECT_TRUE(added.ok()) << added.error().ToString();
    return added.ok() ? *added : node;
  }

  static metaserver::CatalogService::CreateTopic Want(const std::string& name, int partitions) {
    metaserver::CatalogService::CreateTopic request;
    request.topic.name = name;
    request.topic.partitions = partitions;
    return request;
  }
  Result<core::Topic> Create(const std::string& name, int partitions) {
    return catalog.Create(Want(name, partitions), Note());
  }

  /// Every message table on the nodes of this test: "schema.table".
  std::set<std::string> Tables() {
    std::set<std::string> tables;
    const auto listed = server_.Query(
        fmt::format("SELECT CONCAT(table_schema, '.', table_name) FROM information_schema.tables "
                    "WHERE table_schema LIKE '{}\\_%' AND table_name LIKE 'msg\\_%'",
                    prefix_));
    EXPECT_TRUE(listed.ok()) << listed.error().ToString();
    if (!listed.ok()) return tables;
    std::istringstream lines(*listed);
    for (std::string line; std::getline(lines, line);) tables.insert(line);
    return tables;
  }
  /// Every message table that the catalogue says there is.
  std::set<std::string> TablesOfCatalog() {
    cache.Reload();
    const auto snapshot = cache.Current();
    std::set<std::string> tables;
    for (const core::Topic& topic : snapshot->topics) {
      for (const core::Partition& p : topic.partitions) {
        const auto node = std::find_if(snapshot->nodes.begin(), snapshot->nodes.end(),
                                       [&](const auto& n) { return n.id == p.node; });
        EXPECT_NE(node, snapshot->nodes.end());
        tables.insert(fmt::format("{}.msg_{}_{}",
                                  sql::MessageSchema(node->schema_prefix, p.schema_index),
                                  topic.id.value, p.index));
      }
    }
    return tables;
  }
  /// Nothing half-made, and the tables are exactly those of the catalogue.
  void ExpectConsistent() {
    const auto unfinished = real_catalog.LoadUnfinishedTopics(Soon());
    ASSERT_TRUE(unfinished.ok());
    EXPECT_TRUE(unfinished->empty());
    EXPECT_EQ(Tables(), TablesOfCatalog());
    for (const core::NodeUsage& usage : core::UsageOf(*cache.Current())) {
      for (const std::int32_t count : usage.tables) {
        EXPECT_LE(count, usage.node.tables_per_schema_max);
      }
    }
  }

  /// To the metadata database of `prefix`.
  static sql::ConnectionOptions MakeConnection(DatabaseServer& server, const std::string& prefix) {
    sql::ConnectionOptions connection;
    connection.host = server.host();
    connection.port = server.port();
    connection.user = "root";
    connection.schema = sql::MetaSchema(prefix);
    return connection;
  }

 private:
  static sql::DataNodeOptions NodeOptions() {
    sql::DataNodeOptions options;
    options.user = "root";
    return options;
  }

  const StoreHook hook_;
  const std::string prefix_;
  DatabaseServer& server_;
  const sql::ConnectionOptions connection_;
  sql::ConnectionPool pool_;

 public:
  sql::MySqlCatalogStore real_catalog;
  sql::MySqlLeaseStore leases;
  sql::MySqlAuditLog audit;

 private:
  sql::DataNodes nodes_;
  sql::MySqlMessageStore real_messages_;
  sql::MySqlNodeAdmin node_admin_;
  const sql::SealedNodeVault vault_{std::nullopt};

 public:
  CatalogStoreWrapper catalog_store;

 private:
  MessageStoreWrapper messages_;

 public:
  metaserver::SnapshotCache cache;
  metaserver::CatalogService catalog;

  /// Through the hook.
  core::MessageStore& messages() { return messages_; }
  sql::DataNodes& nodes() { return nodes_; }
  sql::ConnectionPool& pool() { return pool_; }
};

/// A test that runs on both engines, with a prefix of its own.
class MetaTest : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    LANEMQ_REQUIRE_SERVER(server, GetParam());
    server_ = server;
    prefix_ = UniquePrefix();
  }

  DatabaseServer* server_ = nullptr;
  std::string prefix_;
};

inline std::string EngineName(const ::testing::TestParamInfo<Engine>& info) {
  return NameOf(info.param);
}

}  // namespace lanemq::testing
