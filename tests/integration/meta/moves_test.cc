// Moves of partitions on real databases, carried out by the runner of metaservers: whatever stops
// it, and whenever, the partition is whole, in one place, and can be used.
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "metaserver/moves/move_runner.h"
#include "sql/store/mysql_move_store.h"
#include "sql/store/mysql_partition_mover.h"
#include "tests/integration/meta/meta_rig.h"
#include "tests/support/wait_for.h"

namespace lanemq::testing {
namespace {

using metaserver::MoveRunner;
using std::chrono::milliseconds;

constexpr std::chrono::seconds kLong{60};

class MovesTest : public MetaTest {
 protected:
  /// The topic "orders" with two partitions on the data node "one"; "two" is empty.
  void SetUp() override {
    MetaTest::SetUp();
    if (IsSkipped()) return;
    rig_ = std::make_unique<MetaRig>(*server_, prefix_);
    rig_->AddNode("one");
    ASSERT_TRUE(rig_->Create("orders", 2).ok());
    rig_->AddNode("two");
    store_ = std::make_unique<sql::MySqlMoveStore>(rig_->pool());
    mover_ = std::make_unique<sql::MySqlPartitionMover>(rig_->nodes());
  }
  std::unique_ptr<MoveRunner> Start(const std::string& owner) {
    MoveRunner::Options options;
    options.owner = owner;
    options.tick = milliseconds{20};
    options.look_every = milliseconds{50};
    options.lease = {.ttl = milliseconds{2'000}, .margin = milliseconds{400}};
    options.worker.limits.rows_near = 50;
    options.worker.limits.retry_max = milliseconds{500};
    options.worker.limits.seal_retry_min = milliseconds{50};
    auto runner = std::make_unique<MoveRunner>(
        options, MoveRunner::Stores{rig_->leases, *store_, *mover_, rig_->messages()},
        [this] { rig_->cache.Reload(); }, SystemClock::Instance());
    runner->Start();
    return runner;
  }
  core::PartitionLocation Place(std::int32_t partition) {
    rig_->cache.Reload();
    for (const core::Topic& topic : rig_->cache.Current()->topics) {
      if (topic.name != "orders") continue;
      return topic.LocationOf(topic.partitions.at(static_cast<std::size_t>(partition)));
    }
    return {};
  }
  std::string NodeOf(std::int32_t partition) {
    const core::PartitionLocation place = Place(partition);
    for (const core::DataNode& node : rig_->cache.Current()->nodes) {
      if (node.id == place.node) return node.name;
    }
    return "?";
  }
  /// As a broker does: where the catalogue has the partition, behind what is there. False: not now,
  /// or nobody knows.
  bool Append(std::int32_t partition, const std::string& body) {
    const core::PartitionLocation place = Place(partition);
    const auto tail = rig_->messages().ReadTail(place, MetaRig::Soon());
    if (!tail.ok()) return false;
    core::Record record;
    record.offset = tail->End();
    record.timestamp = WallTime{1'795'000'000'000'000 + tail->End().value};
    record.body = body;
    const std::vector<core::RecordPtr> records{std::make_shared<core::Record>(std::move(record))};
    return rig_->messages().Append(place, records, tail->server, MetaRig::Soon()).ok();
  }
  std::vector<std::string> Bodies(std::int32_t partition) {
    std::vector<std::string> bodies;
    core::ReadLimits limits;
    limits.records_max = 100'000;
    limits.bytes_max = 100 << 20;
    const auto rows =
        rig_->messages().Read(Place(partition), core::kFirstOffset, limits, MetaRig::Soon());
    EXPECT_TRUE(rows.ok()) << rows.error().ToString();
    if (!rows.ok()) return bodies;
    std::int64_t offset = 0;
    for (const core::RecordPtr& row : *rows) {
      EXPECT_EQ(row->offset.value, ++offset);
      bodies.push_back(row->body.value_or("?"));
    }
    return bodies;
  }
  std::vector<core::BegunMove> Begin(core::NewMoves moves, std::int64_t rate = 100'000'000) {
    moves.bytes_per_second = rate;
    auto begun = store_->Begin(moves, false, Note(), MetaRig::Soon());
    EXPECT_TRUE(begun.ok()) << begun.error().ToString();
    return begun.ok() ? *begun : std::vector<core::BegunMove>{};
  }
  static core::NewMoves Leave(const std::string& node) {
    core::NewMoves moves;
    moves.evacuate = node;
    return moves;
  }
  static core::NewMoves Wish(std::int32_t partition, const std::string& to) {
    core::NewMoves moves;
    moves.wishes = {{"orders", partition, to}};
    return moves;
  }
  ::testing::AssertionResult WaitForEnd() {
    const auto has_ended = [&] {
      const auto unfinished = store_->LoadUnfinished(MetaRig::Soon());
      return unfinished.ok() && unfinished->empty();
    };
    return WaitFor(has_ended, kLong, "the end of all moves");
  }
  /// Rows of one of a data node's own tables.
  std::string Count(const std::string& node, const std::string& table) {
    const auto rows =
        server_->Query(fmt::format("SELECT COUNT(*) FROM {}_{}_node.{}", prefix_, node, table));
    EXPECT_TRUE(rows.ok()) << rows.error().ToString();
    return rows.ok() ? rows->substr(0, rows->find('\n')) : "?";
  }
  /// Tables that only moves make.
  std::string TablesOnTheWay() {
    const auto rows = server_->Query(
        fmt::format("SELECT COALESCE(GROUP_CONCAT(table_name), '') FROM information_schema.tables "
                    "WHERE table_schema LIKE '{}\\_%' AND (table_name LIKE 'sealed\\_%' OR "
                    "table_name LIKE 'arriving\\_%')",
                    prefix_));
    EXPECT_TRUE(rows.ok()) << rows.error().ToString();
    return rows.ok() ? rows->substr(0, rows->find('\n')) : "?";
  }

  std::unique_ptr<MetaRig> rig_;
  std::unique_ptr<sql::MySqlMoveStore> store_;
  std::unique_ptr<sql::MySqlPartitionMover> mover_;
};
INSTANTIATE_TEST_SUITE_P(On, MovesTest, ::testing::ValuesIn(Engines()), EngineName);

TEST_P(MovesTest, ANodeThatIsEmptiedHasNothingLeftAndItsRowsAreElsewhere) {
  std::vector<std::string> bodies;
  for (int i = 0; i < 120; ++i) {
    bodies.push_back(fmt::format("row {}", i));
    ASSERT_TRUE(Append(0, bodies.back()));
    ASSERT_TRUE(Append(1, bodies.back()));
  }
  ASSERT_EQ(Begin(Leave("one")).size(), 2u);
  auto runner = Start("a");
  ASSERT_TRUE(WaitForEnd());
  for (const std::int32_t partition : {0, 1}) {
    EXPECT_EQ(NodeOf(partition), "two");
    EXPECT_EQ(Bodies(partition), bodies);
    EXPECT_TRUE(Append(partition, "after"));
  }
  rig_->ExpectConsistent();
  EXPECT_EQ(TablesOnTheWay(), "");
  EXPECT_EQ(Count("one", "partition_state"), "0");
  const auto moves = store_->List(0, 10, MetaRig::Soon());
  ASSERT_TRUE(moves.ok());
  for (const core::MoveRecord& move : *moves) {
    EXPECT_EQ(move.state, core::MoveState::kDone) << move.error;
    EXPECT_GT(move.paused_us, 0);
    EXPECT_LT(move.paused_us, 20'000'000);
    EXPECT_GT(move.bytes_copied, 0);
  }

  // And back again.
  core::NodeChange open;
  open.name = "one";
  open.state = core::NodeState::kWritable;
  ASSERT_TRUE(rig_->real_catalog.AlterDataNode(open, Note(), MetaRig::Soon()).ok());
  ASSERT_TRUE(Begin(Wish(0, "one")).at(0).status.ok());
  ASSERT_TRUE(WaitForEnd());
  EXPECT_EQ(NodeOf(0), "one");
  bodies.push_back("after");
  EXPECT_EQ(Bodies(0), bodies);
  rig_->ExpectConsistent();
}

TEST_P(MovesTest, NothingIsLostWhileRunnersComeAndGo) {
  std::atomic<bool> is_over{false};
  std::vector<std::string> stored;
  std::jthread writer([&] {
    // Alone, and each row until it is there: then what is stored is known without a doubt.
    for (int i = 0; !is_over; ++i) {
      const std::string body = fmt::format("row {}", i);
      while (!Append(0, body)) {
        const auto tail = rig_->messages().ReadTail(Place(0), MetaRig::Soon());
        if (tail.ok() && tail->End().value == static_cast<std::int64_t>(stored.size()) + 2) break;
        if (is_over) return;
      }
      stored.push_back(body);
    }
  });
  const std::vector<std::string> targets{"two", "one", "two"};
  int owner = 0;
  for (const std::string& target : targets) {
    ASSERT_TRUE(Begin(Wish(0, target), 1'000'000).at(0).status.ok());
    for (int i = 0; i < 5; ++i) {
      // It is stopped wherever it is; the next one goes on.
      auto runner = Start(fmt::format("owner-{}", ++owner));
      (void)WaitFor([&] { return store_->LoadUnfinished(MetaRig::Soon())->empty(); },
                    milliseconds{60}, "it has ended");
      runner->Stop();
    }
    auto last = Start(fmt::format("owner-{}", ++owner));
    ASSERT_TRUE(WaitForEnd());
    EXPECT_EQ(NodeOf(0), target);
  }
  is_over = true;
  writer.join();
  EXPECT_GT(stored.size(), 0u);
  EXPECT_EQ(Bodies(0), stored);
  rig_->ExpectConsistent();
  EXPECT_EQ(TablesOnTheWay(), "");
}

TEST_P(MovesTest, ATopicThatIsDeletedOnItsWayLeavesNothing) {
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(Append(0, std::string(10'000, 'x')));
  ASSERT_TRUE(Begin(Wish(0, "two"), 65'536).at(0).status.ok());
  const auto runner = Start("a");
  ASSERT_TRUE(WaitFor([&] { return !TablesOnTheWay().empty(); }, kLong, "a copy"));
  ASSERT_TRUE(rig_->catalog.Delete("orders", Note()).ok());
  ASSERT_TRUE(WaitForEnd());
  EXPECT_TRUE(rig_->Tables().empty());
  EXPECT_EQ(TablesOnTheWay(), "");
  EXPECT_EQ(Count("one", "partition_state"), "0");
  EXPECT_EQ(Count("two", "partition_state"), "0");
}

TEST_P(MovesTest, ATopicThatIsDeletedWhenItIsOpenedLeavesNothing) {
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(Append(0, "x"));
  const std::int64_t id = Begin(Wish(0, "two")).at(0).id;
  // By hand up to the last step before the switch, as a metaserver that dies there.
  const auto lease =
      rig_->leases.Acquire(MoveRunner::kLeaseName, "dead", milliseconds{1'000}, MetaRig::Soon());
  ASSERT_TRUE(lease.ok());
  const core::Fence fence{std::string(MoveRunner::kLeaseName), lease->token};
  const core::PartitionMove move = store_->LoadUnfinished(MetaRig::Soon())->at(0).move;
  ASSERT_TRUE(mover_->BeginArrival(move, MetaRig::Soon()).ok());
  ASSERT_TRUE(mover_->Seal(move, MetaRig::Soon()).ok());
  ASSERT_TRUE(mover_->CopyLog(move, {}, MetaRig::Soon()).ok());
  while (!mover_->CopyState(move, {}, MetaRig::Soon())->is_whole) {
  }
  using State = core::MoveState;
  for (const auto& [from, to] :
       std::vector<std::pair<State, State>>{{State::kCopying, State::kSealing},
                                            {State::kSealing, State::kHandingOver},
                                            {State::kHandingOver, State::kOpening}}) {
    ASSERT_TRUE(store_->Advance({id, from, to, {}, {}, 0, ""}, fence, MetaRig::Soon()).ok());
  }
  const Status opened = mover_->Open(move, MetaRig::Soon());
  ASSERT_TRUE(opened.ok()) << opened.error().ToString();
  ASSERT_TRUE(rig_->catalog.Delete("orders", Note()).ok());
  const auto runner = Start("a");
  ASSERT_TRUE(WaitForEnd());
  EXPECT_TRUE(rig_->Tables().empty());
  EXPECT_EQ(TablesOnTheWay(), "");
  EXPECT_EQ(Count("one", "partition_state"), "0");
  EXPECT_EQ(Count("two", "partition_state"), "0");
}

TEST_P(MovesTest, ACancelledMoveLeavesThePartitionWhereItWas) {
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(Append(0, std::string(10'000, 'x')));
  const std::int64_t id = Begin(Wish(0, "two"), 65'536).at(0).id;
  const auto runner = Start("a");
  ASSERT_TRUE(WaitFor([&] { return !TablesOnTheWay().empty(); }, kLong, "a copy"));
  ASSERT_TRUE(store_->Cancel(id, Note(), MetaRig::Soon()).ok());
  ASSERT_TRUE(WaitForEnd());
  EXPECT_EQ(store_->List(0, 1, MetaRig::Soon())->at(0).state, core::MoveState::kCancelled);
  EXPECT_EQ(TablesOnTheWay(), "");
  EXPECT_EQ(NodeOf(0), "one");
  EXPECT_TRUE(Append(0, "y"));
  EXPECT_EQ(Bodies(0).size(), 41u);
  rig_->ExpectConsistent();
}

}  // namespace
}  // namespace lanemq::testing
