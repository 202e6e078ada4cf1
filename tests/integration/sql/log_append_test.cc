// Rows that are appended on the server, alone and against a broker that appends all the time.
#include "sql/store/log_append.h"

#include <atomic>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/driver/transaction.h"
#include "sql/migrate/migrator.h"
#include "sql/store/data_nodes.h"
#include "sql/store/mysql_message_store.h"
#include "tests/integration/sql/engines.h"

namespace lanemq::sql {
namespace {

using core::Offset;
using std::chrono::seconds;

constexpr std::string_view kThreeRows =
    "SELECT 0 AS position,7 AS producer_id,8 AS sequence,0 AS codec,'k' AS `key`,NULL AS headers,"
    "'body' AS body UNION ALL SELECT 1,7,9,0,NULL,'a=1','' UNION ALL SELECT 2,7,10,3,'','b=2',NULL";

class LogAppendTest : public OnEngine {
 protected:
  void SetUp() override {
    OnEngine::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    ASSERT_TRUE(MigrateNode(Options(), prefix_, In(seconds{60}), 1).ok());
    nodes_.emplace(DataNodeOptions{.user = "root"});
    const core::DataNode node{.id = core::NodeId{1},
                              .name = "one",
                              .host = server_->host(),
                              .port = server_->port(),
                              .schema_prefix = prefix_};
    nodes_->Update(std::span(&node, 1));
    store_.emplace(*nodes_);
    ASSERT_TRUE(store_->CreatePartition(location_, "orders", In(seconds{20})).ok());
  }

  Result<Offset> AppendThree(std::int64_t now_us, int attempts = 5) {
    const auto node = nodes_->Find(core::NodeId{1});
    if (!node.ok()) return node.error();
    const MessageTable table(prefix_, location_);
    Offset first;
    LANEMQ_RETURN_IF_ERROR(RunInTransaction(
        (*node)->pool, In(seconds{20}),
        [&](Connection& connection) -> Status {
          LANEMQ_ASSIGN_OR_RETURN(first, AppendSelected(connection, table, kThreeRows, now_us));
          return {};
        },
        attempts, Isolation::kRepeatableRead));
    return first;
  }
  /// One append of `count` records behind the tail, as a broker does it.
  Status AppendAtTail(int count) {
    LANEMQ_ASSIGN_OR_RETURN(const auto tail, store_->ReadTail(location_, In(seconds{20})));
    std::vector<core::RecordPtr> records;
    for (int i = 0; i < count; ++i) {
      auto record = std::make_shared<core::Record>();
      record->offset = Offset{(tail.last ? tail.last->offset.value : 0) + 1 + i};
      record->timestamp = tail.last ? tail.last->timestamp : WallTime{1};
      record->body = "broker";
      records.push_back(std::move(record));
    }
    return store_->Append(location_, records, tail.server, In(seconds{20}));
  }
  std::vector<core::RecordPtr> All() {
    const auto read = store_->Read(location_, Offset{0},
                                   {.records_max = 1'000'000, .bytes_max = std::size_t{1} << 30},
                                   In(seconds{20}));
    EXPECT_TRUE(read.ok()) << read.error().ToString();
    return read.ok() ? *read : std::vector<core::RecordPtr>{};
  }

  const core::PartitionLocation location_{{core::TopicId{1}, 0}, core::NodeId{1}, 0};
  std::optional<DataNodes> nodes_;
  std::optional<MySqlMessageStore> store_;
};
INSTANTIATE_TEST_SUITE_P(On, LogAppendTest, ::testing::Values(Engine::kMariaDb, Engine::kMySql),
                         EngineName);

TEST_P(LogAppendTest, GoesOnBehindTheTailAndNeverBackInTime) {
  const auto first = AppendThree(1'000);
  ASSERT_TRUE(first.ok()) << first.error().ToString();
  EXPECT_EQ(*first, Offset{1});
  const auto second = AppendThree(500);
  ASSERT_TRUE(second.ok()) << second.error().ToString();
  EXPECT_EQ(*second, Offset{4});
  const auto third = AppendThree(2'000);
  ASSERT_TRUE(third.ok()) << third.error().ToString();
  const auto rows = All();
  ASSERT_EQ(rows.size(), 9u);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i]->offset.value, static_cast<std::int64_t>(i) + 1);
    EXPECT_EQ(rows[i]->timestamp.micros, i < 6 ? 1'000 : 2'000);
  }
  EXPECT_TRUE(*rows[0] == (core::Record{.offset = Offset{1},
                                        .timestamp = WallTime{1'000},
                                        .producer = core::ProducerId{7},
                                        .sequence = 8,
                                        .key = "k",
                                        .body = "body"}));
  EXPECT_EQ(rows[1]->key, std::nullopt);
  EXPECT_EQ(rows[1]->body, "");
  EXPECT_EQ(rows[1]->headers, (std::vector<core::Header>{{"a", "1"}}));
  EXPECT_EQ(rows[2]->key, "");
  EXPECT_EQ(rows[2]->body, std::nullopt);
  EXPECT_EQ(rows[2]->codec, 3);
}

TEST_P(LogAppendTest, StartsAtTheLogStartWhenTheRowsAreGone) {
  const auto connection = Connect(Options());
  ASSERT_NE(connection, nullptr);
  RunOk(*connection, "UPDATE " + prefix_ + "_node.partition_state SET log_start_offset=40");
  const auto first = AppendThree(1);
  ASSERT_TRUE(first.ok()) << first.error().ToString();
  EXPECT_EQ(*first, Offset{40});
  RunOk(*connection, "DELETE FROM " + prefix_ + "_node.partition_state");
  const auto unknown = AppendThree(1);
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().code, ErrorCode::kUnknownTopicOrPartition);
}

TEST_P(LogAppendTest, NobodyAppendsBetweenItAndItsCommit) {
  ASSERT_TRUE(AppendAtTail(1).ok());
  const auto node = nodes_->Find(core::NodeId{1});
  ASSERT_TRUE(node.ok());
  const auto other = Connect(Options());
  ASSERT_NE(other, nullptr);
  RunOk(*other, "SET SESSION innodb_lock_wait_timeout=1");
  const MessageTable table(prefix_, location_);
  const Status done = RunInTransaction(
      (*node)->pool, In(seconds{20}),
      [&](Connection& connection) -> Status {
        LANEMQ_ASSIGN_OR_RETURN(const Offset first,
                                AppendSelected(connection, table, kThreeRows, 1));
        EXPECT_EQ(first, Offset{2});
        // Behind what was appended: only the locked end of the table can be in the way.
        const auto refused =
            Run(*other, "INSERT INTO " + table.name() + " VALUES (5,1,0,0,0,NULL,NULL,NULL)");
        EXPECT_FALSE(refused.ok());
        if (!refused.ok()) {
          EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
        }
        return {};
      },
      1, Isolation::kRepeatableRead);
  ASSERT_TRUE(done.ok()) << done.error().ToString();
  EXPECT_TRUE(AppendAtTail(1).ok());
  EXPECT_EQ(All().size(), 5u);
}

TEST_P(LogAppendTest, ABusyAppenderNeitherStarvesItNorFails) {
  constexpr int kCalls = 60;
  ASSERT_TRUE(AppendAtTail(1).ok());
  std::atomic<bool> is_over = false;
  std::atomic<int> appended = 1;
  std::atomic<int> lost = 0;
  std::optional<Error> failed;
  std::thread broker([&] {
    while (!is_over) {
      const Status status = AppendAtTail(5);
      if (status.ok()) {
        appended += 5;
      } else if (status.error().code == ErrorCode::kAlreadyExists) {
        ++lost;  // What brokers meet when another one has appended: they look again.
      } else {
        failed = status.error();
        return;
      }
    }
  });
  int moved = 0;
  std::set<std::int64_t> firsts;
  std::optional<Error> refused;
  // Both sides must have had their turn.
  const Deadline patience = In(seconds{30});
  while ((moved < kCalls || appended < 50) && !refused &&
         !patience.HasPassed(SystemClock::Instance())) {
    const auto first = AppendThree(1);
    if (!first.ok()) {
      refused = first.error();
    } else {
      ++moved;
      firsts.insert(first->value);
    }
  }
  is_over = true;
  broker.join();
  EXPECT_FALSE(refused) << refused->ToString();
  EXPECT_FALSE(failed) << failed->ToString();
  EXPECT_GE(moved, kCalls);
  EXPECT_GE(appended, 50);
  RecordProperty("broker_lost", lost);
  const auto rows = All();
  ASSERT_EQ(rows.size(), static_cast<std::size_t>(appended + 3 * moved));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    ASSERT_EQ(rows[i]->offset.value, static_cast<std::int64_t>(i) + 1);
    if (firsts.contains(rows[i]->offset.value)) {
      ASSERT_LE(i + 3, rows.size());
      EXPECT_EQ(rows[i]->sequence, 8);
      EXPECT_EQ(rows[i + 1]->sequence, 9);
      EXPECT_EQ(rows[i + 2]->sequence, 10);
    }
  }
}

}  // namespace
}  // namespace lanemq::sql
