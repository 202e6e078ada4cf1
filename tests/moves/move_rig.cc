#include "tests/moves/move_rig.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "common/base/clock.h"
#include "lanemq_types.h"

namespace lanemq::moves {
namespace {

using std::chrono_literals::operator""s;

/// Of data nodes: whatever belongs to partitions.
constexpr std::array<std::string_view, 11> kStateTables = {
    "group_offsets",    "group_pauses",     "group_resets",      "retry_messages",
    "dead_letters",     "delayed_messages", "delayed_producers", "producer_snapshots",
    "retention_losses", "partition_trims",  "data_losses"};

std::vector<std::string> FieldsOf(const std::string& line) {
  std::vector<std::string> fields(1);
  for (const char c : line) {
    if (c == '\t') {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  return fields;
}

std::int64_t NumberOf(const std::string& text) { return std::atoll(text.c_str()); }

}  // namespace

Result<std::unique_ptr<MoveRig>> MoveRig::Start(e2e::ClusterOptions options) {
  options.has_own_data_server = true;
  auto rig = std::unique_ptr<MoveRig>(new MoveRig(options.engine));
  LANEMQ_ASSIGN_OR_RETURN(rig->cluster_, e2e::Cluster::Start(std::move(options)));
  e2e::Cluster& cluster = *rig->cluster_;
  rig->nodes_.push_back({"node1", cluster.schema_prefix(), &cluster.data_server(), nullptr});
  return rig;
}

Status MoveRig::AddNode() {
  Node node;
  node.name = fmt::format("node{}", nodes_.size() + 1);
  node.prefix = fmt::format("{}n{}", cluster_->schema_prefix(), nodes_.size() + 1);
  LANEMQ_ASSIGN_OR_RETURN(
      node.own, testing::DatabaseServer::Start({.engine = engine_, .buffer_pool_mib = 64}));
  node.server = node.own.get();
  idl::AddDataNodeRequest request;
  request.name = node.name;
  request.host = node.server->host();
  request.port = node.server->port();
  request.__set_schema_prefix(node.prefix);
  request.__set_schemas_max(2);
  nodes_.push_back(std::move(node));
  const auto added = cluster_->control_plane().AddDataNodeSync(
      cluster_->metaserver(), request, Deadline::After(SystemClock::Instance(), 60s));
  return added.ok() ? Status() : Status(added.error().Wrap("add data node"));
}

const MoveRig::Node& MoveRig::Find(const std::string& name) const {
  const auto found =
      std::ranges::find_if(nodes_, [&](const Node& node) { return node.name == name; });
  LANEMQ_CHECK(found != nodes_.end());
  return *found;
}

testing::DatabaseServer& MoveRig::server(const std::string& node) const {
  return *Find(node).server;
}

Result<std::string> MoveRig::AskMeta(const std::string& sql) const {
  return cluster_->metadata_server().Query(
      fmt::format("USE {}_meta; {}", cluster_->schema_prefix(), sql));
}

// ---------------------------------------------------------------- places

Result<std::map<std::int32_t, MoveRig::Place>> MoveRig::Places(std::int64_t topic_id) const {
  LANEMQ_ASSIGN_OR_RETURN(
      const std::string text,
      AskMeta(fmt::format("SELECT partition_index, name, schema_prefix, LPAD(schema_index, 2, '0') "
                          "FROM topic_partitions JOIN data_nodes USING (node_id) "
                          "WHERE topic_id = {} ORDER BY partition_index",
                          topic_id)));
  std::map<std::int32_t, Place> places;
  for (const std::string& line : LinesOf(text)) {
    const auto fields = FieldsOf(line);
    const auto partition = static_cast<std::int32_t>(NumberOf(fields.at(0)));
    places[partition] = {fields.at(1), fmt::format("`{}_{}`.`msg_{}_{}`", fields.at(2),
                                                   fields.at(3), topic_id, partition)};
  }
  return places;
}

std::vector<failures::TopicPart> MoveRig::Parts(std::int64_t topic_id) const {
  std::map<std::string, failures::TopicPart> parts;
  const auto places = Places(topic_id);
  if (!places.ok()) return {};
  for (const auto& [partition, place] : *places) {
    const Node& node = Find(place.node);
    failures::TopicPart& part = parts[place.node];
    part.server = node.server;
    part.node_schema = node.prefix + "_node";
    part.tables[partition] = place.table;
  }
  std::vector<failures::TopicPart> out;
  for (auto& [name, part] : parts) out.push_back(std::move(part));
  return out;
}

Result<std::string> MoveRig::RowsOf(std::int64_t topic_id, std::int32_t partition) const {
  LANEMQ_ASSIGN_OR_RETURN(const auto places, Places(topic_id));
  const Place& place = places.at(partition);
  return server(place.node)
      .Query("SELECT `offset`, timestamp_us, body FROM " + place.table + " ORDER BY `offset`");
}

// ---------------------------------------------------------------- commands

Result<Command> MoveRig::Begin(const std::vector<std::string>& words) {
  std::vector<std::string> argv = {
      std::string(LANEMQ_BIN_DIR) + "/lanemq",
      fmt::format("--bootstrap-server={}", fmt::join(cluster_->bootstrap(), ","))};
  argv.insert(argv.end(), words.begin(), words.end());
  Command command;
  command.text = fmt::format("lanemq {}", fmt::join(words, " "));
  LANEMQ_ASSIGN_OR_RETURN(
      command.process,
      testing::Process::Start({.argv = std::move(argv),
                               .environment = {{"HOME", dir_.path().string()},
                                               {"XDG_CONFIG_HOME", dir_.path().string()}},
                               .output_dir = dir_.path(),
                               .name = fmt::format("command{}", ++commands_)}));
  return command;
}

Result<std::string> MoveRig::End(Command& command, std::chrono::seconds timeout) {
  const auto code = command.process.Wait(timeout);
  const std::string output = command.process.Stdout() + command.process.Stderr();
  if (code == 0) return output;
  const std::string how = code ? fmt::format("exit code {}", *code)
                               : fmt::format("no end within {} s", timeout.count());
  if (!code) command.process.Kill();
  return Error{ErrorCode::kUnknownServerError,
               fmt::format("{}: {}\n{}", command.text, how, output)};
}

Result<std::string> MoveRig::Run(const std::vector<std::string>& words,
                                 std::chrono::seconds timeout) {
  LANEMQ_ASSIGN_OR_RETURN(Command command, Begin(words));
  return End(command, timeout);
}

// ---------------------------------------------------------------- moves

Result<std::vector<MoveRow>> MoveRig::Moves() const {
  LANEMQ_ASSIGN_OR_RETURN(
      const std::string text,
      AskMeta(
          "SELECT move_id, topic_name, partition_index, "
          "(SELECT name FROM data_nodes WHERE node_id = from_node), "
          "(SELECT name FROM data_nodes WHERE node_id = to_node), state, "
          "COALESCE(is_open, 0), paused_us, REPLACE(REPLACE(error, CHAR(10), ' '), CHAR(9), ' ') "
          "FROM partition_moves ORDER BY move_id"));
  std::vector<MoveRow> moves;
  for (const std::string& line : LinesOf(text)) {
    const auto fields = FieldsOf(line);
    moves.push_back({.id = NumberOf(fields.at(0)),
                     .topic = fields.at(1),
                     .partition = static_cast<std::int32_t>(NumberOf(fields.at(2))),
                     .from = fields.at(3),
                     .to = fields.at(4),
                     .state = fields.at(5),
                     .is_open = fields.at(6) == "1",
                     .paused_us = NumberOf(fields.at(7)),
                     .error = fields.at(8)});
  }
  return moves;
}

bool MoveRig::IsAnyMove(const std::vector<std::string>& states) const {
  const auto found = AskMeta(
      fmt::format("SELECT COUNT(*) FROM partition_moves WHERE is_open = 1 AND state IN ('{}')",
                  fmt::join(states, "','")));
  return found.ok() && NumberOf(*found) > 0;
}

bool MoveRig::HasMovesUnderWay() const {
  const auto found = AskMeta("SELECT COUNT(*) FROM partition_moves WHERE is_open = 1");
  return !found.ok() || NumberOf(*found) > 0;
}

bool MoveRig::IsExecuting(const std::string& text) const {
  // Not innodb_trx: it is renewed only when nobody has read it for 0.1 s.
  const auto found =
      AskMeta(fmt::format("SELECT COUNT(*) FROM information_schema.processlist "
                          "WHERE info LIKE '%{}%' AND id <> CONNECTION_ID()",
                          text));
  return found.ok() && NumberOf(*found) > 0;
}

int MoveRig::Mover() const {
  const auto owner = AskMeta(
      "SELECT owner FROM leases WHERE name = 'partition-moves' AND expires_at > UTC_TIMESTAMP(6)");
  if (!owner.ok()) return -1;
  for (int i = 0; i < 2; ++i) {
    if (owner->find(fmt::format(":{}/", cluster_->metaserver(i).port)) != std::string::npos) {
      return i;
    }
  }
  return -1;
}

// ---------------------------------------------------------------- what is where

std::string MoveRig::LeftOn(const std::string& node) const {
  const Node& at = Find(node);
  std::string sql = fmt::format(
      "SELECT CONCAT('table ', table_schema, '.', table_name) FROM information_schema.tables "
      "WHERE table_schema LIKE '{}\\_%' AND table_name REGEXP '^msg_';"
      "SELECT CONCAT(COUNT(*), ' rows of partition_state') FROM {}_node.partition_state "
      "HAVING COUNT(*) > 0;",
      at.prefix, at.prefix);
  for (const std::string_view table : kStateTables) {
    sql +=
        fmt::format("SELECT CONCAT(COUNT(*), ' rows of {}') FROM {}_node.{} HAVING COUNT(*) > 0;",
                    table, at.prefix, table);
  }
  const auto left = at.server->Query(sql);
  return left.ok() ? *left : left.error().ToString();
}

std::string MoveRig::TablesOnTheWay() const {
  std::string all;
  for (const Node& node : nodes_) {
    const auto found = node.server->Query(fmt::format(
        "SELECT CONCAT('{}: ', table_name) FROM information_schema.columns WHERE table_schema LIKE "
        "'{}\\_%' AND column_name REGEXP '^(arriving|sealed)_timestamp_us$'",
        node.name, node.prefix));
    all += found.ok() ? *found : found.error().ToString();
  }
  return all;
}

Result<Rows> MoveRig::StateOf(std::int64_t topic_id) const {
  Rows rows;
  for (const Node& node : nodes_) {
    for (const std::string_view table : kStateTables) {
      if (table == "producer_snapshots") continue;
      LANEMQ_ASSIGN_OR_RETURN(
          const std::string text,
          node.server->Query(fmt::format("SELECT '{}', t.* FROM {}_node.{} t WHERE topic_id = {}",
                                         table, node.prefix, table, topic_id)));
      for (std::string& line : LinesOf(text)) rows.push_back(std::move(line));
    }
  }
  return rows;
}

Result<Rows> MoveRig::LogOf(std::int64_t topic_id, std::int32_t partition, std::int64_t end) const {
  LANEMQ_ASSIGN_OR_RETURN(const auto places, Places(topic_id));
  const Place& place = places.at(partition);
  LANEMQ_ASSIGN_OR_RETURN(
      const std::string text,
      server(place.node)
          .Query(fmt::format("SELECT `offset`, timestamp_us, producer_id, sequence, codec, "
                             "HEX(`key`), HEX(headers), HEX(body) FROM {} WHERE `offset` < {} "
                             "ORDER BY `offset`",
                             place.table, end)));
  return LinesOf(text);
}

}  // namespace lanemq::moves
