#pragma once

// Part of alert_store_suite.h: what people set.
#include "tests/conformance/alert_store_suite.h"

namespace lanemq::testing {

TEST_P(AlertStoreSuite, RulesKeepWhatIsNotSet) {
  core::AlertRuleChange rule;
  rule.kind = "node_bytes_low";
  rule.threshold = 0.9;
  rule.owner = "infra";
  ExpectOk(store().SetRule(rule, "ann", Note(), Soon()));
  core::AlertRuleChange more;
  more.kind = rule.kind;
  more.is_on = false;
  more.for_at_least = std::chrono::milliseconds{1'500};
  more.severity = core::AlertSeverity::kTicket;
  ExpectOk(store().SetRule(more, "ann", Note(), Soon()));
  more.threshold = rule.threshold;
  more.owner = rule.owner;
  EXPECT_THAT(store().LoadSettings(Soon())->rules, ::testing::ElementsAre(more));
  for (const double threshold : {0.1 + 0.2, 1e-300, 12'345'678.9, 1e22, 0.0}) {
    rule.threshold = threshold;
    ExpectOk(store().SetRule(rule, "ann", Note(), Soon()));
    EXPECT_EQ(store().LoadSettings(Soon())->rules[0].threshold, threshold);
  }
  ExpectOk(store().ResetRule(rule.kind, Note(), Soon()));
  ExpectOk(store().ResetRule(rule.kind, Note(), Soon()));
  EXPECT_THAT(store().LoadSettings(Soon())->rules, ::testing::IsEmpty());
  rule.kind = "nonsense";
  ExpectError(store().SetRule(rule, "ann", Note(), Soon()), ErrorCode::kInvalidRequest);
}

TEST_P(AlertStoreSuite, ChannelsComeBackAndTellHowTheyDo) {
  core::AlertChannel mail;
  mail.name = "mail";
  mail.type = core::ChannelType::kEmail;
  mail.url = "smtps://mail.example.com";
  mail.recipients = {"a@example.com", "b@example.com"};
  mail.sender = "lanemq@example.com";
  mail.owners = {"", "payments \"x\""};
  mail.lowest = core::AlertSeverity::kPage;
  mail.user = "lanemq";
  ExpectOk(store().SetChannel(mail, "ann", Note(), Soon()));
  AddHook();
  auto settings = store().LoadSettings(Soon());
  ASSERT_TRUE(settings.ok());
  ASSERT_THAT(settings->channels, ::testing::SizeIs(2));
  EXPECT_EQ(settings->channels[1], mail);
  mail.recipients = {"c@example.com"};
  mail.is_on = false;
  ExpectOk(store().SetChannel(mail, "ann", Note(), Soon()));
  EXPECT_EQ(store().LoadSettings(Soon())->channels[1], mail);
  mail.recipients.clear();
  ExpectError(store().SetChannel(mail, "ann", Note(), Soon()), ErrorCode::kInvalidRequest);

  Send(Begin("i1"));
  const WallTime delivered = Now();
  Advance(std::chrono::seconds{1});
  Send(Begin("i2", "node n2"), false);
  Begin("i3", "node n3");
  const auto states = store().ChannelStates(Soon());
  ASSERT_TRUE(states.ok()) << states.error().ToString();
  ASSERT_THAT(*states, ::testing::SizeIs(2));
  EXPECT_EQ((*states)[0].name, "hook");
  EXPECT_EQ((*states)[0].last_delivered, delivered);
  EXPECT_EQ((*states)[0].last_error, "answer");
  EXPECT_EQ((*states)[0].queued, 2);
  EXPECT_EQ((*states)[1].last_delivered, std::nullopt);
  EXPECT_EQ((*states)[1].queued, 0);
}

TEST_P(AlertStoreSuite, ThereAreAHundredChannelsAtMost) {
  core::AlertChannel channel;
  channel.url = "http://127.0.0.1/";
  for (int i = 0; i < 100; ++i) {
    channel.name = "c" + std::to_string(i);
    ExpectOk(store().SetChannel(channel, "ann", Note(), Soon()));
  }
  ExpectOk(store().SetChannel(channel, "ann", Note(), Soon()));
  channel.name = "one-too-many";
  ExpectError(store().SetChannel(channel, "ann", Note(), Soon()), ErrorCode::kInsufficientCapacity);
  EXPECT_THAT(store().LoadSettings(Soon())->channels, ::testing::SizeIs(100));
}

TEST_P(AlertStoreSuite, SilencesEndByTimeOrByHand) {
  core::AlertSilence silence{
      .kind = "node_*", .subject = "*", .reason = "planned", .created_by = "ann"};
  const auto first = store().Silence(silence, std::chrono::minutes{10}, Note(), Soon());
  ASSERT_TRUE(first.ok()) << first.error().ToString();
  EXPECT_EQ(first->until.micros - first->created_at.micros, 600'000'000);
  EXPECT_EQ(first->created_at, Now());
  silence.kind = "*";
  const auto second = store().Silence(silence, std::chrono::minutes{5}, Note(), Soon());
  ASSERT_TRUE(second.ok());
  EXPECT_NE(first->id, second->id);
  EXPECT_THAT(store().LoadSettings(Soon())->silences, ::testing::ElementsAre(*second, *first));
  Advance(std::chrono::minutes{5});
  EXPECT_THAT(store().LoadSettings(Soon())->silences, ::testing::ElementsAre(*first));
  ExpectError(store().EndSilence(second->id, Note(), Soon()), ErrorCode::kNotFound);
  ExpectOk(store().EndSilence(first->id, Note(), Soon()));
  ExpectError(store().EndSilence(first->id, Note(), Soon()), ErrorCode::kNotFound);
  EXPECT_THAT(store().LoadSettings(Soon())->silences, ::testing::IsEmpty());
  ExpectError(store().EndSilence(12'345, Note(), Soon()), ErrorCode::kNotFound);
  const auto bad = store().Silence(silence, std::chrono::seconds{59}, Note(), Soon());
  ASSERT_FALSE(bad.ok());
  EXPECT_EQ(bad.error().code, ErrorCode::kInvalidRequest);
}

TEST_P(AlertStoreSuite, ObjectivesKeepWhatIsNotSet) {
  core::ObjectiveRow row;
  row.group = "billing";
  row.topic = "*";
  row.objective = std::chrono::milliseconds{5'000};
  row.owner = "";
  row.updated_by = "ann";
  ExpectOk(store().SetObjective(row, Note(), Soon()));
  core::ObjectiveRow more;
  more.group = row.group;
  more.topic = row.topic;
  more.allowed_messages = 7;
  more.tier = "ticket";
  more.alerts_on = false;
  more.updated_by = "bob";
  Advance(std::chrono::seconds{1});
  ExpectOk(store().SetObjective(more, Note(), Soon()));
  more.objective = row.objective;
  more.owner = row.owner;
  more.updated_at = Now();
  EXPECT_THAT(store().LoadSettings(Soon())->objectives, ::testing::ElementsAre(more));
  ExpectOk(store().RemoveObjective("billing", "*", Note(), Soon()));
  ExpectError(store().RemoveObjective("billing", "*", Note(), Soon()), ErrorCode::kNotFound);
  more.tier = "nonsense";
  ExpectError(store().SetObjective(more, Note(), Soon()), ErrorCode::kInvalidRequest);
}

}  // namespace lanemq::testing
