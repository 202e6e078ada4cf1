#include "sql/store/node_rights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lanemq::sql {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::vector<std::string> kAll = {"SELECT", "INSERT", "UPDATE", "DELETE",
                                       "CREATE", "ALTER",  "DROP",   "INDEX"};

std::vector<AccountRight> On(const std::string& schemas, std::vector<std::string> rights = kAll) {
  std::vector<AccountRight> out;
  for (const std::string& right : rights) out.push_back({schemas, right});
  return out;
}

std::vector<std::string> Missing(const std::vector<AccountRight>& rights,
                                 AccountOf account = AccountOf::kMetaserver, int schemas = 2) {
  return MissingRights(rights, "lane_mq", schemas, account);
}

TEST(NodeRightsTest, WhoMayDoEverythingEverywhereLacksNothing) {
  auto rights = On("*");
  EXPECT_THAT(Missing(rights), IsEmpty());
  EXPECT_THAT(Missing(rights, AccountOf::kAllServers),
              ElementsAre("LOCK TABLES on lane_mq_00, lane_mq_01"));
  rights.push_back({"*", "LOCK TABLES"});
  EXPECT_THAT(Missing(rights, AccountOf::kAllServers), IsEmpty());
}

TEST(NodeRightsTest, PatternsOfSchemasCountAsMySqlReadsThem) {
  EXPECT_THAT(Missing(On("lane\\_mq\\_%")), IsEmpty());
  EXPECT_THAT(Missing(On("lane_mq_%")), IsEmpty());
  EXPECT_THAT(Missing(On("%")), IsEmpty());
  EXPECT_THAT(Missing(On("lane\\_mq")), SizeIs(8));     // A schema of that very name.
  EXPECT_THAT(Missing(On("lane\\_mq\\_")), SizeIs(8));  // Nothing may follow.
  EXPECT_THAT(Missing(On("lane\\%mq\\_%")), SizeIs(8));
  EXPECT_THAT(Missing(On("other\\_%")), SizeIs(8));
  auto split = On("lane\\_mq\\_node");
  const auto messages = On("lane\\_mq\\_0_");
  split.insert(split.end(), messages.begin(), messages.end());
  EXPECT_THAT(Missing(split), IsEmpty());
}

TEST(NodeRightsTest, WhatIsMissingIsSaidWithItsSchemas) {
  auto rights = On("lane\\_mq\\_%", {"SELECT", "INSERT", "UPDATE", "DELETE", "ALTER", "INDEX"});
  rights.push_back({"lane\\_mq\\_00", "DROP"});
  EXPECT_THAT(Missing(rights), ElementsAre("CREATE on lane_mq_node, lane_mq_00, lane_mq_01",
                                           "DROP on lane_mq_node, lane_mq_01"));
  EXPECT_THAT(Missing({}, AccountOf::kAllServers, 10), SizeIs(9));
}

TEST(NodeRightsTest, APatternOfManyWildcardsEndsSoon) {
  EXPECT_THAT(Missing(On("%_%_%_%_%_%_%x")), SizeIs(8));
}

}  // namespace
}  // namespace lanemq::sql
