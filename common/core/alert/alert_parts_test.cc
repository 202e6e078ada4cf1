// What the alert machine is made of: kinds, objectives, routes, checks, notices.
#include <algorithm>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/core/alert/alert_checks.h"
#include "common/core/alert/alert_kinds.h"
#include "common/core/alert/alert_routes.h"
#include "common/core/alert/notice_planner.h"
#include "common/core/alert/objectives.h"

namespace lanemq::core {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(AlertKindsTest, AreSortedAndEachHasItsNamesAndAMeaning) {
  std::set<std::string> prometheus;
  std::string before;
  std::set<int> ranks;
  for (const AlertKind& kind : AlertKinds()) {
    EXPECT_LT(before, kind.name);
    before = kind.name;
    EXPECT_EQ(FindAlertKind(kind.name), &kind);
    EXPECT_FALSE(kind.meaning.empty());
    EXPECT_EQ(kind.unit.empty(), kind.threshold == 0) << kind.name;
    EXPECT_TRUE(prometheus.insert(PrometheusAlertName(kind.name)).second);
    if (kind.family_rank == 0) continue;
    EXPECT_TRUE(ranks.insert(kind.family_rank).second) << kind.name;
  }
  EXPECT_EQ(prometheus.size(), 27U);
  EXPECT_EQ(PrometheusAlertName("group_stopped"), "LanemqGroupStopped");
  EXPECT_EQ(RunbookPath("node_down"), "docs/runbooks/node_down.md");
  EXPECT_EQ(FindAlertKind("group"), nullptr);
  EXPECT_EQ(FindAlertKind("zzz"), nullptr);
  // lost > stopped > stalled > slow > rewound > falling behind.
  for (const auto& [worse, lesser] : {std::pair{"group_lost", "group_stopped"},
                                      {"group_stopped", "group_stalled"},
                                      {"group_stalled", "group_slow"},
                                      {"group_slow", "group_rewound"},
                                      {"group_rewound", "group_falling_behind"}}) {
    EXPECT_GT(FindAlertKind(worse)->family_rank, FindAlertKind(lesser)->family_rank);
  }
}

TEST(AlertKindsTest, ARuleIsTheKindWithWhatWasChanged) {
  AlertRuleChange change;
  change.kind = "lag_stale";
  change.threshold = 30;
  change.owner = "infra";
  AlertRuleChange other;
  other.kind = "node_down";
  other.is_on = false;
  const std::vector<AlertRuleChange> changes{other, change};
  const AlertRule rule = RuleOf(*FindAlertKind("lag_stale"), changes);
  EXPECT_EQ(rule, (AlertRule{true, 30, milliseconds{0}, AlertSeverity::kPage, "infra"}));
}

TEST(ObjectivesTest, EachFieldIsOfTheMostExactRowThatHasIt) {
  std::vector<ObjectiveRow> rows(4);
  rows[0].group = "*";
  rows[0].topic = "*";
  rows[0].objective = minutes{5};
  rows[0].owner = "platform";
  rows[0].tier = "ticket";
  rows[0].allowed_messages = 7;
  rows[1].group = "*";
  rows[1].topic = "orders";
  rows[1].objective = minutes{4};
  rows[1].owner = "orders";
  rows[1].tier = "page";
  rows[2].group = "billing";
  rows[2].topic = "*";
  rows[2].objective = minutes{3};
  rows[2].owner = "billing";
  rows[3].group = "billing";
  rows[3].topic = "orders";
  rows[3].objective = minutes{2};
  rows[3].alerts_on = false;
  const ObjectiveTable table(rows);
  const auto expect = [&](const char* group, const char* topic, const LagObjective& wanted) {
    EXPECT_EQ(table.Find(group, topic), wanted) << group << " " << topic;
  };
  expect("billing", "orders", {minutes{2}, 7, "billing", "page", false});
  expect("billing", "other", {minutes{3}, 7, "billing", "ticket", true});
  expect("other", "orders", {minutes{4}, 7, "orders", "page", true});
  expect("other", "other", {minutes{5}, 7, "platform", "ticket", true});
  EXPECT_EQ(ObjectiveTable().Find("a", "b"), LagObjective{});
}

TEST(AlertRoutesTest, StarsStandForAnyRun) {
  for (const auto& [pattern, text, matches] :
       std::vector<std::tuple<const char*, const char*, bool>>{
           {"*", "", true},
           {"*", "anything", true},
           {"", "", true},
           {"", "a", false},
           {"group billing*", "group billing, topic orders", true},
           {"group billing*", "a group billing", false},
           {"*topic orders", "group billing, topic orders", true},
           {"*topic orders", "group billing, topic orders2", false},
           {"group *, topic *s", "group a, topic b, topic cs", true},
           {"a*b*c", "abbbc", true},
           {"a*b*c", "acb", false},
           {"**a**", "a", true},
           {"a", "A", false},
           {"a.c", "abc", false}}) {
    EXPECT_EQ(MatchesPattern(pattern, text), matches) << pattern << " " << text;
  }
  // Not exponential.
  EXPECT_FALSE(MatchesPattern("a*a*a*a*a*a*a*a*a*a*a*b", std::string(10'000, 'a')));
}

TEST(AlertRoutesTest, TheSilenceThatEndsLastCounts) {
  std::vector<AlertSilence> silences(3);
  silences[0] = {.id = 1, .kind = "*", .subject = "node *", .until = WallTime{100}};
  silences[1] = {.id = 2, .kind = "node_*", .subject = "*", .until = WallTime{200}};
  silences[2] = {.id = 3, .kind = "group_*", .subject = "*", .until = WallTime{300}};
  const AlertKey down{"node_down", "node n1"};
  ASSERT_NE(SilenceOf(down, WallTime{0}, silences), nullptr);
  EXPECT_EQ(SilenceOf(down, WallTime{0}, silences)->id, 2);
  EXPECT_EQ(SilenceOf(down, WallTime{200}, silences), nullptr);
  EXPECT_EQ(SilenceOf({"data_loss", "topic t"}, WallTime{0}, silences), nullptr);
}

void ExpectInvalid(const Status& status, const std::string& what) {
  ASSERT_FALSE(status.ok()) << what;
  EXPECT_EQ(status.error().code, ErrorCode::kInvalidRequest);
  EXPECT_NE(status.error().message.find(what), std::string::npos) << status.error().message;
}

TEST(AlertChecksTest, Objectives) {
  ObjectiveRow row;
  ExpectInvalid(CheckObjective(row), "group is missing");
  row.group = row.topic = "*";
  EXPECT_TRUE(CheckObjective(row).ok());
  row.objective = milliseconds{99};
  ExpectInvalid(CheckObjective(row), "100 ms");
  row.objective = hours{30 * 24};
  EXPECT_TRUE(CheckObjective(row).ok());
  row.tier = "wake";
  ExpectInvalid(CheckObjective(row), "neither page nor ticket");
  row.tier = "page";
  row.allowed_messages = -1;
  ExpectInvalid(CheckObjective(row), "not negative");
  row.allowed_messages = 0;
  row.owner = "a\nb";
  ExpectInvalid(CheckObjective(row), "control characters");
  row.owner = std::string(129, 'x');
  ExpectInvalid(CheckObjective(row), "128 at most");
}

TEST(AlertChecksTest, Rules) {
  AlertRuleChange rule;
  rule.kind = "nonsense";
  ExpectInvalid(CheckRule(rule), "no rule 'nonsense'");
  rule.kind = "node_down";
  rule.threshold = 1;
  ExpectInvalid(CheckRule(rule), "no threshold");
  rule.kind = "lag_stale";
  EXPECT_TRUE(CheckRule(rule).ok());
  for (const double bad :
       {-1.0, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    rule.threshold = bad;
    ExpectInvalid(CheckRule(rule), "not negative");
  }
  rule.threshold.reset();
  rule.for_at_least = hours{7 * 24 + 1};
  ExpectInvalid(CheckRule(rule), "7 days");
}

TEST(AlertChecksTest, Channels) {
  AlertChannel hook;
  hook.name = "hook";
  hook.url = "https://example.com/x";
  EXPECT_TRUE(CheckChannel(hook).ok());
  for (const char* url :
       {"", "ftp://example.com", "http://", "https:///x", "smtp://example.com", "http://a b/",
        "https://example.com/\r\nX: y", "file:///etc/passwd", "https://user:secret@example.com/"}) {
    AlertChannel bad = hook;
    bad.url = url;
    EXPECT_FALSE(CheckChannel(bad).ok()) << url;
  }
  AlertChannel mail = hook;
  mail.type = ChannelType::kEmail;
  mail.url = "smtps://mail.example.com:465";
  mail.sender = "lanemq@example.com";
  ExpectInvalid(CheckChannel(mail), "has recipients");
  mail.recipients = {"a@example.com"};
  EXPECT_TRUE(CheckChannel(mail).ok());
  for (const char* address : {"", "a", "a@", "@b", "a@b\r\nBcc: c@d", "A <a@b>", "a@b,c@d"}) {
    AlertChannel bad = mail;
    bad.recipients.emplace_back(address);
    EXPECT_FALSE(CheckChannel(bad).ok()) << address;
    bad = mail;
    bad.sender = address;
    EXPECT_FALSE(CheckChannel(bad).ok()) << address;
  }
  mail.recipients.assign(51, "a@example.com");
  ExpectInvalid(CheckChannel(mail), "50 at most");
  hook.name = "a/b";
  ExpectInvalid(CheckChannel(hook), "other characters");
}

TEST(AlertChecksTest, AUrlGoesToItsOrigin) {
  EXPECT_EQ(UrlOrigin("https://hooks.example.com:8443/a/b?c#d"), "https://hooks.example.com:8443");
  EXPECT_EQ(UrlOrigin("https://hooks.example.com?c"), "https://hooks.example.com");
  EXPECT_EQ(UrlOrigin("smtp://mail"), "smtp://mail");
  EXPECT_EQ(UrlOrigin("https://user:password@host/"), "https");
  EXPECT_EQ(UrlOrigin("nothing"), "");
}

TEST(AlertChecksTest, Silences) {
  AlertSilence silence{.kind = "*", .subject = "*", .reason = "planned", .created_by = "ann"};
  EXPECT_TRUE(CheckSilence(silence, minutes{1}).ok());
  EXPECT_TRUE(CheckSilence(silence, hours{720}).ok());
  ExpectInvalid(CheckSilence(silence, minutes{1} - milliseconds{1}), "a minute");
  ExpectInvalid(CheckSilence(silence, hours{721}), "30 days");
  silence.reason.clear();
  ExpectInvalid(CheckSilence(silence, minutes{5}), "reason is missing");
}

TEST(NoticePlannerTest, BodiesComeBackAsTheyWere) {
  NoticeBody body;
  body.what = NoticeKind::kResolved;
  body.alert.incident = "i";
  body.alert.kind = "group_stopped";
  body.alert.subject = GroupSubject("g\"\n", "t");
  body.alert.state = AlertState::kResolved;
  body.alert.severity = AlertSeverity::kPage;
  body.alert.summary = "ärger";
  body.alert.since = WallTime{1};
  body.alert.fired = WallTime{2};
  auto parsed = NoticeBodyFromText(ToText(body));
  ASSERT_TRUE(parsed.ok()) << parsed.error().message;
  EXPECT_EQ(*parsed, body);
  NoticeBody more;
  more.what = NoticeKind::kMore;
  more.more_fired = 3;
  more.more_resolved = 4;
  more.examples = {"a: b"};
  parsed = NoticeBodyFromText(ToText(more));
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(*parsed, more);
  body.alert.summary = "\xff";
  EXPECT_TRUE(NoticeBodyFromText(ToText(body)).ok());
  for (const char* bad : {"", "{}", "[]", "{\"version\":2,\"what\":\"more\"}",
                          "{\"version\":1,\"what\":\"fired\"}", "{\"version\":1,\"what\":\"x\"}"}) {
    EXPECT_FALSE(NoticeBodyFromText(bad).ok()) << bad;
  }
}

TEST(NoticePlannerTest, FailuresWaitLongerAndLongerForADay) {
  Random random(1);
  const AlertTimes times;
  AlertNotice notice;
  for (const auto& [attempts, most] :
       std::vector<std::pair<int, milliseconds>>{{0, seconds{1}},
                                                 {1, seconds{1}},
                                                 {2, seconds{2}},
                                                 {9, seconds{256}},
                                                 {10, minutes{5}},
                                                 {1'000, minutes{5}}}) {
    notice.attempts = attempts;
    for (int i = 0; i < 100; ++i) {
      const auto wait = RetryIn(notice, WallTime{1'000}, times, random);
      ASSERT_TRUE(wait.has_value());
      EXPECT_LE(*wait, most);
      EXPECT_GE(*wait, most / 2 - milliseconds{1});
    }
  }
  const std::int64_t day = 86'400'000'000;
  EXPECT_TRUE(RetryIn(notice, WallTime{day - 1}, times, random).has_value());
  EXPECT_FALSE(RetryIn(notice, WallTime{day}, times, random).has_value());
}

TEST(NoticePlannerTest, SendingsKeepToThePace) {
  NoticePace pace(minutes{1});
  MonotonicTime now{seconds{100}};
  for (int i = 0; i < 30; ++i) EXPECT_TRUE(pace.Take(now + seconds{i}));
  EXPECT_FALSE(pace.Take(now + seconds{59}));
  EXPECT_TRUE(pace.Take(now + seconds{60}));
  EXPECT_FALSE(pace.Take(now + seconds{60}));
  EXPECT_TRUE(pace.Take(now + seconds{61}));
}

}  // namespace
}  // namespace lanemq::core
