#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "client/cli/access/access_flags.h"
#include "client/cli/access/access_table.h"

namespace lanemq::cli {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr WallTime kNow{1'795'237'696'000'000};  // 2026-11-21T05:08:16Z
constexpr std::int64_t kDayUs = 86'400'000'000;

TEST(ReadPrincipalTest, ANameAloneIsAService) {
  EXPECT_EQ(*ReadPrincipal("billing"), "service:billing");
  EXPECT_EQ(*ReadPrincipal("service:billing"), "service:billing");
  EXPECT_EQ(*ReadPrincipal("team:payments"), "team:payments");
  for (const std::string text : {"", "person:ann", "team:", "Billing", "a b", "team:a:b"}) {
    const auto refused = ReadPrincipal(text);
    ASSERT_FALSE(refused.ok()) << text;
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidRequest) << text;
  }
}

TEST(ReadObjectTest, IsExactlyOneTopicOrGroup) {
  EXPECT_EQ(ReadObject({.topic = "orders", .group = {}}, false)->kind, "topic");
  EXPECT_EQ(ReadObject({.topic = {}, .group = "billing"}, false)->kind, "group");
  EXPECT_FALSE(ReadObject({}, false).ok());
  EXPECT_FALSE(ReadObject({.topic = "a", .group = "b"}, false).ok());
}

TEST(ReadObjectTest, AStarAtTheEndIsAPrefixWhereOneMayBe) {
  const auto some = ReadObject({.topic = "orders.*", .group = {}}, true);
  ASSERT_TRUE(some.ok());
  EXPECT_EQ(some->name, "orders.");
  EXPECT_TRUE(some->is_prefix);
  const auto every = ReadObject({.topic = "*", .group = {}}, true);
  ASSERT_TRUE(every.ok());
  EXPECT_EQ(every->name, "");
  EXPECT_TRUE(every->is_prefix);
  EXPECT_FALSE(ReadObject({.topic = "orders.*", .group = {}}, false).ok());
  EXPECT_FALSE(ReadObject({.topic = "*.orders", .group = {}}, true).ok());
  EXPECT_FALSE(ReadObject({.topic = "a**", .group = {}}, true).ok());
}

GrantFlags Produce() {
  return {.principal = "billing",
          .actions = {"produce"},
          .object = {.topic = "orders", .group = {}},
          .expires = {}};
}

TEST(ReadGrantTest, HasWhatWasTyped) {
  const auto grant = ReadGrant(Produce(), kNow);
  ASSERT_TRUE(grant.ok()) << grant.error().message;
  EXPECT_EQ(grant->principal, "service:billing");
  EXPECT_EQ(grant->kind, "topic");
  EXPECT_EQ(grant->name, "orders");
  EXPECT_THAT(grant->actions, ElementsAre("produce"));
  EXPECT_FALSE(grant->__isset.is_prefix);
  EXPECT_FALSE(grant->__isset.expires_at_us);
  EXPECT_FALSE(grant->__isset.id);
}

TEST(ReadGrantTest, EndsAfterADurationOrAtATimeToCome) {
  GrantFlags flags = Produce();
  flags.expires = "90d";
  EXPECT_EQ(ReadGrant(flags, kNow)->expires_at_us, kNow.micros + 90 * kDayUs);
  flags.expires = "2026-11-22T05:08:16Z";
  EXPECT_EQ(ReadGrant(flags, kNow)->expires_at_us, kNow.micros + kDayUs);
  for (const char* bad : {"2026-11-20", "soon", "-1h"}) {
    flags.expires = bad;
    EXPECT_FALSE(ReadGrant(flags, kNow).ok()) << bad;
  }
}

TEST(ReadGrantTest, ActionsAreThoseOfTheKind) {
  GrantFlags flags = Produce();
  flags.actions = {"prodcue"};
  EXPECT_THAT(ReadGrant(flags, kNow).error().message, HasSubstr("did you mean 'produce'?"));
  flags.actions = {"operate"};
  EXPECT_FALSE(ReadGrant(flags, kNow).ok());
  flags.object = {.topic = {}, .group = "billing"};
  flags.actions = {"produce"};
  EXPECT_THAT(ReadGrant(flags, kNow).error().message, HasSubstr("describe, consume, manage"));
  flags.actions = {"consume", "manage"};
  EXPECT_TRUE(ReadGrant(flags, kNow).ok());
  flags.actions.clear();
  EXPECT_FALSE(ReadGrant(flags, kNow).ok());
}

idl::TeamMember Member(const std::string& person, const std::string& role) {
  idl::TeamMember member;
  member.__set_person(person);
  member.__set_role(role);
  return member;
}

std::vector<std::string> MembersOf(const idl::Team& team) {
  std::vector<std::string> words;
  for (const auto& member : team.members) words.push_back(member.person + ":" + member.role);
  return words;
}

TEST(ChangeTeamTest, WhatIsNotGivenStays) {
  idl::Team before;
  before.__set_name("payments");
  before.__set_description("money");
  before.__set_oncall_route("pay");
  before.__set_members({Member("ann", "lead"), Member("bob", "member")});
  const auto same = ChangeTeam(before, {.name = "payments"});
  ASSERT_TRUE(same.ok());
  EXPECT_EQ(same->description, "money");
  EXPECT_EQ(same->oncall_route, "pay");
  EXPECT_THAT(MembersOf(*same), ElementsAre("ann:lead", "bob:member"));
  const auto changed = ChangeTeam(before, {.name = "payments",
                                           .description = "",
                                           .oncall_route = std::nullopt,
                                           .members = {"ann"},
                                           .leads = {"cat"},
                                           .removed = {"bob"}});
  ASSERT_TRUE(changed.ok()) << changed.error().message;
  EXPECT_EQ(changed->description, "");
  EXPECT_THAT(MembersOf(*changed), ElementsAre("ann:member", "cat:lead"));
}

TEST(ChangeTeamTest, WhatCannotBeMeantIsRefused) {
  EXPECT_EQ(ChangeTeam({}, {.name = "t", .removed = {"bob"}}).error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(ChangeTeam({}, {.name = "t", .members = {"ann"}, .leads = {"ann"}}).ok());
}

TEST(ChangeServiceTest, WhatIsNotGivenStays) {
  idl::Service before;
  before.__set_name("billing");
  before.__set_team("payments");
  before.__set_disabled(true);
  const auto changed = ChangeService(before, {.name = "billing", .description = "invoices"});
  ASSERT_TRUE(changed.ok());
  EXPECT_EQ(changed->team, "payments");
  EXPECT_TRUE(changed->disabled);
  EXPECT_EQ(changed->description, "invoices");
  EXPECT_FALSE(changed->__isset.kind);
  EXPECT_FALSE(ChangeService(before, {.name = "billing", .kind = "root"}).ok());
  EXPECT_EQ(ChangeService(before, {.name = "billing", .kind = "operator"})->kind, "operator");
}

TEST(ReadIssueTest, EndsAfterADuration) {
  const auto request = ReadIssue({.service = "billing", .expires = "90d", .note = "May"});
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->service_name, "billing");
  EXPECT_EQ(request->expires_in_s, 90 * 86'400);
  EXPECT_EQ(request->note, "May");
  EXPECT_FALSE(ReadIssue({.service = "billing"})->__isset.expires_in_s);
  EXPECT_FALSE(ReadIssue({.service = "billing", .expires = "soon"}).ok());
}

TEST(ReadSearchTest, HasTheFiltersThatWereGiven) {
  const auto all = ReadSearch({}, kNow);
  ASSERT_TRUE(all.ok());
  EXPECT_FALSE(all->__isset.actor);
  EXPECT_FALSE(all->__isset.from_us);
  const auto some = ReadSearch({.actor = "billing",
                                .object = {.topic = "orders", .group = {}},
                                .action = "createTopic",
                                .since = "-1h",
                                .until = "now",
                                .is_denied_only = true},
                               kNow);
  ASSERT_TRUE(some.ok()) << some.error().message;
  EXPECT_EQ(some->actor, "service:billing");
  EXPECT_EQ(some->object_kind, "topic");
  EXPECT_EQ(some->object_name, "orders");
  EXPECT_EQ(some->action, "createTopic");
  EXPECT_EQ(some->from_us, kNow.micros - kDayUs / 24);
  EXPECT_EQ(some->until_us, kNow.micros);
  EXPECT_EQ(some->result, "denied");
  EXPECT_EQ(ReadSearch({.actor = "person:ann"}, kNow)->actor, "person:ann");
  EXPECT_EQ(ReadSearch({.actor = "anonymous"}, kNow)->actor, "anonymous");
  EXPECT_EQ(ReadSearch({.kind = "team", .name = "payments"}, kNow)->object_kind, "team");
  EXPECT_FALSE(ReadSearch({.object = {.topic = "a", .group = {}}, .kind = "team"}, kNow).ok());
  EXPECT_FALSE(ReadSearch({.since = "soon"}, kNow).ok());
}

TEST(ReadGrantIdTest, IsANumberFromOneOn) {
  EXPECT_EQ(*ReadGrantId("17"), 17);
  for (const char* bad : {"", "0", "-1", "1x", "orders", "9223372036854775808"}) {
    EXPECT_FALSE(ReadGrantId(bad).ok()) << bad;
  }
}

TEST(AccessTablesTest, ShowWhoIsInATeam) {
  idl::Team team;
  team.__set_name("payments");
  team.__set_members({Member("ann", "lead"), Member("bob", "member")});
  const std::string text = Render(TeamsTable({team}), {});
  EXPECT_THAT(text, HasSubstr("ann (lead), bob"));
}

TEST(AccessTablesTest, ServicesAreApplicationsUnlessTheySayOtherwise) {
  idl::Service service;
  service.__set_name("billing");
  service.__set_team("payments");
  const Table table = ServicesTable({service});
  EXPECT_EQ(std::get<std::string>(table.rows[0][2]), "application");
  EXPECT_TRUE(std::get<bool>(table.rows[0][3]));
  service.__set_kind("server");
  service.__set_disabled(true);
  EXPECT_EQ(std::get<std::string>(ServicesTable({service}).rows[0][2]), "server");
  EXPECT_FALSE(std::get<bool>(ServicesTable({service}).rows[0][3]));
}

TEST(AccessTablesTest, WhatIsOverIsSaidToBe) {
  idl::Token token;
  token.__set_id("4fGh01xYz9");
  token.__set_service_name("billing");
  token.__set_created_by("service:setup");
  token.__set_expires_at_us(kNow.micros);
  EXPECT_EQ(std::get<std::string>(TokensTable({token}, kNow).rows[0][2]), "expired");
  token.__set_expires_at_us(kNow.micros + 1);
  EXPECT_EQ(std::get<std::string>(TokensTable({token}, kNow).rows[0][2]), "valid");

  idl::Grant grant;
  grant.__set_id(17);
  grant.__set_kind("topic");
  grant.__set_name("orders.");
  grant.__set_is_prefix(true);
  grant.__set_principal("team:payments");
  grant.__set_actions({"consume", "describe"});
  const Table grants = GrantsTable({grant}, kNow);
  EXPECT_EQ(std::get<std::string>(grants.rows[0][2]), "consume,describe");
  EXPECT_EQ(std::get<std::string>(grants.rows[0][4]), "orders.*");
  EXPECT_EQ(std::get<std::string>(grants.rows[0][5]), "valid");
  grant.__set_expires_at_us(kNow.micros);
  EXPECT_EQ(std::get<std::string>(GrantsTable({grant}, kNow).rows[0][5]), "expired");
}

idl::AuditEvent Event() {
  idl::AuditEvent event;
  event.__set_id(9'007'199'254'740'993);  // JavaScript cannot count so far.
  event.__set_at_us(kNow.micros);
  event.__set_actor("service:portal");
  event.__set_source("10.1.2.3:4567");
  event.__set_request_id("r-1");
  event.__set_action("createTopic");
  event.__set_object_kind("topic");
  event.__set_object_name("orders");
  event.__set_result("ok");
  return event;
}

TEST(AuditTest, AnEventIsOneLineWithEverything) {
  idl::AuditEvent event = Event();
  event.__set_after_json(R"({"partitions":8})");
  event.__set_before_json("no json");
  event.__set_reason("two\nlines");
  event.__set_on_behalf_of("person:ann");
  const std::string line = AuditJson(event);
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const json page = json::parse(line);
  EXPECT_EQ(page["id"], "9007199254740993");
  EXPECT_EQ(page["at"], "2026-11-21T05:08:16.000000Z");
  EXPECT_EQ(page["after"]["partitions"], 8);
  EXPECT_EQ(page["before"], "no json");
  EXPECT_EQ(page["reason"], "two\nlines");
  EXPECT_EQ(page["on_behalf_of"], "person:ann");
  EXPECT_EQ(page["result"], "ok");
  EXPECT_EQ(page["log"], "metadata");
  EXPECT_FALSE(json::parse(AuditJson(Event())).contains("before"));
}

TEST(AuditTest, BytesThatAreNoTextDoNotBreakALine) {
  idl::AuditEvent event = Event();
  event.__set_object_name("\xff\x01");
  EXPECT_FALSE(json::parse(AuditJson(event), nullptr, false).is_discarded());
  EXPECT_THAT(Render(AuditTable({event}), {}), Not(HasSubstr("\xff")));
}

TEST(AuditTest, TheTableSaysForWhomSomethingWasDone) {
  idl::AuditEvent event = Event();
  EXPECT_THAT(Render(AuditTable({event}), {}), HasSubstr("service:portal"));
  event.__set_on_behalf_of("person:ann");
  EXPECT_THAT(Render(AuditTable({event}), {}), HasSubstr("person:ann by service:portal"));
}

TEST(AuditTest, TheLogThatKeepsAnEventIsShown) {
  idl::AuditEvent event = Event();
  event.__set_source_node("node-1");
  EXPECT_EQ(json::parse(AuditJson(event))["log"], "node-1");
  EXPECT_THAT(Render(AuditTable({event}), {}), HasSubstr("node-1"));
  EXPECT_THAT(Render(AuditTable({Event()}), {}), HasSubstr("metadata"));
}

TEST(AuditTest, WhereASearchGoesOnIsPassedOn) {
  AuditFlags flags;
  flags.source = "node-1";
  flags.cursor = "AWhm4";
  const auto request = ReadSearch(flags, kNow);
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->source, "node-1");
  EXPECT_EQ(request->cursor, "AWhm4");
  const auto plain = ReadSearch({}, kNow);
  ASSERT_TRUE(plain.ok());
  EXPECT_FALSE(plain->__isset.source || plain->__isset.cursor);
}

TEST(HygieneTest, AFindingSaysWhoseItIs) {
  idl::HygieneFinding finding;
  finding.__set_kind("nobody_writes");
  finding.__set_object_kind("topic");
  finding.__set_object_name("orders");
  finding.__set_text("nobody has written to topic orders for 61 days");
  finding.__set_teams({"billing", "payments"});
  finding.__set_at_us(kNow.micros);
  const std::string shown = Render(HygieneTable({finding}), {});
  for (const char* part :
       {"topic orders", "nobody_writes", "billing, payments", "for 61 days", "2026-11-21"}) {
    EXPECT_THAT(shown, HasSubstr(part));
  }
}

TEST(IssuedTest, ATokenThatIsInAFileIsNotShown) {
  idl::IssueTokenResponse issued;
  issued.token.__set_id("4fGh01xYz9");
  issued.token.__set_service_name("billing");
  issued.__set_secret("lmq_secret");
  EXPECT_EQ(json::parse(IssuedJson(issued, ""))["token"], "lmq_secret");
  const std::string with_file = IssuedJson(issued, "/tmp/billing.token");
  EXPECT_THAT(with_file, Not(HasSubstr("lmq_secret")));
  EXPECT_EQ(json::parse(with_file)["file"], "/tmp/billing.token");
}

TEST(ObjectTextTest, IsReadable) {
  EXPECT_EQ(ObjectText("topic", "orders", false), "topic orders");
  EXPECT_EQ(ObjectText("topic", "orders.", true), "topics beginning with 'orders.'");
  EXPECT_EQ(ObjectText("group", "", true), "every group");
}

}  // namespace
}  // namespace lanemq::cli
