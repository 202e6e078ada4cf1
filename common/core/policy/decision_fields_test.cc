// What is refused, why, and with which fix: tables of a few hundred cases, with
// decision_names_test.
#include <gtest/gtest.h>

#include "common/core/policy/test_field_cases.h"

namespace lanemq::core {
namespace {

using namespace policy_rig;  // NOLINT: the rig is this test's vocabulary.

TEST(DecisionTest, TextsAreRequiredAndKnown) {
  ExpectFields({
      {"all is there", {GoodTopic()}, ""},
      {"no description", {TopicWith([](auto& c) { c.description = ""; })}, "description", {kNoFix}},
      {"a description of 1,024 bytes",
       {TopicWith([](auto& c) { c.description = std::string(1'024, 'x'); })},
       ""},
      {"a longer one",
       {TopicWith([](auto& c) { c.description = std::string(1'025, 'x'); })},
       "description",
       {kNoFix}},
      {"no tier", {TopicWith([](auto& c) { c.tier = ""; })}, "tier", {"page"}},
      {"no tier, which is no matter",
       {TopicWith([](auto& c) { c.tier = ""; })},
       "",
       {},
       [](Policy& p) { p.required.tier = false; }},
      {"an unknown tier", {TopicWith([](auto& c) { c.tier = "gold"; })}, "tier", {"page"}},
      {"a tier in upper case", {TopicWith([](auto& c) { c.tier = "Ticket"; })}, "tier", {"ticket"}},
      {"any tier",
       {TopicWith([](auto& c) { c.tier = "gold"; })},
       "",
       {},
       [](Policy& p) { p.tiers = {}; }},
      {"no tier of any",
       {TopicWith([](auto& c) { c.tier = ""; })},
       "tier",
       {kNoFix},
       [](Policy& p) { p.tiers = {}; }},
      {"no owner: bob's only team",
       {TopicWith([](auto& c) { c.owner = ""; })},
       "owner",
       {"payments"}},
      {"no owner: nina has none",
       {TopicWith([](auto& c) { c.owner = ""; })},
       "owner",
       {kNoFix},
       {},
       "nina"},
      {"no owner, which is no matter",
       {TopicWith([](auto& c) { c.owner = ""; })},
       "",
       {},
       [](Policy& p) { p.required.owner = false; }},
      {"an unknown owner", {TopicWith([](auto& c) { c.owner = "paymnts"; })}, "owner", {kNoFix}},
      {"an owner in upper case",
       {TopicWith([](auto& c) { c.owner = "Payments"; })},
       "owner",
       {"payments"}},
      {"no traffic", {TopicWith([](auto& c) { c.traffic.reset(); })}, ""},
      {"no traffic, which is required",
       {TopicWith([](auto& c) { c.traffic.reset(); })},
       "traffic",
       {kNoFix},
       [](Policy& p) { p.required.traffic = true; }},
      {"less than no messages",
       {TopicWith([](auto& c) { c.traffic->messages_per_day = -1; })},
       "traffic.messages_per_day",
       {"0"}},
      {"less than no bytes",
       {TopicWith([](auto& c) { c.traffic->message_bytes = -1; })},
       "traffic.message_bytes",
       {"0"}},
      {"everything at once",
       {CreateTopicChange{
           .name = "Bad", .partitions = 0, .config = {{"retention.ms", "1"}}, .traffic = {}}},
       "description, name, owner, partitions, retention.ms, tier",
       {kNoFix, kNoFix, "payments", "1", "3600000", "page"}},
      {"an altered tier",
       {AlterTopicChange{.name = "payments.orders", .tier = "gold", .set = {}, .unset = {}}},
       "tier",
       {"page"}},
      {"an altered tier that is known",
       {AlterTopicChange{.name = "payments.orders", .tier = "ticket", .set = {}, .unset = {}}},
       ""},
      {"a description is taken away",
       {AlterTopicChange{.name = "payments.orders", .description = "", .set = {}, .unset = {}}},
       "description",
       {kNoFix}},
      {"a group without texts",
       {PutGroupChange{"payments.worker", "", "", ""}},
       "description, owner, tier",
       {kNoFix, "payments", "page"}},
      {"an old group keeps what it has not",
       {PutGroupChange{"orphan.group", "payments", "", ""}},
       ""},
  });
}

TEST(DecisionTest, NumbersAreWithinTheirRanges) {
  const auto partitions = [](std::int32_t n) {
    return TopicWith([n](auto& c) { c.partitions = n; });
  };
  const auto setting = [](const char* key, std::string value) {
    return TopicWith([=](auto& c) { c.config = {{key, value}}; });
  };
  const auto wide = [](Policy& p) { p.partitions = {}; };
  const auto free = [](Policy& p) { p.retention_ms = {}; };
  std::vector<FieldCase> cases;
  const auto add = [&](std::string name, Change change, std::string field, std::string fix,
                       std::function<void(Policy&)> tweak = {}) {
    cases.push_back({std::move(name),
                     {std::move(change)},
                     std::move(field),
                     {std::move(fix)},
                     std::move(tweak)});
  };
  for (const int n : {1, 2, 16, 17, 32})
    add(std::to_string(n) + " partitions", partitions(n), "", "*");
  for (const int n : {0, -1, INT32_MIN}) add("too few", partitions(n), "partitions", "1");
  for (const int n : {33, 1'000, 1'001, INT32_MAX})
    add("too many", partitions(n), "partitions", "32");
  for (const int n : {33, 1'000}) add("as many as the cluster can", partitions(n), "", "*", wide);
  for (const int n : {1'001, INT32_MAX})
    add("more than that", partitions(n), "partitions", "1000", wide);
  for (const int n : {0, -7}) add("none", partitions(n), "partitions", "1", wide);
  add("less than the least", partitions(2), "partitions", "3", [](Policy& p) {
    p.partitions = {3, 8};
  });
  for (const int n : {5, 16, 32}) add("more", AddPartitionsChange{"payments.orders", n}, "", "*");
  for (const int n : {33, 2'000})
    add("too many more", AddPartitionsChange{"payments.orders", n}, "partitions", "32");
  for (const int n : {3, 0, -1})
    add("fewer", AddPartitionsChange{"payments.orders", n}, "partitions", "4");
  add("more than allowed already", AddPartitionsChange{"payments.orders", 5}, "partitions", "4",
      [](Policy& p) {
        p.partitions = {1, 3};
      });
  add("as many as allowed no longer", AddPartitionsChange{"payments.orders", 4}, "", "*",
      [](Policy& p) {
        p.partitions = {1, 3};
      });
  for (const std::int64_t ms : {kDayMs / 24, kDayMs, 30 * kDayMs})
    add("kept", setting("retention.ms", std::to_string(ms)), "", "*");
  for (const std::int64_t ms : {std::int64_t{1}, kDayMs / 24 - 1})
    add("kept too short", setting("retention.ms", std::to_string(ms)), "retention.ms", "3600000");
  for (const std::int64_t ms : {30 * kDayMs + 1, INT64_MAX, std::int64_t{-1}})
    add("kept too long", setting("retention.ms", std::to_string(ms)), "retention.ms", "2592000000");
  for (const std::int64_t ms : {std::int64_t{1}, INT64_MAX, std::int64_t{-1}})
    add("kept as one likes", setting("retention.ms", std::to_string(ms)), "", "*", free);
  add("the default is too long", GoodTopic(), "retention.ms", "86400000", [](Policy& p) {
    p.retention_ms = {{}, kDayMs};
  });
  add("the default is too short", GoodTopic(), "retention.ms", "864000000", [](Policy& p) {
    p.retention_ms = {10 * kDayMs, {}};
  });
  add("without end is not too short", setting("retention.ms", "-1"), "", "*", [](Policy& p) {
    p.retention_ms = {10 * kDayMs, {}};
  });
  for (const char* text : {"7d", "", " 5", "0", "-2", "9223372036854775808"})
    add("no number", setting("retention.ms", text), "retention.ms", kNoFix);
  add("an unknown setting", setting("retention", "5"), "retention", kNoFix);
  add("a wrong choice", setting("retention.unread", "never"), "retention.unread", kNoFix);
  add("a right choice", setting("retention.unread", "block"), "", "*");
  for (const char* bytes : {"1", "1048576"})
    add("messages", setting("max.message.bytes", bytes), "", "*");
  add("large messages", setting("max.message.bytes", "1048577"), "max.message.bytes", "1048576");
  add("too large for any cluster", setting("max.message.bytes", "4194305"), "max.message.bytes",
      kNoFix);
  add("larger ones are allowed", setting("max.message.bytes", "4194304"), "", "*",
      [](Policy& p) { p.message_bytes_max.reset(); });
  add("the default is too large", GoodTopic(), "max.message.bytes", "1000",
      [](Policy& p) { p.message_bytes_max = 1'000; });
  const auto alter = [](TopicConfig set, std::vector<std::string> unset) {
    return AlterTopicChange{
        .name = "payments.orders", .set = std::move(set), .unset = std::move(unset)};
  };
  add("altered", alter({{"retention.ms", "3600000"}}, {}), "", "*");
  add("altered to too long", alter({{"retention.ms", "-1"}}, {}), "retention.ms", "2592000000");
  add("back to a default that is too long", alter({}, {"retention.ms"}), "retention.ms", "86400000",
      [](Policy& p) {
        p.retention_ms = {{}, kDayMs};
      });
  add("other settings are not asked about", alter({{"max.message.bytes", "10"}}, {}), "", "*",
      [](Policy& p) {
        p.retention_ms = {{}, kDayMs};
      });
  add("an unknown one goes", alter({}, {"retention"}), "retention", kNoFix);
  add("set and gone", alter({{"retention.ms", "3600000"}}, {"retention.ms"}), "retention.ms",
      kNoFix);
  ExpectFields(cases);
  EXPECT_GE(cases.size(), 60U);
}

TEST(DecisionTest, QuotasCountWhatTheBundleMakesMore) {
  const auto topic = [](const char* name, std::int32_t partitions) {
    return With(GoodTopic(name, "billing"), ([=](CreateTopicChange& c) {
                  c.partitions = partitions;
                  c.traffic.reset();
                  c.config["max.message.bytes"] = "1000";
                }));
  };
  const auto bytes = [](std::int64_t a_day) {
    return With(GoodTopic("billing.a", "billing"), ([=](CreateTopicChange& c) {
                  c.traffic = Traffic{1, a_day, Ordering::kNone};
                  c.config["max.message.bytes"] = "1000";
                }));
  };
  const SetOwnerChange handed_over{ResourceKind::kTopic, "payments.idle", "billing"};
  // billing has 1 topic, 4 partitions and 7 days of 10^9 bytes; 3, 20 and 20 GiB are allowed.
  ExpectFields({
      {"two topics more", {topic("billing.a", 1), topic("billing.b", 1)}, ""},
      {"three topics more",
       {topic("billing.a", 1), topic("billing.b", 1), topic("billing.c", 1)},
       "quota.topics",
       {"4"}},
      {"the last partition", {topic("billing.a", 16)}, ""},
      {"one partition more", {topic("billing.a", 17)}, "quota.partitions", {"21"}},
      {"of two topics together",
       {topic("billing.a", 9), topic("billing.b", 8)},
       "quota.partitions",
       {"21"}},
      {"of an old topic",
       {AddPartitionsChange{"billing.invoices", 21}},
       "quota.partitions",
       {"21"}},
      {"one goes, another comes", {AddPartitionsChange{"billing.invoices", 20}}, ""},
      {"bytes", {bytes(2'000'000'000)}, ""},
      {"more bytes", {bytes(2'500'000'000)}, "quota.stored_bytes", {"24500000000"}},
      {"kept longer",
       {AlterTopicChange{.name = "billing.invoices",
                         .set = {{"retention.ms", std::to_string(22 * kDayMs)}},
                         .unset = {}}},
       "quota.stored_bytes",
       {"22000000000"}},
      {"handed over", {handed_over}, ""},
      {"handed over with a new one",
       {handed_over, topic("billing.a", 13)},
       "quota.partitions",
       {"21"}},
      {"with the quota that it needs",
       {topic("billing.a", 17), SetQuotaChange{"billing", {.partitions = 21}}},
       ""},
      {"with a quota that is not enough",
       {topic("billing.a", 17), SetQuotaChange{"billing", {.partitions = 20}}},
       "quota.partitions",
       {"21"}},
      {"a quota below what there is", {SetQuotaChange{"billing", {.topics = 0}}}, ""},
      {"a quota below what there is, and less of it",
       {SetQuotaChange{"payments", {.topics = 0}}, DeleteTopicChange{"payments.idle"}},
       ""},
      {"large messages", {GoodTopic("billing.a", "billing")}, "max.message.bytes", {"100000"}},
      {"large messages, altered",
       {AlterTopicChange{
           .name = "billing.invoices", .set = {{"max.message.bytes", "100001"}}, .unset = {}}},
       "max.message.bytes",
       {"100000"}},
  });
}

TEST(DecisionTest, ChangesOfOneThingMustNotContradictEachOther) {
  const AlterTopicChange altered{
      .name = "payments.idle", .description = "d", .set = {}, .unset = {}};
  const AddPartitionsChange grown{"payments.idle", 8};
  const SetOwnerChange owned{ResourceKind::kTopic, "payments.idle", "payments"};
  const DeleteTopicChange deleted{"payments.idle"};
  const PutGroupChange group{"payments.api", "payments", "page", "d"};
  const SetOwnerChange group_owned{ResourceKind::kGroup, "payments.api", "payments"};
  const RevokeGrantChange revoked{
      ResourceKind::kTopic, "payments.orders", false, {PrincipalKind::kTeam, "billing"}};
  const Change granted = GrantWith([](Grant& g) {
    g.principal = {PrincipalKind::kTeam, "billing"};
  });
  const PutTeamChange team{{"fresh", "", "", {}}};
  ExpectFields({
      {"three parts of a topic", {altered, grown, owned}, ""},
      {"altered twice", {altered, altered}, "changes"},
      {"grown twice", {grown, grown}, "changes"},
      {"owned twice", {owned, owned}, "changes"},
      {"altered and deleted", {altered, deleted}, "changes"},
      {"grown and deleted", {grown, deleted}, "changes"},
      {"owned and deleted", {deleted, owned}, "changes, name"},
      {"deleted twice", {deleted, deleted}, "changes"},
      {"made twice", {GoodTopic(), GoodTopic()}, "changes"},
      {"made and deleted", {GoodTopic(), DeleteTopicChange{"payments.refunds"}}, "changes, name"},
      {"made and altered",
       {GoodTopic(),
        AlterTopicChange{.name = "payments.refunds", .description = "d", .set = {}, .unset = {}}},
       "changes, name"},
      {"made and owned",
       {GoodTopic(), SetOwnerChange{ResourceKind::kTopic, "payments.refunds", "payments"}},
       "changes"},
      {"a group twice", {group, group}, "changes"},
      {"a group and its owner", {group, group_owned}, "changes"},
      {"a group and its end", {group, DeleteGroupChange{"payments.api"}}, "changes"},
      {"a grant twice", {granted, granted}, "changes"},
      {"a grant and its end", {granted, revoked}, "changes"},
      {"ended twice", {revoked, revoked}, "changes"},
      {"a quota twice",
       {SetQuotaChange{"payments", {}}, SetQuotaChange{"payments", {}}},
       "changes"},
      {"a team twice", {team, team}, "changes"},
      {"a team and its end", {team, DeleteTeamChange{"fresh"}}, "changes, name"},
      {"a topic and a group of one name",
       {GoodTopic("payments.both"), PutGroupChange{"payments.both", "payments", "page", "d"}},
       ""},
  });
}

}  // namespace
}  // namespace lanemq::core
