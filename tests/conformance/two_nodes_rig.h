#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/core/store/partition_mover.h"
#include "sql/driver/connection.h"
#include "sql/driver/transaction.h"
#include "sql/migrate/migrator.h"
#include "sql/store/move_text.h"
#include "sql/store/mysql_message_store.h"
#include "sql/store/mysql_offset_store.h"
#include "sql/store/mysql_partition_mover.h"
#include "tests/support/database_server.h"

namespace lanemq::testing {

/// Two data nodes, which are two prefixes on one server, and a partition that moves between them.
class TwoNodes {
 public:
  static constexpr int kSource = 1;
  static constexpr int kTarget = 2;
  static constexpr core::PartitionKey kKey{core::TopicId{7}, 3};

  explicit TwoNodes(DatabaseServer& server)
      : server_(server), nodes_(sql::DataNodeOptions{.user = "root"}), messages_(nodes_) {
    Connect(nodes_, server.port());
    for (const int node : {kSource, kTarget}) {
      const Status migrated = sql::MigrateNode(Options(), Prefix(node), Soon(), 2);
      EXPECT_TRUE(migrated.ok()) << migrated.error().ToString();
    }
  }

  /// Makes `nodes` know both, at `port` of this machine.
  void Connect(sql::DataNodes& nodes, int port) {
    std::vector<core::DataNode> both;
    for (const int node : {kSource, kTarget}) {
      both.push_back({.id = core::NodeId{node},
                      .name = node == kSource ? "source" : "target",
                      .host = server_.host(),
                      .port = port,
                      .schema_prefix = Prefix(node)});
    }
    nodes.Update(both);
  }

  static Deadline Soon(std::chrono::milliseconds time = std::chrono::seconds{30}) {
    return Deadline::After(SystemClock::Instance(), time);
  }
  /// The schemas differ, so that a table in the wrong one is not found.
  static core::PartitionLocation At(int node) { return {kKey, core::NodeId{node}, node - 1}; }
  static core::PartitionMove Move(std::int64_t id, int from = kSource, int to = kTarget) {
    return {id, At(from), At(to)};
  }
  [[nodiscard]] const std::string& Prefix(int node) const { return prefixes_.at(node); }
  sql::DataNodes& nodes() { return nodes_; }
  sql::MySqlMessageStore& messages() { return messages_; }

  /// What SQL on a node's schema answers, a row a line; "LOG" is the partition's table there,
  /// whatever its name.
  std::string Run(int node, std::string statement) {
    if (const std::size_t at = statement.find("LOG"); at != std::string::npos) {
      statement.replace(at, 3, Table(node));
    }
    const auto done = server_.Query(fmt::format("USE {}_node; {}", Prefix(node), statement));
    EXPECT_TRUE(done.ok()) << statement << ": " << done.error().ToString();
    return done.ok() ? *done : std::string{};
  }
  /// "msg_7_3 sealed ...": the tables of the node's message schemas, and their roles.
  std::string Tables(int node) {
    std::string names =
        Run(node, fmt::format("SELECT COALESCE(GROUP_CONCAT(TRIM(CONCAT(table_name,' ',"
                              "REPLACE(REPLACE(column_name,'timestamp_us',''),'_',''))) ORDER BY 1 "
                              "SEPARATOR ' '),'') FROM information_schema.columns WHERE "
                              "table_schema IN ('{0}_00','{0}_01') AND ordinal_position=2",
                              Prefix(node)));
    if (!names.empty()) names.pop_back();
    return names;
  }
  std::string Table(int node) {
    const std::string tables = Tables(node);
    return fmt::format("`{}`.`{}`", sql::MessageSchema(Prefix(node), node - 1),
                       tables.substr(0, tables.find(' ')));
  }
  /// A session of its own, in the node's schema.
  std::unique_ptr<sql::Connection> Session(int node) {
    sql::ConnectionOptions options = Options();
    options.schema = sql::NodeSchema(Prefix(node));
    auto session = sql::Connection::Open(options, 4, SystemClock::Instance(), Soon());
    EXPECT_TRUE(session.ok()) << session.error().ToString();
    return session.ok() ? *std::move(session) : nullptr;
  }

  /// Everything that a move carries, byte for byte.
  std::string Dump(int node) {
    std::string sql = LogText(node);
    for (const sql::StateTable& table : sql::StateTables()) {
      sql += fmt::format(";SELECT '-- {}';{}", table.name,
                         sql::SelectRowsText(table, kKey, {}, 1'000'000));
    }
    return Run(node, sql);
  }
  /// The log above its start.
  std::string Log(int node) { return Run(node, LogText(node)); }
  /// Rows of all tables that a move carries.
  std::int64_t StateRows(int node) {
    std::string sql = "SELECT 0";
    for (const sql::StateTable& table : sql::StateTables()) {
      sql += fmt::format("+({})", sql::CountText(table, kKey));
    }
    return std::stoll(Run(node, sql));
  }
  std::string State(int node) {
    std::string state = Run(node, "SELECT state FROM partition_state");
    if (!state.empty()) state.pop_back();
    return state;
  }

  void Create(int node = kSource) {
    const Status created = messages_.CreatePartition(At(node), "orders", Soon());
    ASSERT_TRUE(created.ok()) << created.error().ToString();
  }
  /// Appends `count` records, odd in every way a record can be.
  Status Append(int count, int node = kSource) {
    const auto tail = messages_.ReadTail(At(node), Soon());
    if (!tail.ok()) return tail.error();
    std::string bytes;
    for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
    std::vector<core::RecordPtr> records;
    for (int i = 0; i < count; ++i) {
      auto record = std::make_shared<core::Record>();
      record->offset = core::Offset{tail->End().value + i};
      const std::int64_t n = record->offset.value;
      record->timestamp = WallTime{n * 10};
      record->producer = core::ProducerId{n % 2 == 0 ? 0 : 0x7ffffffffffffff0 + n % 8};
      record->sequence = n - 1;
      record->codec = static_cast<std::int16_t>(n % 3);
      if (n % 4 == 1) record->key = "";
      if (n % 4 == 2) record->key = "key" + bytes;
      if (n % 3 == 0) record->body = bytes + std::to_string(n);
      if (n % 3 == 1) record->body = "";
      if (n % 5 == 0) record->headers = {{"a", bytes}, {"", ""}, {"a", "again"}};
      records.push_back(std::move(record));
    }
    return messages_.Append(At(node), records, tail->server, Soon());
  }
  void AppendOk(int count, int node = kSource) {
    const Status done = Append(count, node);
    ASSERT_TRUE(done.ok()) << done.error().ToString();
  }
  /// Rows in every table that a move carries, beside the log, and some of another partition.
  void FillState(int groups = 3);

 private:
  /// Whatever the table's role, which is in the name of a column.
  [[nodiscard]] std::string LogText(int node) {
    const std::string tables = Tables(node);
    const std::size_t role = tables.find(' ');
    const std::string prefix = role == std::string::npos ? "" : tables.substr(role + 1) + "_";
    return fmt::format(
        "SELECT "
        "`offset`,{1}timestamp_us,producer_id,sequence,codec,HEX(`key`),HEX(headers),HEX(body) "
        "FROM LOG WHERE `offset`>=(SELECT log_start_offset FROM {0}_node.partition_state) ORDER BY "
        "`offset`",
        Prefix(node), prefix);
  }
  sql::ConnectionOptions Options() {
    return {.host = server_.host(), .port = server_.port(), .user = "root"};
  }

  DatabaseServer& server_;
  std::map<int, std::string> prefixes_{{kSource, UniquePrefix()}, {kTarget, UniquePrefix()}};
  sql::DataNodes nodes_;
  sql::MySqlMessageStore messages_;
};

inline void TwoNodes::FillState(int groups) {
  const std::string odd = "UNHEX('00270A5C09FF')";
  const std::string time = "'2026-03-01 10:20:30.123456'";
  const std::string message = fmt::format("5,9223372036854775801,6,1,{0},'a=b',{0}", odd);
  std::string sql = "SET sql_mode='STRICT_TRANS_TABLES';";
  const auto add = [&](std::string_view table, const std::string& values) {
    fmt::format_to(std::back_inserter(sql), "INSERT INTO {} VALUES ({});", table, values);
  };
  for (const int partition : {3, 4}) {
    for (int i = 0; i < groups; ++i) {
      const std::string group = fmt::format("CONCAT('g{}',{})", i, i % 2 == 0 ? "''" : odd);
      const std::string of = fmt::format("{},7,{}", group, partition);
      add("group_offsets",
          fmt::format("{},{},4,'m',{},2,5,1,9,{},{}", of, i + 1, i + 6, odd, time));
      add("group_pauses", fmt::format("{},{},'ann',{},{}", of, i == 0 ? "NULL" : time, odd, time));
      add("group_resets", fmt::format("{},1,NULL,5,'ann',{},{}", of, odd, time));
      add("group_resets", fmt::format("{},2,5,7,'bob','',{}", of, time));
      add("retention_losses", fmt::format("{},1,2,1,'time',{}", of, time));
      for (const int origin : {2, 11}) {
        add("retry_messages", fmt::format("{},{},{},2,'m',{},{},'why',{},'last',{}", of, origin,
                                          time, time, time, odd, message));
        add("dead_letters", fmt::format("{},{},{},2,{},{},'why',{},'last',{}", of, origin + 100,
                                        time, time, time, odd, message));
      }
      add("delayed_messages", fmt::format("7,{},{},9223372036854775801,{},1,NULL,NULL,{}",
                                          partition, 1'000 + i / 2, i, odd));
      add("delayed_producers",
          fmt::format("7,{},{},3,{}", partition, 9'223'372'036'854'775'800 + i, time));
      add("partition_trims", fmt::format("7,{},{},1,'ann',{},{}", partition, i + 2, odd, time));
      add("data_losses", fmt::format("7,{},{},9,'broker',{}", partition, i + 1, time));
    }
    add("producer_snapshots", fmt::format("7,{},10,{},{}", partition, odd, time));
  }
  Run(kSource, sql);
}

}  // namespace lanemq::testing
