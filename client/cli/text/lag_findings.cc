#include "client/cli/text/lag_findings.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>

#include <fmt/format.h>

#include "client/cli/text/time_text.h"

namespace lanemq::cli {
namespace {

struct StatusText {
  std::string_view name;
  std::string_view meaning;
};

/// In order of RankOf().
constexpr std::array kStatuses = {
    StatusText{"OK", "it keeps up"},
    StatusText{"NEW", "it has only begun; there is nothing to judge it by yet"},
    StatusText{"PAUSED", "an operator paused it"},
    StatusText{"UNKNOWN", "there was no sample of it for a minute or more"},
    StatusText{"WARN", "it commits, but its lag has only grown for ten minutes"},
    StatusText{"REWIND", "it committed below an earlier commit, and reads again what it had read"},
    StatusText{"SLOW", "its oldest unread message is older than its objective allows"},
    StatusText{"STALL", "commits arrive, but the offset does not move"},
    StatusText{"STOP", "nothing is committed any more, and messages wait"},
    StatusText{"LOST", "messages went before the group had read them, or the log became shorter"},
};
constexpr int kUnknownRank = 3;
constexpr int kTroubleRank = 4;
constexpr int kStallRank = 7;
constexpr std::int32_t kAttemptsOfPoison = 3;  // As the metaserver has it.

/// The partition to look at: the worst, and the one that lags longest among equals. nullptr: not
/// told.
const idl::PartitionLag* WorstOf(const idl::TopicLag& lag) {
  const auto is_better = [](const idl::PartitionLag& a, const idl::PartitionLag& b) {
    return std::make_tuple(RankOf(a.status), a.lag_ms, a.lag_messages) <
           std::make_tuple(RankOf(b.status), b.lag_ms, b.lag_messages);
  };
  const auto worst = std::ranges::max_element(lag.partitions, is_better);
  return worst == lag.partitions.end() ? nullptr : &*worst;
}

Advice AboutPoison(const idl::TopicLag& lag, const std::string& group, const std::string& topic) {
  Advice advice{
      "One record ends or blocks its consumers again and again. Look at it; then mend the handler, "
      "or let the group go on behind it. A handler that answers with a failure instead of ending "
      "its process is retried, and the record becomes a dead letter at last.",
      {}};
  const idl::PartitionLag* stuck = nullptr;
  for (const idl::PartitionLag& each : lag.partitions) {
    if (each.claims < kAttemptsOfPoison && each.attempts < kAttemptsOfPoison) continue;
    if (stuck == nullptr || each.lag_ms > stuck->lag_ms) stuck = &each;
  }
  if (stuck == nullptr) stuck = WorstOf(lag);
  if (stuck != nullptr) {
    const std::int64_t offset = std::max(stuck->committed, stuck->log_start);
    advice.commands = {
        fmt::format("lanemq message get {} {} {}", topic, stuck->partition, offset),
        fmt::format(
            "lanemq group reset {} --topic {}:{} --to-offset {}  # skips it; shows the plan", group,
            topic, stuck->partition, offset + 1)};
  }
  return advice;
}

/// What to do when the cause is known.
Advice AboutCause(const idl::TopicLag& lag, const std::string& group, const std::string& topic) {
  const std::string members = fmt::format("lanemq group members {}", group);
  const std::string describe = fmt::format("lanemq group describe {}", group);
  const std::string history = fmt::format("lanemq group history {} -t {}", group, topic);
  if (lag.cause == "NO_MEMBERS") {
    return {
        "No consumer is in the group. Start its consumers; their logs say why they ended. If "
        "the group is not needed any more, delete it.",
        {describe, fmt::format("lanemq group delete {}", group)}};
  }
  if (lag.cause == "NOT_POLLING") {
    return {
        "The owner heartbeats but does not ask for messages: its handler hangs. Look at where "
        "it is (its logs, a stack dump), then restart it; others take over.",
        {members}};
  }
  if (lag.cause == "POISON") return AboutPoison(lag, group, topic);
  if (lag.cause == "TOO_FEW_PARTITIONS") {
    const int wanted = std::max(2 * lag.partition_count, lag.members);
    return {
        "Every partition has a member and all of them lag: more members would idle. Make the "
        "handler quicker, let it work on several keys at once, or add partitions.",
        {history, fmt::format("lanemq topic add-partitions {} {} --dry-run", topic, wanted)}};
  }
  if (lag.cause == "THROTTLED") {
    return {"A quota holds the group back. Raise it, or wait.", {describe}};
  }
  if (lag.cause == "DATA_NODE_SLOW") {
    return {
        "The data node is slow or in trouble; other groups on it suffer too. Look at the "
        "database server: load, disk, locks.",
        {"lanemq check node", "lanemq doctor", "lanemq check canary"}};
  }
  if (lag.cause == "PRODUCER_SURGE") {
    return {
        "Much more is produced than usual while the group keeps its pace. Add members up to "
        "the number of partitions, or wait until it has caught up.",
        {history, "lanemq top"}};
  }
  if (lag.cause == "REBALANCING") {
    return {
        "Members come and go, and nobody reads meanwhile. Look at why they leave: crashes, "
        "handlers longer than max.poll.interval.ms, rolling restarts.",
        {describe, members}};
  }
  return {};
}

/// What to do when it is not.
Advice AboutStatus(const idl::TopicLag& lag, const std::string& group, const std::string& topic) {
  const std::string members = fmt::format("lanemq group members {}", group);
  const std::string describe = fmt::format("lanemq group describe {}", group);
  const std::string history = fmt::format("lanemq group history {} -t {}", group, topic);
  if (lag.status == "LOST") {
    return {
        "What went cannot be read any more: tell the group's owner which offsets. Retention "
        "reached unread messages, somebody trimmed the topic, or a data node failed over and "
        "lost rows. The status ends when the group commits above, or is reset.",
        {describe, fmt::format("lanemq topic describe {}", topic)}};
  }
  if (lag.status == "STOP") {
    return {"Look at the members' logs: they have the partitions and commit nothing.",
            {members, describe}};
  }
  if (lag.status == "STALL") {
    return {
        "The same offset is committed again and again: a handler fails or retries in place. "
        "Look at the members' logs and at the record at that offset.",
        {members, describe}};
  }
  if (lag.status == "SLOW") {
    return {"It works, but does not keep up. See since when, and whether it drains.",
            {history, members}};
  }
  if (lag.status == "REWIND") {
    return {
        "Somebody committed an older offset: a consumer that seeks, or two that both think "
        "they own the partition. A reset by an operator does not count.",
        {describe}};
  }
  if (lag.status == "WARN") {
    return {"Lag grows without a break. It is not late yet; watch it.", {history}};
  }
  if (lag.status == "PAUSED") {
    return {"Nothing is wrong. Let it go on when its reason is gone.",
            {fmt::format("lanemq group resume {} --topic {}", group, topic)}};
  }
  if (lag.status == "UNKNOWN") {
    return {"The metaserver on call cannot read the data node.", {"lanemq doctor"}};
  }
  return {};
}

}  // namespace

int RankOf(std::string_view status) {
  for (std::size_t i = 0; i < kStatuses.size(); ++i) {
    if (kStatuses[i].name == status) return static_cast<int>(i);
  }
  return kUnknownRank;
}

bool IsTrouble(std::string_view status) { return RankOf(status) >= kTroubleRank; }

bool IsForPager(const idl::TopicLag& lag) {
  const bool is_page = !lag.__isset.tier || lag.tier != "ticket";
  return RankOf(lag.status) >= kStallRank || (lag.status == "SLOW" && is_page);
}

void SortWorstFirst(std::vector<idl::TopicLag>& lags) {
  std::ranges::stable_sort(lags, [](const idl::TopicLag& a, const idl::TopicLag& b) {
    return std::make_tuple(-RankOf(a.status), -a.lag_ms, -a.lag_messages, std::string_view(a.group),
                           std::string_view(a.topic)) <
           std::make_tuple(-RankOf(b.status), -b.lag_ms, -b.lag_messages, std::string_view(b.group),
                           std::string_view(b.topic));
  });
}

void SortWorstFirst(std::vector<idl::PartitionLag>& partitions) {
  std::ranges::stable_sort(partitions, [](const idl::PartitionLag& a, const idl::PartitionLag& b) {
    return std::make_tuple(-RankOf(a.status), -a.lag_ms, -a.lag_messages, a.partition) <
           std::make_tuple(-RankOf(b.status), -b.lag_ms, -b.lag_messages, b.partition);
  });
}

std::string_view MeaningOf(std::string_view status) {
  return kStatuses[static_cast<std::size_t>(RankOf(status))].meaning;
}

Advice AdviceFor(const idl::TopicLag& lag) {
  const std::string group = ShellWord(lag.group);
  const std::string topic = ShellWord(lag.topic);
  // Of rows that are gone, how they went matters more than why the group was late.
  if (IsTrouble(lag.status) && lag.status != "LOST") {
    if (Advice advice = AboutCause(lag, group, topic); !advice.what.empty()) return advice;
  }
  return AboutStatus(lag, group, topic);
}

std::string ShellWord(std::string_view word) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("._-:/@,+=").find(c) != std::string_view::npos;
  };
  if (!word.empty() && std::ranges::all_of(word, is_plain) && !word.starts_with('-')) {
    return std::string(word);
  }
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

std::string ShortDuration(std::chrono::milliseconds duration) {
  const auto millis = static_cast<double>(std::max<std::int64_t>(duration.count(), 0));
  if (millis < 50) return "0s";
  if (millis < 9'950) return fmt::format("{:.1f}s", millis / 1e3);
  if (millis < 99'500) return fmt::format("{:.0f}s", millis / 1e3);
  if (millis < 5'970e3) return fmt::format("{:.0f}m", millis / 60e3);
  if (millis < 35'820e3) return fmt::format("{:.1f}h", millis / 3'600e3);
  if (millis < 171'000e3) return fmt::format("{:.0f}h", millis / 3'600e3);
  if (millis < 859'000e3) return fmt::format("{:.1f}d", millis / 86'400e3);
  return fmt::format("{:.0f}d", millis / 86'400e3);
}

std::string ShortCount(std::int64_t count) {
  if (count < 100'000) return FormatCount(count);
  auto value = static_cast<double>(count);
  for (const char* unit : {"k", "M", "G", "T"}) {
    value /= 1'000;
    if (value < 99.95) return fmt::format("{:.1f}{}", value, unit);
    if (value < 999.5) return fmt::format("{:.0f}{}", value, unit);
  }
  return fmt::format("{:.0f}P", value / 1'000);
}

std::string ShortRate(double per_second) {
  if (!(per_second >= 0.05)) return "0";  // Also for what is no number.
  if (per_second < 9.95) return fmt::format("{:.1f}", per_second);
  return ShortCount(static_cast<std::int64_t>(std::min(std::round(per_second), 9e17)));
}

}  // namespace lanemq::cli
