// Runs the suite of dead letters on both database engines.
#include <memory>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "common/core/types/header_text.h"
#include "sql/migrate/migrator.h"
#include "sql/store/dead_letter_rows.h"
#include "sql/store/message_table.h"
#include "sql/store/mysql_dead_letter_store.h"
#include "sql/store/mysql_message_store.h"
#include "tests/conformance/dead_letter_store_suite.h"
#include "tests/conformance/on_server.h"
#include "tests/support/database_server.h"

namespace lanemq::testing {
namespace {

constexpr core::NodeId kNode{1};
constexpr std::size_t kRowsPerInsert = 500;

std::string Quoted(const std::optional<std::string>& bytes) {
  if (!bytes) return "NULL";
  std::string text;
  sql::AppendQuoted(*bytes, text);
  return text;
}

std::string Time(WallTime time) {
  return fmt::format("'1970-01-01' + INTERVAL {} MICROSECOND", time.micros);
}

std::string RowOf(const core::DeadLetter& letter) {
  std::optional<std::string> headers;
  if (!letter.record->headers.empty()) {
    core::AppendHeaderText(letter.record->headers, headers.emplace());
  }
  return fmt::format("({},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{})",
                     Quoted(letter.id.group), letter.id.key.topic.value, letter.id.key.partition,
                     letter.id.offset.value, Time(letter.dead_at), letter.history.attempts,
                     Time(letter.history.first_at), Time(letter.history.last_at),
                     Quoted(letter.history.last.reason), Quoted(letter.history.first.error),
                     Quoted(letter.history.last.error), letter.record->timestamp.micros,
                     letter.record->producer.value, letter.record->sequence, letter.record->codec,
                     Quoted(letter.record->key), Quoted(headers), Quoted(letter.record->body));
}

class SqlDeadLetters final : public DeadLetterStoreUnderTest {
 public:
  explicit SqlDeadLetters(DatabaseServer& server)
      : prefix_(UniquePrefix()),
        nodes_(sql::DataNodeOptions{.user = "root"}),
        other_nodes_(sql::DataNodeOptions{.user = "root"}),
        store_(nodes_, kNode),
        other_(other_nodes_, kNode),
        log_(nodes_) {
    const Status migrated =
        sql::MigrateNode({.host = server.host(), .port = server.port(), .user = "root"}, prefix_,
                         Deadline::After(SystemClock::Instance(), std::chrono::seconds{60}), 3);
    EXPECT_TRUE(migrated.ok()) << migrated.error().ToString();
    const core::DataNode node{.id = kNode,
                              .name = "one",
                              .host = server.host(),
                              .port = server.port(),
                              .schema_prefix = prefix_};
    nodes_.Update(std::span(&node, 1));
    other_nodes_.Update(std::span(&node, 1));
    for (int partition = 0; partition < 3; ++partition) {
      const Status created = log_.CreatePartition(Location(partition), "orders", Soon());
      EXPECT_TRUE(created.ok()) << created.error().ToString();
    }
  }

  core::DeadLetterStore& store() override { return store_; }
  core::DeadLetterStore& other() override { return other_; }
  core::MessageStore& log() override { return log_; }
  core::PartitionLocation Location(int partition) override {
    return {{core::TopicId{7}, partition}, kNode, partition};
  }

  void Put(const std::vector<core::DeadLetter>& letters) override {
    for (std::size_t at = 0; at < letters.size(); at += kRowsPerInsert) {
      std::string text = "INSERT INTO dead_letters VALUES ";
      for (std::size_t i = at; i < std::min(at + kRowsPerInsert, letters.size()); ++i) {
        text += (i == at ? "" : ",") + RowOf(letters[i]);
      }
      Run(text);
    }
  }
  std::vector<core::DeadLetter> Retries(const std::string& group) override {
    std::vector<core::DeadLetter> retries;
    const auto micros = [](std::string_view column) {
      return fmt::format("TIMESTAMPDIFF(MICROSECOND,'1970-01-01',{})", column);
    };
    Query(fmt::format(
              "SELECT topic_id,partition_index,origin_offset,{},attempts,{},{},reason,"
              "first_error,last_error,timestamp_us,producer_id,sequence,codec,`key`,"
              "headers,body FROM retry_messages WHERE group_id={} AND leased_by='' ORDER BY "
              "1,2,3",
              micros("due_at"), micros("first_failed_at"), micros("last_failed_at"), Quoted(group)),
          [&](const sql::Row& row) {
            auto letter = sql::ToDeadLetter(group, row);
            EXPECT_TRUE(letter.ok()) << letter.error().ToString();
            if (letter.ok()) retries.push_back(*std::move(letter));
            return letter.ok();
          });
    return retries;
  }
  void PutDoneRedrives(std::int64_t first, std::int64_t last) override {
    std::string text =
        "INSERT INTO redrive_jobs (id,group_id,state,target,filter,created_at,finished_at) VALUES ";
    for (std::int64_t id = first; id <= last; ++id) {
      const std::string at = Time(WallTime{id * 1'000'000});
      text += fmt::format("{}({},'g','done','group','{{\"group\":\"g\"}}',{},{})",
                          id == first ? "" : ",", id, at, at);
    }
    Run(text);
  }
  void SetMoving(const core::PartitionKey& key, bool is_moving) override {
    Run(
        fmt::format("UPDATE partition_state SET state='{}' WHERE topic_id={} AND "
                    "partition_index={}",
                    is_moving ? "moving" : "writable", key.topic.value, key.partition));
  }
  core::Fence NewTerm() override {
    ++term_;
    Run(
        fmt::format("REPLACE INTO leases VALUES ('duties','me',{},UTC_TIMESTAMP(6) + INTERVAL 1 "
                    "HOUR)",
                    term_));
    return {"duties", core::FencingToken{term_}};
  }
  WallTime Now() override {
    WallTime now;
    Query("SELECT TIMESTAMPDIFF(MICROSECOND,'1970-01-01',UTC_TIMESTAMP(6))",
          [&](const sql::Row& row) {
            now = WallTime{row.Int64(0)};
            return false;
          });
    return now;
  }

 private:
  static Deadline Soon() {
    return Deadline::After(SystemClock::Instance(), std::chrono::seconds{30});
  }
  template <typename Use>
  void On(const Use& use) {
    const auto node = nodes_.Find(kNode);
    ASSERT_TRUE(node.ok());
    auto connection = (*node)->pool.Checkout(sql::Access::kWrite, Soon());
    ASSERT_TRUE(connection.ok()) << connection.error().ToString();
    use(**connection);
  }
  void Run(const std::string& text) {
    On([&](sql::Connection& connection) {
      connection.Text() = text;
      const auto done = connection.UpdateText("test");
      EXPECT_TRUE(done.ok()) << done.error().ToString();
    });
  }
  void Query(const std::string& text, const sql::RowVisitor& visit) {
    On([&](sql::Connection& connection) {
      connection.Text() = text;
      const Status done = connection.QueryText("test", visit);
      EXPECT_TRUE(done.ok()) << done.error().ToString();
    });
  }

  const std::string prefix_;
  std::int64_t term_ = 0;
  sql::DataNodes nodes_;
  sql::DataNodes other_nodes_;
  sql::MySqlDeadLetterStore store_;
  sql::MySqlDeadLetterStore other_;
  sql::MySqlMessageStore log_;
};

const auto kNameOf = [](const auto& info) { return info.param.name; };

}  // namespace

INSTANTIATE_TEST_SUITE_P(
    On, DeadLetterStoreSuite,
    ::testing::Values(
        DeadLetterStoreFactory{
            NameOf(Engine::kMariaDb),
            OnServer<SqlDeadLetters, DeadLetterStoreUnderTest>(Engine::kMariaDb)},
        DeadLetterStoreFactory{NameOf(Engine::kMySql),
                               OnServer<SqlDeadLetters, DeadLetterStoreUnderTest>(Engine::kMySql)}),
    kNameOf);

}  // namespace lanemq::testing
