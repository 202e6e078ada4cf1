#include "common/core/store/group_store.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace lanemq::core {
namespace {

// Slots are stored: these must never change.
// Kafka's murmur2 of "" is 275646681.
TEST(GroupSlotTest, AGroupStaysInItsSlot) {
  EXPECT_EQ(GroupSlot(""), 9);
  EXPECT_EQ(GroupSlot("orders"), 12);
  EXPECT_EQ(GroupSlot("billing"), 1);
  EXPECT_EQ(GroupSlot("group-0"), 13);
  EXPECT_EQ(GroupSlot("a.b_c-D9"), 3);
  EXPECT_EQ(GroupSlot(std::string(249, 'x')), 7);
}

TEST(GroupSlotTest, EverySlotIsInRangeAndUsed) {
  std::set<int> slots;
  for (int i = 0; i < 500; ++i) slots.insert(GroupSlot("group-" + std::to_string(i)));
  EXPECT_EQ(slots.size(), static_cast<std::size_t>(kGroupSlots));
  EXPECT_EQ(*slots.begin(), 0);
  EXPECT_EQ(*slots.rbegin(), kGroupSlots - 1);
}

TEST(GroupSlotTest, LeasesHaveTwoDigits) {
  EXPECT_EQ(GroupSlotLease(0), "group-slot-00");
  EXPECT_EQ(GroupSlotLease(7), "group-slot-07");
  EXPECT_EQ(GroupSlotLease(15), "group-slot-15");
}

TEST(StoredReasonTest, LongOnesAreCutBetweenCharacters) {
  EXPECT_EQ(StoredReason("joined"), "joined");
  EXPECT_EQ(StoredReason(std::string(255, 'r')).size(), 255u);
  EXPECT_EQ(StoredReason(std::string(256, 'r')).size(), 255u);
  const std::string before(253, 'r');
  EXPECT_EQ(StoredReason(before + "\xE2\x82\xAC"), before);  // Three bytes, two would fit.
  EXPECT_EQ(StoredReason(before + "\xC3\xA9x"), before + "\xC3\xA9");
}

}  // namespace
}  // namespace lanemq::core
