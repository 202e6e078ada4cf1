// How lag, verdicts and alerts look.
#include <algorithm>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "client/cli/commands/alert_table.h"
#include "client/cli/commands/group_doctor.h"
#include "client/cli/commands/group_table.h"

namespace lanemq::cli {
namespace {

using ::testing::Contains;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr std::int64_t kNow = 1'800'000'000'000'000;
constexpr std::int64_t kMinute = 60'000'000;

std::vector<std::string> LinesOf(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

idl::TopicLag Lag(const std::string& group, const std::string& topic, const std::string& status) {
  idl::TopicLag lag;
  lag.__set_group(group);
  lag.__set_topic(topic);
  lag.__set_status(status);
  lag.__set_objective_ms(60'000);
  lag.__set_partition_count(4);
  return lag;
}

idl::TopicLag Stopped() {
  idl::TopicLag lag = Lag("billing", "orders", "STOP");
  lag.__set_cause("NOT_POLLING");
  lag.__set_evidence("member c-1 on host-7 has asked for nothing for 42 min");
  lag.__set_since_us(kNow - 42 * kMinute);
  lag.__set_lag_messages(123'456);
  lag.__set_lag_ms(2'520'000);
  lag.__set_in_rate(51.2);
  lag.__set_members(3);
  lag.__set_headroom_ms(19'000'000);
  lag.__set_owner("payments");
  for (int i = 0; i < 8; ++i) {
    idl::PartitionLag partition;
    partition.__set_partition(i);
    partition.__set_status(i == 5 ? "STOP" : "OK");
    partition.__set_lag_ms(i == 5 ? 2'520'000 : i);
    partition.__set_lag_messages(i == 5 ? 123'450 : 1);
    partition.__set_committed(1'000 + i);
    partition.__set_log_end(124'455);
    partition.__set_member_id("c-1-0123456789abcdef0123456789abcdef");
    partition.__set_moved_us(kNow - 42 * kMinute);
    partition.__set_node("n1");
    lag.partitions.push_back(partition);
  }
  lag.__isset.partitions = true;
  return lag;
}

idl::GroupLagResponse Reply(std::vector<idl::TopicLag> topics) {
  idl::GroupLagResponse reply;
  reply.__set_total(static_cast<std::int64_t>(topics.size()));
  reply.__set_topics(topics);
  reply.__set_age_ms(3'100);
  return reply;
}

TEST(LagTable, ComputedLagGetsTheVerdictsBesideIt) {
  const Table computed{
      {"group", "topic", "partitions", "lag", "max_lag", "max_lag_partition", "unknown"},
      {{std::string("billing"), std::string("orders"), std::int64_t{4}, std::int64_t{7},
        std::int64_t{5}, std::int64_t{1}, std::int64_t{0}},
       {std::string("billing"), std::string("clicks"), std::int64_t{1}, std::int64_t{0},
        std::int64_t{0}, std::int64_t{0}, std::int64_t{0}}}};
  const auto json = nlohmann::json::parse(
      Render(LagTable(computed, {Stopped()}, Times::kMillis), {OutputFormat::kJson, true}));
  EXPECT_EQ(json["items"][0]["lag"], 7) << "what was computed is newer";
  EXPECT_EQ(json["items"][0]["max_lag_partition"], 1);
  EXPECT_EQ(json["items"][0]["status"], "STOP");
  EXPECT_EQ(json["items"][0]["behind_ms"], 2'520'000);
  EXPECT_EQ(json["items"][0]["owner"], "payments");
  EXPECT_TRUE(json["items"][1]["status"].is_null());
  const std::string text = Render(LagTable(computed, {Stopped()}, Times::kForPeople), {});
  EXPECT_THAT(text, HasSubstr("42 min"));
  for (const std::string& line : LinesOf(text)) EXPECT_LE(Characters(line), 80u) << line;
}

TEST(LagTable, SamplesHaveTheSameColumnsAsWhatIsComputed) {
  const Table sampled = SampledLagTable({Stopped()});
  EXPECT_EQ(sampled.columns, GroupLagTable({}).columns);
  const auto json = nlohmann::json::parse(Render(sampled, {OutputFormat::kJson, true}));
  EXPECT_EQ(json["items"][0]["lag"], 123'456);
  EXPECT_EQ(json["items"][0]["max_lag"], 123'450);
  EXPECT_EQ(json["items"][0]["max_lag_partition"], 5);
  EXPECT_EQ(json["items"][0]["partitions"], 8);
}

TEST(LagTable, ItSaysHowOldItIs) {
  idl::GroupLagResponse reply = Reply({});
  EXPECT_EQ(SampleNote(reply), "Sampled 3.1 s ago by the metaserver on call.");
  reply.__set_stale_nodes({"n1", "n2"});
  EXPECT_THAT(SampleNote(reply), HasSubstr("data nodes n1, n2 do not answer"));
}

TEST(TopScreen, ShowsTheWorstFirstWithTheirCause) {
  idl::TopicLag late = Lag("audit", "orders", "SLOW");
  late.__set_lag_messages(900);
  late.__set_drain_ms(30'000);
  const auto lines =
      LinesOf(TopScreen(Reply({Lag("web", "clicks", "OK"), late, Stopped()}), "12:00:00 UTC", {}));
  EXPECT_EQ(lines[0], "12:00:00 UTC  Sampled 3.1 s ago by the metaserver on call.");
  EXPECT_EQ(lines[1],
            "3 groups by topic, 2 in trouble: 1 STOP, 1 SLOW; lag 124k, in 51/s, out 0/s");
  EXPECT_THAT(lines[3], StartsWith("STATUS   GROUP     TOPIC"));
  EXPECT_THAT(lines[4], StartsWith("STOP     billing   orders"));
  EXPECT_THAT(lines[4], HasSubstr("never"));
  EXPECT_EQ(lines[5],
            "         NOT_POLLING (payments): member c-1 on host-7 has asked for nothing for…");
  EXPECT_THAT(lines[6], HasSubstr("30s"));
  EXPECT_THAT(lines[8], StartsWith("OK       web"));
  EXPECT_EQ(lines.size(), 9u);
}

TEST(TopScreen, FitsAnyWindow) {
  std::vector<idl::TopicLag> lags;
  for (int i = 0; i < 100; ++i) {
    idl::TopicLag lag = i % 2 == 0 ? Stopped() : Lag("g", "t", "OK");
    lag.group += std::string(static_cast<std::size_t>(i), 'x') + "äöü";
    lag.topic += std::string(static_cast<std::size_t>(i), 'y') + "\n\x1b[2J";
    lag.__set_lag_messages(std::int64_t{1} << (i % 63));
    lag.__set_in_rate(1e12);
    lags.push_back(lag);
  }
  idl::GroupLagResponse reply = Reply(lags);
  reply.__set_total(12'345);
  for (const int columns : {60, 80, 100, 133, 300}) {
    for (const int rows : {10, 24, 60}) {
      const std::string text = TopScreen(reply, "12:00:00 UTC", {columns, rows, false});
      const auto lines = LinesOf(text);
      EXPECT_LT(lines.size(), static_cast<std::size_t>(rows)) << "the cursor needs a line";
      EXPECT_EQ(text.find('\x1b'), std::string::npos) << "names cannot drive the terminal";
      for (const std::string& line : lines) {
        EXPECT_LE(Characters(line), static_cast<std::size_t>(columns)) << line;
      }
      EXPECT_THAT(lines.back(), StartsWith("and 12,"));
    }
  }
  EXPECT_EQ(TopScreen(reply, "t", {80, 0, false}).find("at least"), std::string::npos);
  reply.topics.resize(1);
  EXPECT_THAT(TopScreen(reply, "t", {80, 0, false}), HasSubstr("at least 1 in trouble"));
}

TEST(TopScreen, ColoursOnlyWhereTheyBelong) {
  const auto reply = Reply({Stopped(), Lag("web", "clicks", "OK")});
  const std::string text = TopScreen(reply, "t", {80, 0, true});
  EXPECT_THAT(text, HasSubstr("\x1b[1;31mSTOP   \x1b[0m"));
  EXPECT_THAT(text, HasSubstr("\nOK       web"));
  EXPECT_THAT(TopScreen(Reply({}), "t", {}), HasSubstr("No group has committed anything."));
}

TEST(HistoryText, DrawsWhatThereIsAndLeavesGapsEmpty) {
  idl::LagHistoryResponse history;
  history.__set_step_ms(300'000);
  const std::int64_t from = kNow - 24 * 60 * kMinute;
  for (int i = 0; i < 288; ++i) {
    if (i >= 96 && i < 192) continue;
    idl::LagPoint point;
    point.__set_at_us(from + i * 5 * kMinute);
    point.__set_lag_messages(i == 250 ? 900 : 0);
    point.__set_lag_messages_max(i == 250 ? 1'000 : 0);
    point.__set_lag_ms_max(i == 250 ? 120'000 : 0);
    point.__set_produced(300);
    point.__set_consumed(300);
    point.__set_members(2);
    point.__set_worst_status(i == 250 ? "SLOW" : "OK");
    history.points.push_back(point);
  }
  const std::string text = HistoryText(history, from, kNow, {80, 0, false});
  const auto lines = LinesOf(text);
  EXPECT_THAT(lines[0], StartsWith("LAG       ▁▁▁"));
  EXPECT_THAT(lines[0], HasSubstr("          ▁")) << "a gap";
  EXPECT_EQ(std::count(lines[0].begin(), lines[0].end(), '\x88'), 1) << "one full block";
  EXPECT_THAT(lines[1], HasSubstr("at most 1,000 messages"));
  EXPECT_THAT(lines[3], HasSubstr("at most 2 min"));
  EXPECT_THAT(lines[8], HasSubstr("S"));
  for (const std::string& line : lines) EXPECT_LE(Characters(line), 80u) << line;
  EXPECT_THAT(lines, Contains(StartsWith("UNTIL")));
  const auto json =
      nlohmann::json::parse(Render(HistoryTable(history), {OutputFormat::kJson, true}));
  EXPECT_EQ(json["items"].size(), 192u);
  EXPECT_FALSE(HistoryText({}, 0, 0, {20, 0, false}).empty());
}

TEST(FitAndWrap, CountCharactersNotBytes) {
  EXPECT_EQ(Fit("äöü", 5), "äöü  ");
  EXPECT_EQ(Fit("äöü", 5, true), "  äöü");
  EXPECT_EQ(Fit("äöüß", 3), "äö…");
  EXPECT_EQ(Fit("abc", 0), "");
  EXPECT_EQ(Wrap("one two  three", 7, 2), "  one\n  two\n  three\n");
  EXPECT_EQ(Wrap("", 10, 2), "");
  EXPECT_EQ(Wrap("averyveryverylongword x", 8, 2), "  averyveryverylongword\n  x\n");
}

GroupExamination Examined(std::vector<idl::TopicLag> lags) {
  GroupExamination group;
  group.detail.name = "billing";
  group.now = WallTime{kNow};
  group.lags = lags;
  group.sample = Reply(std::move(lags));
  idl::DescribeGroupResponse described;
  described.group.__set_state("Stable");
  described.group.__set_generation(12);
  described.coordinator.__set_host("10.0.0.1");
  described.coordinator.__set_port(9650);
  idl::GroupMemberInfo member;
  member.__set_member_id("c-1");
  member.__set_host("host-7");
  member.__set_last_poll_age_ms(2'520'000);
  described.members = {member};
  group.detail.described = described;
  idl::FetchOffsetsPartitionResult row;
  row.__set_topic("orders");
  row.__set_partition(5);
  row.__set_offset(1'005);
  group.detail.partitions = {row};
  return group;
}

TEST(GroupDoctor, SaysWhatIsWrongAndWhatToDoOnOneScreen) {
  GroupExamination group = Examined({Stopped(), Lag("billing", "clicks", "OK")});
  idl::DeadLetterCount dead;
  dead.__set_letters(12);
  group.dead = {dead};
  idl::DeadLetter last;
  last.id.__set_topic("orders");
  last.id.__set_partition(3);
  last.id.__set_offset(77);
  last.__set_reason("bad");
  last.__set_last_error("no such \x1b[31maccount");
  group.last_dead = last;
  const std::string text = ExaminationText(group, {});
  const auto lines = LinesOf(text);
  EXPECT_EQ(VerdictOf(group), Verdict::kFailure);
  EXPECT_EQ(lines[0], "GROUP     billing, owner payments");
  EXPECT_THAT(lines[1], StartsWith("VERDICT   STOP on orders for 42 min: nothing is committed"));
  EXPECT_THAT(text, HasSubstr("CAUSE     NOT_POLLING: member c-1"));
  EXPECT_THAT(text, HasSubstr("POLLS     c-1 on host-7 has asked for nothing for 42 min"));
  EXPECT_THAT(text, HasSubstr("DEAD      12 dead letters, one of them orders/3/77: bad: no such"));
  EXPECT_THAT(text, ContainsRegex("retention removes unread\\s+messages in 5.3 h"));
  EXPECT_THAT(text, HasSubstr("$ lanemq group members billing"));
  EXPECT_THAT(text, HasSubstr("$ lanemq dlq list -g billing"));
  EXPECT_THAT(text, HasSubstr("\n     5  STOP    42m     123450       1005  124455  42m ago  n1"));
  EXPECT_THAT(text, Not(HasSubstr("\n     7  OK"))) << "only what is in trouble";
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_LE(lines.size(), 24u) << text;
  for (const std::string& line : lines) {
    EXPECT_TRUE(Characters(line) <= 80 || line.starts_with("  $ ")) << line;
  }
  const auto json = nlohmann::json::parse(ExaminationJson(group));
  EXPECT_EQ(json["result"], "failed");
  EXPECT_EQ(json["topics"][0]["status"], "STOP");
  EXPECT_EQ(json["commands"][0], "lanemq group members billing");
}

TEST(GroupDoctor, IsContentWhenAllIsFine) {
  GroupExamination group = Examined({Lag("billing", "orders", "OK")});
  group.detail.described->members[0].last_poll_age_ms = 1'000;
  const std::string text = ExaminationText(group, {});
  EXPECT_EQ(VerdictOf(group), Verdict::kOk);
  EXPECT_THAT(text, HasSubstr("VERDICT   OK on orders: it keeps up"));
  EXPECT_THAT(text, HasSubstr("POLLS     every member polled within 1.0 s"));
  EXPECT_THAT(text, HasSubstr("Nothing is wrong."));
  EXPECT_THAT(text, Not(HasSubstr("DEAD")));
}

TEST(GroupDoctor, HelpsWithoutAnybodyOnCallAndWithoutOffsets) {
  GroupExamination group = Examined({});
  group.sample.reset();
  group.lag_missing = Error{ErrorCode::kNotCoordinator, "no metaserver is on call"};
  std::string text = ExaminationText(group, {});
  EXPECT_EQ(VerdictOf(group), Verdict::kWarning);
  EXPECT_THAT(text, HasSubstr("VERDICT   not judged: no metaserver is on call"));
  EXPECT_THAT(text, HasSubstr("MAX-LAG"));
  EXPECT_THAT(text, HasSubstr("$ lanemq check cluster"));
  group.lag_missing.reset();
  EXPECT_THAT(ExaminationText(group, {}), HasSubstr("not judged yet"));
  group.detail.partitions.clear();
  EXPECT_THAT(ExaminationText(group, {}), HasSubstr("nothing to judge"));
  idl::FetchOffsetsPartitionResult paused;
  paused.__set_topic("orders");
  paused.__set_partition(0);
  paused.__set_paused_until_us(-1);
  paused.__set_pause_reason("ledger is down");
  group.detail.partitions = {paused};
  text = ExaminationText(group, {});
  EXPECT_THAT(text, HasSubstr("PAUSED    orders:0, until resumed: ledger is down"));
  EXPECT_THAT(text, HasSubstr("$ lanemq group resume billing"));
}

idl::Alert AlertOf(const std::string& incident, const std::string& state,
                   const std::string& severity, std::int64_t minutes) {
  idl::Alert alert;
  alert.__set_incident(incident);
  alert.__set_kind("group_stopped");
  alert.__set_subject("group billing, topic orders");
  alert.__set_state(state);
  alert.__set_severity(severity);
  alert.__set_summary("nothing is committed");
  alert.__set_since_us(kNow - minutes * kMinute);
  if (state == "resolved") alert.__set_resolved_us(kNow - kMinute);
  return alert;
}

TEST(AlertTables, FiringPagesComeFirst) {
  std::vector<idl::Alert> alerts = {
      AlertOf("a1", "resolved", "page", 60), AlertOf("a2", "pending", "page", 3),
      AlertOf("a3", "firing", "ticket", 50), AlertOf("a4", "firing", "page", 5),
      AlertOf("a5", "firing", "page", 9)};
  alerts[3].__set_is_silenced(true);
  const Table people = AlertsTable(alerts, WallTime{kNow}, Times::kForPeople);
  EXPECT_EQ(Render(people, {OutputFormat::kName, true}), "a5\na4\na3\na2\na1\n");
  const std::string text = Render(people, {});
  EXPECT_THAT(text, HasSubstr("silenced"));
  EXPECT_THAT(text, HasSubstr("59 min")) << "of one that is over: how long it lasted";
  const auto json = nlohmann::json::parse(
      Render(AlertsTable(alerts, WallTime{kNow}, Times::kMillis), {OutputFormat::kJson, true}));
  EXPECT_EQ(json["items"][0]["incident"], "a5");
  EXPECT_EQ(json["items"][1]["is_silenced"], true);
  EXPECT_TRUE(json["items"][0]["owner"].is_null());
}

TEST(AlertTables, AnIncidentIsFoundByHowItBegins) {
  const std::vector<idl::Alert> alerts = {AlertOf("abc1", "firing", "page", 1),
                                          AlertOf("abc12", "firing", "page", 1),
                                          AlertOf("xyz", "firing", "page", 1)};
  EXPECT_EQ(FindIncident(alerts, "abc1")->incident, "abc1");
  EXPECT_EQ(FindIncident(alerts, "x")->incident, "xyz");
  EXPECT_EQ(FindIncident(alerts, "ab").error().code, ErrorCode::kInvalidRequest);
  EXPECT_EQ(FindIncident(alerts, "q").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(FindIncident(alerts, "").error().code, ErrorCode::kNotFound);
}

TEST(AlertTables, OneAlertIsToldWithItsEvents) {
  idl::AlertEvent fired;
  fired.__set_at_us(kNow - 2 * kMinute);
  fired.__set_incident("abc1");
  fired.__set_what("fired");
  idl::AlertEvent pending = fired;
  pending.__set_at_us(kNow - 4 * kMinute);
  pending.__set_what("pending");
  const auto alert = AlertOf("abc1", "firing", "page", 5);
  const std::string text = AlertText(alert, {fired, pending}, WallTime{kNow}, {});
  EXPECT_THAT(text, HasSubstr("ALERT     group_stopped (page): group billing, topic orders"));
  EXPECT_THAT(text, HasSubstr("STATE     firing for 5 min"));
  EXPECT_THAT(text, HasSubstr("OWNER     the platform"));
  EXPECT_LT(text.find("  pending"), text.find("  fired")) << "oldest first";
  const auto json = nlohmann::json::parse(AlertJson(alert, {fired, pending}));
  EXPECT_EQ(json["incident"], "abc1");
  EXPECT_EQ(json["events"].size(), 2u);
}

TEST(AlertTables, SettingsShowOnlyWhatIsSet) {
  idl::AlertRule rule;
  rule.__set_kind("node_tables_low");
  rule.__set_threshold(90);
  rule.__set_for_ms(300'000);
  EXPECT_THAT(Render(AlertRulesTable({rule}, Times::kForPeople), {}), HasSubstr("5 min"));
  auto json = nlohmann::json::parse(
      Render(AlertRulesTable({rule}, Times::kMillis), {OutputFormat::kJson, true}));
  EXPECT_EQ(json["items"][0]["for_ms"], 300'000);
  EXPECT_EQ(json["items"][0]["threshold"], 90);
  idl::LagObjective objective;
  objective.__set_group("billing");
  objective.__set_topic("*");
  objective.__set_alerts_on(false);
  json = nlohmann::json::parse(
      Render(ObjectivesTable({objective}, Times::kMillis), {OutputFormat::kJson, true}));
  EXPECT_EQ(json["items"][0]["alerts"], "off");
  EXPECT_TRUE(json["items"][0]["lag_ms"].is_null());
}

}  // namespace
}  // namespace lanemq::cli
