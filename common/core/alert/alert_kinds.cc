#include "common/core/alert/alert_kinds.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace lanemq::core {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr auto kPage = AlertSeverity::kPage;
constexpr auto kTicket = AlertSeverity::kTicket;

// The verdicts of groups have their windows in themselves, so most of them fire at once. What pages
// loses messages or keeps them from being read; what only may come to that is a ticket.
constexpr AlertKind kKinds[] = {
    {"canary_failing", "no canary had a message of the data node back for so long", "seconds", 60,
     minutes{1}, kPage, true, 0},
    {"canary_lost", "so many messages of canaries were acknowledged and did not come back lately",
     "messages", 1, milliseconds{0}, kPage, true, 0},
    {"canary_silent", "a canary that reported on the data node has not for so long", "seconds", 120,
     milliseconds{0}, kTicket, true, 0},
    {"data_loss", "so many messages that were acknowledged are gone, after a failover", "messages",
     1, milliseconds{0}, kPage, true, 0},
    {"dead_letters_growing", "so many dead letters were added within ten minutes", "messages", 1,
     milliseconds{0}, kTicket, true, 0},
    {"delayed_overdue", "a delayed message is due for so long and was not delivered", "seconds", 60,
     minutes{1}, kPage, true, 0},
    {"group_falling_behind",
     "the lag has grown for ten minutes without a pause; it is below the "
     "objective still",
     "", 0, milliseconds{0}, kTicket, true, 1},
    {"group_lost", "messages that the group had not read are gone", "", 0, milliseconds{0}, kPage,
     true, 6},
    {"group_lost_messages", "retention removed so many messages that the group had not read",
     "messages", 1, milliseconds{0}, kTicket, true, 0},
    {"group_rewound", "the group commits below where it was, without a reset", "", 0,
     milliseconds{0}, kTicket, true, 2},
    {"group_slow", "the oldest unread message is older than the objective", "", 0, milliseconds{0},
     kPage, true, 3},
    {"group_stalled", "commits arrive and do not advance", "", 0, milliseconds{0}, kPage, true, 4},
    {"group_stopped", "messages wait and nothing is committed", "", 0, milliseconds{0}, kPage, true,
     5},
    {"lag_cut_off",
     "so many rows of groups on the data node are beyond the limit and not looked at", "rows", 1,
     minutes{1}, kTicket, true, 0},
    {"lag_stale", "the lag of groups on the data node could not be read for so long", "seconds", 60,
     milliseconds{0}, kPage, true, 0},
    {"near_retention_loss", "retention reaches what the group has not read within so long", "hours",
     6, minutes{5}, kPage, true, 0},
    {"no_coordinator", "so many slots of groups have no coordinator", "slots", 1, minutes{1}, kPage,
     true, 0},
    {"no_jobs", "no metaserver does the background jobs", "", 0, minutes{2}, kTicket, true, 0},
    {"node_bytes_low", "so much of the data node's declared bytes is used", "share", 0.9,
     minutes{5}, kPage, true, 0},
    {"node_down", "the data node does not answer", "", 0, seconds{30}, kPage, true, 0},
    {"node_not_durable", "the data node's settings lose acknowledged messages in a crash", "", 0,
     minutes{1}, kTicket, true, 0},
    {"node_slow", "a round of reading lag from the data node takes so long", "seconds", 1,
     minutes{5}, kTicket, true, 0},
    {"node_tables_low", "so much of the tables that the data node may have is used", "share", 0.9,
     minutes{5}, kTicket, true, 0},
    {"outbox_silent", "no relay has reported on the outbox for so long", "seconds", 120,
     milliseconds{0}, kPage, true, 0},
    {"outbox_stuck", "the oldest message of the outbox waits for so long", "seconds", 300,
     minutes{1}, kPage, true, 0},
    {"topic_not_produced",
     "nothing was produced for so long, in a topic that had messages in each "
     "hour of the last day",
     "minutes", 10, milliseconds{0}, kTicket, true, 0},
    {"topic_without_subscriber", "messages are produced and no group reads the topic", "", 0,
     std::chrono::hours{1}, kTicket, false, 0},
};

template <std::size_t n>
std::string_view NameOf(const std::array<std::string_view, n>& names, auto value) {
  const auto index = static_cast<std::size_t>(value);
  return index < n ? names[index] : std::string_view("unknown");
}

template <typename Enum, std::size_t n>
std::optional<Enum> FromName(const std::array<std::string_view, n>& names, std::string_view text) {
  const auto found = std::find(names.begin(), names.end(), text);
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}

constexpr std::array<std::string_view, 3> kStates{"pending", "firing", "resolved"};
constexpr std::array<std::string_view, 2> kSeverities{"ticket", "page"};
constexpr std::array<std::string_view, 4> kWhats{"fired", "reminder", "resolved", "more"};
constexpr std::array<std::string_view, 6> kTypes{"webhook",  "slack", "feishu",
                                                 "dingtalk", "email", "alertmanager"};

}  // namespace

std::span<const AlertKind> AlertKinds() { return kKinds; }

const AlertKind* FindAlertKind(std::string_view name) {
  const auto* const found = std::lower_bound(
      std::begin(kKinds), std::end(kKinds), name,
      [](const AlertKind& kind, std::string_view wanted) { return kind.name < wanted; });
  return found != std::end(kKinds) && found->name == name ? found : nullptr;
}

AlertRule RuleOf(const AlertKind& kind, std::span<const AlertRuleChange> changes) {
  AlertRule rule{kind.is_on, kind.threshold, kind.for_at_least, kind.severity, {}};
  for (const AlertRuleChange& change : changes) {
    if (change.kind != kind.name) continue;
    rule.is_on = change.is_on.value_or(rule.is_on);
    rule.threshold = change.threshold.value_or(rule.threshold);
    rule.for_at_least = change.for_at_least.value_or(rule.for_at_least);
    rule.severity = change.severity.value_or(rule.severity);
    rule.owner = change.owner.value_or(rule.owner);
  }
  return rule;
}

std::string RunbookPath(std::string_view kind) { return fmt::format("docs/runbooks/{}.md", kind); }

std::string PrometheusAlertName(std::string_view kind) {
  std::string name = "Lanemq";
  bool is_first = true;
  for (const char c : kind) {
    if (c == '_') {
      is_first = true;
      continue;
    }
    name += is_first && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    is_first = false;
  }
  return name;
}

std::string_view ToString(AlertState state) { return NameOf(kStates, state); }
std::string_view ToString(AlertSeverity severity) { return NameOf(kSeverities, severity); }
std::string_view ToString(NoticeKind what) { return NameOf(kWhats, what); }
std::string_view ToString(ChannelType type) { return NameOf(kTypes, type); }

std::optional<AlertSeverity> AlertSeverityFromString(std::string_view text) {
  return FromName<AlertSeverity>(kSeverities, text);
}
std::optional<NoticeKind> NoticeKindFromString(std::string_view text) {
  return FromName<NoticeKind>(kWhats, text);
}
std::optional<ChannelType> ChannelTypeFromString(std::string_view text) {
  return FromName<ChannelType>(kTypes, text);
}

std::string GroupSubject(std::string_view group, std::string_view topic) {
  return fmt::format("group {}, topic {}", group, topic);
}
std::string TopicSubject(std::string_view topic) { return fmt::format("topic {}", topic); }
std::string PartitionSubject(std::string_view topic, std::int32_t partition) {
  return fmt::format("topic {}, partition {}", topic, partition);
}
std::string NodeSubject(std::string_view node) { return fmt::format("node {}", node); }
std::string OutboxSubject(std::string_view outbox) { return fmt::format("outbox {}", outbox); }

}  // namespace lanemq::core
