// What only a database shows of partitions that move: that writes of a partition and its sealing
// wait for each other, in whatever order they come, on both engines.
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sql/driver/transaction.h"
#include "sql/migrate/migrator.h"
#include "sql/store/mysql_data_loss_store.h"
#include "sql/store/mysql_message_store.h"
#include "sql/store/mysql_offset_store.h"
#include "sql/store/mysql_retry_store.h"
#include "tests/support/database_server.h"
#include "tests/support/wait_for.h"

namespace lanemq::testing {
namespace {

using std::chrono::seconds;

constexpr core::NodeId kNode{1};
constexpr int kPartitions = 4;

core::PartitionLocation At(int partition) { return {{core::TopicId{7}, partition}, kNode, 0}; }
core::PartitionKey Key(int partition) { return At(partition).key; }
Deadline Soon() { return Deadline::After(SystemClock::Instance(), seconds{30}); }

class MovingPartitionTest : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    std::string why;
    server_ = SharedServer(GetParam(), &why);
    if (server_ == nullptr) {
      ASSERT_TRUE(ServerProgram(GetParam()).empty()) << "installed, but: " << why;
      GTEST_SKIP() << "SKIPPED LOUDLY: " << NameOf(GetParam()) << ": " << why;
    }
    const Status migrated = sql::MigrateNode(
        {.host = server_->host(), .port = server_->port(), .user = "root"}, prefix_, Soon(), 1);
    ASSERT_TRUE(migrated.ok()) << migrated.error().ToString();
    const core::DataNode node{.id = kNode,
                              .name = "one",
                              .host = server_->host(),
                              .port = server_->port(),
                              .schema_prefix = prefix_};
    nodes_.Update(std::span(&node, 1));
    for (int i = 0; i < kPartitions; ++i) {
      ASSERT_TRUE(messages_.CreatePartition(At(i), "orders", Soon()).ok());
    }
  }

  std::string Run(const std::string& statement) {
    const auto done = server_->Query(fmt::format("USE {}_node; {}", prefix_, statement));
    EXPECT_TRUE(done.ok()) << done.error().ToString();
    return done.ok() ? *done : std::string{};
  }
  /// In a transaction that `then` runs in, with the partition's row locked as a seal does.
  Status Seal(int partition, const std::function<void()>& then = {}) {
    const auto node = nodes_.Find(kNode);
    return sql::RunInTransaction((*node)->pool, Soon(), [&](sql::Connection& connection) -> Status {
      const auto is = fmt::format("topic_id=7 AND partition_index={}", partition);
      connection.Text() = "SELECT state FROM partition_state WHERE " + is + " FOR UPDATE";
      LANEMQ_RETURN_IF_ERROR(connection.QueryText("seal", [](const sql::Row&) { return false; }));
      connection.Text() = "UPDATE partition_state SET state='moving' WHERE " + is;
      const auto sealed = connection.UpdateText("seal");
      if (!sealed.ok()) return sealed.error();
      if (then) then();
      return {};
    });
  }
  void Unseal(int partition) {
    Run(fmt::format("UPDATE partition_state SET state='writable' WHERE partition_index={}",
                    partition));
  }
  Status Commit(int partition, std::int64_t offset, const std::string& group = "g") {
    const std::vector<core::OffsetCommit> commits = {
        {Key(partition), core::Offset{offset}, "", std::nullopt}};
    const auto done = offsets_.Commit(group, {}, commits, Soon());
    return done.ok() ? done->front() : Status(done.error());
  }

  DatabaseServer* server_ = nullptr;
  const std::string prefix_ = UniquePrefix();
  sql::DataNodes nodes_{sql::DataNodeOptions{.user = "root"}};
  sql::MySqlMessageStore messages_{nodes_};
  sql::MySqlOffsetStore offsets_{nodes_, kNode};
  sql::MySqlRetryStore retries_{nodes_, kNode};
};

TEST_P(MovingPartitionTest, SnapshotsAndLossesOfAPartitionThatMovesAreRefused) {
  sql::MySqlDataLossStore losses(nodes_, kNode);
  const core::DataLoss loss{Key(0), core::Offset{3}, core::Offset{5}, "broker 1"};
  ASSERT_TRUE(losses.Record(loss, Soon()).ok());
  EXPECT_TRUE(losses.Record(loss, Soon()).ok()) << "once more is not a refusal";
  ASSERT_TRUE(messages_.SaveProducerSnapshot(At(0), {core::Offset{5}, "state"}, Soon()).ok());
  EXPECT_TRUE(messages_.SaveProducerSnapshot(At(0), {core::Offset{5}, "state"}, Soon()).ok());
  ASSERT_TRUE(Seal(0).ok());
  EXPECT_EQ(losses.Record({Key(0), core::Offset{9}, core::Offset{10}, "b"}, Soon()).error().code,
            ErrorCode::kDataNodeUnavailable);
  EXPECT_EQ(messages_.SaveProducerSnapshot(At(0), {core::Offset{6}, "x"}, Soon()).error().code,
            ErrorCode::kDataNodeUnavailable);
  EXPECT_EQ(Run("SELECT COUNT(*) FROM data_losses"), "1\n");
  EXPECT_EQ(Run("SELECT through_offset FROM producer_snapshots"), "5\n");
  EXPECT_EQ(losses.Record({Key(99), core::Offset{9}, core::Offset{10}, "b"}, Soon()).error().code,
            ErrorCode::kDataNodeUnavailable)
      << "so it is where the partition is not";
}

TEST_P(MovingPartitionTest, ACommitThatWaitsForASealIsRefusedOnceItIsThere) {
  ASSERT_TRUE(Commit(0, 5).ok());
  std::atomic<bool> is_sealed{false};
  std::atomic<bool> is_answered{false};
  std::thread writer;
  const Status sealed = Seal(0, [&] {
    writer = std::thread([&] {
      const Status status = Commit(0, 6);
      EXPECT_TRUE(is_sealed) << "it did not wait";
      EXPECT_FALSE(status.ok());
      EXPECT_TRUE(status.ok() || status.error().code == ErrorCode::kDataNodeUnavailable);
      is_answered = true;
    });
    EXPECT_TRUE(WaitFor(
        [&] {
          return is_answered || Run("SHOW PROCESSLIST").find("group_offsets") != std::string::npos;
        },
        seconds(10), "a commit under way"));
    EXPECT_FALSE(is_answered);
    is_sealed = true;
  });
  writer.join();
  EXPECT_TRUE(sealed.ok());
  EXPECT_EQ(Run("SELECT committed_offset FROM group_offsets"), "5\n");
}

// A seal takes effect between transactions: what was answered well is there, and nothing comes
// after it. Nobody waits in a circle: three losses in a row would be an answer of kConflict.
TEST_P(MovingPartitionTest, WritersOfManyPartitionsAndSealsDoNotHoldEachOtherUp) {
  constexpr int kWriters = 4;
  constexpr int kSeals = 60;
  std::atomic<bool> is_over{false};
  std::atomic<std::int64_t> stored{0};
  std::atomic<std::int64_t> refused{0};
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      const std::string group = "g" + std::to_string(writer % 2);
      for (std::int64_t offset = 2; !is_over; ++offset) {
        std::vector<core::OffsetCommit> commits;
        std::vector<core::PartitionSettlement> settlements;
        for (int i = 0; i < kPartitions; ++i) {
          const int partition = writer % 2 == 0 ? i : kPartitions - 1 - i;
          commits.push_back({Key(partition), core::Offset{offset}, "", std::nullopt});
          settlements.push_back({.location = At(partition), .commit = commits.back()});
        }
        std::vector<Status> answers;
        if (writer < 2) {
          const auto done = offsets_.Commit(group, {}, commits, Soon());
          ASSERT_TRUE(done.ok()) << done.error().ToString();
          answers = *done;
        } else {
          const auto done = retries_.Settle(group, {}, settlements, Soon());
          ASSERT_TRUE(done.ok()) << done.error().ToString();
          for (const auto& one : *done) answers.push_back(one.status);
        }
        for (const Status& answer : answers) {
          ++(answer.ok() ? stored : refused);
          EXPECT_TRUE(answer.ok() || answer.error().code == ErrorCode::kDataNodeUnavailable);
        }
      }
    });
  }
  for (int i = 0; i < kSeals; ++i) {
    const int partition = i % kPartitions;
    EXPECT_TRUE(Seal(partition).ok());
    const std::string rows = fmt::format(
        "SELECT group_id,committed_offset FROM group_offsets WHERE partition_index={} ORDER BY 1",
        partition);
    const std::string before = Run(rows);
    // Enough for others to have tried.
    const std::int64_t tried = refused;
    EXPECT_TRUE(WaitFor([&] { return refused > tried + kWriters; }, seconds(20), "refusals"));
    EXPECT_EQ(Run(rows), before) << "written after the seal of " << partition;
    Unseal(partition);
  }
  is_over = true;
  for (std::thread& writer : writers) writer.join();
  EXPECT_GT(stored, 0);
}

INSTANTIATE_TEST_SUITE_P(On, MovingPartitionTest,
                         ::testing::Values(Engine::kMariaDb, Engine::kMySql),
                         [](const auto& engine) { return NameOf(engine.param); });

}  // namespace
}  // namespace lanemq::testing
