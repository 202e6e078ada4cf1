// Delayed messages over a crash of their data node: each is delivered once.
#include <atomic>
#include <set>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sql/migrate/migrator.h"
#include "sql/store/mysql_delayed_store.h"
#include "sql/store/mysql_lease_store.h"
#include "sql/store/mysql_message_store.h"
#include "tests/support/database_server.h"
#include "tests/support/wait_for.h"

namespace lanemq::sql {
namespace {

using std::chrono::seconds;
using testing::DatabaseServer;
using testing::Engine;

class DelayedCrashTest : public ::testing::TestWithParam<Engine> {
 protected:
  static constexpr int kCount = 1'500;
  static Deadline In(int s) { return Deadline::After(SystemClock::Instance(), seconds(s)); }

  void SetUp() override {
    if (testing::ServerProgram(GetParam()).empty()) {
      GTEST_SKIP() << "SKIPPED LOUDLY: " << testing::NameOf(GetParam()) << " is not installed";
    }
    auto started = DatabaseServer::Start({.engine = GetParam()});
    ASSERT_TRUE(started.ok()) << started.error().ToString();
    server_ = *std::move(started);
    const core::DataNode node{.id = core::NodeId{1},
                              .name = "one",
                              .host = server_->host(),
                              .port = server_->port(),
                              .schema_prefix = "crash"};
    const Status migrated = MigrateNode({.host = node.host, .port = node.port, .user = "root"},
                                        node.schema_prefix, In(60), 1);
    ASSERT_TRUE(migrated.ok()) << migrated.error().ToString();
    nodes_.Update(std::span(&node, 1));
    ASSERT_TRUE(messages_.CreatePartition(location_, "orders", In(20)).ok());
  }

  Status ScheduleAll() {
    LANEMQ_ASSIGN_OR_RETURN(const auto found, store_.ReadFronts(In(20)));
    std::vector<core::DelayedMessage> batch;
    for (int i = 0; i < kCount; ++i) {
      auto record = std::make_shared<core::Record>();
      record->producer = core::ProducerId{5};
      record->sequence = i;
      record->body = std::to_string(i);
      batch.push_back({WallTime{found.now.micros - kCount + i}, std::move(record)});
    }
    const auto scheduled = store_.Schedule(location_.key, batch, In(20));
    return scheduled.ok() ? Status{} : Status{scheduled.error()};
  }
  /// Moves until nothing is left. Errors are of the crash, and what they may have done is done.
  void MoveAll(const core::Fence& fence) {
    const Deadline end = In(90);
    while (!end.HasPassed(SystemClock::Instance())) {
      const auto moved = store_.Move(location_, WallTime{}, 10, 1u << 20, fence, In(10));
      if (!moved.ok()) {
        ++failures_;
        EXPECT_NE(moved.error().code, ErrorCode::kFenced);
        continue;
      }
      moved_ += moved->moved;
      if (!moved->next_due) return;
    }
    ADD_FAILURE() << "not over in time";
  }

  std::unique_ptr<DatabaseServer> server_;
  DataNodes nodes_{DataNodeOptions{.user = "root"}};
  MySqlDelayedStore store_{nodes_, core::NodeId{1}};
  MySqlMessageStore messages_{nodes_};
  MySqlLeaseStore leases_{nodes_, core::NodeId{1}};
  const core::PartitionLocation location_{{core::TopicId{1}, 0}, core::NodeId{1}, 0};
  std::atomic<int> moved_{0};
  std::atomic<int> failures_{0};
};
INSTANTIATE_TEST_SUITE_P(On, DelayedCrashTest, ::testing::ValuesIn(testing::Engines()),
                         [](const auto& engine) { return testing::NameOf(engine.param); });

TEST_P(DelayedCrashTest, EachIsDeliveredOnceThoughTheServerDiesInTheMiddle) {
  const Status scheduled = ScheduleAll();
  ASSERT_TRUE(scheduled.ok()) << scheduled.error().ToString();
  const auto lease = leases_.Acquire("duties", "test", std::chrono::hours(1), In(20));
  ASSERT_TRUE(lease.ok()) << lease.error().ToString();
  std::thread mover([&] { MoveAll({lease->name, lease->token}); });
  EXPECT_TRUE(testing::WaitFor([&] { return moved_ >= 100; }, seconds(30), "the first are moved"));
  server_->Kill();
  const Status again = server_->StartAgain();
  EXPECT_TRUE(again.ok()) << again.error().ToString();
  mover.join();
  EXPECT_GT(failures_, 0) << "it died after the last move: nothing was tested";

  std::set<std::string> bodies;
  std::int64_t next = 1;
  while (true) {
    const auto rows = messages_.Read(location_, core::Offset{next}, {}, In(20));
    ASSERT_TRUE(rows.ok()) << rows.error().ToString();
    if (rows->empty()) break;
    for (const auto& row : *rows) {
      ASSERT_EQ(row->offset.value, next++);
      EXPECT_EQ(row->body, std::to_string(row->offset.value - 1)) << "not in order";
      EXPECT_TRUE(bodies.insert(*row->body).second) << *row->body << " twice";
    }
  }
  EXPECT_EQ(bodies.size(), static_cast<std::size_t>(kCount));
  // What was stored before the crash is known after it.
  EXPECT_TRUE(ScheduleAll().ok());
  EXPECT_TRUE(store_.ReadFronts(In(20))->fronts.empty());
}

}  // namespace
}  // namespace lanemq::sql
