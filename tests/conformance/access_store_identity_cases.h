#pragma once

// Part of access_store_suite.h: teams, services and tokens.
#include "tests/conformance/access_store_suite.h"

namespace lanemq::testing {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

TEST_P(AccessStoreSuite, AFreshStoreIsEmptyAndKnowsItsCluster) {
  const core::AccessRecords records = Load();
  EXPECT_EQ(records.version, 0);
  EXPECT_EQ(Version(), 0);
  EXPECT_NE(records.cluster_id, "");
  EXPECT_THAT(records.teams, IsEmpty());
  EXPECT_THAT(records.services, IsEmpty());
  EXPECT_THAT(records.tokens, IsEmpty());
  EXPECT_THAT(records.grants, IsEmpty());
  EXPECT_THAT(records.owners, IsEmpty());
}

TEST_P(AccessStoreSuite, ATeamComesBackWithItsMembersByName) {
  core::Team team = TeamOf("payments");
  team.description = "takes \"money\" \xe2\x82\xac";
  team.oncall_route = "pager";
  team.members = {{"bob", core::TeamRole::kMember}, {"ann", core::TeamRole::kLead}};
  ExpectChange([&] { return store().PutTeam(team, Note(), Soon()); });
  AddTeam("a-team");
  const core::AccessRecords records = Load();
  EXPECT_EQ(records.version, Version());
  ASSERT_THAT(records.teams, SizeIs(2));
  EXPECT_EQ(records.teams[0].name, "a-team");
  EXPECT_THAT(records.teams[0].members, IsEmpty());
  core::Normalize(team);
  EXPECT_EQ(records.teams[1], team);
}

TEST_P(AccessStoreSuite, ATeamIsChangedAsAWhole) {
  core::Team team = TeamOf("payments");
  team.description = "old";
  team.members = {{"ann", core::TeamRole::kLead},
                  {"bob", core::TeamRole::kMember},
                  {"cid", core::TeamRole::kMember}};
  ExpectOk(store().PutTeam(team, Note(), Soon()));
  team.description.clear();
  team.members = {{"cid", core::TeamRole::kLead},
                  {"bob", core::TeamRole::kMember},
                  {"dan", core::TeamRole::kMember}};
  ExpectChange([&] { return store().PutTeam(team, Note(), Soon()); });
  core::Normalize(team);
  EXPECT_THAT(Load().teams, ElementsAre(team));
  // The order in which members are given is no change.
  std::swap(team.members[0], team.members[2]);
  ExpectNoChange([&] { return store().PutTeam(team, Note(), Soon()); });
}

TEST_P(AccessStoreSuite, TheAuditRowTellsWhoChangedWhatAndWhy) {
  AddTeam("payments");
  core::Team team = TeamOf("payments");
  team.members = {{"ann", core::TeamRole::kLead}};
  ExpectOk(store().PutTeam(team, Note(), Soon()));
  ExpectOk(store().DeleteTeam("payments", Note(), Soon()));
  const auto events = Events();
  ASSERT_THAT(events, SizeIs(3));
  for (const core::AuditEvent& event : events) {
    EXPECT_EQ(event.note.actor, "person:ann");
    EXPECT_EQ(event.note.on_behalf_of, "person:bob");
    EXPECT_EQ(event.note.source, "10.1.2.3:4567");
    EXPECT_EQ(event.note.request_id, "r-17");
    EXPECT_EQ(event.note.action, "test");
    EXPECT_EQ(event.note.reason, "because");
    EXPECT_EQ(event.result, core::AuditResult::kOk);
    EXPECT_EQ(event.at, under_test_->now());
    EXPECT_EQ(event.change.object_kind, "team");
    EXPECT_EQ(event.change.object_name, "payments");
  }
  EXPECT_EQ(events[0].change.before_json, "");
  EXPECT_EQ(events[0].change.after_json, R"({"members":[],"name":"payments"})");
  EXPECT_EQ(events[1].change.before_json, events[0].change.after_json);
  EXPECT_EQ(events[1].change.after_json,
            R"({"members":[{"person":"ann","role":"lead"}],"name":"payments"})");
  EXPECT_EQ(events[2].change.before_json, events[1].change.after_json);
  EXPECT_EQ(events[2].change.after_json, "");
}

TEST_P(AccessStoreSuite, ATeamThatIsNeededStays) {
  ExpectRefused([&] { return store().DeleteTeam("payments", Note(), Soon()); },
                ErrorCode::kNotFound);
  AddBilling();
  const auto remove = [&] { return store().DeleteTeam("payments", Note(), Soon()); };
  ExpectRefused(remove, ErrorCode::kFailedPrecondition);
  ExpectOk(store().DeleteService("billing", Note(), Soon()));
  core::Owner owner{core::ResourceKind::kTopic, "orders", "payments"};
  ExpectOk(store().SetOwner(owner, Note(), Soon()));
  ExpectRefused(remove, ErrorCode::kFailedPrecondition);
  owner.team.clear();
  ExpectOk(store().SetOwner(owner, Note(), Soon()));
  const core::Grant grant = AddGrant(GrantOf("orders", Payments()));
  ExpectRefused(remove, ErrorCode::kFailedPrecondition);
  ExpectOk(store().DeleteGrant(grant.id, Note(), Soon()));
  ExpectChange(remove);
  EXPECT_THAT(Load().teams, IsEmpty());
  ExpectRefused(remove, ErrorCode::kNotFound);
  AddTeam("payments");  // Its members are gone with it.
  EXPECT_THAT(Load().teams[0].members, IsEmpty());
}

TEST_P(AccessStoreSuite, AServiceIsMadeChangedAndKeepsItsKind) {
  AddTeam("payments");
  core::Service service = ServiceOf("billing", "payments");
  service.description = "sends bills";
  const auto put = [&] { return store().PutService(service, Note(), Soon()); };
  ExpectChange(put);
  ExpectNoChange(put);
  EXPECT_THAT(Load().services, ElementsAre(service));
  service.is_disabled = true;
  service.description.clear();
  ExpectChange(put);
  EXPECT_THAT(Load().services, ElementsAre(service));
  EXPECT_THAT(LastEvent().change.before_json, HasSubstr("\"disabled\":false"));
  EXPECT_THAT(LastEvent().change.after_json, HasSubstr("\"disabled\":true"));
  service.team = "nobody";
  ExpectRefused(put, ErrorCode::kFailedPrecondition);
  service.team = "payments";
  service.kind = core::ServiceKind::kAdmin;
  ExpectRefused(put, ErrorCode::kFailedPrecondition);
  core::Service broker = ServiceOf("a-broker", "");
  broker.kind = core::ServiceKind::kServer;
  ExpectOk(store().PutService(broker, Note(), Soon()));
  EXPECT_EQ(Load().services[0], broker);
}

TEST_P(AccessStoreSuite, EveryKindOfServiceComesBack) {
  AddTeam("payments");
  std::vector<core::Service> services;
  for (int kind = 1; kind <= static_cast<int>(core::ServiceKind::kAdmin); ++kind) {
    services.push_back(ServiceOf("s" + std::to_string(kind), kind == 1 ? "payments" : ""));
    services.back().kind = static_cast<core::ServiceKind>(kind);
    ExpectOk(store().PutService(services.back(), Note(), Soon()));
  }
  EXPECT_EQ(Load().services, services);
}

TEST_P(AccessStoreSuite, AServiceTakesItsTokensAndGrantsWithIt) {
  AddBilling();
  AddService("other", "payments");
  AddToken(TokenOf("t000000001", "billing"));
  AddToken(TokenOf("t000000002", "billing"));
  const core::Token others = AddToken(TokenOf("t000000003", "other"));
  AddGrant(GrantOf("orders", Billing()));
  const core::Grant of_team = AddGrant(GrantOf("orders", Payments()));
  ExpectChange([&] { return store().DeleteService("billing", Note(), Soon()); }, 4);
  const core::AccessRecords records = Load();
  EXPECT_THAT(records.services, SizeIs(1));
  EXPECT_THAT(records.tokens, ElementsAre(others));
  EXPECT_THAT(records.grants, ElementsAre(of_team));
  std::vector<std::string> kinds;
  for (const core::AuditEvent& event : Events()) {
    if (event.change.after_json.empty()) kinds.push_back(event.change.object_kind);
  }
  EXPECT_THAT(kinds, ElementsAre("token", "token", "grant", "service"));
  ExpectRefused([&] { return store().DeleteService("billing", Note(), Soon()); },
                ErrorCode::kNotFound);
}

TEST_P(AccessStoreSuite, ATokenIsDatedByTheStoreAndRevokedAtOnce) {
  AddBilling();
  core::Token token = TokenOf("t000000001", "billing");
  token.hash = std::string("\0\xff' \\ \0\n\x01", 9) + std::string(23, '\0');
  token.note = "rotation";
  token.expires_at = In(std::chrono::hours{24});
  token.created_at = WallTime{1};
  under_test_->Advance(std::chrono::microseconds{1'234'567'000});
  const core::Token stored = AddToken(token);
  EXPECT_EQ(stored.created_at, under_test_->now());
  token.created_at = stored.created_at;
  EXPECT_EQ(stored, token);
  EXPECT_THAT(Load().tokens, ElementsAre(token));
  ExpectRefused([&] { return StatusOf(store().AddToken(token, Note(), Soon())); },
                ErrorCode::kAlreadyExists);
  token.id = "t000000002";
  token.service = "nobody";
  ExpectRefused([&] { return StatusOf(store().AddToken(token, Note(), Soon())); },
                ErrorCode::kFailedPrecondition);
  ExpectChange([&] { return store().RevokeToken("t000000001", Note(), Soon()); });
  EXPECT_EQ(LastEvent().change.object_kind, "token");
  EXPECT_EQ(LastEvent().change.object_name, "t000000001");
  EXPECT_THAT(LastEvent().change.before_json, HasSubstr("\"note\":\"rotation\""));
  EXPECT_THAT(Load().tokens, IsEmpty());
  ExpectRefused([&] { return store().RevokeToken("t000000001", Note(), Soon()); },
                ErrorCode::kNotFound);
}

TEST_P(AccessStoreSuite, NoAuditRowHasAHash) {
  AddBilling();
  const core::Token token = AddToken(TokenOf("t000000001", "billing"));
  ExpectOk(store().RevokeToken(token.id, Note(), Soon()));
  AddToken(token);
  ExpectOk(store().DeleteService("billing", Note(), Soon()));
  const auto events = Events();
  EXPECT_THAT(events, SizeIs(7));
  for (const core::AuditEvent& event : events) {
    for (const std::string& json : {event.change.before_json, event.change.after_json}) {
      EXPECT_THAT(json, Not(HasSubstr("hash")));
      EXPECT_THAT(json, Not(HasSubstr("SSSS")));
      EXPECT_THAT(json, Not(HasSubstr("53535353")));  // The same in base 16.
      EXPECT_THAT(json, Not(HasSubstr("U1NTU1NT")));  // And in base 64.
    }
  }
}

TEST_P(AccessStoreSuite, WhatEndedLongAgoIsForgotten) {
  AddBilling();
  core::Token token = TokenOf("t000000001", "billing");
  token.expires_at = In(std::chrono::hours{1});
  AddToken(token);
  core::Grant grant = GrantOf("orders", Payments());
  grant.expires_at = token.expires_at;
  AddGrant(grant);
  AddToken(TokenOf("t000000002", "billing"));
  under_test_->Advance(std::chrono::hours{30 * 24 + 1});
  EXPECT_THAT(Load().tokens, SizeIs(2));
  EXPECT_THAT(Load().grants, SizeIs(1));
  under_test_->Advance(std::chrono::microseconds{1});
  EXPECT_THAT(Load().tokens, SizeIs(1));
  EXPECT_THAT(Load().grants, IsEmpty());
  // Nobody sees it, so it is in nobody's way.
  ExpectOk(store().DeleteService("billing", Note(), Soon()));
  ExpectOk(store().DeleteTeam("payments", Note(), Soon()));
}

}  // namespace lanemq::testing
