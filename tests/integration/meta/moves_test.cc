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

#include "tests/integration/meta/moves_rig.h"
#include "tests/support/wait_for.h"

namespace lanemq::testing {
namespace {

using metaserver::MoveRunner;
using std::chrono::milliseconds;

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
  while (!mover_->CopyState(move, {}, {}, MetaRig::Soon())->is_whole) {
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
