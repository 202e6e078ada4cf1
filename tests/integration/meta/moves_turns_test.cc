// Moves that must not wait for others because nobody can use their partition, and moves whose other
// data node is lost for good, on real databases.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/integration/meta/moves_rig.h"

namespace lanemq::testing {
namespace {

using core::MoveState;
using ::testing::HasSubstr;

class MoveTurnsTest : public MovesTest {
 protected:
  /// Longer than any of these tests: three quarters of a minute at the lowest rate, up to where it
  /// may be sealed.
  std::int64_t BeginLongMove(std::int32_t partition, std::int64_t rate = 65'536) {
    for (int batch = 0; batch < 4; ++batch) {
      const core::PartitionLocation place = Place(partition);
      const auto tail = rig_->messages().ReadTail(place, MetaRig::Soon());
      EXPECT_TRUE(tail.ok());
      if (!tail.ok()) return 0;
      std::vector<core::RecordPtr> records;
      for (int i = 0; i < 50; ++i) {
        core::Record record;
        record.offset = core::Offset{tail->End().value + i};
        record.timestamp = WallTime{1'795'000'000'000'000 + record.offset.value};
        record.body = std::string(20'000, 'x');
        records.push_back(std::make_shared<core::Record>(std::move(record)));
      }
      EXPECT_TRUE(rig_->messages().Append(place, records, tail->server, MetaRig::Soon()).ok());
    }
    return Begin(Wish(partition, "two"), rate).at(0).id;
  }
  /// Begun and sealed, and then to be taken back; carried out by nobody yet.
  std::int64_t BeginShutMove(std::int32_t partition) {
    const std::int64_t id = Begin(Wish(partition, "two")).at(0).id;
    const Status sealed = mover_->Seal(Find(id).move, MetaRig::Soon());
    EXPECT_TRUE(sealed.ok()) << sealed.error().ToString();
    EXPECT_FALSE(Append(partition, "while it is sealed"));
    const auto changed = server_->Query(
        fmt::format("UPDATE {}.partition_moves SET state = 'cancelling', "
                    "sealed_at = UTC_TIMESTAMP(6) - INTERVAL 100 SECOND WHERE move_id = {}",
                    sql::MetaSchema(prefix_), id));
    EXPECT_TRUE(changed.ok()) << changed.error().ToString();
    return id;
  }
  core::MoveRecord Find(std::int64_t id) {
    const auto all = store_->List(0, 100, MetaRig::Soon());
    EXPECT_TRUE(all.ok()) << all.error().ToString();
    if (!all.ok()) return {};
    for (const core::MoveRecord& record : *all) {
      if (record.move.id == id) return record;
    }
    ADD_FAILURE() << "there is no move " << id;
    return {};
  }
  ::testing::AssertionResult WaitForEndOf(std::int64_t id) {
    return WaitFor([&] { return Find(id).IsFinished(); }, kLong, "the end of the move");
  }
  void SetState(const std::string& node, core::NodeState state) {
    core::NodeChange change;
    change.name = node;
    change.state = state;
    ASSERT_TRUE(rig_->real_catalog.AlterDataNode(change, Note(), MetaRig::Soon()).ok());
    rig_->cache.Reload();
  }
};
INSTANTIATE_TEST_SUITE_P(On, MoveTurnsTest, ::testing::ValuesIn(Engines()), EngineName);

TEST_P(MoveTurnsTest, WhatIsShutDoesNotWaitForASlot) {
  const std::int64_t running = BeginLongMove(0);
  auto runner = Start("a", {1, 1});
  ASSERT_TRUE(WaitFor([&] { return !TablesOnTheWay().empty(); }, kLong, "a copy"));
  const std::int64_t shut = BeginShutMove(1);
  ASSERT_TRUE(WaitFor([&] { return Append(1, "after"); }, kLong, "it can be used"));
  ASSERT_TRUE(WaitForEndOf(shut));
  EXPECT_EQ(Find(running).state, MoveState::kCopying) << "the test is too slow to show anything";
  EXPECT_EQ(Find(shut).state, MoveState::kCancelled);
  EXPECT_GE(Find(shut).paused_us, 100'000'000);
  EXPECT_GE(runner->Facts().longest_pause_us, 100'000'000) << "a pause that was taken back counts";
}

TEST_P(MoveTurnsTest, WhatIsShutKeepsItsTurnAndTellsWhatIsInTheWay) {
  mover_->is_unseal_lost = true;
  mover_->is_drop_lost = true;
  const std::int64_t shut = BeginShutMove(1);
  const std::int64_t other = BeginLongMove(0, 100'000'000);
  auto runner = Start("a", {1, 1});
  ASSERT_TRUE(WaitFor([&] { return mover_->refused >= 6; }, kLong, "failures"));
  EXPECT_EQ(TablesOnTheWay().find(','), std::string::npos) << "another one was begun";
  EXPECT_EQ(Find(other).state, MoveState::kCopying) << "it has had its turn";
  ASSERT_TRUE(WaitFor([&] { return runner->Facts().shut == 1; }, kLong, "it is told"));
  EXPECT_GE(runner->Facts().shut_us, 100'000'000);
  EXPECT_THAT(Find(shut).error, HasSubstr("now: unseal: "));
  mover_->is_unseal_lost = false;
  ASSERT_TRUE(WaitFor([&] { return Append(1, "after"); }, kLong, "it can be used"));
  ASSERT_TRUE(WaitFor([&] { return !Find(shut).is_paused; }, kLong, "it is written down"));
  const std::int64_t paused = Find(shut).paused_us;
  ASSERT_TRUE(WaitFor([&] { return runner->Facts().shut == 0; }, kLong, "it is told"));
  const auto is_told = [&] {
    return Find(shut).error.find("now: drop the copy: ") != std::string::npos;
  };
  ASSERT_TRUE(WaitFor(is_told, kLong, "what is in the way now"));
  mover_->is_drop_lost = false;
  ASSERT_TRUE(WaitForEndOf(shut));
  EXPECT_EQ(Find(shut).paused_us, paused);
  EXPECT_EQ(Find(shut).state, MoveState::kCancelled) << Find(shut).error;
}

TEST_P(MoveTurnsTest, AMoveToANodeThatIsLostEndsOnceThatIsDisabled) {
  const std::int64_t id = BeginLongMove(0);
  auto runner = Start("a");
  ASSERT_TRUE(WaitFor([&] { return !TablesOnTheWay().empty(); }, kLong, "a copy"));
  mover_->is_drop_lost = true;
  ASSERT_TRUE(store_->Cancel(id, Note(), MetaRig::Soon()).ok());
  ASSERT_TRUE(WaitFor([&] { return mover_->refused >= 2; }, kLong, "failures"));
  EXPECT_EQ(Find(id).state, MoveState::kCancelling);
  SetState("two", core::NodeState::kDisabled);
  ASSERT_TRUE(WaitForEndOf(id));
  EXPECT_EQ(Find(id).state, MoveState::kCancelled);
  EXPECT_THAT(Find(id).error, HasSubstr("its data node is disabled"));
  EXPECT_TRUE(Append(0, "after"));

  // It was not lost after all: what was left there is in nobody's way.
  mover_->is_drop_lost = false;
  SetState("two", core::NodeState::kWritable);
  const std::int64_t again = Begin(Wish(0, "two")).at(0).id;
  ASSERT_TRUE(WaitForEndOf(again));
  EXPECT_EQ(Find(again).state, MoveState::kDone) << Find(again).error;
  EXPECT_EQ(Bodies(0).size(), 201u);
  EXPECT_EQ(TablesOnTheWay(), "");
}

TEST_P(MoveTurnsTest, AMoveFromANodeThatIsLostEndsOnceThatIsDisabled) {
  ASSERT_TRUE(Append(0, "before"));
  mover_->is_drop_lost = true;
  const std::int64_t id = Begin(Wish(0, "two")).at(0).id;
  auto runner = Start("a");
  ASSERT_TRUE(WaitFor([&] { return mover_->refused >= 2; }, kLong, "failures"));
  EXPECT_EQ(Find(id).state, MoveState::kCleaning);
  EXPECT_EQ(NodeOf(0), "two");
  SetState("one", core::NodeState::kDisabled);
  ASSERT_TRUE(WaitForEndOf(id));
  EXPECT_EQ(Find(id).state, MoveState::kDone);
  EXPECT_THAT(Find(id).error, HasSubstr("its data node is disabled"));
  EXPECT_TRUE(Append(0, "after"));
}

TEST_P(MoveTurnsTest, AMoveToANodeThatIsDisabledIsGivenUp) {
  const std::int64_t id = BeginLongMove(0);
  auto runner = Start("a");
  ASSERT_TRUE(WaitFor([&] { return !TablesOnTheWay().empty(); }, kLong, "a copy"));
  SetState("two", core::NodeState::kDisabled);
  ASSERT_TRUE(WaitForEndOf(id));
  EXPECT_EQ(Find(id).state, MoveState::kFailed);
  EXPECT_THAT(Find(id).error, HasSubstr("disabled"));
  EXPECT_TRUE(Append(0, "after"));
}

}  // namespace
}  // namespace lanemq::testing
