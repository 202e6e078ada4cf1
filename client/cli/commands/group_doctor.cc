#include "client/cli/commands/group_doctor.h"

#include <algorithm>

#include <fmt/format.h>

#include "client/cli/output/json_text.h"
#include "client/cli/text/lag_findings.h"
#include "client/cli/text/time_text.h"

namespace lanemq::cli {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr int kLabel = 10;
constexpr std::size_t kTopicsShown = 4;
constexpr std::size_t kPartitionsShown = 5;
constexpr std::int64_t kPollAgeMax = 60'000;  // As the metaserver has it for NOT_POLLING.
constexpr std::int32_t kClaimsWorthTelling = 2;

std::string Ago(std::int64_t at_us, WallTime now) {
  return FormatDuration(microseconds{std::max<std::int64_t>(now.micros - at_us, 0)}) + " ago";
}

std::string Labelled(std::string_view label, const std::string& text, const Screen& screen) {
  std::string lines = Wrap(MakeVisible(text), screen.columns, kLabel);
  if (lines.empty()) lines = "\n";
  return fmt::format("{:<{}}", label, kLabel) +
         (lines.size() > kLabel ? lines.substr(kLabel) : lines);
}

std::string Painted(const std::string& text, Verdict verdict, const Screen& screen) {
  if (!screen.has_color) return text;
  const char* color = verdict == Verdict::kOk        ? "\x1b[32m"
                      : verdict == Verdict::kWarning ? "\x1b[33m"
                                                     : "\x1b[1;31m";
  return color + text + "\x1b[0m";
}

bool IsPaused(const GroupExamination& group) {
  return std::ranges::any_of(group.detail.partitions,
                             [](const auto& row) { return row.__isset.paused_until_us; });
}

/// "STOP on orders for 42 min: nothing is committed any more, ...".
std::string VerdictText(const GroupExamination& group) {
  if (group.lag_missing) {
    return fmt::format("not judged: {}. Lag below is computed from the offsets.",
                       group.lag_missing->message);
  }
  if (group.lags.empty()) {
    return group.detail.partitions.empty()
               ? "nothing to judge: no offset of it is known"
               : "not judged yet: the metaserver on call has not sampled it, try again in a moment";
  }
  const idl::TopicLag& worst = group.lags.front();
  std::string text = fmt::format("{} on {}", worst.status, worst.topic);
  if (worst.__isset.since_us && RankOf(worst.status) > 0) {
    text += fmt::format(
        " for {}",
        FormatDuration(microseconds{std::max<std::int64_t>(group.now.micros - worst.since_us, 0)}));
  }
  text += fmt::format(": {}", MeaningOf(worst.status));
  const auto others = std::ranges::count_if(
      group.lags, [](const idl::TopicLag& lag) { return IsTrouble(lag.status); });
  if (others > 1) text += fmt::format(". {} topics are in trouble", others);
  return text;
}

std::string StateText(const GroupExamination& group) {
  const GroupDetail& detail = group.detail;
  if (detail.described_missing) return "not known: " + detail.described_missing->ToString();
  if (!detail.described) return "no member ever joined; readers choose their partitions themselves";
  const idl::DescribeGroupResponse& described = *detail.described;
  std::string text = fmt::format(
      "{}, {} member{}, generation {}, coordinator {}:{}", described.group.state,
      described.members.size(), described.members.size() == 1 ? "" : "s",
      described.group.generation, described.coordinator.host, described.coordinator.port);
  if (described.group.__isset.empty_since_us) {
    text += ", without members since " + FormatTime(WallTime{described.group.empty_since_us});
  }
  return text;
}

/// Who has not polled for long; otherwise that all have.
std::string PollsText(const GroupExamination& group) {
  if (!group.detail.described) return {};
  std::vector<std::string> late;
  std::int64_t latest = -1;
  for (const idl::GroupMemberInfo& member : group.detail.described->members) {
    if (!member.__isset.last_poll_age_ms) continue;
    latest = std::max(latest, member.last_poll_age_ms);
    if (member.last_poll_age_ms <= kPollAgeMax) continue;
    late.push_back(fmt::format("{}{} has asked for nothing for {}", member.member_id,
                               member.host.empty() ? "" : " on " + member.host,
                               FormatDuration(milliseconds{member.last_poll_age_ms})));
  }
  if (!late.empty()) return fmt::format("{}", fmt::join(late, "; "));
  if (latest < 0) return {};
  return fmt::format("every member polled within {}", FormatDuration(milliseconds{latest}));
}

std::string DeadText(const GroupExamination& group) {
  if (group.dead_missing) return "not known: " + group.dead_missing->ToString();
  std::int64_t total = 0;
  for (const idl::DeadLetterCount& each : group.dead) total += each.letters;
  if (total == 0) return {};
  std::string text = fmt::format("{} dead letter{}", FormatCount(total), total == 1 ? "" : "s");
  if (!group.last_dead) return text;
  const idl::DeadLetter& last = *group.last_dead;
  text += fmt::format(", one of them {}/{}/{}", last.id.topic, last.id.partition, last.id.offset);
  if (last.__isset.reason) text += ": " + last.reason;
  if (last.__isset.last_error && !last.last_error.empty()) text += ": " + last.last_error;
  return text;
}

std::string PausesText(const GroupExamination& group) {
  std::vector<idl::TopicPartition> paused;
  std::string until;
  for (const auto& row : group.detail.partitions) {
    if (!row.__isset.paused_until_us) continue;
    idl::TopicPartition& one = paused.emplace_back();
    one.__set_topic(row.topic);
    one.__set_partition(row.partition);
    if (!until.empty()) continue;
    until = row.paused_until_us < 0 ? "until resumed"
                                    : "until " + FormatTime(WallTime{row.paused_until_us});
    if (!row.pause_reason.empty()) until += ": " + row.pause_reason;
  }
  return paused.empty() ? "" : fmt::format("{}, {}", PartitionsText(paused), until);
}

std::string ResetText(const GroupExamination& group) {
  if (group.detail.resets.empty()) return {};
  const idl::OffsetReset& newest = group.detail.resets.front();
  return fmt::format("{}, {}/{} from {} to {}{}{}", Ago(newest.at_us, group.now), newest.topic,
                     newest.partition, newest.old_offset, newest.new_offset,
                     newest.requested_by.empty() ? "" : " by " + newest.requested_by,
                     newest.reason.empty() ? "" : ": " + newest.reason);
}

/// "1,234 messages, the oldest waits for 42 min (objective 60s); in 12/s, out 0/s; ...".
std::string FiguresText(const idl::TopicLag& lag) {
  std::string text =
      lag.lag_messages == 0
          ? std::string("caught up")
          : fmt::format("{} message{}, the oldest waits for {}", FormatCount(lag.lag_messages),
                        lag.lag_messages == 1 ? "" : "s", FormatDuration(milliseconds{lag.lag_ms}));
  text += fmt::format(" (objective {}); in {}/s, out {}/s",
                      ShortDuration(milliseconds{lag.objective_ms}), ShortRate(lag.in_rate),
                      ShortRate(lag.out_rate));
  if (lag.lag_messages > 0 && IsTrouble(lag.status)) {
    text += lag.__isset.drain_ms
                ? fmt::format("; drained in {}", FormatDuration(milliseconds{lag.drain_ms}))
                : "; it does not drain";
  }
  if (lag.__isset.headroom_ms) {
    text += fmt::format("; retention removes unread messages in {}",
                        FormatDuration(milliseconds{lag.headroom_ms}));
  }
  if (lag.__isset.alerts_on && !lag.alerts_on) text += "; alerts are off";
  return text;
}

Cell MaybeId(bool is_set, std::int64_t value) {
  if (!is_set) return std::monostate{};
  return Id{value};
}

/// The worst; those that are fine only when all are.
Table PartitionsTable(const idl::TopicLag& lag, WallTime now) {
  std::vector<idl::PartitionLag> worst = lag.partitions;
  SortWorstFirst(worst);
  const bool has_trouble = !worst.empty() && IsTrouble(worst.front().status);
  const bool has_claims = std::ranges::any_of(
      worst, [](const auto& each) { return each.claims >= kClaimsWorthTelling; });
  Table table{{"part", "status", "behind", "lag", "committed", "end", "moved", "node", "member"},
              {}};
  if (has_claims) table.columns.insert(table.columns.begin() + 7, "claims");
  for (const idl::PartitionLag& each : worst) {
    if (table.rows.size() == kPartitionsShown || (has_trouble && !IsTrouble(each.status))) break;
    Cell moved;
    if (each.__isset.moved_us && each.moved_us > 0) {
      moved = ShortDuration(std::chrono::duration_cast<milliseconds>(
                  microseconds{std::max<std::int64_t>(now.micros - each.moved_us, 0)})) +
              " ago";
    }
    table.rows.push_back({std::int64_t{each.partition}, each.status,
                          ShortDuration(milliseconds{each.lag_ms}), each.lag_messages,
                          MaybeId(each.committed >= 0, each.committed), Id{each.log_end}, moved,
                          each.node, each.member_id});
    if (has_claims) {
      table.rows.back().insert(table.rows.back().begin() + 7, std::int64_t{each.claims});
    }
  }
  return table;
}

std::string TopicsText(const GroupExamination& group, const Screen& screen) {
  std::string text;
  for (std::size_t i = 0; i < std::min(group.lags.size(), kTopicsShown); ++i) {
    const idl::TopicLag& lag = group.lags[i];
    text +=
        "\n" + Labelled("TOPIC", fmt::format("{}, {}: {}", lag.topic, lag.status, FiguresText(lag)),
                        screen);
    if (!IsTrouble(lag.status) || lag.partitions.empty()) continue;
    const std::string table = Render(PartitionsTable(lag, group.now), {});
    std::size_t begin = 0;
    while (begin < table.size()) {
      const std::size_t end = table.find('\n', begin);
      text += "  " + TrimRight(Fit(table.substr(begin, end - begin), screen.columns - 2)) + "\n";
      begin = end + 1;
    }
  }
  if (group.lags.size() > kTopicsShown) {
    text += fmt::format("and {} topics that are no worse\n", group.lags.size() - kTopicsShown);
  }
  if (group.lag_missing && !group.detail.partitions.empty()) {
    text += "\n" + Render(GroupLagTable({group.detail}), {});
  }
  return text;
}

/// When nothing is wrong as far as is known, or nothing was judged.
Advice OtherAdvice(const GroupExamination& group) {
  const std::string name = ShellWord(group.detail.name);
  if (IsPaused(group)) {
    return {"It is paused. Let it go on when the reason is gone.",
            {fmt::format("lanemq group resume {}", name)}};
  }
  if (group.lag_missing) {
    return {
        "Without a metaserver on call nobody judges lag and no alert is sent: look there first.",
        {"lanemq check cluster", fmt::format("lanemq group describe {}", name)}};
  }
  if (group.detail.partitions.empty()) {
    return {
        "It has members or a past, but has committed nothing: its first commit makes it visible.",
        {fmt::format("lanemq group members {}", name)}};
  }
  if (group.lags.empty())
    return {"Ask again in some seconds.", {fmt::format("lanemq doctor --group {}", name)}};
  return {
      "Nothing is wrong.",
      {fmt::format("lanemq group history {} -t {}", name, ShellWord(group.lags.front().topic))}};
}

Advice AdviceOn(const GroupExamination& group) {
  if (!group.lags.empty() && RankOf(group.lags.front().status) >= RankOf("PAUSED")) {
    Advice advice = AdviceFor(group.lags.front());
    if (!advice.what.empty()) return advice;
  }
  return OtherAdvice(group);
}

std::string AdviceText(const GroupExamination& group, const Screen& screen) {
  Advice advice = AdviceOn(group);
  if (!group.dead.empty()) {
    advice.commands.push_back(fmt::format("lanemq dlq list -g {}", ShellWord(group.detail.name)));
  }
  std::string text = "\nWHAT TO DO\n" + Wrap(advice.what, screen.columns, 2);
  for (const std::string& command : advice.commands) text += "  $ " + MakeVisible(command) + "\n";
  return text;
}

}  // namespace

Verdict VerdictOf(const GroupExamination& group) {
  if (group.lag_missing || group.detail.described_missing) return Verdict::kWarning;
  Verdict worst = Verdict::kOk;
  for (const idl::TopicLag& lag : group.lags) {
    if (IsForPager(lag)) return Verdict::kFailure;
    if (RankOf(lag.status) >= RankOf("UNKNOWN")) worst = Verdict::kWarning;
  }
  return worst;
}

std::string ExaminationText(const GroupExamination& group, const Screen& screen) {
  std::string head = group.detail.name;
  if (!group.lags.empty()) {
    const idl::TopicLag& worst = group.lags.front();
    head += fmt::format(", owner {}", worst.owner.empty() ? "the platform" : worst.owner);
  }
  std::string text =
      Labelled("GROUP", head, screen) +
      Painted(Labelled("VERDICT", VerdictText(group), screen), VerdictOf(group), screen);
  const auto add = [&](std::string_view label, const std::string& value) {
    if (!value.empty()) text += Labelled(label, value, screen);
  };
  if (!group.lags.empty() && !group.lags.front().cause.empty()) {
    const idl::TopicLag& worst = group.lags.front();
    add("CAUSE", worst.cause + (worst.evidence.empty() ? "" : ": " + worst.evidence));
  }
  add("STATE", StateText(group));
  add("POLLS", PollsText(group));
  add("PAUSED", PausesText(group));
  add("DEAD", DeadText(group));
  add("RESET", ResetText(group));
  if (group.detail.offsets_missing) add("MISSING", group.detail.offsets_missing->ToString());
  if (group.sample) add("SOURCE", SampleNote(*group.sample));
  return text + TopicsText(group, screen) + AdviceText(group, screen);
}

std::string ExaminationJson(const GroupExamination& group) {
  const Table topics = TopTable(group.lags);
  std::string rows;
  for (std::size_t row = 0; row < topics.rows.size(); ++row) {
    rows += (row > 0 ? "," : "") + JsonRow(topics, row);
  }
  const Advice advice = AdviceOn(group);
  std::string commands;
  for (const std::string& command : advice.commands) {
    commands += (commands.empty() ? "" : ",") + JsonString(MakeVisible(command));
  }
  const auto maybe = [](const std::string& text) {
    return JsonCell(text.empty() ? Cell() : Cell(MakeVisible(text)));
  };
  const char* result = VerdictOf(group) == Verdict::kOk        ? "ok"
                       : VerdictOf(group) == Verdict::kWarning ? "warning"
                                                               : "failed";
  return fmt::format(
      "{{\"group\":{},\"result\":\"{}\",\"verdict\":{},\"state\":{},\"polls\":{},\"paused\":{},"
      "\"dead\":{},\"last_reset\":{},\"topics\":[{}],\"advice\":{},\"commands\":[{}]}}\n",
      maybe(group.detail.name), result, maybe(VerdictText(group)), maybe(StateText(group)),
      maybe(PollsText(group)), maybe(PausesText(group)), maybe(DeadText(group)),
      maybe(ResetText(group)), rows, maybe(advice.what), commands);
}

}  // namespace lanemq::cli
