#pragma once

#include "tests/conformance/outbox_store_fixture.h"

/// What people do with an outbox.
namespace lanemq::testing {

TEST_P(OutboxStoreSuite, PeopleListRowsByStateAndTopicPageByPage) {
  const core::OutboxSession session = OpenOk();
  Ids all;
  Ids of_a;
  for (int i = 0; i < 12; ++i) {
    all.push_back(Insert(std::to_string(i), "x", i % 3 == 0 ? "a" : "b"));
    if (i % 3 == 0) of_a.push_back(all.back());
  }
  EXPECT_EQ(Listed(core::OutboxState::kReady), all);
  EXPECT_EQ(Listed(core::OutboxState::kReady, "a"), of_a);
  EXPECT_EQ(Listed(core::OutboxState::kReady, "none"), Ids{});
  EXPECT_EQ(Listed(core::OutboxState::kReady, "\xff"), Ids{});
  const auto page = admin().List(core::OutboxState::kReady, {}, all[3], 2, Soon());
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(IdsOf(*page), (Ids{all[4], all[5]}));
  Bury(session, {all[1], all[0]});
  EXPECT_EQ(Listed(core::OutboxState::kDead), (Ids{all[0], all[1]}));
  EXPECT_EQ(Listed(core::OutboxState::kDead, "b"), Ids{all[1]});
}

TEST_P(OutboxStoreSuite, DeadRowsAreRetriedFromTheStart) {
  const core::OutboxSession session = OpenOk();
  const std::int64_t first = Insert("k", "x", "a");
  const std::int64_t second = Insert("k", "x", "a");
  const std::int64_t third = Insert("k", "x", "b");
  const std::int64_t ready = Insert("k", "x", "b");
  Bury(session, {first, second, third});
  EXPECT_EQ(*admin().Retry({first, ready, 999'999}, Soon()), 1);
  EXPECT_EQ(*admin().Retry({first}, Soon()), 0);
  EXPECT_EQ(*admin().Retry({}, Soon()), 0);
  const auto read = ReadAll();
  ASSERT_EQ(IdsOf(read), (Ids{first, ready}));
  EXPECT_EQ(read.front().attempts, 0);
  EXPECT_EQ(read.front().last_error, "");
  EXPECT_EQ(*admin().RetryDead("a", Soon()), 1);
  EXPECT_EQ(Listed(core::OutboxState::kDead), Ids{third});
  EXPECT_EQ(*admin().RetryDead({}, Soon()), 1);
  EXPECT_EQ(*admin().RetryDead({}, Soon()), 0);
  EXPECT_EQ(IdsOf(ReadAll()), (Ids{first, second, third, ready}));
  EXPECT_FALSE(admin().Retry(Ids(1'001, 1), Soon()).ok());
}

TEST_P(OutboxStoreSuite, OnlyDeadRowsAreDropped) {
  const core::OutboxSession session = OpenOk();
  const std::int64_t dead = Insert("a", "x");
  const std::int64_t planned = Insert("b", "x");
  const std::int64_t ready = Insert("c", "x");
  Bury(session, {dead});
  core::OutboxChange change;
  change.plan = PlanOf({planned});
  CommitOk(session, change);
  const auto refused = admin().Drop({dead, planned}, Soon());
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kFailedPrecondition);
  EXPECT_EQ(Listed(core::OutboxState::kDead), Ids{dead}) << "all or nothing";
  EXPECT_EQ(*admin().Drop({dead, ready, 999'999}, Soon()), 1);
  EXPECT_EQ(*admin().Drop({dead}, Soon()), 0);
  EXPECT_EQ(Listed(core::OutboxState::kReady), (Ids{planned, ready}));
}

TEST_P(OutboxStoreSuite, PeopleSeeWhatWaitsLongestFirstAndMakeItDue) {
  const core::OutboxSession session = OpenOk();
  Hold(session, KeyHold("young-by-name"), {});
  under_test_->Advance(std::chrono::seconds{5});
  Hold(session, KeyHold("a"), {});
  const auto holds = admin().Holds(10, Soon());
  ASSERT_TRUE(holds.ok()) << holds.error().ToString();
  ASSERT_EQ(holds->size(), 2u);
  EXPECT_EQ(holds->front().key, KeyHold("young-by-name"));
  EXPECT_EQ(holds->front().last_error, "no");
  EXPECT_EQ(admin().Holds(1, Soon())->size(), 1u);
  EXPECT_EQ(admin().Holds(-1, Soon())->size(), 0u);
  core::OutboxChange later;
  later.holds = {{KeyHold("a"), 9, std::chrono::hours{1}, {}, "no"}};
  CommitOk(session, later);
  EXPECT_EQ(*admin().RetryHolds(Soon()), 1) << "the other one is due already";
  for (const auto& hold : Holds()) EXPECT_LE(hold.due_in, std::chrono::seconds{0});
}

TEST_P(OutboxStoreSuite, PeopleSeeRelaysAndStats) {
  EXPECT_TRUE(admin().Peers(Soon())->empty());
  const auto session = store().Open("relay \xff", "host:1", kTtl, Soon());
  ASSERT_TRUE(session.ok());
  ASSERT_TRUE(store().Take(*session, {4}, Soon()).ok());
  const auto peers = admin().Peers(Soon());
  ASSERT_TRUE(peers.ok());
  ASSERT_EQ(peers->size(), 1u);
  EXPECT_EQ(peers->front().session, *session);
  EXPECT_EQ(peers->front().wake_address, "host:1");
  EXPECT_EQ(peers->front().buckets, 1);
  EXPECT_TRUE(peers->front().is_alive);
  Insert("k", "x");
  EXPECT_EQ(admin().Stats(Soon())->ready, 1);
}

}  // namespace lanemq::testing
