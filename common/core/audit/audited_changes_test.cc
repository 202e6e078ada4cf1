#include "common/core/audit/audited_changes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lanemq::core {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::Not;

Topic Orders() {
  Topic topic;
  topic.id = TopicId{7};
  topic.name = "orders";
  topic.partitions = {{0, NodeId{1}, 0}, {1, NodeId{1}, 1}};
  topic.config = {{"retention.ms", "5000"}};
  topic.description = "caf\xc3\xa9 \"x\"";
  return topic;
}

AlertChannel Hook(const std::string& url) {
  AlertChannel channel;
  channel.name = "hook";
  channel.url = url;
  return channel;
}

TEST(AuditedChangesTest, ATopicIsToldWithItsSettingsAndSize) {
  const Topic before = Orders();
  Topic after = before;
  after.config.clear();
  after.partitions.push_back({2, NodeId{1}, 2});
  const AuditedChange change = TopicChanged(&before, &after);
  EXPECT_EQ(change.object_kind, "topic");
  EXPECT_EQ(change.object_name, "orders");
  EXPECT_EQ(change.before_json,
            "{\"config\":{\"retention.ms\":\"5000\"},\"description\":\"caf\xc3\xa9 \\\"x\\\"\","
            "\"id\":7,\"partitions\":2}");
  EXPECT_EQ(change.after_json,
            "{\"config\":{},\"description\":\"caf\xc3\xa9 \\\"x\\\"\",\"id\":7,\"partitions\":3}");
}

TEST(AuditedChangesTest, WhatIsNewHasNoBeforeAndWhatIsGoneNoAfter) {
  const Topic topic = Orders();
  EXPECT_EQ(TopicChanged(nullptr, &topic).before_json, "");
  EXPECT_NE(TopicChanged(nullptr, &topic).after_json, "");
  EXPECT_NE(TopicChanged(&topic, nullptr).before_json, "");
  EXPECT_EQ(TopicChanged(&topic, nullptr).after_json, "");
  EXPECT_EQ(TopicChanged(&topic, nullptr).object_name, "orders");
}

TEST(AuditedChangesTest, TextThatIsNotUtf8IsReplacedRatherThanRefused) {
  Topic topic = Orders();
  topic.description = "a\xff";
  EXPECT_THAT(TopicChanged(nullptr, &topic).after_json, HasSubstr("a\xef\xbf\xbd"));
}

TEST(AuditedChangesTest, ADataNodeIsToldWhole) {
  const DataNode node{.id = NodeId{3},
                      .name = "one",
                      .host = "db1",
                      .port = 3306,
                      .state = NodeState::kClosed,
                      .schemas_max = 2,
                      .tables_per_schema_max = 9};
  const AuditedChange change = DataNodeChanged(nullptr, &node);
  EXPECT_EQ(change.object_kind, "data_node");
  EXPECT_EQ(change.object_name, "one");
  EXPECT_EQ(
      change.after_json,
      R"({"credentials":"servers' files","host":"db1","id":3,"port":3306,)"
      R"("schema_prefix":"lanemq","schemas_max":2,"state":"closed","tables_per_schema_max":9})");
}

TEST(AuditedChangesTest, OfADataNodesCredentialsItIsToldThatTheyChangedAndNothingElse) {
  DataNode before{.id = NodeId{3}, .name = "one", .host = "db1", .port = 3306};
  DataNode after = before;
  after.sealed_credentials =
      "\x01"
      "canary-1";
  AuditedChange change = DataNodeChanged(&before, &after);
  EXPECT_THAT(change.before_json, HasSubstr(R"("credentials":"servers' files")"));
  EXPECT_THAT(change.after_json, HasSubstr(R"("credentials":"kept")"));
  EXPECT_THAT(change.after_json, Not(HasSubstr("canary")));
  before.sealed_credentials =
      "\x01"
      "canary-2";
  change = DataNodeChanged(&before, &after);
  EXPECT_THAT(change.before_json, HasSubstr(R"("credentials":"kept")"));
  EXPECT_THAT(change.after_json, HasSubstr(R"("credentials":"changed")"));
  EXPECT_THAT(change.before_json + change.after_json, Not(HasSubstr("canary")));
  before = after;
  after.state = NodeState::kClosed;
  EXPECT_THAT(DataNodeChanged(&before, &after).after_json, HasSubstr(R"("credentials":"kept")"));
}

TEST(AuditedChangesTest, BrokersGroupsAndOutboxesAreToldWhenTheyGo) {
  const AuditedChange broker = BrokerRemoved(BrokerId{5}, 77, {"10.0.0.1", 9'000});
  EXPECT_EQ(broker.object_kind, "broker");
  EXPECT_EQ(broker.object_name, "5");
  EXPECT_EQ(broker.before_json, R"({"host":"10.0.0.1","incarnation":77,"port":9000})");
  const AuditedChange group = GroupRemoved("billing", Generation{4}, "range");
  EXPECT_EQ(group.object_kind, "group");
  EXPECT_EQ(group.object_name, "billing");
  EXPECT_EQ(group.before_json, R"({"generation":4,"protocol":"range"})");
  OutboxReport report;
  report.outbox = "shop";
  report.relay = "relay-1";
  report.ready = 3;
  report.last_error = "password=hunter2";
  const AuditedChange outbox = OutboxForgotten(report);
  EXPECT_EQ(outbox.object_kind, "outbox");
  EXPECT_EQ(outbox.object_name, "shop");
  EXPECT_EQ(outbox.before_json, R"({"dead":0,"held":0,"ready":3,"relay":"relay-1"})");
  for (const AuditedChange& change : {broker, group, outbox}) EXPECT_EQ(change.after_json, "");
}

TEST(AuditedChangesTest, OfRulesAndObjectivesOnlyWhatIsSetIsTold) {
  AlertRuleChange rule;
  rule.kind = "node_bytes_low";
  rule.threshold = 0.1 + 0.2;
  rule.for_at_least = milliseconds{1'500};
  rule.severity = AlertSeverity::kPage;
  const AuditedChange ruled = RuleChanged(rule.kind, &rule, nullptr);
  EXPECT_EQ(ruled.object_kind, "alert_rule");
  EXPECT_EQ(ruled.object_name, "node_bytes_low");
  EXPECT_EQ(ruled.before_json,
            R"({"for_ms":1500,"severity":"page","threshold":0.30000000000000004})");
  ObjectiveRow row;
  row.group = "billing";
  row.topic = "*";
  row.allowed_messages = 7;
  row.alerts_on = false;
  row.updated_by = "ann";
  const AuditedChange promised = ObjectiveChanged(nullptr, &row);
  EXPECT_EQ(promised.object_kind, "lag_objective");
  EXPECT_EQ(promised.object_name, "billing/*");
  EXPECT_EQ(promised.after_json, R"({"alerts_on":false,"allowed_messages":7})");
}

TEST(AuditedChangesTest, ASilenceIsNamedByItsId) {
  const AlertSilence silence{.id = 17,
                             .kind = "node_*",
                             .subject = "*",
                             .until = WallTime{9},
                             .reason = "planned",
                             .created_by = "ann"};
  const AuditedChange change = SilenceChanged(nullptr, &silence);
  EXPECT_EQ(change.object_kind, "silence");
  EXPECT_EQ(change.object_name, "17");
  EXPECT_EQ(
      change.after_json,
      R"({"created_by":"ann","kind":"node_*","reason":"planned","subject":"*","until_us":9})");
}

TEST(AuditedChangesTest, OfAChannelsUrlNothingIsToldThatMayBeASecret) {
  struct Case {
    const char* url;
    const char* origin;
  };
  for (const Case& at : {
           Case{"https://hooks.slack.com/services/T0/B0/s3cret", "https://hooks.slack.com"},
           Case{"https://oapi.dingtalk.com/robot/send?access_token=s3cret",
                "https://oapi.dingtalk.com"},
           Case{"http://10.0.0.1:8080?key=s3cret", "http://10.0.0.1:8080"},
           Case{"http://host#s3cret", "http://host"},
           Case{"http://[::1]:80/s3cret", "http://[::1]:80"},
           Case{"https://ann:s3cret@host/x", "https"},
           Case{"https://s3cret@host", "https"},
           Case{"smtps://mail.example.com", "smtps://mail.example.com"},
           Case{"s3cret", ""},
           Case{"", ""},
       }) {
    const AlertChannel channel = Hook(at.url);
    const std::string text = ChannelChanged("hook", nullptr, &channel).after_json;
    EXPECT_THAT(text, HasSubstr(std::string("\"url_origin\":\"") + at.origin + "\"")) << at.url;
    EXPECT_THAT(text, Not(HasSubstr("s3cret"))) << at.url;
    EXPECT_THAT(ChannelChanged("hook", &channel, nullptr).before_json, Not(HasSubstr("s3cret")));
  }
}

TEST(AuditedChangesTest, AnotherSecretInAChannelsUrlIsSeenToBeAnother) {
  const AlertChannel before = Hook("https://hooks.slack.com/services/one");
  const AlertChannel after = Hook("https://hooks.slack.com/services/two");
  const AlertChannel elsewhere = Hook("https://example.com/one");
  EXPECT_THAT(ChannelChanged("hook", &before, &after).after_json,
              HasSubstr("\"url_replaced\":true"));
  EXPECT_THAT(ChannelChanged("hook", &before, &before).after_json, Not(HasSubstr("url_replaced")));
  EXPECT_THAT(ChannelChanged("hook", &before, &elsewhere).after_json,
              Not(HasSubstr("url_replaced")));
}

TEST(AuditedChangesTest, AChannelIsToldWithWhoHearsOfWhat) {
  AlertChannel mail = Hook("smtp://mail");
  mail.type = ChannelType::kEmail;
  mail.recipients = {"a@example.com"};
  mail.sender = "lanemq@example.com";
  mail.owners = {"payments"};
  mail.lowest = AlertSeverity::kPage;
  mail.secret_file = "mail-password";
  mail.user = "lanemq";
  mail.is_on = false;
  const AuditedChange change = ChannelChanged("mail", &mail, nullptr);
  EXPECT_EQ(change.object_kind, "alert_channel");
  EXPECT_EQ(change.object_name, "mail");
  EXPECT_EQ(change.before_json,
            R"({"is_on":false,"owners":["payments"],"recipients":["a@example.com"],)"
            R"("secret_file":"mail-password","sender":"lanemq@example.com","severity":"page",)"
            R"("type":"email","url_origin":"smtp://mail","user":"lanemq"})");
  EXPECT_EQ(ChannelChanged("damaged", nullptr, nullptr).object_name, "damaged");
}

}  // namespace
}  // namespace lanemq::core
