#pragma once

#include "tests/conformance/outbox_store_fixture.h"

/// Rows: read, published, dead, cleaned.
namespace lanemq::testing {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_P(OutboxStoreSuite, WhatIsReadIsWhatWasInserted) {
  const std::string bytes("\0\xff'\\\"\n\x80", 7);
  const std::int64_t id = under_test_->Insert({"a.b-c",
                                               bytes,
                                               bytes + "body",
                                               {{"h", bytes}, {"h", ""}},
                                               WallTime{1'600'000'000'123'456},
                                               2});
  const std::int64_t bare = under_test_->Insert({"t", std::nullopt, std::nullopt, {}, {}, 0});
  const std::int64_t empty = under_test_->Insert({"t", "", "", {}, {}, 0});
  auto read = ReadAll();
  std::sort(read.begin(), read.end(), [](auto& a, auto& b) { return a.id < b.id; });
  ASSERT_THAT(IdsOf(read), ElementsAre(id, bare, empty));
  EXPECT_EQ(read[0].topic, "a.b-c");
  EXPECT_EQ(read[0].bucket, FakeOutboxStore::BucketOf(bytes, {}));
  EXPECT_EQ(read[0].state, core::OutboxState::kReady);
  EXPECT_EQ(read[0].record->key, bytes);
  EXPECT_EQ(read[0].record->body, bytes + "body");
  EXPECT_EQ(read[0].record->headers, (std::vector<core::Header>{{"h", bytes}, {"h", ""}}));
  EXPECT_EQ(read[0].record->codec, 2);
  EXPECT_EQ(read[0].due, WallTime{1'600'000'000'123'456});
  EXPECT_GT(read[0].created.micros, 1'600'000'000'000'000);
  EXPECT_EQ(read[1].record->key, std::nullopt);
  EXPECT_EQ(read[1].record->body, std::nullopt);
  EXPECT_EQ(read[1].bucket, 0);
  EXPECT_EQ(read[1].due, std::nullopt);
  EXPECT_EQ(read[2].record->key, "");
  EXPECT_EQ(read[2].record->body, "");
}

TEST_P(OutboxStoreSuite, ARowThatCommitsLateIsReadThoughItsIdIsLow) {
  const core::OutboxSession session = OpenOk();
  const auto late = under_test_->InsertUncommitted({"t", "k", "late", {}, {}, 0});
  const std::int64_t early = Insert("k", "early");
  ASSERT_LT(late->id(), early);
  EXPECT_THAT(IdsOf(ReadAll()), ElementsAre(early));
  Publish(store(), session, {early});
  EXPECT_THAT(ReadAll(), IsEmpty());
  late->Commit();
  EXPECT_THAT(IdsOf(ReadAll()), ElementsAre(late->id()));
}

TEST_P(OutboxStoreSuite, RowsOnTheirWayAreNotReadAgainAndTakeNoRoom) {
  const std::int64_t first = Insert("k", "1");
  const std::int64_t second = Insert("k", "2");
  const std::int64_t third = Insert("k", "3");
  const auto read = store().Read(all_, 0, {.rows_max = 1, .except_ids = {first, third}}, Soon());
  ASSERT_TRUE(read.ok()) << read.error().ToString();
  EXPECT_THAT(IdsOf(*read), ElementsAre(second));
}

TEST_P(OutboxStoreSuite, WhatIsRolledBackIsNeverRead) {
  const auto open = under_test_->InsertUncommitted({"t", "k", "x", {}, {}, 0});
  open->RollBack();
  EXPECT_THAT(ReadAll(), IsEmpty());
}

TEST_P(OutboxStoreSuite, RowsComeByBucketAndIdFromTheFirstBucketGoingRound) {
  std::map<std::int32_t, Ids> by_bucket;
  for (int i = 0; i < 60; ++i) {
    const std::string key = std::to_string(i % 20);
    by_bucket[FakeOutboxStore::BucketOf(key, {})].push_back(Insert(key, "b"));
  }
  const std::int32_t middle = std::next(by_bucket.begin(), 5)->first;
  Ids expected;
  for (auto at = by_bucket.lower_bound(middle); at != by_bucket.end(); ++at) {
    expected.insert(expected.end(), at->second.begin(), at->second.end());
  }
  for (auto at = by_bucket.begin(); at->first != middle; ++at) {
    expected.insert(expected.end(), at->second.begin(), at->second.end());
  }
  EXPECT_EQ(IdsOf(ReadAll({}, middle)), expected);
  const auto some = ReadAll({.rows_max = 7}, middle);
  EXPECT_EQ(IdsOf(some), Ids(expected.begin(), expected.begin() + 7));

  const std::vector<std::int32_t> one = {middle};
  const auto read = store().Read(one, 0, {}, Soon());
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(IdsOf(*read), by_bucket[middle]);
  EXPECT_THAT(*store().Read({}, 0, {}, Soon()), IsEmpty());
}

TEST_P(OutboxStoreSuite, BytesAreLimitedAndOneLargerRowComesAlone) {
  Ids ids;
  for (const std::size_t size : {3'000u, 400u, 400u, 400u}) {
    ids.push_back(Insert("k", std::string(size, 'x')));
  }
  const core::OutboxReadLimits limits{.rows_max = 100, .bytes_max = 1'000};
  EXPECT_EQ(IdsOf(ReadAll(limits)), Ids{ids[0]});
  const core::OutboxSession session = OpenOk();
  Publish(store(), session, {ids[0]});
  EXPECT_EQ(IdsOf(ReadAll(limits)), (Ids{ids[1], ids[2]}));
  Publish(store(), session, {ids[1], ids[2]});
  EXPECT_EQ(IdsOf(ReadAll(limits)), Ids{ids[3]});
}

TEST_P(OutboxStoreSuite, SmallRowsAfterLargeOnesAreReadInFullAgain) {
  const core::OutboxSession session = OpenOk();
  const std::int64_t large = Insert("k", std::string(500'000, 'x'));
  EXPECT_THAT(ReadAll({.rows_max = 100, .bytes_max = 600'000}), SizeIs(1));
  Publish(store(), session, {large});
  for (int i = 0; i < 90; ++i) Insert("k", "small");
  EXPECT_THAT(ReadAll({.rows_max = 100, .bytes_max = 600'000}), SizeIs(90));
}

TEST_P(OutboxStoreSuite, RepeatingACommitIsHarmless) {
  const core::OutboxSession session = OpenOk();
  const std::int64_t published = Insert("a", "1");
  const std::int64_t held = Insert("b", "2");
  const std::int64_t dead = Insert("c", "3");
  const std::int64_t untouched = Insert("d", "4");
  core::OutboxChange change;
  change.published = {published};
  change.held = {held};
  change.dead = {{dead, 7, "too large"}};
  change.holds = {{KeyHold("b"), 2, std::chrono::seconds{5}, {}, "unreachable"}};
  change.plan = PlanOf({untouched});
  for (int i = 0; i < 3; ++i) {
    CommitOk(session, change);
    EXPECT_THAT(IdsOf(ReadAll()), ElementsAre(untouched));
    EXPECT_THAT(Held(KeyHold("b")), ElementsAre(held));
    EXPECT_THAT(Listed(core::OutboxState::kDead), ElementsAre(dead));
    EXPECT_THAT(Holds(), SizeIs(1));
  }
  const auto listed = admin().List(core::OutboxState::kDead, {}, 0, 10, Soon());
  ASSERT_TRUE(listed.ok());
  EXPECT_EQ(listed->front().attempts, 7);
  EXPECT_EQ(listed->front().last_error, "too large");
  EXPECT_THAT(Listed(core::OutboxState::kPublished), IsEmpty());
}

TEST_P(OutboxStoreSuite, ManyRowsAreOneCommit) {
  const core::OutboxSession session = OpenOk();
  Ids ids;
  for (int i = 0; i < 1'200; ++i) ids.push_back(Insert(std::to_string(i), "x"));
  core::OutboxChange change;
  change.held = ids;
  CommitOk(session, change);
  EXPECT_EQ(Stats().held, 1'200);
  Publish(store(), session, ids);
  EXPECT_EQ(Stats().held, 0);
  EXPECT_EQ(Stats().ready, 0);
}

TEST_P(OutboxStoreSuite, CountingWhatAnArchiveKeepsStops) {
  const core::OutboxSession session = OpenOk();
  Ids ids;
  for (int i = 0; i <= core::OutboxStats::kPublishedCountMax; ++i) ids.push_back(Insert("k", "x"));
  Publish(under_test_->archiving(), session, ids);
  EXPECT_EQ(Stats().published, core::OutboxStats::kPublishedCountMax);
  EXPECT_EQ(Stats().ready, 0);
}

TEST_P(OutboxStoreSuite, AnArchiveKeepsWhatIsPublishedUntilItIsCleaned) {
  core::OutboxStore& archive = under_test_->archiving();
  const core::OutboxSession session = OpenOk();
  Ids old;
  for (int i = 0; i < 10; ++i) old.push_back(Insert("k" + std::to_string(i), "x"));
  const std::int64_t ready = Insert("k0", "y");
  const std::int64_t held = Insert("k1", "y");
  const std::int64_t dead = Insert("k2", "y");
  Publish(archive, session, old);
  Hold(session, KeyHold("k1"), {held});
  Bury(session, {dead});
  under_test_->Advance(std::chrono::hours{2});
  const std::int64_t young = Insert("k3", "z");
  Publish(archive, session, {young});
  Publish(archive, session, old);  // Repeated: they do not become younger.
  EXPECT_EQ(Stats().published, 11);
  EXPECT_EQ(*archive.Clean(std::chrono::hours{3}, 100, Soon()), 0);
  EXPECT_EQ(*archive.Clean(std::chrono::hours{1}, 4, Soon()), 4);
  EXPECT_EQ(*archive.Clean(std::chrono::hours{1}, 100, Soon()), 6);
  EXPECT_EQ(*archive.Clean(std::chrono::hours{1}, 100, Soon()), 0);
  EXPECT_EQ(*archive.Clean(std::chrono::hours{0}, 0, Soon()), 0);
  EXPECT_THAT(Listed(core::OutboxState::kPublished), ElementsAre(young));
  under_test_->Advance(std::chrono::hours{9});
  EXPECT_EQ(*archive.Clean(std::chrono::hours{0}, 100, Soon()), 1);
  EXPECT_THAT(IdsOf(ReadAll()), ElementsAre(ready));
  EXPECT_THAT(Listed(core::OutboxState::kHeld), ElementsAre(held));
  EXPECT_THAT(Listed(core::OutboxState::kDead), ElementsAre(dead));
}

TEST_P(OutboxStoreSuite, StatsCountAndTellTheAgeOfWhatWaits) {
  EXPECT_EQ(Stats().oldest_age, std::chrono::microseconds{0});
  EXPECT_EQ(Stats().unowned_buckets, core::kOutboxBuckets);
  const core::OutboxSession session = OpenOk();
  ASSERT_TRUE(store().Take(session, {0, 1, 2}, Soon()).ok());
  const std::int64_t held = Insert("a", "x");
  under_test_->Advance(std::chrono::seconds{100});
  const std::int64_t dead = Insert("b", "x");
  const std::int64_t ready = Insert("c", "x");
  Hold(session, KeyHold("a"), {held});
  Bury(session, {dead});
  core::OutboxStats stats = Stats();
  EXPECT_EQ(stats.ready, 1);
  EXPECT_EQ(stats.held, 1);
  EXPECT_EQ(stats.dead, 1);
  EXPECT_EQ(stats.published, 0);
  EXPECT_EQ(stats.holds, 1);
  EXPECT_EQ(stats.unowned_buckets, core::kOutboxBuckets - 3);
  EXPECT_GE(stats.oldest_age, std::chrono::seconds{100});
  EXPECT_LT(stats.oldest_age, std::chrono::seconds{130});
  Publish(store(), session, {held, ready});
  EXPECT_EQ(Stats().oldest_age, std::chrono::microseconds{0}) << "the dead do not wait";
}

}  // namespace lanemq::testing
