#include "tests/outbox/processes/outbox_rig.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <iostream>
#include <sstream>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "common/base/clock.h"
#include "lanemq_types.h"
#include "sql/migrate/migrator.h"

namespace lanemq::outbox_testing {
namespace {

using std::chrono_literals::operator""s;
using testing::WaitFor;

constexpr auto kStopPatience = 15s;
constexpr auto kQuietPatience = 40s;
constexpr int kAccounts = 60;
constexpr std::size_t kLogLines = 30;

Deadline In(std::chrono::nanoseconds time) {
  return Deadline::After(SystemClock::Instance(), time);
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

}  // namespace

OutboxRig::OutboxRig(RigOptions options)
    : options_(std::move(options)), schema_("shop_" + testing::UniquePrefix()), dir_("outbox") {}

OutboxRig::~OutboxRig() {
  app_.Kill();
  for (auto& [name, process] : relays_) process.Kill();
  if (second_node_) second_node_->Resume();
  if (!options_.is_rough) {
    const std::string errors = RelayLogs(/*is_errors_only=*/true);
    if (!errors.empty()) ADD_FAILURE() << "unexpected in relays' logs:\n" << errors;
  }
  if (::testing::Test::HasFailure()) std::cout << RelayLogs(/*is_errors_only=*/false);
}

Result<std::unique_ptr<OutboxRig>> OutboxRig::Start(RigOptions options) {
  auto rig = std::unique_ptr<OutboxRig>(new OutboxRig(std::move(options)));
  LANEMQ_ASSIGN_OR_RETURN(rig->cluster_, e2e::Cluster::Start({.engine = rig->options_.engine}));
  if (rig->options_.is_rough) rig->cluster_->ExpectErrors("");
  LANEMQ_RETURN_IF_ERROR(rig->StartDatabases());
  LANEMQ_RETURN_IF_ERROR(rig->MakeBusinessTables());
  return rig;
}

Status OutboxRig::StartDatabases() {
  business_ = &cluster_->data_server();
  if (options_.has_own_business_server) {
    LANEMQ_ASSIGN_OR_RETURN(own_business_,
                            testing::DatabaseServer::Start({.engine = options_.engine}));
    business_ = own_business_.get();
  }
  return options_.has_second_node ? AddSecondNode() : Status{};
}

Status OutboxRig::AddSecondNode() {
  LANEMQ_ASSIGN_OR_RETURN(second_node_,
                          testing::DatabaseServer::Start({.engine = options_.engine}));
  idl::AddDataNodeRequest request;
  request.name = "node2";
  request.host = second_node_->host();
  request.port = second_node_->port();
  request.__set_schema_prefix(cluster_->schema_prefix() + "_2");
  request.__set_schemas_max(1);
  const auto added =
      cluster_->control_plane().AddDataNodeSync(cluster_->metaserver(), request, In(20s));
  return added.ok() ? Status{} : added.error().Wrap("add data node");
}

Status OutboxRig::MakeBusinessTables() {
  const auto made = business_->Query("CREATE DATABASE " + schema_);
  if (!made.ok()) return made.error();
  sql::ConnectionOptions server;
  server.host = business_->host();
  server.port = business_->port();
  server.user = business_->user();
  server.schema = schema_;
  LANEMQ_RETURN_IF_ERROR(sql::MigrateOutbox(server, In(30s)));
  std::string sql =
      "CREATE TABLE accounts (k VARCHAR(32) PRIMARY KEY, version BIGINT NOT NULL);"
      "CREATE TABLE done (tx BIGINT PRIMARY KEY); INSERT INTO accounts VALUES ('k0', 0)";
  for (int i = 1; i < kAccounts; ++i) sql += fmt::format(", ('k{}', 0)", i);
  const auto filled = Ask(sql);
  return filled.ok() ? Status{} : filled.error();
}

Status OutboxRig::CreateTopic(const TopicSpec& spec) {
  idl::CreateTopicRequest request;
  request.name = spec.name;
  request.partitions = spec.partitions;
  request.__set_config(spec.config);
  request.__set_pinned_nodes({spec.node});
  const auto created =
      cluster_->control_plane().CreateTopicSync(cluster_->metaserver(), request, In(30s));
  if (!created.ok()) return created.error().Wrap("create topic");
  const bool is_second = spec.node == "node2";
  Topic topic{{}, is_second ? second_node_.get() : &cluster_->data_server()};
  for (const idl::PartitionMetadata& partition : created->topic.partitions) {
    topic.tables.push_back(fmt::format("`{}{}_{:02}`.`msg_{}_{}`", cluster_->schema_prefix(),
                                       is_second ? "_2" : "", partition.schema_index,
                                       created->topic.topic_id, partition.partition));
  }
  topics_[spec.name] = std::move(topic);
  return WaitUntilKnown(spec.name, spec.config);
}

Status OutboxRig::WaitUntilKnown(const std::string& topic,
                                 const std::map<std::string, std::string>& config) {
  idl::MetadataRequest ask;
  ask.__set_topics({topic});
  for (int i = 0; i < cluster_->brokers(); ++i) {
    const auto knows = WaitFor(
        [&] {
          const auto known = cluster_->data_plane().MetadataSync(cluster_->broker(i), ask, In(5s));
          return known.ok() && known->topics.size() == 1 &&
                 known->topics[0].state == idl::TopicState::ACTIVE &&
                 known->topics[0].config == config;
        },
        20s, "the topic at a broker");
    if (!knows) return Error{ErrorCode::kRequestTimedOut, knows.message()};
  }
  return {};
}

Status OutboxRig::SetTopicConfig(const std::string& topic, const std::string& name,
                                 const std::string& value) {
  idl::AlterTopicRequest request;
  request.name = topic;
  request.__set_set_config({{name, value}});
  const auto altered =
      cluster_->control_plane().AlterTopicSync(cluster_->metaserver(), request, In(20s));
  if (!altered.ok()) return altered.error();
  return WaitUntilKnown(topic, altered->topic.config);
}

Status OutboxRig::StartRelay(const std::string& name, const std::vector<std::string>& flags) {
  const std::string file = fmt::format("{}-{}", name, relay_logs_.size() + 1);
  if (!wake_addresses_.contains(name)) {
    wake_addresses_[name] = fmt::format("127.0.0.1:{}", testing::FreePort());
    const auto made = business_->Query(
        fmt::format("CREATE USER IF NOT EXISTS '{0}'@'%'; GRANT SELECT, INSERT, UPDATE, DELETE ON "
                    "{1}.* TO '{0}'@'%'",
                    name, schema_));
    if (!made.ok()) return made.error();
  }
  std::vector<std::string> argv = {
      std::string(LANEMQ_BIN_DIR) + "/lanemq-outbox-relay",
      fmt::format("--database={}:{}/{}", business_->host(), business_->port(), schema_),
      "--user=" + name,
      fmt::format("--bootstrap={}", fmt::join(cluster_->bootstrap(), ",")),
      "--name=" + name,
      "--outbox-name=shop",
      "--wake-listen=" + wake_addresses_.at(name)};
  argv.insert(argv.end(), options_.relay_flags.begin(), options_.relay_flags.end());
  argv.insert(argv.end(), flags.begin(), flags.end());
  relay_logs_.push_back((dir_.path() / (file + ".err")).string());
  LANEMQ_ASSIGN_OR_RETURN(
      auto process,
      testing::Process::Start({.argv = argv, .output_dir = dir_.path(), .name = file}));
  relays_.insert_or_assign(name, std::move(process));
  return {};
}

Status OutboxRig::StartApp(const std::string& topic, const std::vector<std::string>& flags) {
  const std::string file = fmt::format("app-{}", event_files_.size() + 1);
  event_files_.push_back((dir_.path() / (file + ".events")).string());
  std::vector<std::string> wake;
  for (const auto& [name, address] : wake_addresses_) wake.push_back(address);
  std::vector<std::string> argv = {std::string(LANEMQ_BIN_DIR) + "/lanemq-outbox-app",
                                   "--host=" + business_->host(),
                                   fmt::format("--port={}", business_->port()),
                                   "--schema=" + schema_,
                                   "--topic=" + topic,
                                   "--events=" + event_files_.back(),
                                   fmt::format("--first-producer={}", 100 * event_files_.size()),
                                   fmt::format("--keys={}", kAccounts),
                                   fmt::format("--wake={}", fmt::join(wake, ","))};
  argv.insert(argv.end(), flags.begin(), flags.end());
  LANEMQ_ASSIGN_OR_RETURN(
      app_, testing::Process::Start({.argv = argv, .output_dir = dir_.path(), .name = file}));
  return {};
}

Result<std::string> OutboxRig::Ask(const std::string& sql) {
  return business_->Query("USE " + schema_ + "; " + sql);
}

std::int64_t OutboxRig::Number(const std::string& sql) {
  const auto answer = Ask(sql);
  return answer.ok() && !answer->empty() ? std::atoll(answer->c_str()) : -1;
}

std::int64_t OutboxRig::CountOf(const std::string& name) {
  const Topic& topic = topics_.at(name);
  std::string sql = "SELECT 0";
  for (const std::string& table : topic.tables) {
    sql += fmt::format(" + (SELECT COUNT(*) FROM {})", table);
  }
  const auto answer = topic.server->Query(sql);
  return answer.ok() && !answer->empty() ? std::atoll(answer->c_str()) : -1;
}

Result<std::vector<StoredRow>> OutboxRig::Rows(const std::string& name) {
  const Topic& topic = topics_.at(name);
  std::string sql;
  for (std::size_t i = 0; i < topic.tables.size(); ++i) {
    sql += fmt::format(
        "SELECT {}, `offset`, timestamp_us, IFNULL(CONCAT('=', CONVERT(`key` USING ascii)), "
        "'NULL'), IFNULL(CONVERT(LEFT(body, 64) USING ascii), '') FROM {} ORDER BY `offset`;",
        i, topic.tables[i]);
  }
  LANEMQ_ASSIGN_OR_RETURN(const std::string text, topic.server->Query(sql));
  std::vector<StoredRow> rows;
  for (const std::string& line : Lines(text)) {
    std::vector<std::string> fields(1);
    for (const char c : line) {
      if (c == '\t') {
        fields.emplace_back();
      } else {
        fields.back() += c;
      }
    }
    if (fields.size() != 5) return Error{ErrorCode::kCorruptMessage, "no row: " + line};
    StoredRow row;
    row.published.partition = std::atoi(fields[0].c_str());
    row.published.offset = std::atoll(fields[1].c_str());
    row.published.timestamp_us = std::atoll(fields[2].c_str());
    if (fields[3] != "NULL") row.published.key = fields[3].substr(1);
    row.published.id = checker::IdOfBody(fields[4]).value_or(checker::MessageId{});
    row.text = fields[4].substr(0, fields[4].find(' '));
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string OutboxRig::TextsOf(const std::string& topic, const std::string& key) {
  const auto rows = Rows(topic);
  if (!rows.ok()) return rows.error().ToString();
  std::string texts;
  for (const StoredRow& row : *rows) {
    if (row.published.key == key) texts += (texts.empty() ? "" : " ") + row.text;
  }
  return texts;
}

bool OutboxRig::IsEmpty() {
  return Number(
             "SELECT (SELECT COUNT(*) FROM lanemq_outbox) + (SELECT COUNT(*) FROM "
             "lanemq_outbox_hold) + (SELECT COUNT(*) FROM lanemq_outbox_session WHERE plan IS NOT "
             "NULL)") == 0;
}

Status OutboxRig::ReadEvents(std::map<std::int64_t, Trial>& trials) {
  for (const std::string& path : event_files_) {
    LANEMQ_RETURN_IF_ERROR(ParseTrials(ReadFile(path), trials));
  }
  return {};
}

Result<OutboxHistory> OutboxRig::History(const std::string& topic) {
  OutboxHistory history;
  LANEMQ_RETURN_IF_ERROR(ReadEvents(history.trials));
  LANEMQ_ASSIGN_OR_RETURN(const std::string done, Ask("SELECT tx FROM done"));
  for (const std::string& line : Lines(done)) history.done.insert(std::atoll(line.c_str()));
  LANEMQ_ASSIGN_OR_RETURN(const auto rows, Rows(topic));
  for (const StoredRow& row : rows) history.log.push_back(row.published);
  LANEMQ_ASSIGN_OR_RETURN(
      const std::string left,
      Ask("SELECT CONCAT('row ', id, ', state ', state, ', bucket ', bucket) FROM lanemq_outbox "
          "LIMIT 5; SELECT CONCAT('hold ', HEX(domain), ', ', last_error) FROM lanemq_outbox_hold "
          "LIMIT 5; SELECT CONCAT('session ', session_id, ' of ', name, ', plan ', IFNULL(LEFT("
          "plan, 200), 'none')) FROM lanemq_outbox_session LIMIT 5; SELECT CONCAT('bucket ', "
          "bucket, ' of ', session_id) FROM lanemq_outbox_bucket LIMIT 2"));
  history.left = Lines(left);
  return history;
}

bool OutboxRig::IsAllThere(const std::string& topic, std::int64_t messages) {
  return IsEmpty() && CountOf(topic) >= messages;
}

OutboxReport OutboxRig::Finish(const std::string& topic) {
  EXPECT_EQ(app_.Terminate(kStopPatience), 0) << app_.Stderr();
  const auto before = History(topic);
  if (!before.ok()) {
    ADD_FAILURE() << before.error().ToString();
    return {};
  }
  std::int64_t messages = 0;
  for (const std::int64_t tx : before->done) {
    const auto trial = before->trials.find(tx);
    if (trial == before->trials.end()) continue;
    messages += static_cast<std::int64_t>(trial->second.intents.size());
  }
  EXPECT_TRUE(WaitFor([&] { return IsAllThere(topic, messages); }, kQuietPatience,
                      fmt::format("an empty outbox and {} messages", messages)));
  // Sessions of dead relays are finished, too.
  EXPECT_TRUE(WaitFor(
      [&] {
        return Number("SELECT COUNT(*) FROM lanemq_outbox_session") ==
               static_cast<std::int64_t>(relays_.size());
      },
      kStopPatience, "a session for each relay, and no other"));
  StopRelays();
  const auto history = History(topic);
  if (!history.ok()) {
    ADD_FAILURE() << history.error().ToString();
    return {};
  }
  OutboxReport report = Check(*history);
  EXPECT_TRUE(report.ok()) << report.ToString();
  std::cout << report.ToString();
  return report;
}

void OutboxRig::StopRelays() {
  for (auto& [name, process] : relays_) process.Signal(SIGTERM);
  for (auto& [name, process] : relays_) {
    EXPECT_EQ(process.Wait(kStopPatience), 0) << name << ": " << process.Stderr();
  }
}

std::string OutboxRig::RelayLogs(bool is_errors_only) const {
  std::string text;
  for (const std::string& path : relay_logs_) {
    std::deque<std::string> lines;
    for (std::string& line : Lines(ReadFile(path))) {
      const bool is_error = line.find("Z error lanemq") != std::string::npos ||
                            line.find("Sanitizer") != std::string::npos ||
                            line.find("terminate called") != std::string::npos;
      if (is_errors_only && !is_error) continue;
      if (lines.size() == kLogLines) lines.pop_front();
      lines.push_back(std::move(line));
    }
    if (lines.empty()) continue;
    text += fmt::format("---- {}\n{}\n", path.substr(path.rfind('/') + 1), fmt::join(lines, "\n"));
  }
  return text;
}

}  // namespace lanemq::outbox_testing
