#pragma once

#include "tests/conformance/outbox_store_fixture.h"

/// Sessions: leases, buckets, adoption, fences.
namespace lanemq::testing {

TEST_P(OutboxStoreSuite, SessionsSeeEachOtherAndShareBuckets) {
  const auto first = store().Open("one", "127.0.0.1:7", kTtl, Soon());
  const auto second = under_test_->other().Open("two", "", kTtl, Soon());
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_NE(first->id, second->id);
  EXPECT_EQ(*store().Take(*first, {3, 1, 2}, Soon()), (std::vector<std::int32_t>{1, 2, 3}));
  EXPECT_EQ(*under_test_->other().Take(*second, {2, 3, 255, 256, -1}, Soon()),
            (std::vector<std::int32_t>{255}))
      << "what is taken stays taken";
  EXPECT_EQ(*store().Take(*first, {}, Soon()), (std::vector<std::int32_t>{1, 2, 3}));
  const auto view = store().Renew(*first, kTtl, Soon());
  ASSERT_TRUE(view.ok()) << view.error().ToString();
  ASSERT_EQ(view->peers.size(), 2u);
  EXPECT_EQ(view->peers[0].session, *first);
  EXPECT_EQ(view->peers[0].name, "one");
  EXPECT_EQ(view->peers[0].wake_address, "127.0.0.1:7");
  EXPECT_TRUE(view->peers[0].is_alive);
  EXPECT_EQ(view->peers[0].buckets, 3);
  EXPECT_EQ(view->peers[1].session, *second);
  EXPECT_EQ(view->peers[1].buckets, 1);
  EXPECT_EQ(view->own_buckets, (std::vector<std::int32_t>{1, 2, 3}));
  EXPECT_EQ(view->free_buckets.size(), 252u);
  EXPECT_EQ(view->free_buckets.front(), 0);

  core::OutboxChange change;
  change.released_buckets = {2, 255};
  CommitOk(*first, change);
  EXPECT_EQ(*store().Take(*first, {}, Soon()), (std::vector<std::int32_t>{1, 3}));
  EXPECT_EQ(*under_test_->other().Take(*second, {2}, Soon()), (std::vector<std::int32_t>{2, 255}))
      << "one session cannot release what another owns";
}

TEST_P(OutboxStoreSuite, ALeaseRunsFromItsLastRenewal) {
  const core::OutboxSession session = OpenOk();
  under_test_->Advance(std::chrono::seconds{7});
  ASSERT_TRUE(store().Renew(session, kTtl, Soon()).ok());
  under_test_->Advance(std::chrono::seconds{7});
  EXPECT_EQ(*store().Adopt(session.id, kTtl, Soon()), std::nullopt);
  under_test_->Advance(std::chrono::seconds{5});
  const auto peers = admin().Peers(Soon());
  ASSERT_TRUE(peers.ok());
  EXPECT_FALSE(peers->front().is_alive);
  EXPECT_TRUE(store().Renew(session, kTtl, Soon()).ok()) << "nobody has taken it over";
  EXPECT_EQ(*store().Adopt(session.id, kTtl, Soon()), std::nullopt);
}

TEST_P(OutboxStoreSuite, WhatAnAdoptedSessionMayHaveSentIsToldToAllOthers) {
  const core::OutboxSession dead = OpenOk();
  const core::OutboxSession live = OpenOk();
  const std::int64_t planned = Insert("k", "1");
  const std::int64_t other = Insert("l", "2");
  core::OutboxChange change;
  change.plan = PlanOf({planned});
  CommitOk(dead, change);
  change.plan = PlanOf({other});
  CommitOk(live, change);
  const auto told = [&](const core::OutboxSession& to) {
    const auto rows = store().ReadAdopted(to, Soon());
    EXPECT_TRUE(rows.ok()) << rows.error().ToString();
    return rows.ok() ? IdsOf(*rows) : Ids{};
  };
  EXPECT_THAT(told(live), IsEmpty()) << "nobody took it over";
  under_test_->Advance(2 * kTtl);
  const auto adoption = store().Adopt(dead.id, kTtl, Soon());
  ASSERT_TRUE(adoption.ok() && adoption->has_value());
  EXPECT_THAT(told(live), ElementsAre(planned));
  EXPECT_THAT(told((*adoption)->session), IsEmpty()) << "it knows";
  core::OutboxChange finish;
  finish.published = {planned};
  finish.plan = core::OutboxPlan{};
  CommitOk((*adoption)->session, finish);
  EXPECT_THAT(told(live), IsEmpty());
}

TEST_P(OutboxStoreSuite, WhoAdoptsGetsThePlanAndItsMessages) {
  const core::OutboxSession dead = OpenOk();
  ASSERT_TRUE(store().Take(dead, all_, Soon()).ok());
  const std::int64_t gone = Insert("a", "1");
  const std::int64_t ready = Insert("b", "2");
  const std::int64_t held = Insert("c", "3");
  Hold(dead, KeyHold("c"), {held});
  Publish(store(), dead, {gone});
  core::OutboxPlan plan = PlanOf({gone, held, ready});
  plan.groups.push_back({"t", 0, true, core::ProducerId{78}, 0, {ready + 1'000'000}});
  core::OutboxChange change;
  change.plan = plan;
  CommitOk(dead, change);

  EXPECT_EQ(*store().Adopt(dead.id, kTtl, Soon()), std::nullopt) << "it lives";
  EXPECT_EQ(*store().Adopt(dead.id + 100, kTtl, Soon()), std::nullopt) << "it never was";
  under_test_->Advance(std::chrono::seconds{11});
  const auto adoption = under_test_->other().Adopt(dead.id, kTtl, Soon());
  ASSERT_TRUE(adoption.ok()) << adoption.error().ToString();
  ASSERT_TRUE(adoption->has_value());
  EXPECT_EQ((*adoption)->session.id, dead.id);
  EXPECT_GT((*adoption)->session.epoch, dead.epoch);
  EXPECT_EQ((*adoption)->plan, plan);
  EXPECT_EQ(IdsOf((*adoption)->messages), (Ids{ready, held}));
  EXPECT_EQ((*adoption)->messages.front().record->body, "2");
  EXPECT_EQ(*store().Adopt(dead.id, kTtl, Soon()), std::nullopt) << "one adopter wins";

  const core::OutboxSession mine = OpenOk();
  EXPECT_EQ(store().Take(mine, all_, Soon())->size(), 0u) << "adoption frees nothing";
  core::OutboxChange finish;
  finish.published = {ready, held};
  finish.plan = core::OutboxPlan{};
  CommitOk((*adoption)->session, finish);
  ASSERT_TRUE(store().Close((*adoption)->session, Soon()).ok());
  EXPECT_TRUE(store().Close((*adoption)->session, Soon()).ok()) << "repeated";
  EXPECT_EQ(store().Take(mine, all_, Soon())->size(), 256u);
}

TEST_P(OutboxStoreSuite, AFencedSessionChangesNothing) {
  const core::OutboxSession old = OpenOk();
  ASSERT_TRUE(store().Take(old, {1, 2}, Soon()).ok());
  const std::int64_t id = Insert("k", "x");
  core::OutboxChange planned;
  planned.plan = PlanOf({id});
  CommitOk(old, planned);
  under_test_->Advance(std::chrono::seconds{11});
  const auto adoption = store().Adopt(old.id, kTtl, Soon());
  ASSERT_TRUE(adoption.ok() && adoption->has_value());

  std::vector<core::OutboxChange> changes(7);
  changes[0].published = {id};
  changes[1].held = {id};
  changes[2].dead = {{id, 1, "x"}};
  changes[3].holds = {{KeyHold("k"), 1, {}, {}, ""}};
  changes[4].plan = core::OutboxPlan{};
  changes[5].released_buckets = {1};
  changes[6].published = {id};
  changes[6].plan = core::OutboxPlan{};
  for (const core::OutboxSession& session :
       {old, core::OutboxSession{old.id, core::FencingToken{99}},
        core::OutboxSession{old.id + 50, old.epoch}}) {
    for (const core::OutboxChange& change : changes) {
      ExpectFenced(store().Commit(session, change, Soon()));
    }
    ExpectFenced(store().Renew(session, kTtl, Soon()));
    ExpectFenced(store().Take(session, {7}, Soon()));
  }
  ExpectFenced(store().Close(old, Soon()));
  EXPECT_EQ(IdsOf(ReadAll()), Ids{id});
  EXPECT_TRUE(Holds().empty());
  under_test_->Advance(std::chrono::seconds{11});
  const auto again = store().Adopt(old.id, kTtl, Soon());
  ASSERT_TRUE(again.ok() && again->has_value());
  EXPECT_EQ((*again)->plan, PlanOf({id})) << "the plan of the fenced is not stored";
  EXPECT_EQ(*store().Take((*again)->session, {}, Soon()), (std::vector<std::int32_t>{1, 2}));
}

TEST_P(OutboxStoreSuite, APlanStaysUntilItIsReplaced) {
  const core::OutboxSession session = OpenOk();
  const std::int64_t id = Insert("k", "x");
  core::OutboxChange planned;
  planned.plan = PlanOf({id});
  CommitOk(session, planned);
  Hold(session, KeyHold("z"), {});  // A change without a plan.
  under_test_->Advance(std::chrono::seconds{11});
  auto adoption = store().Adopt(session.id, kTtl, Soon());
  ASSERT_TRUE(adoption.ok() && adoption->has_value());
  EXPECT_EQ((*adoption)->plan, PlanOf({id}));
  core::OutboxChange nothing;
  nothing.plan = core::OutboxPlan{};
  CommitOk((*adoption)->session, nothing);
  under_test_->Advance(std::chrono::seconds{11});
  adoption = store().Adopt(session.id, kTtl, Soon());
  ASSERT_TRUE(adoption.ok() && adoption->has_value());
  EXPECT_EQ((*adoption)->plan, core::OutboxPlan{});
  EXPECT_TRUE((*adoption)->messages.empty());
}

}  // namespace lanemq::testing
