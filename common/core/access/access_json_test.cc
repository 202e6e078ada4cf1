#include "common/core/access/access_json.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lanemq::core {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

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

}  // namespace
}  // namespace lanemq::core
