// Members that saw generations in offset rows which the group has not reached.
#include "common/core/group/group_machine_rig.h"

namespace lanemq::core {
namespace {

using Rig = GroupMachineRig;

JoinCall WishAbove(std::int64_t floor) {
  JoinCall join = Rig::Wish();
  join.generation_floor = Generation{floor};
  return join;
}

TEST(GroupMachine, TheNextGenerationExceedsWhatItsMembersSaw) {
  Rig rig;
  const auto ids = rig.MakeStable(2);
  const std::int64_t before = rig.generation();
  // Not news: it does not rebalance.
  EXPECT_EQ(rig.JoinOf(rig.Join(ids[1], WishAbove(before))).generation, Generation{before});
  const auto call = rig.Join(ids[1], WishAbove(70));
  EXPECT_EQ(rig.state(), GroupState::kPreparingRebalance);
  rig.Join(ids[0], WishAbove(60));
  EXPECT_EQ(rig.JoinOf(call).generation, Generation{71});
  EXPECT_EQ(rig.row.generation, Generation{71});
  rig.SyncAll(ids);
  rig.Join(ids[1], WishAbove(70));  // It says so for good.
  EXPECT_EQ(rig.state(), GroupState::kStable);
  std::string c;
  const auto joined = rig.JoinNew(c, WishAbove(80));
  rig.Leave(c);  // Who is not there has no say.
  rig.Join(ids[0]);
  rig.Join(ids[1]);
  EXPECT_EQ(rig.generation(), 72);
  EXPECT_FALSE(rig.IsJoined(joined));
}

TEST(GroupMachine, AStaticMemberThatSawALaterGenerationDoesNotComeBackUnnoticed) {
  Rig rig;
  const auto first = rig.JoinStatic("i");
  rig.SyncAll({rig.JoinOf(first).member_id});
  const auto again = rig.JoinStatic("i", "", WishAbove(70));
  EXPECT_EQ(rig.JoinOf(again).generation, Generation{71});
}

TEST(GroupMachine, AGenerationFloorIsBounded) {
  for (const std::int64_t floor : {std::int64_t{-1}, kGenerationFloorMax + 1}) {
    Rig rig;
    EXPECT_EQ(rig.ErrorOf(rig.Join("", WishAbove(floor))), "INVALID_REQUEST") << floor;
  }
  Rig rig;
  std::string id;
  EXPECT_EQ(rig.JoinOf(rig.JoinNew(id, WishAbove(kGenerationFloorMax))).generation,
            Generation{kGenerationFloorMax + 1});
}

}  // namespace
}  // namespace lanemq::core
