// The table has every method of the wire, and nothing else.
#include "common/core/access/access_table.h"

#include <fstream>
#include <regex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/core/access/access_rules.h"

namespace lanemq::core {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;

/// The methods of every service of an IDL file, in its order.
std::vector<std::string> MethodsOf(const std::string& file) {
  std::ifstream in(std::string(LANEMQ_IDL_DIR) + "/" + file);
  EXPECT_TRUE(in.is_open()) << file;
  const std::regex service(R"(^service\s+\w+.*)");
  const std::regex method(R"(^\s+(?:oneway\s+)?[\w.]+(?:<.*>)?\s+(\w+)\(.*)");
  const std::regex comment(R"(^\s*(//|/?\*).*)");
  std::vector<std::string> methods;
  bool is_in_service = false;
  for (std::string line; std::getline(in, line);) {
    std::smatch match;
    if (std::regex_match(line, comment)) continue;
    if (std::regex_match(line, service)) is_in_service = true;
    if (line.starts_with("}")) is_in_service = false;
    if (is_in_service && std::regex_match(line, match, method)) methods.push_back(match[1]);
  }
  return methods;
}

std::vector<std::string> MethodsOfTheWire() {
  std::vector<std::string> all;
  for (const char* file : {"lanemq.thrift", "access.thrift", "errors.thrift", "governance.thrift",
                           "moves.thrift", "search.thrift", "servers.thrift", "trace.thrift"}) {
    for (std::string& method : MethodsOf(file)) all.push_back(std::move(method));
  }
  return all;
}

std::vector<std::string> MethodsOfTheTable(Action action) {
  std::vector<std::string> methods;
  for (const MethodAccess& row : kAccessTable) {
    if (row.action == action) methods.emplace_back(row.method);
  }
  return methods;
}

TEST(AccessTableTest, EveryMethodHasOneRowAndEveryRowAMethod) {
  const std::vector<std::string> wire = MethodsOfTheWire();
  ASSERT_GT(wire.size(), 80u);  // Otherwise this test reads them wrongly.
  EXPECT_THAT(wire, Contains("produce"));
  EXPECT_THAT(wire, Contains("searchAudit"));
  std::multiset<std::string> of_table;
  for (const MethodAccess& row : kAccessTable) of_table.emplace(row.method);
  EXPECT_EQ(of_table, std::multiset<std::string>(wire.begin(), wire.end()));
}

TEST(AccessTableTest, ARowIsFoundByItsMethod) {
  for (const MethodAccess& row : kAccessTable) EXPECT_EQ(FindAccess(row.method), &row);
  EXPECT_EQ(FindAccess("dropEverything"), nullptr);
  EXPECT_EQ(FindAccess(""), nullptr);
  static_assert(AccessOf("produce").action == Action::kProduce);
}

TEST(AccessTableTest, WhatIsAboutTheClusterTakesARoleAndTheRestAnActionOfItsKind) {
  for (const MethodAccess& row : kAccessTable) {
    const bool is_of_cluster = row.action == Action::kNothing || row.action == Action::kOperate ||
                               row.action == Action::kAdminister || row.action == Action::kServe ||
                               row.action == Action::kActFor;
    EXPECT_EQ(row.about == ResourceKind::kCluster, is_of_cluster) << row.method;
    EXPECT_THAT(ActionsOf(row.about), Contains(row.action)) << row.method;
  }
}

TEST(AccessTableTest, NoMethodThatChangesSomethingIsOpenToAll) {
  const std::regex changing(
      "^(put|delete|set|create|alter|add|forget|issue|revoke|reset|pause|drop|redrive|cancel|trim|"
      "unregister|silence|end|commit|claim|settle|schedule|produce|test).*");
  // Everybody changes what is his own; their handlers look whose it is.
  const std::set<std::string_view> own = {"setPassword", "issueToken", "revokeToken"};
  for (const MethodAccess& row : kAccessTable) {
    if (!std::regex_match(std::string(row.method), changing)) continue;
    if (own.contains(row.method)) continue;
    EXPECT_TRUE(row.action != Action::kNothing && row.action != Action::kDescribe) << row.method;
  }
}

// These two lists are written down twice on purpose: who widens them must mean it.
TEST(AccessTableTest, WhatServersAskEachOtherIsForServersAlone) {
  EXPECT_THAT(
      MethodsOfTheTable(Action::kServe),
      ElementsAre("brokerHeartbeat", "unregisterBroker", "catalog", "reportCanary", "accessBook"));
}

TEST(AccessTableTest, WhatMoreThanOneRoleMayIsOfTheCluster) {
  std::vector<std::string> methods;
  for (const MethodAccess& row : kAccessTable) {
    if (!row.or_action) continue;
    EXPECT_EQ(row.about, ResourceKind::kCluster);
    methods.emplace_back(row.method);
  }
  EXPECT_THAT(methods, ElementsAre("listDataNodes"));
}

TEST(AccessTableTest, WhatIsOpenToWhoeverIsAuthenticatedShowsNoPayload) {
  EXPECT_THAT(
      MethodsOfTheTable(Action::kNothing),
      ElementsAre("authenticate", "serverInfo", "metadata", "listTopics", "describeTopic",
                  "listBrokers", "findCoordinator", "listGroups", "reportOutbox", "listOutboxes",
                  "groupLag", "summarizeDeadLetters", "lagHistory", "listLagObjectives",
                  "listAlerts", "listAlertEvents", "listAlertRules", "listSilences", "listCanaries",
                  "listTeams", "listServices", "issueToken", "revokeToken", "listTokens",
                  "listGrants", "listOwners", "explainAccess", "listHygiene", "listPeople",
                  "setPassword", "signIn", "signOut", "getPolicy", "proposeChange", "actOnChange",
                  "describeChange", "listChanges", "governedState", "proposeSize", "listQuotas"));
}

}  // namespace
}  // namespace lanemq::core
