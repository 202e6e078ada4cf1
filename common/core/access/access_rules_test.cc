#include "common/core/access/access_rules.h"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lanemq::core {
namespace {

using enum Action;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string ErrorOf(const Status& status) {
  if (status.ok()) return "";
  EXPECT_EQ(status.error().code, ErrorCode::kInvalidRequest);
  return status.error().message;
}

Grant SomeGrant() {
  Grant grant;
  grant.name = "orders";
  grant.principal = {PrincipalKind::kService, "billing"};
  grant.actions = {kDescribe, kConsume};
  return grant;
}

Token SomeToken() {
  Token token;
  token.id = "0123456789";
  token.hash = std::string(32, 'h');
  token.service = "billing";
  return token;
}

TEST(AccessRulesTest, NamesAreLowerCaseWithDigitsDashesUnderscoresAndDots) {
  for (const std::string name : {"a", "billing", "billing-2", "eu.billing_app", "a1"}) {
    EXPECT_EQ(ErrorOf(CheckAccessName("team", name)), "");
  }
  EXPECT_EQ(ErrorOf(CheckAccessName("team", std::string(100, 'a'))), "");
  EXPECT_THAT(ErrorOf(CheckAccessName("team", std::string(101, 'a'))),
              HasSubstr("it has 101 bytes; 100 at most"));
  EXPECT_EQ(ErrorOf(CheckAccessName("team", "")), "team: the name is missing");
  for (const std::string name :
       {"1a", "-a", ".a", "_a", "a b", "a:b", "a/b", "ann@x", "\xc3\xa4", "a\n"}) {
    EXPECT_THAT(ErrorOf(CheckAccessName("team", name)), HasSubstr("beginning with a letter"))
        << name;
  }
}

TEST(AccessRulesTest, ANameInUpperCaseIsToldHowItWouldBeRight) {
  EXPECT_EQ(ErrorOf(CheckAccessName("team", "Billing")),
            "team 'Billing': use lower case: 'billing'");
  EXPECT_THAT(ErrorOf(CheckAccessName("team", "Bill ing")), HasSubstr("beginning with a letter"));
}

TEST(AccessRulesTest, AMessageNeverCarriesWhatDoesNotPrint) {
  EXPECT_THAT(ErrorOf(CheckAccessName("team", "a\n\x1b[2J")), HasSubstr("'a??[2J'"));
}

TEST(AccessRulesTest, ATeamNamesEachPersonOnce) {
  Team team;
  team.name = "payments";
  team.description = "takes money \xe2\x82\xac";
  team.members = {{"bob", TeamRole::kMember}, {"ann", TeamRole::kLead}};
  EXPECT_EQ(ErrorOf(CheckTeam(team)), "");
  team.members.push_back({"bob", TeamRole::kLead});
  EXPECT_THAT(ErrorOf(CheckTeam(team)), HasSubstr("'bob' is named twice"));
  team.members.back().person = "Bob";
  EXPECT_THAT(ErrorOf(CheckTeam(team)), HasSubstr("person 'Bob': use lower case"));
  team.members.clear();
  for (std::size_t i = 0; i < AccessLimits::kMembersPerTeamMax; ++i) {
    team.members.push_back({"p" + std::to_string(i), TeamRole::kMember});
  }
  EXPECT_EQ(ErrorOf(CheckTeam(team)), "");
  team.members.push_back({"one-more", TeamRole::kMember});
  EXPECT_THAT(ErrorOf(CheckTeam(team)), HasSubstr("501 members; 500 at most"));
}

TEST(AccessRulesTest, TextsAreShortOneLineAndUtf8) {
  Team team;
  team.name = "payments";
  for (const auto& [text, why] : std::vector<std::pair<std::string, std::string>>{
           {std::string(1'001, 'x'), "1001 bytes; 1000 at most"},
           {"a\nb", "control characters"},
           {std::string("a\0b", 3), "control characters"},
           {"a\xff", "not UTF-8"}}) {
    team.description = text;
    EXPECT_THAT(ErrorOf(CheckTeam(team)), HasSubstr(why));
  }
  team.description = std::string(1'000, 'x');
  EXPECT_EQ(ErrorOf(CheckTeam(team)), "");
  team.oncall_route = std::string(65, 'x');
  EXPECT_THAT(ErrorOf(CheckTeam(team)), HasSubstr("65 bytes; 64 at most"));
}

TEST(AccessRulesTest, AnApplicationHasATeamAndAServerHasNone) {
  Service service;
  service.name = "billing";
  EXPECT_THAT(ErrorOf(CheckService(service)), HasSubstr("name the team"));
  service.team = "payments";
  EXPECT_EQ(ErrorOf(CheckService(service)), "");
  service.team = "Payments";
  EXPECT_THAT(ErrorOf(CheckService(service)), HasSubstr("use lower case"));
  service.team = "payments";
  for (const ServiceKind kind : {ServiceKind::kServer, ServiceKind::kGateway}) {
    service.kind = kind;
    EXPECT_THAT(ErrorOf(CheckService(service)), HasSubstr("no team owns"));
  }
  for (const ServiceKind kind : {ServiceKind::kOperator, ServiceKind::kAdmin}) {
    service.kind = kind;
    EXPECT_EQ(ErrorOf(CheckService(service)), "");
  }
  service.team.clear();
  for (const ServiceKind kind :
       {ServiceKind::kServer, ServiceKind::kGateway, ServiceKind::kOperator, ServiceKind::kAdmin}) {
    service.kind = kind;
    EXPECT_EQ(ErrorOf(CheckService(service)), "");
  }
}

TEST(AccessRulesTest, AGrantHasActionsOfItsKind) {
  Grant grant = SomeGrant();
  EXPECT_EQ(ErrorOf(CheckGrant(grant)), "");
  grant.kind = ResourceKind::kGroup;
  EXPECT_EQ(ErrorOf(CheckGrant(grant)), "");
  grant.actions = {kProduce};
  EXPECT_EQ(ErrorOf(CheckGrant(grant)),
            "a group has no action 'produce'; it has describe, consume, manage");
  grant.actions = {};
  EXPECT_THAT(ErrorOf(CheckGrant(grant)), HasSubstr("one or more of describe, consume, manage"));
  grant.kind = ResourceKind::kCluster;
  grant.actions = {kOperate};
  EXPECT_THAT(ErrorOf(CheckGrant(grant)), HasSubstr("nothing of the cluster"));
  grant.kind = ResourceKind::kTopic;
  for (const Action action : {kNothing, kOperate, kAdminister, kServe}) {
    grant.actions = {action};
    EXPECT_THAT(ErrorOf(CheckGrant(grant)), HasSubstr("a topic has no action"));
  }
}

TEST(AccessRulesTest, AGrantIsOnANameOrAPrefixThatMayBeEmpty) {
  Grant grant = SomeGrant();
  grant.name.clear();
  EXPECT_THAT(ErrorOf(CheckGrant(grant)), HasSubstr("name is empty"));
  grant.is_prefix = true;
  EXPECT_EQ(ErrorOf(CheckGrant(grant)), "");
  for (const bool is_prefix : {false, true}) {
    grant.is_prefix = is_prefix;
    grant.name = std::string(249, 'x');
    EXPECT_EQ(ErrorOf(CheckGrant(grant)), "");
    grant.name += 'x';
    EXPECT_THAT(ErrorOf(CheckGrant(grant)), HasSubstr("250 bytes; 249 at most"));
  }
}

TEST(AccessRulesTest, AGrantIsToAServiceOrATeam) {
  Grant grant = SomeGrant();
  grant.principal = {PrincipalKind::kTeam, "payments"};
  EXPECT_EQ(ErrorOf(CheckGrant(grant)), "");
  grant.principal = {PrincipalKind::kPerson, "ann"};
  EXPECT_THAT(ErrorOf(CheckGrant(grant)), HasSubstr("nothing is granted to person:ann"));
  grant.principal = {};
  EXPECT_THAT(ErrorOf(CheckGrant(grant)), HasSubstr("nothing is granted to anonymous"));
  grant.principal = {PrincipalKind::kService, "Billing"};
  EXPECT_THAT(ErrorOf(CheckGrant(grant)), HasSubstr("service 'Billing': use lower case"));
}

TEST(AccessRulesTest, EndsAreTimesThatTablesCanHold) {
  Grant grant = SomeGrant();
  Token token = SomeToken();
  for (const std::int64_t micros : {std::int64_t{0}, std::int64_t{1'800'000'000'000'000}}) {
    grant.expires_at = token.expires_at = WallTime{micros};
    EXPECT_EQ(ErrorOf(CheckGrant(grant)), "");
    EXPECT_EQ(ErrorOf(CheckToken(token)), "");
  }
  for (const std::int64_t micros : {std::int64_t{-1}, std::int64_t{9'000'000'000'000'000}}) {
    grant.expires_at = token.expires_at = WallTime{micros};
    EXPECT_THAT(ErrorOf(CheckGrant(grant)), HasSubstr("between 1970 and 2200"));
    EXPECT_THAT(ErrorOf(CheckToken(token)), HasSubstr("between 1970 and 2200"));
  }
}

TEST(AccessRulesTest, ATokenHasAnIdAHashAndAShortNote) {
  Token token = SomeToken();
  token.note = std::string(200, 'n');
  EXPECT_EQ(ErrorOf(CheckToken(token)), "");
  token.note += 'n';
  EXPECT_THAT(ErrorOf(CheckToken(token)), HasSubstr("201 bytes; 200 at most"));
  token = SomeToken();
  token.id += 'x';
  EXPECT_THAT(ErrorOf(CheckToken(token)), HasSubstr("not 11 and 32"));
  token = SomeToken();
  token.hash.pop_back();
  EXPECT_THAT(ErrorOf(CheckToken(token)), HasSubstr("not 10 and 31"));
  token = SomeToken();
  token.service.clear();
  EXPECT_THAT(ErrorOf(CheckToken(token)), HasSubstr("service: the name is missing"));
}

TEST(AccessRulesTest, AnOwnerIsATeamOrNobody) {
  Owner owner{ResourceKind::kTopic, "orders", "payments"};
  EXPECT_EQ(ErrorOf(CheckOwner(owner)), "");
  owner.team.clear();
  EXPECT_EQ(ErrorOf(CheckOwner(owner)), "");
  owner.name.clear();
  EXPECT_THAT(ErrorOf(CheckOwner(owner)), HasSubstr("the topic's name is empty"));
  EXPECT_THAT(ErrorOf(CheckOwner({ResourceKind::kCluster, "x", "payments"})),
              HasSubstr("nothing of the cluster"));
  EXPECT_THAT(ErrorOf(CheckOwner({ResourceKind::kGroup, "x", "a b"})), HasSubstr("team 'a b'"));
}

TEST(AccessRulesTest, MembersAndActionsGetTheirOrder) {
  Team team;
  team.members = {{"bob", TeamRole::kMember}, {"ann", TeamRole::kLead}};
  Normalize(team);
  EXPECT_THAT(team.members, ElementsAre(TeamMember{"ann", TeamRole::kLead},
                                        TeamMember{"bob", TeamRole::kMember}));
  Grant grant = SomeGrant();
  grant.actions = {kManage, kDescribe, kManage, kProduce};
  Normalize(grant);
  EXPECT_THAT(grant.actions, ElementsAre(kDescribe, kProduce, kManage));
}

TEST(AccessRulesTest, EveryNameIsReadBack) {
  for (int i = 0; i <= static_cast<int>(kServe); ++i) {
    const auto action = static_cast<Action>(i);
    EXPECT_EQ(ActionFromString(ToString(action)), action);
  }
  for (const ResourceKind kind :
       {ResourceKind::kTopic, ResourceKind::kGroup, ResourceKind::kCluster}) {
    EXPECT_EQ(ResourceKindFromString(ToString(kind)), kind);
  }
  for (int i = 1; i <= static_cast<int>(ServiceKind::kAdmin); ++i) {
    const auto kind = static_cast<ServiceKind>(i);
    EXPECT_EQ(ServiceKindFromString(ToString(kind)), kind);
  }
  for (const TeamRole role : {TeamRole::kMember, TeamRole::kLead}) {
    EXPECT_EQ(TeamRoleFromString(ToString(role)), role);
  }
  for (const Principal& principal :
       {Principal{}, Principal{PrincipalKind::kService, "billing"},
        Principal{PrincipalKind::kPerson, "ann"}, Principal{PrincipalKind::kTeam, "payments"}}) {
    EXPECT_EQ(PrincipalFromString(ToString(principal)), principal);
  }
  // The wire and the tables have these names: they must not change.
  EXPECT_EQ(ToString(kDescribe), "describe");
  EXPECT_EQ(ToString(kProduce), "produce");
  EXPECT_EQ(ToString(kConsume), "consume");
  EXPECT_EQ(ToString(kPeek), "peek");
  EXPECT_EQ(ToString(kManage), "manage");
  EXPECT_EQ(ToString(ResourceKind::kTopic), "topic");
  EXPECT_EQ(ToString(ResourceKind::kGroup), "group");
  EXPECT_EQ(ToString(ServiceKind::kApplication), "application");
  EXPECT_EQ(ToString(ServiceKind::kServer), "server");
  EXPECT_EQ(ToString(ServiceKind::kGateway), "gateway");
  EXPECT_EQ(ToString(ServiceKind::kOperator), "operator");
  EXPECT_EQ(ToString(ServiceKind::kAdmin), "admin");
  EXPECT_EQ(ToString(TeamRole::kMember), "member");
  EXPECT_EQ(ToString(TeamRole::kLead), "lead");
}

TEST(AccessRulesTest, PeopleHaveANameAndTextsWithinBounds) {
  PersonProfile ann;
  ann.person.name = "ann";
  ann.display_name = "Ann B.";
  ann.email = "ann@example.com";
  EXPECT_TRUE(CheckPerson(ann).ok());
  ann.email = "";
  EXPECT_TRUE(CheckPerson(ann).ok());
  const auto refused = [](const PersonProfile& person) {
    const Status status = CheckPerson(person);
    return !status.ok() && status.error().code == ErrorCode::kInvalidRequest;
  };
  for (const std::string email : {"ann", "@b", "a@", "a b@c", "a@b\n"}) {
    ann.email = email;
    EXPECT_TRUE(refused(ann)) << email;
  }
  ann.email = std::string(250, 'a') + "@b.c";
  EXPECT_TRUE(CheckPerson(ann).ok());
  ann.email = 'a' + ann.email;
  EXPECT_TRUE(refused(ann));
  ann.email = "";
  ann.display_name = std::string(kDisplayNameBytesMax + 1, 'x');
  EXPECT_TRUE(refused(ann));
  ann.display_name = "";
  ann.oidc_subject = std::string(kOidcSubjectBytesMax + 1, 'x');
  EXPECT_TRUE(refused(ann));
  ann.oidc_subject = "";
  ann.person.name = "Ann";
  EXPECT_TRUE(refused(ann));
}

TEST(AccessRulesTest, APasswordIsLongAndNotWhatIsTriedFirst) {
  EXPECT_TRUE(CheckPassword("ann", "twelve bytes").ok());
  EXPECT_TRUE(CheckPassword("ann", std::string(255, 'x') + "y").ok());
  EXPECT_TRUE(CheckPassword("ann", std::string("\0\xff twelve b", 12)).ok());
  EXPECT_FALSE(CheckPassword("ann", "eleven byte").ok());
  EXPECT_FALSE(CheckPassword("ann", std::string(256, 'x') + "y").ok());
  EXPECT_FALSE(CheckPassword("ann", "").ok());
  EXPECT_FALSE(CheckPassword("ann", "aaaaaaaaaaaaaaaa").ok());
  const Status named = CheckPassword("annabel-lee-of-sales", "annabel-lee-of-sales");
  ASSERT_FALSE(named.ok());
  EXPECT_EQ(named.error().message.find("annabel"), std::string::npos);
}

TEST(AccessRulesTest, ATokenIsAServicesOrAPersons) {
  Token token;
  token.id = std::string(10, 'a');
  token.hash = std::string(32, 'h');
  token.person = "ann";
  EXPECT_TRUE(CheckToken(token).ok());
  token.service = "billing";
  EXPECT_FALSE(CheckToken(token).ok());
  token.person = "";
  EXPECT_TRUE(CheckToken(token).ok());
  token.service = "";
  EXPECT_FALSE(CheckToken(token).ok());
  token.person = "Ann";
  EXPECT_FALSE(CheckToken(token).ok());
}

TEST(AccessRulesTest, RolesOfPeopleAndModesOfQuotasHaveTheirNames) {
  for (const PersonRole role : {PersonRole::kViewer, PersonRole::kOperator, PersonRole::kAdmin}) {
    EXPECT_EQ(PersonRoleFromString(ToString(role)), role);
  }
  for (const QuotaMode mode : {QuotaMode::kOff, QuotaMode::kLog, QuotaMode::kEnforce}) {
    EXPECT_EQ(QuotaModeFromString(ToString(mode)), mode);
  }
  EXPECT_EQ(ToString(PersonRole::kViewer), "viewer");
  EXPECT_EQ(ToString(PersonRole::kOperator), "operator");
  EXPECT_EQ(ToString(PersonRole::kAdmin), "admin");
  EXPECT_EQ(ToString(QuotaMode::kOff), "off");
  EXPECT_EQ(PersonRoleFromString("Admin"), std::nullopt);
  EXPECT_EQ(QuotaModeFromString(""), std::nullopt);
}

TEST(AccessRulesTest, OtherNamesAreRefused) {
  for (const std::string text : {"", "Produce", "produce ", "write"}) {
    EXPECT_EQ(ActionFromString(text), std::nullopt);
    EXPECT_EQ(ResourceKindFromString(text), std::nullopt);
    EXPECT_EQ(ServiceKindFromString(text), std::nullopt);
    EXPECT_EQ(TeamRoleFromString(text), std::nullopt);
  }
  for (const std::string text : {"", "billing", "service", "service:", "service:Billing", ":a",
                                 "anonymous:a", "anonymous:", "robot:a", "service:a:b"}) {
    EXPECT_EQ(PrincipalFromString(text), std::nullopt) << text;
  }
}

TEST(AccessRulesTest, WhoMayDoMoreMayDescribe) {
  for (const Action held : {kDescribe, kProduce, kConsume, kManage}) {
    EXPECT_TRUE(Implies(held, kDescribe));
  }
  EXPECT_FALSE(Implies(kPeek, kDescribe));
  for (const Action held : ActionsOf(ResourceKind::kTopic)) {
    for (const Action wanted : ActionsOf(ResourceKind::kTopic)) {
      if (wanted == kDescribe) continue;
      EXPECT_EQ(Implies(held, wanted), held == wanted) << ToString(held) << ToString(wanted);
    }
  }
}

}  // namespace
}  // namespace lanemq::core
