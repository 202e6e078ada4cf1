#pragma once

// Part of access_store_suite.h: limits, races.
#include <atomic>
#include <map>
#include <thread>

#include "tests/conformance/access_store_suite.h"

namespace lanemq::testing {

TEST_P(AccessStoreSuite, OneTeamServiceTokenGrantOrOwnerTooManyIsRefused) {
  using core::AccessLimits;
  AddBilling();
  const auto refused = ErrorCode::kInsufficientCapacity;
  under_test_->FillTeams(AccessLimits::kTeamsMax - 1);
  under_test_->FillServices(AccessLimits::kServicesMax - 1);
  under_test_->FillTokens(AccessLimits::kTokensMax - 1);
  under_test_->FillGrants(AccessLimits::kGrantsMax - 1);
  under_test_->FillOwners(AccessLimits::kOwnersMax - 1);

  ExpectChange([&] { return store().PutTeam(TeamOf("last"), Note(), Soon()); });
  ExpectRefused([&] { return store().PutTeam(TeamOf("beyond"), Note(), Soon()); }, refused);
  core::Team changed = TeamOf("last");
  changed.description = "what is there may be changed";
  ExpectChange([&] { return store().PutTeam(changed, Note(), Soon()); });

  const core::Service last = ServiceOf("last", "payments");
  ExpectChange([&] { return store().PutService(last, Note(), Soon()); });
  ExpectRefused([&] { return store().PutService(ServiceOf("beyond", ""), Note(), Soon()); },
                refused);

  AddToken(TokenOf("last-token", "billing"));
  ExpectRefused(
      [&] { return StatusOf(store().AddToken(TokenOf("beyond-it", "billing"), Note(), Soon())); },
      refused);

  core::Grant grant = AddGrant(GrantOf("last", Billing()));
  ExpectRefused(
      [&] { return StatusOf(store().PutGrant(GrantOf("beyond", Billing()), Note(), Soon())); },
      refused);
  grant.actions = {core::Action::kDescribe};
  ExpectChange([&] { return StatusOf(store().PutGrant(grant, Note(), Soon())); });

  core::Owner owner{core::ResourceKind::kTopic, "last", "payments"};
  ExpectChange([&] { return store().SetOwner(owner, Note(), Soon()); });
  owner.team = "last";
  ExpectChange([&] { return store().SetOwner(owner, Note(), Soon()); });
  owner.name = "beyond";
  ExpectRefused([&] { return store().SetOwner(owner, Note(), Soon()); }, refused);

  const core::AccessRecords records = Load();
  EXPECT_EQ(records.teams.size(), AccessLimits::kTeamsMax);
  EXPECT_EQ(records.services.size(), AccessLimits::kServicesMax);
  EXPECT_EQ(records.tokens.size(), AccessLimits::kTokensMax);
  EXPECT_EQ(records.grants.size(), AccessLimits::kGrantsMax);
  EXPECT_EQ(records.owners.size(), AccessLimits::kOwnersMax);
}

TEST_P(AccessStoreSuite, TokensThatEndedDoNotCountAgainstTheirService) {
  AddBilling();
  for (std::size_t i = 0; i < core::AccessLimits::kTokensPerServiceMax; ++i) {
    core::Token token = TokenOf("t" + std::to_string(i), "billing");
    if (i == 0) token.expires_at = In(std::chrono::hours{1});
    AddToken(token);
  }
  const auto one_more = [&] {
    return StatusOf(store().AddToken(TokenOf("one-more", "billing"), Note(), Soon()));
  };
  ExpectRefused(one_more, ErrorCode::kInsufficientCapacity);
  AddService("other", "payments");
  AddToken(TokenOf("others", "other"));
  under_test_->Advance(std::chrono::hours{1});
  ExpectChange(one_more);
}

TEST_P(AccessStoreSuite, ATeamMayHaveHundredsOfMembers) {
  core::Team team = TeamOf("payments");
  for (std::size_t i = 0; i < core::AccessLimits::kMembersPerTeamMax; ++i) {
    team.members.push_back({"person-" + std::to_string(i), core::TeamRole::kMember});
  }
  core::Normalize(team);
  ExpectChange([&] { return store().PutTeam(team, Note(), Soon()); });
  EXPECT_THAT(Load().teams, ElementsAre(team));
  EXPECT_THAT(LastEvent().change.after_json, HasSubstr("person-499"));
}

TEST_P(AccessStoreSuite, ChangesAtTheSameTimeFollowEachOther) {
  AddBilling();
  constexpr int kThreads = 6;
  constexpr int kChanges = 15;
  const std::int64_t before = Version();
  const std::size_t events_before = Events().size();
  std::atomic<int> failed{0};
  std::atomic<bool> is_done{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kChanges; ++i) {
        const std::string name = "s" + std::to_string(t) + "-" + std::to_string(i);
        const Status done =
            i % 3 == 0 ? StatusOf(store().PutGrant(GrantOf(name, Billing()), Note(), Soon()))
                       : store().PutService(ServiceOf(name, "payments"), Note(), Soon());
        if (!done.ok()) ++failed;
      }
    });
  }
  // Whoever reads meanwhile sees a version and what belongs to it: each change added one thing.
  std::map<std::int64_t, std::size_t> things;
  std::thread reader([&] {
    while (!is_done) {
      const core::AccessRecords records = Load();
      const std::size_t now = records.services.size() + records.grants.size();
      EXPECT_EQ(things.try_emplace(records.version, now).first->second, now);
    }
  });
  for (std::thread& thread : threads) thread.join();
  is_done = true;
  reader.join();
  EXPECT_EQ(failed, 0);
  EXPECT_GE(Version(), before + kThreads * kChanges);
  std::size_t last = 0;
  for (const auto& [version, count] : things) {
    EXPECT_GT(count, last) << version;
    last = count;
  }
  EXPECT_EQ(Events().size(), events_before + kThreads * kChanges);
}

TEST_P(AccessStoreSuite, AfterAFailoverThatLostChangesNoVersionIsUsedTwice) {
  AddTeam("kept");
  const std::int64_t kept = Version();
  for (int i = 0; i < 5; ++i) AddTeam("lost-" + std::to_string(i));
  const std::int64_t lost = Version();
  if (!under_test_->GoBackTo(kept)) return;
  ASSERT_EQ(Version(), kept);
  AddTeam("next");
  EXPECT_GT(Version(), lost);
}

TEST_P(AccessStoreSuite, ALimitHoldsAgainstARace) {
  AddBilling();
  std::atomic<int> added{0};
  std::atomic<int> refused{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 6; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 5; ++i) {
        const std::string id = "t" + std::to_string(t) + "-" + std::to_string(i);
        const auto token = store().AddToken(TokenOf(id, "billing"), Note(), Soon());
        if (token.ok()) ++added;
        if (!token.ok() && token.error().code == ErrorCode::kInsufficientCapacity) ++refused;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(added, static_cast<int>(core::AccessLimits::kTokensPerServiceMax));
  EXPECT_EQ(refused, 30 - added);
  EXPECT_THAT(Load().tokens, SizeIs(core::AccessLimits::kTokensPerServiceMax));
}

TEST_P(AccessStoreSuite, WhatHasEndedMakesRoomForOthers) {
  using core::AccessLimits;
  AddBilling();
  core::Token token = TokenOf("ends", "billing");
  token.expires_at = In(std::chrono::hours{1});
  AddToken(token);
  core::Grant grant = GrantOf("ends", Billing());
  grant.expires_at = In(std::chrono::hours{1});
  AddGrant(grant);
  under_test_->FillTokens(AccessLimits::kTokensMax);
  under_test_->FillGrants(AccessLimits::kGrantsMax);
  const auto one_more_token = [&] {
    return StatusOf(store().AddToken(TokenOf("next", "billing"), Note(), Soon()));
  };
  const auto one_more_grant = [&] {
    return StatusOf(store().PutGrant(GrantOf("next", Billing()), Note(), Soon()));
  };
  ExpectRefused(one_more_token, ErrorCode::kInsufficientCapacity);
  ExpectRefused(one_more_grant, ErrorCode::kInsufficientCapacity);
  under_test_->Advance(std::chrono::hours{1});
  ExpectChange(one_more_token);
  ExpectChange(one_more_grant);
  const core::AccessRecords records = Load();
  EXPECT_EQ(records.tokens.size(), AccessLimits::kTokensMax);
  EXPECT_EQ(records.grants.size(), AccessLimits::kGrantsMax);
  const core::Grant another = GrantOf("another", Billing());
  ExpectRefused([&] { return StatusOf(store().PutGrant(another, Note(), Soon())); },
                ErrorCode::kInsufficientCapacity);
}

TEST_P(AccessStoreSuite, AllTeamsTogetherHaveOnlySoManyMembers) {
  core::Team team = TeamOf("payments");
  team.members = {{"ann", core::TeamRole::kMember}, {"bob", core::TeamRole::kLead}};
  const auto put = [&] { return store().PutTeam(team, Note(), Soon()); };
  ExpectChange(put);
  under_test_->FillMembers(core::AccessLimits::kMembersMax - 1);
  team.members.push_back({"carl", core::TeamRole::kMember});
  ExpectChange(put);
  team.members.push_back({"dora", core::TeamRole::kMember});
  ExpectRefused(put, ErrorCode::kInsufficientCapacity);
  ExpectChange([&] { return store().PutTeam(TeamOf("without"), Note(), Soon()); });
  team.members = {{"ann", core::TeamRole::kMember},
                  {"dora", core::TeamRole::kMember},
                  {"erik", core::TeamRole::kMember}};
  ExpectChange(put);
  team.members.pop_back();
  ExpectChange(put);
  core::Team other = TeamOf("shipping");
  other.members = {{"ann", core::TeamRole::kMember}};
  ExpectChange([&] { return store().PutTeam(other, Note(), Soon()); });
}

TEST_P(AccessStoreSuite, AServiceWithManyGrantsGoesInSteps) {
  constexpr std::size_t kGrants = 1'100;
  AddBilling();
  AddService("other", "payments");
  AddToken(TokenOf("t1", "billing"));
  for (std::size_t i = 0; i < kGrants; ++i) {
    AddGrant(GrantOf("topic-" + std::to_string(i), Billing()));
  }
  const core::Grant others = AddGrant(GrantOf("orders", {core::PrincipalKind::kService, "other"}));
  const std::int64_t version = Version();
  ExpectOk(store().DeleteService("billing", Note(), Soon()));
  EXPECT_GT(Version(), version);
  EXPECT_EQ(LastEvent().change.object_kind, "service");
  const core::AccessRecords records = Load();
  EXPECT_THAT(records.tokens, IsEmpty());
  EXPECT_THAT(records.grants, ElementsAre(others));
  EXPECT_THAT(records.services, ElementsAre(ServiceOf("other", "payments")));
}

}  // namespace lanemq::testing
