#include "common/core/access/access_json.h"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lanemq::core {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(AccessJsonTest, TheVersionOfATeamIsOfWhatStandsInIt) {
  Team team;
  team.name = "payments";
  team.members = {{"ann", TeamRole::kLead}, {"bob", TeamRole::kMember}};
  const std::int64_t version = VersionOf(team);
  EXPECT_GT(version, 0);
  std::swap(team.members[0], team.members[1]);
  EXPECT_EQ(VersionOf(team), version);
  team.members[0].role = TeamRole::kLead;
  EXPECT_NE(VersionOf(team), version);
  team.members[0].role = TeamRole::kMember;
  team.description = "x";
  EXPECT_NE(VersionOf(team), version);
}

TEST(AccessJsonTest, TeamsAndServicesHaveWhatIsSet) {
  Team team;
  team.name = "payments";
  EXPECT_EQ(ToJson(team), R"({"members":[],"name":"payments"})");
  team.description = "takes \"money\"";
  team.oncall_route = "pager";
  team.members = {{"ann", TeamRole::kLead}, {"bob", TeamRole::kMember}};
  EXPECT_EQ(ToJson(team),
            R"({"description":"takes \"money\"","members":[{"person":"ann","role":"lead"},)"
            R"({"person":"bob","role":"member"}],"name":"payments","oncall_route":"pager"})");
  Service service;
  service.name = "billing";
  service.team = "payments";
  EXPECT_EQ(ToJson(service),
            R"({"disabled":false,"kind":"application","name":"billing","team":"payments"})");
}

TEST(AccessJsonTest, ATokenIsToldWithoutItsHash) {
  Token token;
  token.id = "0123456789";
  token.hash = "Do not tell this to anybody, 32.";
  token.service = "billing";
  token.created_at = WallTime{5};
  token.created_by = "person:ann";
  token.note = "rotation";
  token.expires_at = WallTime{7};
  const std::string json = ToJson(token);
  EXPECT_EQ(json, R"({"created_at_us":5,"created_by":"person:ann","expires_at_us":7,)"
                  R"("id":"0123456789","note":"rotation","service_name":"billing"})");
  EXPECT_THAT(json, Not(HasSubstr("Do not")));
  token.service = "";
  token.person = "ann";
  token.is_session = true;
  EXPECT_EQ(ToJson(token),
            R"({"created_at_us":5,"created_by":"person:ann","expires_at_us":7,"id":"0123456789",)"
            R"("is_session":true,"note":"rotation","person":"ann"})");
}

TEST(AccessJsonTest, APersonHasWhatIsSet) {
  PersonProfile person;
  person.person.name = "ann";
  EXPECT_EQ(ToJson(person), R"({"disabled":false,"name":"ann","role":"viewer"})");
  person.person = {"ann", PersonRole::kAdmin, true, true};
  person.display_name = "Ann B.";
  person.email = "ann@example.com";
  person.oidc_subject = "sub-1";
  EXPECT_EQ(ToJson(person),
            R"({"disabled":true,"display_name":"Ann B.","email":"ann@example.com",)"
            R"("must_change_password":true,"name":"ann","oidc_subject":"sub-1","role":"admin"})");
}

TEST(AccessJsonTest, GrantsAndOwnersAreNamedAsOnTheWire) {
  Grant grant;
  grant.id = 17;
  grant.name = "orders.";
  grant.is_prefix = true;
  grant.principal = {PrincipalKind::kTeam, "billing"};
  grant.actions = {Action::kProduce, Action::kConsume};
  EXPECT_EQ(ToJson(grant),
            R"({"actions":["produce","consume"],"id":17,"is_prefix":true,"kind":"topic",)"
            R"("name":"orders.","principal":"team:billing"})");
  EXPECT_EQ(ToJson(Owner{ResourceKind::kGroup, "g", "payments"}),
            R"({"kind":"group","name":"g","team":"payments"})");
}

TEST(AccessJsonTest, BytesThatAreNotUtf8AreReplaced) {
  EXPECT_EQ(ToJson(Owner{ResourceKind::kGroup, "g\xff", "a"}),
            "{\"kind\":\"group\",\"name\":\"g\xef\xbf\xbd\",\"team\":\"a\"}");
}

TEST(AccessJsonTest, RightsAreFoundUnderWhatTheyAreAboutToo) {
  using Objects = std::vector<AuditObject>;
  Grant grant;
  grant.name = "orders";
  grant.principal = {PrincipalKind::kService, "billing"};
  EXPECT_EQ(AlsoAbout(grant), (Objects{{"topic", "orders"}, {"service", "billing"}}));
  grant.kind = ResourceKind::kGroup;
  grant.is_prefix = true;
  grant.principal = {PrincipalKind::kTeam, "shop"};
  EXPECT_EQ(AlsoAbout(grant), (Objects{{"group", "orders*"}, {"team", "shop"}}));
  EXPECT_EQ(AlsoAbout(Owner{ResourceKind::kTopic, "orders", "shop"}),
            (Objects{{"topic", "orders"}, {"team", "shop"}}));
  EXPECT_EQ(AlsoAbout(Owner{ResourceKind::kTopic, "orders", ""}), (Objects{{"topic", "orders"}}));
  Token token;
  token.service = "billing";
  EXPECT_EQ(AlsoAbout(token), (Objects{{"service", "billing"}}));
  token.service.clear();
  token.person = "ann";
  EXPECT_EQ(AlsoAbout(token), (Objects{{"person", "ann"}}));
}

}  // namespace
}  // namespace lanemq::core
