#include "tests/e2e/seeded_catalog.h"

#include <fmt/format.h>

#include "broker/catalog/snapshot_file.h"
#include "sql/migrate/migrator.h"
#include "sql/store/mysql_message_store.h"

namespace lanemq::e2e {

Result<std::vector<std::string>> SeedCatalog(const testing::DatabaseServer& server, int port,
                                             const std::string& prefix, const std::string& topic,
                                             std::int32_t partitions,
                                             const std::vector<std::filesystem::path>& files,
                                             const core::TopicConfig& config) {
  const Deadline deadline = Deadline::After(SystemClock::Instance(), std::chrono::seconds(60));
  core::CatalogSnapshot catalog{.version = 1, .cluster_id = "seeded"};
  core::DataNode node{.id = core::NodeId{1}, .name = "node1", .host = server.host()};
  node.port = server.port();
  node.schema_prefix = prefix;
  LANEMQ_RETURN_IF_ERROR(sql::MigrateNode(
      {.host = node.host, .port = node.port, .user = server.user(), .password = server.password()},
      prefix, deadline, 1));
  core::Topic made{.id = core::TopicId{1}, .name = topic, .state = core::TopicState::kActive};
  made.config = config;
  sql::DataNodeOptions options;
  options.user = server.user();
  options.password = server.password();
  sql::DataNodes nodes(std::move(options));
  nodes.Update(std::vector<core::DataNode>{node});
  sql::MySqlMessageStore store(nodes);
  std::vector<std::string> tables;
  for (std::int32_t p = 0; p < partitions; ++p) {
    made.partitions.push_back({.index = p, .node = node.id});
    LANEMQ_RETURN_IF_ERROR(
        store.CreatePartition(made.LocationOf(made.partitions.back()), topic, deadline));
    tables.push_back(fmt::format("`{}_00`.`msg_1_{}`", prefix, p));
  }
  node.port = port;
  catalog.nodes.push_back(node);
  catalog.topics.push_back(made);
  for (const std::filesystem::path& file : files) {
    std::filesystem::create_directories(file.parent_path());
    LANEMQ_RETURN_IF_ERROR(broker::SaveCatalog(file, catalog));
  }
  return tables;
}

}  // namespace lanemq::e2e
