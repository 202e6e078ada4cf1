#include "perf/lag/lagging_node.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <sys/resource.h>
#include <unistd.h>

#include <fmt/format.h>

#include "sql/migrate/migrator.h"
#include "sql/store/message_table.h"

namespace lanemq::perf {
namespace {

constexpr core::NodeId kNode{1};
constexpr std::size_t kTablesPerCall = 20;

std::string SegmentsOf(const LagLoad& load) {
  std::string text = " PARTITION BY RANGE (`offset`) (";
  // All rows are in all but the last two.
  const int rows = load.rows / std::max(load.segments - 2, 1) + 1;
  for (int i = 1; i < load.segments; ++i) {
    text += fmt::format("PARTITION p_{0} VALUES LESS THAN ({0}),", rows * i);
  }
  return text + "PARTITION p_tail VALUES LESS THAN MAXVALUE)";
}

}  // namespace

LaggingNode::LaggingNode(testing::DatabaseServer& server, const LagLoad& load)
    : server_(&server),
      load_(load),
      node_({.id = kNode,
             .name = "one",
             .host = server.host(),
             .port = server.port(),
             .schema_prefix = "perf"}) {
  for (int topic = 1; topic <= load.topics; ++topic) {
    for (int i = 0; i < load.partitions; ++i) {
      locations_.push_back({{core::TopicId{topic}, i}, kNode, i % 3});
    }
  }
}

Result<LaggingNode> LaggingNode::Make(testing::DatabaseServer& server, const LagLoad& load) {
  LaggingNode made(server, load);
  LANEMQ_RETURN_IF_ERROR(
      sql::MigrateNode({.host = server.host(), .port = server.port(), .user = server.user()},
                       made.node_.schema_prefix,
                       Deadline::After(SystemClock::Instance(), std::chrono::seconds{120}), 3));
  LANEMQ_RETURN_IF_ERROR(made.MakeTables());
  return made;
}

Status LaggingNode::MakeTables() {
  std::string calls;
  std::string create;
  std::string state;
  const std::string segments = SegmentsOf(load_);
  for (std::size_t i = 0; i < locations_.size(); ++i) {
    const core::PartitionLocation& at = locations_[i];
    const sql::MessageTable table(node_.schema_prefix, at);
    table.Create(fmt::format("topic-{}", at.key.topic.value), create);
    create.resize(create.rfind(" PARTITION BY "));
    calls += create + segments + ";";
    calls += fmt::format(
        "INSERT INTO {} WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<{}) "
        "SELECT i,UNIX_TIMESTAMP()*1000000+i,0,0,0,NULL,NULL,REPEAT('x',100) FROM n;",
        table.name(), load_.rows);
    calls += fmt::format(
        "INSERT INTO {}.partition_state VALUES ({},{},'topic-{}',{},1,'writable',NULL,0,NOW(6));",
        sql::NodeSchema(node_.schema_prefix), at.key.topic.value, at.key.partition,
        at.key.topic.value, at.schema_index);
    if ((i + 1) % kTablesPerCall != 0 && i + 1 < locations_.size()) continue;
    const auto done = server_->Query(calls);
    if (!done.ok()) return done.error();
    calls.clear();
  }
  return {};
}

Status LaggingNode::Commit(const std::string& offset_of_group) {
  const auto done = server_->Query(fmt::format(
      "REPLACE INTO {0}.group_offsets (group_id,topic_id,partition_index,committed_offset,"
      "generation,member_id,committed_at) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i+1 "
      "FROM n WHERE i<{1}) SELECT CONCAT('group-',i),topic_id,partition_index,{2},1,"
      "CONCAT('member-',i,'-5f0c8a31'),UTC_TIMESTAMP(6) FROM n JOIN {0}.partition_state",
      sql::NodeSchema(node_.schema_prefix), load_.groups, offset_of_group));
  return done.ok() ? Status{} : Status{done.error()};
}

Status LaggingNode::CatchUp() { return Commit(std::to_string(load_.rows + 1)); }

Status LaggingNode::FallBehind() {
  return Commit(fmt::format("{}+i*{} DIV {}", load_.rows / 2, load_.rows / 2 - 1, load_.groups));
}

double CpuMsOf(std::int64_t pid) {
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  std::string text((std::istreambuf_iterator<char>(file)), {});
  std::istringstream fields(text.substr(std::min(text.rfind(')') + 1, text.size())));
  std::string skipped;
  for (int i = 3; i < 14; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) * 1'000 / static_cast<double>(sysconf(_SC_CLK_TCK));
}

double CpuMsOfThread() {
  rusage used{};
  getrusage(RUSAGE_THREAD, &used);
  const auto ms = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
  };
  return ms(used.ru_utime) + ms(used.ru_stime);
}

}  // namespace lanemq::perf
