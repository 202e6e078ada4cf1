// What is said about lag, checks and the flags of the commands on alerts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/cli/text/alert_flags.h"
#include "client/cli/text/check_line.h"
#include "client/cli/text/lag_findings.h"

namespace lanemq::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

idl::TopicLag Lag(const std::string& group, const std::string& status, std::int64_t lag_ms = 0,
                  const std::string& cause = {}) {
  idl::TopicLag lag;
  lag.__set_group(group);
  lag.__set_topic("orders");
  lag.__set_status(status);
  lag.__set_lag_ms(lag_ms);
  lag.__set_lag_messages(lag_ms / 10);
  if (!cause.empty()) lag.__set_cause(cause);
  return lag;
}

TEST(LagFindings, StatusesHaveAnOrderAndWhatIsNewIsUnknown) {
  const std::vector<std::string> ordered = {"OK",     "NEW",  "PAUSED", "UNKNOWN", "WARN",
                                            "REWIND", "SLOW", "STALL",  "STOP",    "LOST"};
  for (std::size_t i = 0; i < ordered.size(); ++i) {
    EXPECT_EQ(RankOf(ordered[i]), static_cast<int>(i)) << ordered[i];
    EXPECT_EQ(IsTrouble(ordered[i]), i >= 4) << ordered[i];
    EXPECT_FALSE(MeaningOf(ordered[i]).empty());
  }
  EXPECT_EQ(RankOf("SOMETHING"), RankOf("UNKNOWN"));
  EXPECT_FALSE(IsTrouble("SOMETHING"));
}

TEST(LagFindings, SlowGroupsPageUnlessTheyAreTickets) {
  idl::TopicLag lag = Lag("g", "SLOW");
  EXPECT_TRUE(IsForPager(lag));
  lag.__set_tier("ticket");
  EXPECT_FALSE(IsForPager(lag));
  for (const char* status : {"STALL", "STOP", "LOST"}) {
    lag.status = status;
    EXPECT_TRUE(IsForPager(lag)) << status;
  }
  for (const char* status : {"OK", "NEW", "PAUSED", "UNKNOWN", "WARN", "REWIND"}) {
    EXPECT_FALSE(IsForPager(Lag("g", status))) << status;
  }
}

TEST(LagFindings, TheWorstComesFirstThenTheLongest) {
  std::vector<idl::TopicLag> lags = {Lag("a", "OK", 9'000), Lag("b", "SLOW", 100),
                                     Lag("c", "STOP", 10), Lag("d", "SLOW", 200),
                                     Lag("aa", "OK", 9'000)};
  SortWorstFirst(lags);
  std::vector<std::string> groups;
  for (const auto& lag : lags) groups.push_back(lag.group);
  EXPECT_THAT(groups, ElementsAre("c", "d", "b", "a", "aa"));
}

TEST(LagFindings, EveryTroubleHasAdviceAndACommand) {
  for (const char* status : {"WARN", "REWIND", "SLOW", "STALL", "STOP", "LOST"}) {
    for (const char* cause :
         {"", "UNKNOWN", "NO_MEMBERS", "NOT_POLLING", "POISON", "TOO_FEW_PARTITIONS", "THROTTLED",
          "DATA_NODE_SLOW", "PRODUCER_SURGE", "REBALANCING"}) {
      idl::TopicLag lag = Lag("billing", status, 60'000, cause);
      lag.partitions.resize(1);
      const Advice advice = AdviceFor(lag);
      EXPECT_FALSE(advice.what.empty()) << status << cause;
      ASSERT_FALSE(advice.commands.empty()) << status << cause;
      for (const auto& command : advice.commands) EXPECT_THAT(command, StartsWith("lanemq "));
    }
  }
  EXPECT_THAT(AdviceFor(Lag("billing", "PAUSED")).commands,
              ElementsAre("lanemq group resume billing --topic orders"));
  EXPECT_TRUE(AdviceFor(Lag("billing", "OK", 0, "NO_MEMBERS")).what.empty());
}

TEST(LagFindings, APoisonedPartitionNamesTheRecord) {
  idl::TopicLag lag = Lag("my group", "STALL", 60'000, "POISON");
  lag.partitions.resize(3);
  for (int i = 0; i < 3; ++i) {
    lag.partitions[i].__set_partition(i);
    lag.partitions[i].__set_status("STALL");
    lag.partitions[i].__set_lag_ms(100 - i);
    lag.partitions[i].__set_committed(40 + i);
    lag.partitions[i].__set_log_start(1);
  }
  lag.partitions[1].__set_claims(3);
  const auto commands = AdviceFor(lag).commands;
  EXPECT_EQ(commands[0], "lanemq message get orders 1 41");
  EXPECT_THAT(commands[1],
              StartsWith("lanemq group reset 'my group' --topic orders:1 --to-offset 42 "));
  // What was lost is told even though it is poisoned too.
  lag.status = "LOST";
  EXPECT_THAT(AdviceFor(lag).what, HasSubstr("cannot be read any more"));
}

TEST(LagFindings, WordsAreSafeInAShell) {
  EXPECT_EQ(ShellWord("billing-eu.v2"), "billing-eu.v2");
  EXPECT_EQ(ShellWord("a b"), "'a b'");
  EXPECT_EQ(ShellWord("it's; rm -rf $HOME"), "'it'\\''s; rm -rf $HOME'");
  EXPECT_EQ(ShellWord("-x"), "'-x'");
  EXPECT_EQ(ShellWord(""), "''");
}

TEST(LagFindings, FiguresStayShort) {
  const std::vector<std::pair<milliseconds, std::string>> durations = {
      {-5ms, "0s"},      {0ms, "0s"},      {49ms, "0s"},   {400ms, "0.4s"},
      {9'949ms, "9.9s"}, {9'960ms, "10s"}, {59s, "59s"},   {99'499ms, "99s"},
      {99'500ms, "2m"},  {12min, "12m"},   {99min, "99m"}, {100min, "1.7h"},
      {9h, "9.0h"},      {47h, "47h"},     {48h, "2.0d"},  {24h * 31, "31d"}};
  for (const auto& [duration, text] : durations) EXPECT_EQ(ShortDuration(duration), text);
  const std::vector<std::pair<std::int64_t, std::string>> counts = {
      {0, "0"},
      {99'999, "99,999"},
      {100'000, "100k"},
      {999'499, "999k"},
      {999'500, "1.0M"},
      {45'100'000, "45.1M"},
      {1'000'000'000, "1.0G"},
      {9'223'372'036'854'775'807, "9223P"}};
  for (const auto& [count, text] : counts) EXPECT_EQ(ShortCount(count), text);
  EXPECT_EQ(ShortRate(0), "0");
  EXPECT_EQ(ShortRate(-1), "0");
  EXPECT_EQ(ShortRate(std::numeric_limits<double>::quiet_NaN()), "0");
  EXPECT_EQ(ShortRate(0.4), "0.4");
  EXPECT_EQ(ShortRate(17.4), "17");
  EXPECT_EQ(ShortRate(1'234.4), "1,234");
  for (std::int64_t ms = 0; ms < 40'000'000'000; ms = ms * 3 / 2 + 7) {
    EXPECT_LE(ShortDuration(milliseconds{ms}).size(), 5u) << ms;
    EXPECT_LE(ShortCount(ms).size(), 6u) << ms;
  }
}

TEST(CheckLimits, AreCountsOrDurations) {
  const auto limits = ReadCheckLimits("1000", "30s");
  ASSERT_TRUE(limits.ok());
  EXPECT_EQ(limits->Judge(1'000, 0ms), CheckState::kOk) << "the limit itself is fine";
  EXPECT_EQ(limits->Judge(1'001, 0ms), CheckState::kWarning);
  EXPECT_EQ(limits->Judge(0, 30s), CheckState::kOk);
  EXPECT_EQ(limits->Judge(0, 30'001ms), CheckState::kCritical);
  EXPECT_EQ(limits->Judge(2'000, 60s), CheckState::kCritical);
  EXPECT_TRUE(ReadCheckLimits("", "")->IsEmpty());
  for (const char* bad : {"x", "-1", "10x", "1e3 "}) {
    EXPECT_FALSE(ReadCheckLimits(bad, "").ok()) << bad;
  }
  EXPECT_THAT(ReadCheckLimits("10", "5").error().message, HasSubstr("never warn"));
  EXPECT_THAT(ReadCheckLimits("1m", "5s").error().message, HasSubstr("never warn"));
  EXPECT_TRUE(ReadCheckLimits("10", "5s").ok());
}

TEST(CheckLine, SaysTheWorstFirstOnOneLine) {
  CheckLine line;
  EXPECT_EQ(line.Text("all is well"), "OK - all is well\n");
  line.Add(CheckState::kUnknown, "who knows");
  EXPECT_EQ(line.code(), static_cast<ExitCode>(3));
  line.Add(CheckState::kWarning, "a|b\nc");
  EXPECT_EQ(line.code(), static_cast<ExitCode>(1)) << "worse than not to know";
  line.Add(CheckState::kCritical, "down");
  line.Add(CheckState::kOk, "fine");
  EXPECT_EQ(line.code(), static_cast<ExitCode>(2));
  line.Measure("it's a=b", 12.5, "s", 10, std::nullopt);
  line.Measure("lag", 3, "", 1, 2);
  line.Measure("lost", 7, "c");
  EXPECT_EQ(line.Text("x"),
            "CRITICAL - down; a/b\\nc; who knows; fine | 'it''s a_b'=12.500s;10 'lag'=3;1;2 "
            "'lost'=7c\n");
  for (int i = 0; i < 9; ++i) line.Add(CheckState::kCritical, "more");
  EXPECT_THAT(line.Text("x"), HasSubstr("; and 8 more |"));
  EXPECT_EQ(UnknownLine("a | b"), "UNKNOWN - a / b\n");
}

TEST(AlertFlags, ARuleChangesSomething) {
  EXPECT_FALSE(ReadRule({.kind = "group_slow"}).ok());
  EXPECT_FALSE(ReadRule({.kind = "group_slow", .is_on = true, .is_off = true}).ok());
  EXPECT_FALSE(ReadRule({.kind = "k", .threshold = -1}).ok());
  EXPECT_THAT(ReadRule({.kind = "k", .severity = "pages"}).error().message,
              HasSubstr("did you mean 'page'?"));
  EXPECT_THAT(ReadRule({.kind = "k", .for_at_least = "5 parsecs"}).error().message,
              StartsWith("--for: "));
  const auto off = ReadRule({.kind = "k", .is_off = true});
  ASSERT_TRUE(off.ok());
  EXPECT_TRUE(off->__isset.is_on);
  EXPECT_FALSE(off->is_on);
  EXPECT_FALSE(off->__isset.threshold);
  const auto rule = ReadRule({.kind = "k", .threshold = 90, .for_at_least = "5m", .owner = ""});
  EXPECT_EQ(rule->for_ms, 300'000);
  EXPECT_TRUE(rule->__isset.owner) << "to nobody is a change";
}

TEST(AlertFlags, AChannelFitsItsType) {
  const ChannelFlags hook{.name = "ops", .type = "webhook", .url = "https://x/y"};
  const auto channel = ReadChannel(hook);
  ASSERT_TRUE(channel.ok()) << channel.error().ToString();
  EXPECT_EQ(channel->severity, "ticket");
  EXPECT_TRUE(channel->is_on);
  const auto changed = [&hook](auto change) {
    ChannelFlags flags = hook;
    change(flags);
    return ReadChannel(flags);
  };
  EXPECT_THAT(changed([](auto& f) { f.type = "slak"; }).error().message, HasSubstr("'slack'"));
  EXPECT_FALSE(changed([](auto& f) { f.url = "ftp://x"; }).ok());
  EXPECT_FALSE(changed([](auto& f) { f.url = "smtp://x"; }).ok());
  EXPECT_FALSE(changed([](auto& f) { f.recipients = {"a@b"}; }).ok());
  EXPECT_FALSE(changed([](auto& f) { f.severity = "all"; }).ok());
  EXPECT_FALSE(changed([](auto& f) { f.type = "email"; }).ok());
  const auto mail = [&](const std::string& to) {
    return changed([&](auto& f) {
      f.type = "email";
      f.url = "smtp://mx:587";
      f.recipients = {to};
      f.sender = "q@b.c";
    });
  };
  EXPECT_TRUE(mail("a@b.c").ok());
  EXPECT_FALSE(mail("a@b.c\r\nBcc: x@y.z").ok());
}

TEST(AlertFlags, ASilenceHasAnEndAndAReason) {
  const SilenceFlags fine{.kind = "", .subject = "group b*", .for_how_long = "2h", .reason = "why"};
  const auto request = ReadSilence(fine);
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->kind, "*");
  EXPECT_EQ(request->for_ms, 7'200'000);
  for (const char* bad : {"59s", "31d", "", "soon"}) {
    SilenceFlags flags = fine;
    flags.for_how_long = bad;
    EXPECT_FALSE(ReadSilence(flags).ok()) << bad;
  }
  SilenceFlags flags = fine;
  flags.subject.clear();
  EXPECT_THAT(ReadSilence(flags).error().message, HasSubstr("--subject"));
  flags = fine;
  flags.reason.clear();
  EXPECT_FALSE(ReadSilence(flags).ok());
}

TEST(AlertFlags, AnObjectiveIsOfAGroupOrOfAll) {
  const auto all = ReadObjective({.lag = "5m"}, true);
  ASSERT_TRUE(all.ok());
  EXPECT_EQ(all->group, "*");
  EXPECT_EQ(all->topic, "*");
  EXPECT_EQ(all->objective_ms, 300'000);
  EXPECT_FALSE(all->__isset.owner);
  EXPECT_FALSE(ReadObjective({.group = "g"}, true).ok());
  EXPECT_TRUE(ReadObjective({.group = "g"}, false).ok());
  EXPECT_FALSE(ReadObjective({.topic = "t", .lag = "5m"}, true).ok());
  EXPECT_FALSE(ReadObjective({.group = "g", .lag = "0s"}, true).ok());
  EXPECT_FALSE(ReadObjective({.group = "g", .allowed = -1}, true).ok());
  EXPECT_FALSE(ReadObjective({.group = "g", .tier = "urgent"}, true).ok());
  EXPECT_FALSE(ReadObjective({.group = "g", .alerts = "maybe"}, true).ok());
  EXPECT_FALSE(ReadObjective({.group = "g", .alerts = "off"}, true)->alerts_on);
}

}  // namespace
}  // namespace lanemq::cli
