#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sql/migrate/migrator.h"
#include "sql/store/mysql_lag_source.h"
#include "sql/store/mysql_message_store.h"
#include "sql/store/mysql_offset_store.h"
#include "tests/support/database_server.h"

namespace lanemq::testing {

/// A freshly migrated data node on the shared server of an engine, with the stores that change what
/// a lag source reads. Partitions are of topic 1 and spread over three schemas.
/// Thread safety: every method from any thread, but one appender per partition.
class SqlLagNode {
 public:
  static constexpr core::NodeId kNode{1};

  explicit SqlLagNode(DatabaseServer& server)
      : prefix_(UniquePrefix()),
        options_({.host = server.host(), .port = server.port(), .user = "root"}),
        nodes_(sql::DataNodeOptions{.user = "root"}),
        messages_(nodes_),
        offsets_(nodes_, kNode) {
    const Status migrated = sql::MigrateNode(options_, prefix_, Soon(), 3);
    EXPECT_TRUE(migrated.ok()) << migrated.error().ToString();
    options_.schema = sql::NodeSchema(prefix_);
    const core::DataNode node{.id = kNode,
                              .name = "one",
                              .host = server.host(),
                              .port = server.port(),
                              .schema_prefix = prefix_};
    nodes_.Update(std::span(&node, 1));
  }

  sql::DataNodes& nodes() { return nodes_; }
  core::MessageStore& messages() { return messages_; }
  core::OffsetStore& offsets() { return offsets_; }
  [[nodiscard]] const std::string& prefix() const { return prefix_; }
  static Deadline Soon() {
    return Deadline::After(SystemClock::Instance(), std::chrono::seconds{60});
  }
  static core::PartitionLocation Location(int index) {
    return {{core::TopicId{1}, index}, kNode, index % 3};
  }
  [[nodiscard]] std::string Table(int index) const {
    return fmt::format("{}_{:02}.msg_1_{}", prefix_, index % 3, index);
  }

  /// A statement on a session of its own.
  void Run(const std::string& statement) {
    auto connection = sql::Connection::Open(options_, 1, SystemClock::Instance(), Soon());
    ASSERT_TRUE(connection.ok()) << connection.error().ToString();
    (*connection)->Text() = statement;
    const auto done = (*connection)->UpdateText("test");
    EXPECT_TRUE(done.ok()) << statement << ": " << done.error().ToString();
  }
  void Create(int index) {
    const Status created = messages_.CreatePartition(Location(index), "orders", Soon());
    EXPECT_TRUE(created.ok()) << created.error().ToString();
  }
  void Append(int index, const std::vector<WallTime>& times) {
    const auto tail = messages_.ReadTail(Location(index), Soon());
    ASSERT_TRUE(tail.ok()) << tail.error().ToString();
    std::vector<core::RecordPtr> records;
    std::int64_t offset = tail->last ? tail->last->offset.value + 1 : 1;
    for (const WallTime time : times) {
      auto record = std::make_shared<core::Record>();
      record->offset = core::Offset{offset++};
      record->timestamp = time;
      record->body = "x";
      records.push_back(std::move(record));
    }
    const Status appended = messages_.Append(Location(index), records, tail->server, Soon());
    EXPECT_TRUE(appended.ok()) << appended.error().ToString();
  }
  void SetLogStart(int index, core::Offset start) {
    Run(
        fmt::format("UPDATE partition_state SET log_start_offset={} WHERE topic_id=1 AND "
                    "partition_index={}",
                    start.value, index));
  }
  void Commit(const std::string& group, int index, core::Offset offset) {
    const core::OffsetCommit commit{Location(index).key, offset, "", std::nullopt};
    const auto done = offsets_.Commit(group, {}, std::span(&commit, 1), Soon());
    ASSERT_TRUE(done.ok()) << done.error().ToString();
    EXPECT_TRUE(done->front().ok()) << done->front().error().ToString();
  }

 private:
  const std::string prefix_;
  sql::ConnectionOptions options_;
  sql::DataNodes nodes_;
  sql::MySqlMessageStore messages_;
  sql::MySqlOffsetStore offsets_;
};

}  // namespace lanemq::testing
