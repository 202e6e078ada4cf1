// Segments are made and dropped while others write and read: what it costs them, and what they see.
#include <algorithm>
#include <atomic>
#include <iostream>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/migrate/migrator.h"
#include "sql/statements/statements.h"
#include "sql/store/data_nodes.h"
#include "sql/store/message_table.h"
#include "sql/store/mysql_message_store.h"
#include "sql/store/mysql_retention_store.h"
#include "sql/store/retention_text.h"
#include "tests/integration/sql/engines.h"
#include "tests/support/wait_for.h"

namespace lanemq::sql {
namespace {

using core::Offset;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::int64_t kFirst = kFirstBound.value - 10;

class RetentionLockTest : public OnEngine {
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
    messages_.emplace(*nodes_);
    store_.emplace(*nodes_, core::NodeId{1});
    ASSERT_TRUE(messages_->CreatePartition(location_, "orders", In(seconds{20})).ok());
    other_ = Connect(Options());
    ASSERT_NE(other_, nullptr);
    RunOk(*other_, "UPDATE " + prefix_ +
                       "_node.partition_state SET log_start_offset=" + std::to_string(kFirst));
    const auto tail = messages_->ReadTail(location_, In(seconds{20}));
    ASSERT_TRUE(tail.ok()) << tail.error().ToString();
    identity_ = tail->server;
    ASSERT_TRUE(AppendOne().ok());
  }

  Status AppendOne() {
    auto record = std::make_shared<core::Record>();
    record->offset = Offset{end_};
    record->timestamp = WallTime{1};
    record->body = "x";
    const core::RecordPtr batch[] = {std::move(record)};
    const Status done = messages_->Append(location_, batch, identity_, In(seconds{20}));
    if (done.ok()) ++end_;
    return done;
  }
  /// Appends until told to stop; the longest that one took.
  void AppendOn(const std::atomic<bool>& stop) {
    const Clock& clock = SystemClock::Instance();
    while (!stop) {
      const MonotonicTime begin = clock.Now();
      const Status done = AppendOne();
      slowest_ = std::max(slowest_, clock.Now() - begin);
      if (!done.ok()) append_errors_.insert(done.error().ToString());
    }
  }

  const core::PartitionLocation location_{{core::TopicId{1}, 0}, core::NodeId{1}, 0};
  std::optional<DataNodes> nodes_;
  std::optional<MySqlMessageStore> messages_;
  std::optional<MySqlRetentionStore> store_;
  std::unique_ptr<Connection> other_;
  core::ServerIdentity identity_;
  std::atomic<std::int64_t> end_{kFirst};
  std::chrono::nanoseconds slowest_{};
  std::set<std::string> append_errors_;
};
INSTANTIATE_TEST_SUITE_P(On, RetentionLockTest, ::testing::Values(Engine::kMariaDb, Engine::kMySql),
                         EngineName);

TEST_P(RetentionLockTest, AnOpenReaderCostsInsertsTheLockWaitAndNoMore) {
  const std::string table = MessageTable(prefix_, location_).name();
  RunOk(*other_, "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ");
  RunOk(*other_, "BEGIN");
  EXPECT_EQ(Rows(*other_, "SELECT COUNT(*) FROM " + table).front(), "1");
  std::atomic<bool> stop{false};
  std::jthread appender([&] { AppendOn(stop); });
  const Clock& clock = SystemClock::Instance();
  const MonotonicTime begin = clock.Now();
  const Status split =
      store_->SplitTail(location_, Offset{kFirst + 1'000'000}, 1'000'000, In(seconds{20}));
  const auto waited = clock.Now() - begin;
  EXPECT_FALSE(split.ok());
  if (!split.ok()) {
    EXPECT_EQ(split.error().code, ErrorCode::kConflict) << split.error().ToString();
  }
  EXPECT_GT(waited, milliseconds{900});
  EXPECT_LT(waited, milliseconds{3'000});
  const std::int64_t before = end_;
  EXPECT_TRUE(testing::WaitFor([&] { return end_ > before + 5; }, seconds{20}, "inserts go on"));
  stop = true;
  appender.join();
  EXPECT_LT(slowest_, milliseconds{1'900}) << "lock wait 1 s, and what a busy machine adds";
  EXPECT_THAT(append_errors_, ::testing::IsEmpty());
  RecordProperty("slowest_insert_ms", static_cast<int>(slowest_ / milliseconds{1}));
  // The same session of the pool waits as long as others again.
  const auto node = nodes_->Find(core::NodeId{1});
  ASSERT_TRUE(node.ok());
  auto pooled = (*node)->pool.Checkout(Access::kRead, In(seconds{5}));
  ASSERT_TRUE(pooled.ok());
  EXPECT_EQ(Rows(**pooled, "SELECT @@SESSION.lock_wait_timeout").front(), "5");
  EXPECT_EQ(Rows(**pooled, "SELECT @@SESSION.wait_timeout").front(), "60");
  RunOk(*other_, "COMMIT");
  const Status now =
      store_->SplitTail(location_, Offset{kFirst + 1'000'000}, 1'000'000, In(seconds{20}));
  EXPECT_TRUE(now.ok()) << now.error().ToString();
}

TEST_P(RetentionLockTest, AProcessThatIsFrozenWithTheTableLockedLetsGoSoon) {
  RunOk(*other_, std::string(statements::kShortLockWait.text));
  RunOk(*other_, RetentionTable(prefix_, location_).Lock());
  const Clock& clock = SystemClock::Instance();
  const MonotonicTime begin = clock.Now();
  const Status done = AppendOne();
  EXPECT_TRUE(done.ok()) << done.error().ToString();
  EXPECT_GT(clock.Now() - begin, milliseconds{500}) << "it was locked";
  EXPECT_LT(clock.Now() - begin, milliseconds{4'900}) << "shorter than a lock is waited for";
}

TEST_P(RetentionLockTest, AppendsAndReadsGoOnWhileSegmentsComeAndGo) {
  std::atomic<bool> stop{false};
  std::jthread appender([&] { AppendOn(stop); });
  std::set<std::string> read_errors;
  std::atomic<std::int64_t> start{kFirst};
  std::jthread reader([&] {
    while (!stop) {
      // A reader far ahead of retention, and one at the log start.
      for (const std::int64_t from : {std::max<std::int64_t>(end_ - 5, kFirst), start.load()}) {
        const std::int64_t begun_at = start;
        const auto rows = messages_->Read(location_, Offset{from}, {}, In(seconds{20}));
        if (!rows.ok()) {
          read_errors.insert(rows.error().ToString());
          continue;
        }
        for (std::size_t i = 1; i < rows->size(); ++i) {
          EXPECT_EQ((*rows)[i]->offset.value, (*rows)[i - 1]->offset.value + 1);
        }
        // Nothing at or above the start goes: only a start that moved meanwhile explains a gap.
        if (from >= begun_at && !rows->empty() && rows->front()->offset.value != from) {
          EXPECT_GT(start, begun_at);
        }
      }
      const auto ends = messages_->ReadEnds(std::span(&location_, 1), In(seconds{20}));
      if (!ends.ok()) read_errors.insert(ends.error().ToString());
    }
  });
  std::int64_t bound = kFirstBound.value;
  int dropped = 0;
  int busy = 0;
  for (int i = 0; i < 12 && !HasFailure(); ++i) {
    const std::int64_t next = std::max<std::int64_t>(bound, end_) + 40;
    const Status split = store_->SplitTail(location_, Offset{next}, 1'000'000, In(seconds{20}));
    if (!split.ok()) {
      EXPECT_EQ(split.error().code, ErrorCode::kConflict) << split.error().ToString();
      ++busy;
      continue;
    }
    const Offset old{std::exchange(bound, next)};
    ASSERT_TRUE(testing::WaitFor([&] { return end_ > old.value; }, seconds{30}, "rows behind it"));
    start = old.value;
    const core::StartMove move{.location = location_, .to = old, .reason = "time"};
    const auto moved = store_->MoveStart(move, std::nullopt, In(seconds{20}));
    ASSERT_TRUE(moved.ok()) << moved.error().ToString();
    const auto gone = store_->DropSegments(location_, std::span(&old, 1), In(seconds{20}));
    if (gone.ok()) {
      dropped += static_cast<int>(*gone);
    } else {
      EXPECT_EQ(gone.error().code, ErrorCode::kConflict) << gone.error().ToString();
      ++busy;
    }
  }
  stop = true;
  appender.join();
  reader.join();
  EXPECT_GT(dropped, 3) << busy << " times the table was busy";
  EXPECT_THAT(append_errors_, ::testing::IsEmpty());
  EXPECT_THAT(read_errors, ::testing::IsEmpty());
  RecordProperty("slowest_insert_ms", static_cast<int>(slowest_ / milliseconds{1}));
  std::cout << "dropped " << dropped << ", busy " << busy << ", slowest insert "
            << slowest_ / milliseconds{1} << " ms, rows " << end_ - kFirst << "\n";
}

}  // namespace
}  // namespace lanemq::sql
