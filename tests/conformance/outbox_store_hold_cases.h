#pragma once

#include "tests/conformance/outbox_store_fixture.h"

/// Held rows and what they wait for.
namespace lanemq::testing {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_P(OutboxStoreSuite, HeldRowsAreOfTheirHoldAlone) {
  const core::OutboxSession session = OpenOk();
  const std::string key("\0k'", 3);
  const std::int64_t first = Insert(key, "1");
  const std::int64_t second = Insert(key, "2");
  const std::int64_t elsewhere = Insert(key, "3", "other-topic");
  const std::int64_t keyless = under_test_->Insert({"t", std::nullopt, key, {}, {}, 0});
  CommitOk(session, [&] {
    core::OutboxChange change;
    change.held = {first, second, elsewhere, keyless};
    return change;
  }());
  EXPECT_THAT(ReadAll(), IsEmpty());
  EXPECT_THAT(Held(KeyHold(key)), ElementsAre(first, second));
  EXPECT_THAT(Held(KeyHold(key), first), ElementsAre(second));
  EXPECT_THAT(Held(KeyHold(key, "other-topic")), ElementsAre(elsewhere));
  core::OutboxHoldKey one = KeyHold(key);
  one.key.reset();
  EXPECT_THAT(Held(one), ElementsAre(first, second, keyless)) << "of the whole topic";
  one.id = keyless;
  EXPECT_THAT(Held(one), ElementsAre(keyless));
  EXPECT_THAT(*store().ReadHeld(KeyHold(key), 0, {.rows_max = 1}, Soon()), SizeIs(1));
  Publish(store(), session, {first});
  EXPECT_THAT(Held(KeyHold(key)), ElementsAre(second));
}

TEST_P(OutboxStoreSuite, HoldsComeBackAsTheyWereMade) {
  const core::OutboxSession session = OpenOk();
  const std::string binary("\0\xff'\\k:", 6);
  const std::vector<core::OutboxHoldKey> keys = {
      {1, "t", std::nullopt, std::nullopt, std::nullopt},
      {1, "t", "", std::nullopt, std::nullopt},
      {1, "t", binary, std::nullopt, std::nullopt},
      {1, "t", std::nullopt, 12, std::nullopt},
      {1, "t", std::nullopt, std::nullopt, 0},
      {2, "t", "", std::nullopt, std::nullopt},
  };
  core::OutboxChange change;
  for (const auto& key : keys) {
    change.holds.push_back({key, 3, std::chrono::seconds{5}, {}, "bad \xff byte"});
  }
  CommitOk(session, change);
  auto holds = Holds();
  ASSERT_THAT(holds, SizeIs(6));
  EXPECT_TRUE(std::is_sorted(holds.begin(), holds.end(),
                             [](const auto& a, const auto& b) { return a.key < b.key; }));
  const WallTime since = holds.front().since;
  for (const auto& key : keys) {
    const auto hold = std::find_if(holds.begin(), holds.end(),
                                   [&](const core::OutboxHold& one) { return one.key == key; });
    ASSERT_NE(hold, holds.end());
    EXPECT_EQ(hold->attempts, 3);
    EXPECT_THAT(hold->last_error, ::testing::StartsWith("bad "));
    EXPECT_LE(hold->due_in, std::chrono::seconds{5});
    EXPECT_GT(hold->due_in, std::chrono::seconds{2});
  }
  under_test_->Advance(std::chrono::seconds{20});
  for (const auto& hold : Holds()) EXPECT_LT(hold.due_in, std::chrono::seconds{0});

  core::OutboxChange again;
  again.holds = {{keys[1], 4, std::chrono::seconds{60}, {}, "still"}};
  again.ended_holds = {keys[0], keys[2], keys[5], {9, "t", "absent", {}, {}}};
  CommitOk(session, again);
  holds = Holds();
  ASSERT_THAT(holds, SizeIs(3));
  for (const auto& hold : holds) {
    EXPECT_EQ(hold.since, since) << "it began when it was made";
    if (hold.key == keys[1]) {
      EXPECT_EQ(hold.attempts, 4);
      EXPECT_EQ(hold.last_error, "still");
      EXPECT_GT(hold.due_in, std::chrono::seconds{50});
    }
  }
  const std::vector<std::int32_t> other = {2, 3};
  EXPECT_THAT(*store().ReadHolds(other, 10, Soon()), IsEmpty());
  EXPECT_THAT(*store().ReadHolds(all_, 2, Soon()), SizeIs(2));
}

}  // namespace lanemq::testing
