#include "metaserver/oncall/alert_observations.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "common/core/catalog/topic_rules.h"
#include "common/core/retention/retention_types.h"

namespace lanemq::metaserver {
namespace {

using core::AlertKey;
using core::AlertObservation;
using core::LagStatus;
using core::Truth;
using std::chrono::milliseconds;

/// A topic of fewer messages an hour may well have none for a while.
constexpr std::int64_t kSteadyHourly = 30;
/// How long messages that went unread are told of.
constexpr std::chrono::minutes kLostToldFor{15};
constexpr std::array<std::string_view, 6> kGroupKinds = {"group_falling_behind", "group_rewound",
                                                         "group_slow",           "group_stalled",
                                                         "group_stopped",        "group_lost"};

milliseconds Scaled(milliseconds length, double scale) {
  const double scaled = static_cast<double>(length.count()) * scale;
  return milliseconds{std::max<std::int64_t>(1, static_cast<std::int64_t>(scaled))};
}

std::string_view KindOf(LagStatus status) {
  const auto first = static_cast<int>(LagStatus::kWarn);
  return kGroupKinds[static_cast<std::size_t>(static_cast<int>(status) - first)];
}

bool IsFresh(const NodeRound& round, const ObservationInput& input) {
  const auto limit = input.Threshold("lag_stale", std::chrono::seconds{1});
  return round.rounds > 0 && input.now - round.finished < limit;
}

bool AreFresh(const ObservationInput& input) {
  return std::ranges::all_of(input.picture.nodes,
                             [&](const NodeRound& round) { return IsFresh(round, input); });
}

/// Where the partitions are that a group waits for.
class Nodes {
 public:
  struct Node {
    std::string name;
    bool is_fresh = false;
  };

  Nodes(SnapshotCache::SnapshotPtr snapshot, const ObservationInput& input)
      : snapshot_(std::move(snapshot)) {
    for (const NodeRound& round : input.picture.nodes) {
      Node& node = names_[round.node];
      node = {round.name, metaserver::IsFresh(round, input)};
      all_fresh_ = all_fresh_ && node.is_fresh;
    }
    for (const core::Topic& topic : snapshot_->topics) topics_[topic.id] = &topic;
  }

  /// nullptr: it is not sampled.
  [[nodiscard]] const Node* Of(core::PartitionKey key) const {
    const core::Topic* topic = Topic(key.topic);
    if (topic == nullptr || key.partition < 0 ||
        static_cast<std::size_t>(key.partition) >= topic->partitions.size()) {
      return nullptr;
    }
    const auto at = names_.find(topic->partitions[static_cast<std::size_t>(key.partition)].node);
    return at == names_.end() ? nullptr : &at->second;
  }
  [[nodiscard]] const core::Topic* Topic(core::TopicId id) const {
    const auto at = topics_.find(id);
    return at == topics_.end() ? nullptr : at->second;
  }
  /// Every node was read lately: what is not there is not anywhere.
  [[nodiscard]] bool all_fresh() const { return all_fresh_; }
  /// Every partition of the group was read lately.
  [[nodiscard]] bool IsFresh(const core::GroupTopicLag& group) const {
    return all_fresh_ || std::ranges::all_of(group.partitions, [&](const auto& partition) {
             const Node* node = Of(partition.sample.key);
             return node != nullptr && node->is_fresh;
           });
  }

 private:
  const SnapshotCache::SnapshotPtr snapshot_;
  std::map<core::NodeId, Node> names_;
  std::map<core::TopicId, const core::Topic*> topics_;
  bool all_fresh_ = true;
};

std::string Figures(const core::GroupTopicLag& group) {
  const auto lag = std::chrono::duration_cast<milliseconds>(group.lag);
  std::string text = fmt::format("{} messages behind, the oldest waits for {}", group.lag_messages,
                                 DurationText(lag));
  if (group.drain) text += fmt::format(", drained in {}", DurationText(*group.drain));
  return text;
}

/// What explains that a group does not get on.
std::vector<AlertKey> Explanations(const core::GroupTopicLag& group, const Nodes& nodes) {
  std::set<std::string> names;
  for (const core::JudgedPartition& partition : group.partitions) {
    if (!core::IsTrouble(partition.verdict.status)) continue;
    if (const Nodes::Node* node = nodes.Of(partition.sample.key)) names.insert(node->name);
  }
  std::vector<AlertKey> out;
  for (const std::string& name : names) out.push_back({"node_down", core::NodeSubject(name)});
  out.push_back({"no_coordinator", std::string(core::kSlotsSubject)});
  return out;
}

AlertObservation ObserveVerdict(const core::GroupTopicLag& group, std::string subject,
                                const Nodes& nodes) {
  AlertObservation out{.kind = std::string(KindOf(group.status)),
                       .subject = std::move(subject),
                       .truth = Truth::kTrue,
                       .cause = std::string(core::ToString(group.cause)),
                       .owner = group.objective.owner};
  out.summary = fmt::format("{}: {}", core::ToString(group.status), Figures(group));
  if (!group.evidence.empty()) out.summary += "; " + group.evidence;
  if (group.status == LagStatus::kSlow) {
    out.severity = core::AlertSeverityFromString(group.objective.tier);
  }
  out.explained_by = Explanations(group, nodes);
  return out;
}

/// nullopt: there is nothing to fear.
std::optional<AlertObservation> ObserveHeadroom(const core::GroupTopicLag& group,
                                                const std::string& subject,
                                                const ObservationInput& input) {
  if (!group.headroom || group.lag_messages == 0) return std::nullopt;
  // Hours are hours, however quick a test is: retention is not scaled.
  const double hours = input.Rule("near_retention_loss").threshold;
  if (static_cast<double>(group.headroom->count()) >= hours * 3'600'000) return std::nullopt;
  if (group.drain && *group.drain < *group.headroom) return std::nullopt;
  return AlertObservation{.kind = "near_retention_loss",
                          .subject = subject,
                          .truth = Truth::kTrue,
                          .summary = fmt::format("retention removes unread messages in {}; {}",
                                                 DurationText(*group.headroom), Figures(group)),
                          .cause = std::string(core::ToString(group.cause)),
                          .owner = group.objective.owner};
}

/// By the nodes' clocks, so that whoever takes over sees the same.
bool HasLostLately(const core::GroupTopicLag& group, const ObservationInput& input) {
  const std::chrono::microseconds told_for = Scaled(kLostToldFor, input.time_scale);
  return std::ranges::any_of(group.partitions, [&](const core::JudgedPartition& partition) {
    const auto& lost_at = partition.sample.lost_at;
    return lost_at && partition.sampled_at.micros - lost_at->micros < told_for.count();
  });
}

void Complete(std::initializer_list<std::string_view> kinds, core::AlertObservations& seen) {
  for (const std::string_view kind : kinds) seen.complete.insert(std::string(kind));
}

void ObserveRounds(const ObservationInput& input, core::AlertObservations& seen) {
  for (const NodeRound& round : input.picture.nodes) {
    const std::string subject = core::NodeSubject(round.name);
    const auto limit = input.Threshold("lag_stale", std::chrono::seconds{1});
    const MonotonicTime last = round.rounds > 0 ? round.finished : round.began_to_sample;
    if (const auto age = input.now - last; age >= limit) {
      const auto length = std::chrono::duration_cast<milliseconds>(age);
      seen.items.push_back(
          {.kind = "lag_stale",
           .subject = subject,
           .truth = Truth::kTrue,
           .summary = fmt::format("the lag of groups on it was not read for {}: {}",
                                  DurationText(length), round.error),
           .explained_by = {{"node_down", subject}}});
    }
    if (static_cast<double>(round.rows_dropped) >= input.Rule("lag_cut_off").threshold) {
      seen.items.push_back(
          {.kind = "lag_cut_off",
           .subject = subject,
           .truth = Truth::kTrue,
           .summary = fmt::format("{} rows of groups are not looked at", round.rows_dropped)});
    }
  }
  Complete({"lag_stale", "lag_cut_off"}, seen);
}

}  // namespace

core::AlertRule ObservationInput::Rule(std::string_view kind) const {
  const core::AlertKind* found = core::FindAlertKind(kind);
  return found != nullptr ? core::RuleOf(*found, settings.rules) : core::AlertRule{.is_on = false};
}

milliseconds ObservationInput::Threshold(std::string_view kind, milliseconds unit) const {
  const double length = Rule(kind).threshold * static_cast<double>(unit.count());
  return Scaled(milliseconds{static_cast<std::int64_t>(length)}, time_scale);
}

std::string DurationText(milliseconds length) {
  const double seconds = static_cast<double>(length.count()) / 1'000;
  if (seconds < 120) return fmt::format("{:.0f} s", seconds);
  if (seconds < 7'200) return fmt::format("{:.0f} min", seconds / 60);
  if (seconds < 172'800) return fmt::format("{:.1f} h", seconds / 3'600);
  return fmt::format("{:.1f} days", seconds / 86'400);
}

void LagObservations::OnTerm() {
  produced_.clear();
  knows_all_ = false;
}

void LagObservations::Observe(const ObservationInput& input, core::AlertObservations& seen) {
  ObserveRounds(input, seen);
  ObserveGroups(input, seen);
  ObserveTopics(input, seen);
  knows_all_ = knows_all_ || AreFresh(input);
  // What is not there any more would come back as news.
  std::erase_if(produced_, [&](const auto& entry) {
    return entry.second.seen + 1'000 < input.picture.number;
  });
}

const LagObservations::Growth& LagObservations::Note(const std::string& subject, std::int64_t value,
                                                     const ObservationInput& input) {
  // Before everything was seen once, a number may be of any age; later what is new began at 0.
  const std::int64_t before = knows_all_ ? 0 : value;
  Growth& growth =
      produced_.try_emplace(subject, Growth{before, input.now, false, 0}).first->second;
  if (value > growth.value) {
    growth.at = input.now;
    growth.has_grown = true;
  }
  growth.value = value;
  growth.seen = input.picture.number;
  return growth;
}

void LagObservations::ObserveGroups(const ObservationInput& input, core::AlertObservations& seen) {
  const Nodes nodes(catalog_(), input);
  for (const core::GroupTopicLag& group : input.picture.groups) {
    if (!group.objective.alerts_on) continue;
    const bool is_trouble = core::IsTrouble(group.status);
    const bool is_fresh = nodes.IsFresh(group);
    if (!is_trouble && is_fresh && !group.headroom && group.lost_messages == 0) continue;
    const std::string subject = core::GroupSubject(group.group, group.topic_name);
    if (is_trouble) seen.items.push_back(ObserveVerdict(group, subject, nodes));
    if (auto near = ObserveHeadroom(group, subject, input)) seen.items.push_back(*std::move(near));
    if (!is_fresh) {
      // What was fine when it was last read need not be so now.
      for (const std::string_view kind : kGroupKinds) {
        if (is_trouble && kind == KindOf(group.status)) continue;
        seen.items.push_back({.kind = std::string(kind), .subject = subject});
      }
      seen.items.push_back({.kind = "near_retention_loss", .subject = subject});
    }
    const core::Topic* topic = nodes.Topic(group.topic);
    const bool may_lose =
        topic != nullptr && core::TopicConfigValue(topic->config, core::kRetentionUnread) ==
                                static_cast<std::int64_t>(core::UnreadPolicy::kAllow);
    if (may_lose || !HasLostLately(group, input)) continue;
    seen.items.push_back(
        {.kind = "group_lost_messages",
         .subject = subject,
         .truth = Truth::kTrue,
         .summary = fmt::format("retention removed messages that the group had not read, {} ever",
                                group.lost_messages),
         .owner = group.objective.owner});
  }
  // A group of a node that was not read is not gone.
  if (!nodes.all_fresh()) return;
  for (const std::string_view kind : kGroupKinds) seen.complete.insert(std::string(kind));
  Complete({"near_retention_loss", "group_lost_messages"}, seen);
}

void LagObservations::ObserveTopics(const ObservationInput& input, core::AlertObservations& seen) {
  const auto silent_for = input.Threshold("topic_not_produced", std::chrono::minutes{1});
  for (const TopicRate& topic : input.picture.topics) {
    const std::string subject = core::TopicSubject(topic.topic_name);
    if (!topic.is_whole) {
      for (const char* kind : {"topic_not_produced", "topic_without_subscriber"}) {
        seen.items.push_back({.kind = kind, .subject = subject});
      }
      continue;
    }
    const Growth& produced = Note(subject, topic.produced, input);
    const auto silent = std::chrono::duration_cast<milliseconds>(input.now - produced.at);
    const bool is_steady = topic.least_hourly.value_or(0) >= kSteadyHourly;
    if (is_steady && silent >= silent_for) {
      seen.items.push_back({.kind = "topic_not_produced",
                            .subject = subject,
                            .truth = Truth::kTrue,
                            .summary = fmt::format("nothing was produced for {}; each hour of the "
                                                   "last day had at least {} messages",
                                                   DurationText(silent), *topic.least_hourly)});
    } else if (!produced.has_grown && silent < silent_for) {
      // This process has not watched for long enough to say that somebody produces.
      seen.items.push_back({.kind = "topic_not_produced", .subject = subject});
    }
    if (topic.groups == 0 && topic.rate > 0) {
      seen.items.push_back({.kind = "topic_without_subscriber",
                            .subject = subject,
                            .truth = Truth::kTrue,
                            .summary = fmt::format("{:.1f} messages per second, and no group has "
                                                   "an offset in it",
                                                   topic.rate)});
    }
  }
  if (AreFresh(input)) {
    Complete({"topic_not_produced", "topic_without_subscriber"}, seen);
  }
}

}  // namespace lanemq::metaserver
