#include <gtest/gtest.h>

#include "common/rpc/wire/access_book.h"
#include "common/rpc/wire/catalog.h"
#include "common/rpc/wire/errors.h"
#include "common/rpc/wire/messages.h"
#include "common/rpc/wire/people.h"
#include "common/rpc/wire/retry_policy.h"
#include "governance_types.h"
#include "lanemq_types.h"

namespace lanemq::wire {
namespace {

TEST(WireTest, ErrorsSurviveTheRoundTrip) {
  const Error error{ErrorCode::kThrottled, "append queue of orders/3 is full", 120};
  EXPECT_EQ(FromWire(ToWire(error)), error);
}

TEST(WireTest, MessagesKeepTheDifferenceBetweenAbsentAndEmpty) {
  core::Record record;
  record.key = "";
  record.headers = {{"a", "1"}, {"a", std::string("\0\xff", 2)}};
  record.codec = 3;
  EXPECT_EQ(FromWire(ToWireMessage(record)), record);
  record.key.reset();
  record.body = std::string("x\0y", 3);
  record.offset = core::Offset{17};
  record.timestamp = WallTime{99};
  idl::StoredMessage stored;
  ToWire(record, stored);
  EXPECT_EQ(FromWire(std::move(stored)), record);
}

TEST(WireTest, TheAccessBookSurvivesTheRoundTripWithoutWhatOnlyPeopleRead) {
  using core::Action;
  using core::ResourceKind;
  core::AccessRecords records;
  records.version = 7;
  records.cluster_id = "c";
  records.teams = {{"payments", "money", "pager", {{"ann", core::TeamRole::kLead}}}};
  records.services = {{"billing", "payments", core::ServiceKind::kApplication, "d", true},
                      {"broker", "", core::ServiceKind::kServer, "", false}};
  core::Token token;
  token.id = "0123456789";
  token.hash = std::string(32, '\xfe');
  token.service = "billing";
  token.expires_at = WallTime{90};
  core::Token session = token;
  session.id = "9123456789";
  session.service = "";
  session.person = "ann";
  records.tokens = {token, session};
  records.people = {{"ann", core::PersonRole::kAdmin, false, true},
                    {"bob", core::PersonRole::kViewer, true, false}};
  records.quotas = {{"payments",
                     {.topics = 1,
                      .partitions = 2,
                      .stored_bytes = 3,
                      .produce_bytes_per_s = 4,
                      .fetch_bytes_per_s = 5,
                      .messages_per_s = 6,
                      .message_bytes_max = 0}},
                    {"shop", {}}};
  records.quota_mode = core::QuotaMode::kLog;
  records.grants = {{3,
                     ResourceKind::kTopic,
                     "orders.",
                     true,
                     {core::PrincipalKind::kTeam, "payments"},
                     {Action::kDescribe, Action::kConsume},
                     WallTime{70}},
                    {4,
                     ResourceKind::kGroup,
                     "g",
                     false,
                     {core::PrincipalKind::kService, "billing"},
                     {Action::kManage},
                     std::nullopt}};
  records.owners = {{ResourceKind::kTopic, "orders", "payments"},
                    {ResourceKind::kGroup, "g", "payments"}};
  const core::AccessRecords back = FromWire(ToWire(records));
  EXPECT_EQ(back.version, 7);
  EXPECT_EQ(back.cluster_id, "c");
  EXPECT_EQ(back.teams, records.teams);
  EXPECT_EQ(back.services, records.services);
  EXPECT_EQ(back.tokens, records.tokens);
  EXPECT_EQ(back.grants, records.grants);
  EXPECT_EQ(back.owners, records.owners);
  EXPECT_EQ(back.people, records.people);
  EXPECT_EQ(back.quotas, records.quotas);
  EXPECT_EQ(back.quota_mode, core::QuotaMode::kLog);

  records.tokens[0].created_by = "person:ann";
  records.tokens[0].note = "for the new host";
  EXPECT_EQ(FromWire(ToWire(records)).tokens[0].created_by, "");
}

TEST(WireTest, WhatANewerMetaserverKnowsAllowsNothing) {
  core::AccessRecords records;
  records.services = {{"billing", "", core::ServiceKind::kApplication, "", false}};
  records.grants = {{1,
                     core::ResourceKind::kTopic,
                     "t",
                     false,
                     {core::PrincipalKind::kService, "billing"},
                     {core::Action::kConsume},
                     std::nullopt}};
  idl::AccessBookResponse book = ToWire(records);
  book.services.push_back(book.services[0]);
  book.services.back().name = "robot";
  book.services.back().__set_kind("robot");
  for (int i = 0; i < 3; ++i) book.grants.push_back(book.grants[0]);
  book.grants[0].actions.push_back("teleport");
  book.grants[1].actions = {"teleport"};
  book.grants[2].kind = "schema";
  book.grants[3].principal = "robot:x";
  const core::AccessRecords back = FromWire(book);
  ASSERT_EQ(back.services.size(), 1u);
  EXPECT_EQ(back.services[0].name, "billing");
  ASSERT_EQ(back.grants.size(), 1u);
  EXPECT_EQ(back.grants[0].actions, (std::vector<core::Action>{core::Action::kConsume}));
  EXPECT_EQ(FromWire(book.grants[1]).error().code, ErrorCode::kInvalidRequest);
  EXPECT_EQ(FromWire(book.services[1]).error().code, ErrorCode::kInvalidRequest);
}

TEST(WireTest, APersonOfAnUnknownRoleAndAQuotaBelowZeroAreLeftOut) {
  core::AccessRecords records;
  records.people = {{"ann", core::PersonRole::kAdmin, false, false}};
  records.quotas = {{"payments", {.topics = 1}}};
  idl::AccessBookResponse book = ToWire(records);
  book.people.push_back(book.people[0]);
  book.people.back().role = "emperor";
  book.quotas.push_back(book.quotas[0]);
  book.quotas.back().__set_messages_per_s(-1);
  book.__set_quota_mode("sometimes");
  const core::AccessRecords back = FromWire(book);
  EXPECT_EQ(back.people, records.people);
  EXPECT_EQ(back.quotas, records.quotas);
  EXPECT_EQ(back.quota_mode, core::QuotaMode::kEnforce);
}

TEST(WireTest, WhatIsToldOfAPersonIsNotTakenFromHim) {
  core::PersonAccount account;
  account.profile = {{"ann", core::PersonRole::kOperator, true, true}, "Ann", "a@b", "sub"};
  account.created_at = WallTime{5};
  account.last_sign_in_at = WallTime{6};
  const idl::Person out = ToWire(account, WallTime{7});
  EXPECT_EQ(out.created_at_us, 5);
  EXPECT_EQ(out.last_sign_in_at_us, 6);
  EXPECT_EQ(out.locked_until_us, 7);
  EXPECT_TRUE(out.must_change_password);
  const auto back = FromWire(out);
  ASSERT_TRUE(back.ok());
  core::PersonProfile expected = account.profile;
  expected.person.must_change_password = false;
  EXPECT_EQ(*back, expected);
  idl::Person wrong = out;
  wrong.__set_role("Admin");
  EXPECT_EQ(FromWire(wrong).error().code, ErrorCode::kInvalidRequest);
}

TEST(WireTest, CatalogSurvivesTheRoundTrip) {
  core::CatalogSnapshot snapshot;
  snapshot.version = 12;
  snapshot.cluster_id = "c";
  snapshot.nodes = {
      {core::NodeId{1}, "n1", "127.0.0.1", 3306, "p", core::NodeState::kClosed, 3, 7, "sealed"},
      {core::NodeId{2}, "n2", "127.0.0.2", 3306, "p", core::NodeState::kWritable, 3, 7}};
  core::Topic topic{core::TopicId{5}, "orders", core::TopicState::kActive, {}, {}, "d",
                    WallTime{8}};
  topic.partitions = {{0, core::NodeId{1}, 2}, {1, core::NodeId{1}, 0}};
  topic.config = {{"retention.ms", "1000"}};
  core::Topic deleted = topic;
  deleted.name = "refunds";
  deleted.state = core::TopicState::kDeleting;
  deleted.deletion = {WallTime{9}, WallTime{10}, "person:ann"};
  snapshot.topics = {topic, deleted};
  core::Broker broker;
  broker.id = core::BrokerId{2};
  broker.host = "h";
  broker.port = 9;
  broker.state = core::BrokerState::kDraining;
  broker.version = "v";
  snapshot.brokers = {broker};
  snapshot.metaservers = {{"m", 1}};
  EXPECT_EQ(FromWire(ToWire(snapshot)), snapshot);
}

TEST(WireTest, PeopleAreToldThatANodeHasCredentialsAndNothingElseOfThem) {
  core::DataNode node;
  node.name = "n1";
  EXPECT_FALSE(ToWire(node).__isset.has_credentials);
  node.sealed_credentials = "sealed";
  const idl::DataNode out = ToWire(node);
  EXPECT_TRUE(out.has_credentials);
  EXPECT_FALSE(out.__isset.sealed_credentials);
  EXPECT_EQ(out.sealed_credentials, "");
}

TEST(WireTest, PoliciesSurviveTheRoundTrip) {
  using std::chrono::milliseconds;
  const core::RetryPolicy policy{.max_attempts = 5,
                                 .first_delay = milliseconds(7),
                                 .max_delay = milliseconds(700),
                                 .multiplier = 1.5,
                                 .delays = {milliseconds(0), milliseconds(90)},
                                 .jitter = 0.75,
                                 .fatal_reasons = {"bad", "worse"},
                                 .retryable_reasons = {"timeout"}};
  EXPECT_EQ(FromWire(ToWire(policy)), policy);
  EXPECT_EQ(FromWire(ToWire(core::RetryPolicy{})), core::RetryPolicy{});
}

TEST(WireTest, WhatAPolicyLeavesOutIsTheDefault) {
  EXPECT_EQ(FromWire(idl::RetryPolicy{}), core::RetryPolicy{});
  idl::RetryPolicy some;
  some.__set_max_attempts(1);
  some.__set_first_delay_ms(0);
  const core::RetryPolicy policy = FromWire(some);
  EXPECT_EQ(policy.max_attempts, 1);
  EXPECT_EQ(policy.first_delay.count(), 0);
  EXPECT_EQ(policy.max_delay, core::RetryPolicy{}.max_delay);
}

TEST(WireTest, TokensOfPeopleComeBackWithoutTheRest) {
  core::PeopleTokens people{9, 7, "test", {}};
  core::Token token;
  token.id = "t";
  token.hash = std::string(32, 'h');
  token.person = "ann";
  token.expires_at = WallTime{5};
  people.tokens.push_back(token);
  idl::AccessBookResponse book = ToWire(people);
  EXPECT_TRUE(book.people_tokens_only);
  EXPECT_FALSE(book.__isset.services);
  idl::BookToken stray;
  stray.id = "s";
  stray.service_name = "billing";
  book.tokens.push_back(stray);
  const core::PeopleTokens back = PeopleTokensFromWire(book);
  EXPECT_EQ(back.version, 9);
  EXPECT_EQ(back.rights_version, 7);
  EXPECT_EQ(back.cluster_id, "test");
  EXPECT_EQ(back.tokens, people.tokens);
  core::AccessRecords records;
  records.rights_version = 7;
  EXPECT_EQ(FromWire(ToWire(records)).rights_version, 7);
}

}  // namespace
}  // namespace lanemq::wire
