#pragma once

// Part of alert_store_suite.h: what people's changes leave in the audit log.
#include "tests/conformance/alert_store_suite.h"
#include "tests/conformance/audit_checks.h"

namespace lanemq::testing {

TEST_P(AlertStoreSuite, ChangedRulesAreAudited) {
  core::AlertRuleChange rule;
  rule.kind = "node_bytes_low";
  rule.threshold = 0.25;
  const auto set = [&] { ExpectOk(store().SetRule(rule, "ann", Note("noisy"), Soon())); };
  auto events = AuditOf(set);
  ExpectOne(events, "alert_rule", "node_bytes_low", Note("noisy"));
  ASSERT_THAT(events, ::testing::SizeIs(1));
  EXPECT_EQ(events[0].change.before_json, "");
  EXPECT_EQ(events[0].change.after_json, R"({"threshold":0.25})");
  EXPECT_THAT(AuditOf(set), ::testing::IsEmpty());
  EXPECT_THAT(AuditOf([&] { ExpectOk(store().SetRule(rule, "bob", Note(), Soon())); }),
              ::testing::IsEmpty())
      << "who set it last is no setting";

  rule.threshold.reset();
  rule.is_on = false;
  events = AuditOf(set);
  ExpectOne(events, "alert_rule", "node_bytes_low", Note("noisy"));
  ASSERT_THAT(events, ::testing::SizeIs(1));
  EXPECT_EQ(events[0].change.before_json, R"({"threshold":0.25})");
  EXPECT_EQ(events[0].change.after_json, R"({"is_on":false,"threshold":0.25})");

  const auto reset = [&] { ExpectOk(store().ResetRule(rule.kind, Note("back"), Soon())); };
  events = AuditOf(reset);
  ExpectOne(events, "alert_rule", "node_bytes_low", Note("back"));
  ASSERT_THAT(events, ::testing::SizeIs(1));
  EXPECT_EQ(events[0].change.before_json, R"({"is_on":false,"threshold":0.25})");
  EXPECT_EQ(events[0].change.after_json, "");
  EXPECT_THAT(AuditOf(reset), ::testing::IsEmpty());
  rule.kind = "nonsense";
  EXPECT_THAT(AuditOf([&] {
                ExpectError(store().SetRule(rule, "ann", Note(), Soon()),
                            ErrorCode::kInvalidRequest);
              }),
              ::testing::IsEmpty());
}

TEST_P(AlertStoreSuite, ChangedChannelsAreAuditedWithoutTheirSecrets) {
  core::AlertChannel channel;
  channel.name = "hook";
  channel.url = "https://hooks.example.com/s3cret?token=s3cret";
  const auto set = [&] { ExpectOk(store().SetChannel(channel, "ann", Note("new"), Soon())); };
  auto events = AuditOf(set);
  ExpectOne(events, "alert_channel", "hook", Note("new"));
  ASSERT_THAT(events, ::testing::SizeIs(1));
  EXPECT_EQ(events[0].change.before_json, "");
  EXPECT_THAT(events[0].change.after_json, ::testing::HasSubstr("https://hooks.example.com\""));
  EXPECT_THAT(AuditOf(set), ::testing::IsEmpty());

  channel.url = "https://hooks.example.com/another-s3cret";
  events = AuditOf(set);
  ASSERT_THAT(events, ::testing::SizeIs(1));
  EXPECT_THAT(events[0].change.after_json, ::testing::HasSubstr("\"url_replaced\":true"));
  channel.is_on = false;
  events = AuditOf(set);
  ASSERT_THAT(events, ::testing::SizeIs(1));
  EXPECT_THAT(events[0].change.before_json, ::testing::HasSubstr("\"is_on\":true"));
  EXPECT_THAT(events[0].change.after_json, ::testing::HasSubstr("\"is_on\":false"));

  events = AuditOf([&] { ExpectOk(store().RemoveChannel("hook", Note("gone"), Soon())); });
  ExpectOne(events, "alert_channel", "hook", Note("gone"));
  ASSERT_THAT(events, ::testing::SizeIs(1));
  EXPECT_NE(events[0].change.before_json, "");
  EXPECT_EQ(events[0].change.after_json, "");
  channel.url = "nonsense";
  EXPECT_THAT(AuditOf([&] {
                ExpectError(store().RemoveChannel("hook", Note(), Soon()), ErrorCode::kNotFound);
                ExpectError(store().SetChannel(channel, "ann", Note(), Soon()),
                            ErrorCode::kInvalidRequest);
              }),
              ::testing::IsEmpty());
  for (const core::AuditEvent& event : under_test_->Audited()) {
    EXPECT_THAT(event.change.before_json, ::testing::Not(::testing::HasSubstr("s3cret")));
    EXPECT_THAT(event.change.after_json, ::testing::Not(::testing::HasSubstr("s3cret")));
  }
}

TEST_P(AlertStoreSuite, SilencesAreAuditedWhenTheyBeginAndAreEndedByHand) {
  const core::AlertSilence silence{
      .kind = "node_*", .subject = "*", .reason = "planned", .created_by = "ann"};
  std::int64_t id = 0;
  auto events = AuditOf([&] {
    const auto made = store().Silence(silence, std::chrono::minutes{10}, Note("upgrade"), Soon());
    ASSERT_TRUE(made.ok()) << made.error().ToString();
    id = made->id;
  });
  ExpectOne(events, "silence", std::to_string(id), Note("upgrade"));
  ASSERT_THAT(events, ::testing::SizeIs(1));
  EXPECT_EQ(events[0].change.before_json, "");
  EXPECT_THAT(events[0].change.after_json, ::testing::HasSubstr("\"reason\":\"planned\""));
  events = AuditOf([&] { ExpectOk(store().EndSilence(id, Note("done"), Soon())); });
  ExpectOne(events, "silence", std::to_string(id), Note("done"));
  ASSERT_THAT(events, ::testing::SizeIs(1));
  EXPECT_THAT(events[0].change.before_json, ::testing::HasSubstr("\"kind\":\"node_*\""));
  EXPECT_EQ(events[0].change.after_json, "");
  EXPECT_THAT(
      AuditOf([&] {
        ExpectError(store().EndSilence(id, Note(), Soon()), ErrorCode::kNotFound);
        ExpectError(store().EndSilence(id + 1, Note(), Soon()), ErrorCode::kNotFound);
        EXPECT_FALSE(store().Silence(silence, std::chrono::seconds{59}, Note(), Soon()).ok());
      }),
      ::testing::IsEmpty());
}

TEST_P(AlertStoreSuite, ChangedObjectivesAreAudited) {
  core::ObjectiveRow row;
  row.group = "billing";
  row.topic = "*";
  row.objective = std::chrono::milliseconds{5'000};
  row.updated_by = "ann";
  const auto set = [&] { ExpectOk(store().SetObjective(row, Note("promised"), Soon())); };
  auto events = AuditOf(set);
  ExpectOne(events, "lag_objective", "billing/*", Note("promised"));
  ASSERT_THAT(events, ::testing::SizeIs(1));
  EXPECT_EQ(events[0].change.before_json, "");
  EXPECT_EQ(events[0].change.after_json, R"({"objective_ms":5000})");
  Advance(std::chrono::seconds{1});
  row.updated_by = "bob";
  EXPECT_THAT(AuditOf(set), ::testing::IsEmpty());

  row.objective.reset();
  row.allowed_messages = 7;
  events = AuditOf(set);
  ASSERT_THAT(events, ::testing::SizeIs(1));
  EXPECT_EQ(events[0].change.before_json, R"({"objective_ms":5000})");
  EXPECT_EQ(events[0].change.after_json, R"({"allowed_messages":7,"objective_ms":5000})");

  events = AuditOf([&] { ExpectOk(store().RemoveObjective("billing", "*", Note(), Soon())); });
  ExpectOne(events, "lag_objective", "billing/*", Note());
  ASSERT_THAT(events, ::testing::SizeIs(1));
  EXPECT_EQ(events[0].change.after_json, "");
  row.tier = "nonsense";
  EXPECT_THAT(AuditOf([&] {
                ExpectError(store().RemoveObjective("billing", "*", Note(), Soon()),
                            ErrorCode::kNotFound);
                ExpectError(store().SetObjective(row, Note(), Soon()), ErrorCode::kInvalidRequest);
              }),
              ::testing::IsEmpty());
}

TEST_P(AlertStoreSuite, OfManyWhoSetTheSameOneIsAuditedForWhatChanged) {
  constexpr int kThreads = 4;
  core::AlertRuleChange rule;
  rule.kind = "node_bytes_low";
  rule.is_on = false;
  core::AlertChannel channel;
  channel.name = "hook";
  channel.url = "http://127.0.0.1/";
  core::ObjectiveRow row;
  row.group = "billing";
  row.topic = "*";
  row.allowed_messages = 7;
  const auto events = AuditOf([&] {
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&] {
        ExpectOk(store().SetRule(rule, "ann", Note(), Soon()));
        ExpectOk(store().SetChannel(channel, "ann", Note(), Soon()));
        ExpectOk(store().SetObjective(row, Note(), Soon()));
      });
    }
    for (std::thread& thread : threads) thread.join();
  });
  std::vector<std::string> kinds;
  for (const core::AuditEvent& event : events) kinds.push_back(event.change.object_kind);
  EXPECT_THAT(kinds,
              ::testing::UnorderedElementsAre("alert_rule", "alert_channel", "lag_objective"));
}

TEST_P(AlertStoreSuite, ASettingWhoseReplyWasLostIsMadeOnce) {
  int number = 0;
  for (const bool after_effect : {false, true}) {
    const auto expect_once = [&](const std::function<Status()>& change) {
      if (!under_test_->LoseNextReply(after_effect)) return;
      EXPECT_THAT(AuditOf([&] { ExpectOk(change()); }), ::testing::SizeIs(1)) << number;
      EXPECT_TRUE(under_test_->HasLostReply()) << number;
      ++number;
    };
    core::AlertSilence silence;
    silence.kind = after_effect ? "group_slow" : "node_slow";
    silence.subject = "*";
    silence.reason = "deploy";
    silence.created_by = "ann";
    core::AlertSilence stored;
    expect_once([&]() -> Status {
      LANEMQ_ASSIGN_OR_RETURN(stored,
                              store().Silence(silence, std::chrono::hours{1}, Note(), Soon()));
      return {};
    });
    if (number > 0) {
      const auto settings = store().LoadSettings(Soon());
      ASSERT_TRUE(settings.ok());
      EXPECT_THAT(settings->silences, ::testing::ElementsAre(stored));
    }
    expect_once([&] { return store().EndSilence(stored.id, Note(), Soon()); });
    core::AlertChannel channel;
    channel.name = "hook";
    channel.url = "https://hooks.example.com/";
    expect_once([&] { return store().SetChannel(channel, "ann", Note(), Soon()); });
    expect_once([&] { return store().RemoveChannel("hook", Note(), Soon()); });
    core::ObjectiveRow row;
    row.group = "billing";
    row.topic = "*";
    row.tier = "page";
    expect_once([&] { return store().SetObjective(row, Note(), Soon()); });
    expect_once([&] { return store().RemoveObjective("billing", "*", Note(), Soon()); });
    core::AlertRuleChange rule;
    rule.kind = "node_bytes_low";
    rule.is_on = false;
    expect_once([&] { return store().SetRule(rule, "ann", Note(), Soon()); });
    expect_once([&] { return store().ResetRule(rule.kind, Note(), Soon()); });
  }
  EXPECT_TRUE(number == 0 || number == 16) << number;
}

}  // namespace lanemq::testing
