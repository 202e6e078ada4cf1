#include "metaserver/coordinator/slot_planner.h"

#include <algorithm>
#include <map>

#include <gtest/gtest.h>

namespace lanemq::metaserver {
namespace {

using core::Endpoint;
using core::kGroupSlots;
using std::chrono::seconds;

constexpr seconds kPatience{5};
const std::vector<Endpoint> kThree = {{"a", 1}, {"b", 1}, {"c", 1}};

MonotonicTime At(int s) { return MonotonicTime{} + seconds{s}; }

TEST(PreferredMetaserverTest, EverySlotHasOneAndOnlyTheShareOfOneThatGoesMoves) {
  EXPECT_FALSE(PreferredMetaserver(0, {}).has_value());
  std::map<std::string, int> share;
  for (int slot = 0; slot < kGroupSlots; ++slot) {
    const Endpoint preferred = *PreferredMetaserver(slot, kThree);
    ++share[preferred.host];
    std::vector<Endpoint> backwards(kThree.rbegin(), kThree.rend());
    EXPECT_EQ(*PreferredMetaserver(slot, backwards), preferred);
    for (const Endpoint& gone : kThree) {
      std::vector<Endpoint> rest = kThree;
      std::erase(rest, gone);
      const Endpoint next = *PreferredMetaserver(slot, rest);
      if (gone == preferred) {
        EXPECT_NE(next, gone);
      } else {
        EXPECT_EQ(next, preferred);
      }
    }
  }
  EXPECT_EQ(share.size(), 3u);
}

/// One metaserver, "a", and one slot that it is preferred for or not.
class SlotPlannerTest : public ::testing::Test {
 protected:
  SlotPlannerTest() {
    for (int slot = 0; slot < kGroupSlots; ++slot) {
      const std::vector<Endpoint> both = {self_, other_};
      (*PreferredMetaserver(slot, both) == self_ ? own_ : foreign_) = slot;
    }
  }
  struct See {
    bool other_lives = false;
    bool is_mine = false;
    bool is_free = false;
  };
  SlotStep Plan(int slot, See see, int second) {
    SlotReading reading;
    reading.live = {self_};
    if (see.other_lives) reading.live.push_back(other_);
    std::array<bool, kGroupSlots> mine{};
    const auto i = static_cast<std::size_t>(slot);
    mine[i] = see.is_mine;
    for (auto& owner : reading.owners) owner = other_;
    if (see.is_mine) reading.owners[i] = self_;
    if (see.is_free) reading.owners[i].reset();
    return planner_.Plan(reading, mine, At(second))[i];
  }

  const Endpoint self_{"a", 1};
  const Endpoint other_{"b", 1};
  int own_ = -1;
  int foreign_ = -1;
  SlotPlanner planner_{self_, kPatience};
};

TEST_F(SlotPlannerTest, WhoIsPreferredTakesAFreeSlotAtOnce) {
  ASSERT_GE(own_, 0);
  EXPECT_EQ(Plan(own_, {.other_lives = true}, 0), SlotStep::kNothing);
  EXPECT_EQ(Plan(own_, {.other_lives = true, .is_free = true}, 1), SlotStep::kTake);
}

TEST_F(SlotPlannerTest, AnotherTakesItWhenThePreferredOneDoesNot) {
  ASSERT_GE(foreign_, 0);
  EXPECT_EQ(Plan(foreign_, {.other_lives = true, .is_free = true}, 10), SlotStep::kNothing);
  EXPECT_EQ(Plan(foreign_, {.other_lives = true, .is_free = true}, 14), SlotStep::kNothing);
  EXPECT_EQ(Plan(foreign_, {.other_lives = true, .is_free = true}, 15), SlotStep::kTake);
  // It was taken meanwhile: the time counts from when it is free again.
  EXPECT_EQ(Plan(foreign_, {.other_lives = true}, 16), SlotStep::kNothing);
  EXPECT_EQ(Plan(foreign_, {.other_lives = true, .is_free = true}, 17), SlotStep::kNothing);
  EXPECT_EQ(Plan(foreign_, {.other_lives = true, .is_free = true}, 22), SlotStep::kTake);
}

TEST_F(SlotPlannerTest, TheSlotOfADeadOneIsTakenAtOnce) {
  EXPECT_EQ(Plan(foreign_, {.other_lives = true}, 0), SlotStep::kNothing);
  EXPECT_EQ(Plan(foreign_, {.is_free = true}, 1), SlotStep::kTake);
  EXPECT_EQ(Plan(foreign_, {}, 2), SlotStep::kNothing);  // Its lease still runs.
}

TEST_F(SlotPlannerTest, HandsOverToOneThatHasBeenThereForAWhile) {
  EXPECT_EQ(Plan(foreign_, {.is_mine = true}, 0), SlotStep::kNothing);
  EXPECT_EQ(Plan(foreign_, {.other_lives = true, .is_mine = true}, 10), SlotStep::kNothing);
  EXPECT_EQ(Plan(foreign_, {.other_lives = true, .is_mine = true}, 14), SlotStep::kNothing);
  EXPECT_EQ(Plan(foreign_, {.is_mine = true}, 14), SlotStep::kNothing);  // Gone again.
  EXPECT_EQ(Plan(foreign_, {.other_lives = true, .is_mine = true}, 16), SlotStep::kNothing);
  EXPECT_EQ(Plan(foreign_, {.other_lives = true, .is_mine = true}, 21), SlotStep::kHandOver);
  // Released: it waits for the other one to take it.
  EXPECT_EQ(Plan(foreign_, {.other_lives = true, .is_free = true}, 22), SlotStep::kNothing);
}

TEST_F(SlotPlannerTest, KeepsWhatItIsPreferredFor) {
  EXPECT_EQ(Plan(own_, {.other_lives = true, .is_mine = true}, 0), SlotStep::kNothing);
  EXPECT_EQ(Plan(own_, {.other_lives = true, .is_mine = true}, 60), SlotStep::kNothing);
}

TEST_F(SlotPlannerTest, CountsItselfWhenItsPresenceIsNotSeen) {
  SlotReading reading;  // Nobody lives, everything is free.
  EXPECT_EQ(planner_.Plan(reading, {}, At(0)), [] {
    SlotPlanner::Steps all;
    all.fill(SlotStep::kTake);
    return all;
  }());
}

}  // namespace
}  // namespace lanemq::metaserver
