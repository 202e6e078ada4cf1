#include "common/core/move/move_schedule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/random.h"

namespace lanemq::core {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

MoveRecord Move(std::int64_t id, std::int64_t from, std::int64_t to,
                MoveState state = MoveState::kCopying) {
  MoveRecord record;
  record.move.id = id;
  record.move.from.node = NodeId{from};
  record.move.to.node = NodeId{to};
  record.state = state;
  return record;
}

TEST(MoveScheduleTest, TheOldestComeFirstAsFarAsTheirNodesAreFree) {
  const std::vector<MoveRecord> moves{Move(1, 1, 2), Move(2, 1, 3), Move(3, 1, 4), Move(4, 5, 6)};
  EXPECT_THAT(PickMoves(moves, {}, {2, 4}), ElementsAre(1, 2, 4));
  EXPECT_THAT(PickMoves(moves, {.running = {1, 2}}, {2, 4}), ElementsAre(4));
  EXPECT_THAT(PickMoves(moves, {.running = {1, 2, 4}}, {2, 3}), IsEmpty());
}

TEST(MoveScheduleTest, ATargetIsBusyAsASourceIs) {
  const std::vector<MoveRecord> moves{Move(1, 1, 9), Move(2, 2, 9), Move(3, 3, 9)};
  EXPECT_THAT(PickMoves(moves, {}, {2, 4}), ElementsAre(1, 2));
}

TEST(MoveScheduleTest, WhatSomebodyWaitsForComesFirst) {
  const std::vector<MoveRecord> moves{Move(1, 1, 2), Move(2, 1, 2, MoveState::kCleaning),
                                      Move(3, 1, 2, MoveState::kHandingOver),
                                      Move(4, 1, 2, MoveState::kCancelling)};
  EXPECT_THAT(PickMoves(moves, {}, {2, 4}), ElementsAre(3, 4));
}

TEST(MoveScheduleTest, OneThatWaitsTakesNoTurn) {
  const std::vector<MoveRecord> moves{Move(1, 1, 2), Move(2, 1, 2), Move(3, 1, 2)};
  EXPECT_THAT(PickMoves(moves, {.waiting = {1}}, {2, 4}), ElementsAre(2, 3));
}

/// It is taken back, and nobody can use its partition until that has succeeded.
MoveRecord Shut(std::int64_t id, std::int64_t from, std::int64_t to) {
  MoveRecord record = Move(id, from, to, MoveState::kCancelling);
  record.is_paused = true;
  return record;
}

TEST(MoveScheduleTest, WhatHasShutItsPartitionBeginsWhateverRuns) {
  const std::vector<MoveRecord> moves{Move(1, 1, 2), Move(2, 1, 2), Shut(3, 1, 2),
                                      Move(4, 1, 2, MoveState::kHandingOver)};
  EXPECT_THAT(PickMoves(moves, {.running = {1, 2}}, {2, 4}), ElementsAre(3, 4));
  EXPECT_THAT(PickMoves(moves, {.running = {1, 2}}, {2, 2}), ElementsAre(3, 4));
}

TEST(MoveScheduleTest, WhatIsTakenBackAndCanBeUsedWaitsForASlot) {
  std::vector<MoveRecord> moves{Move(1, 1, 2), Move(2, 1, 2)};
  for (std::int64_t id = 3; id < 20; ++id) moves.push_back(Move(id, 1, 2, MoveState::kCancelling));
  MoveRecord deleted = Shut(20, 1, 2);
  deleted.is_topic_active = false;
  moves.push_back(deleted);
  EXPECT_THAT(PickMoves(moves, {.running = {1, 2}}, {2, 4}), IsEmpty());
  EXPECT_THAT(PickMoves(moves, {.running = {1}}, {2, 4}), ElementsAre(3));
}

TEST(MoveScheduleTest, WhatIsAboutToSealComesBeforeOlderOnes) {
  const std::vector<MoveRecord> moves{Move(1, 1, 2), Move(2, 1, 2), Move(3, 1, 2)};
  EXPECT_THAT(PickMoves(moves, {.soon = {3}}, {2, 4}), ElementsAre(3, 1));
  EXPECT_THAT(PickMoves(moves, {.running = {1, 2}, .soon = {3}}, {2, 4}), IsEmpty());
}

TEST(MoveScheduleTest, NoLimitIsEverExceededAndEveryMoveHasItsTurn) {
  Random random(4'711);
  for (int round = 0; round < 200; ++round) {
    std::vector<MoveRecord> moves;
    for (std::int64_t id = 1; id <= 30; ++id) {
      const auto from = static_cast<std::int64_t>(random.Below(5));
      const auto to = static_cast<std::int64_t>((from + 1 + random.Below(4)) % 5);
      const auto state = static_cast<MoveState>(random.Below(2) == 0 ? 1 : 5);
      moves.push_back(Move(id, from, to, state));
    }
    std::set<std::int64_t> running;
    for (int turn = 0; !moves.empty(); ++turn) {
      ASSERT_LT(turn, 100) << "somebody starves";
      for (const std::int64_t id : PickMoves(moves, {.running = running}, {2, 4}))
        running.insert(id);
      ASSERT_FALSE(running.empty());
      std::map<NodeId, int> busy;
      for (const MoveRecord& record : moves) {
        if (!running.contains(record.move.id)) continue;
        ASSERT_LE(++busy[record.move.from.node], 2);
        ASSERT_LE(++busy[record.move.to.node], 2);
      }
      ASSERT_LE(running.size(), 4u);
      const std::int64_t ends = *running.begin();
      running.erase(ends);
      std::erase_if(moves, [&](const MoveRecord& record) { return record.move.id == ends; });
    }
  }
}

}  // namespace
}  // namespace lanemq::core
