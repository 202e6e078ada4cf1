#include <gtest/gtest.h>

#include "common/rpc/wire/access_book.h"
#include "common/rpc/wire/catalog.h"
#include "common/rpc/wire/errors.h"
#include "common/rpc/wire/messages.h"
#include "common/rpc/wire/retry_policy.h"
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
  core::Token token{"0123456789", std::string(32, '\xfe'), "billing", {}, WallTime{90}, "", ""};
  records.tokens = {token};
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

TEST(WireTest, CatalogSurvivesTheRoundTrip) {
  core::CatalogSnapshot snapshot;
  snapshot.version = 12;
  snapshot.cluster_id = "c";
  snapshot.nodes = {
      {core::NodeId{1}, "n1", "127.0.0.1", 3306, "p", core::NodeState::kClosed, 3, 7}};
  core::Topic topic{core::TopicId{5}, "orders", core::TopicState::kActive, {}, {}, "d",
                    WallTime{8}};
  topic.partitions = {{0, core::NodeId{1}, 2}, {1, core::NodeId{1}, 0}};
  topic.config = {{"retention.ms", "1000"}};
  snapshot.topics = {topic};
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

}  // namespace
}  // namespace lanemq::wire
