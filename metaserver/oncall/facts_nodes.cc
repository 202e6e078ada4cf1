// What is observed of data nodes.
#include <algorithm>
#include <map>
#include <vector>

#include <fmt/format.h>

#include "common/core/placement/placement_planner.h"
#include "metaserver/oncall/facts_observations.h"

namespace lanemq::metaserver {
namespace {

using core::AlertObservation;
using core::AlertObservations;
using core::Truth;
using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// How much longer than its limit a round may take before its thread is taken to hang.
constexpr seconds kRoundPatience{15};

/// Adds what is observed of one subject: false is not listed, since the kinds are complete.
class Subject {
 public:
  Subject(std::string subject, AlertObservations& seen)
      : subject_(std::move(subject)), seen_(seen) {}

  void True(std::string_view kind, std::string summary, bool is_explained = true) {
    AlertObservation& added = Add(kind, Truth::kTrue);
    added.summary = std::move(summary);
    if (is_explained) added.explained_by = {{"node_down", subject_}};
  }
  void Unknown(std::string_view kind) { Add(kind, Truth::kUnknown); }

 private:
  AlertObservation& Add(std::string_view kind, Truth truth) {
    return seen_.items.emplace_back(
        AlertObservation{.kind = std::string(kind), .subject = subject_, .truth = truth});
  }

  const std::string subject_;
  AlertObservations& seen_;
};

void ObserveRound(const NodeRound* round, const ObservationInput& input, milliseconds interval,
                  Subject& out) {
  if (round == nullptr || round->rounds + round->failures == 0) {
    out.Unknown("node_down");
    out.Unknown("node_slow");
    return;
  }
  const MonotonicTime last = round->rounds > 0 ? round->finished : round->began_to_sample;
  const auto age = duration_cast<milliseconds>(input.now - last);
  // A node that answers, but not what was asked, is not down: its tables are being changed.
  const bool is_failing = !round->is_ok && !round->has_answered;
  if (is_failing || (round->is_ok && age > interval + kRoundPatience)) {
    out.True("node_down",
             fmt::format("no answer for {}: {}", DurationText(age),
                         round->is_ok ? "the reading of lag hangs" : round->error),
             false);
    out.Unknown("node_slow");
    return;
  }
  // Not scaled: it is a speed.
  const double limit = input.Rule("node_slow").threshold;
  const double took = std::chrono::duration<double>(round->took).count();
  if (took > limit) {
    out.True("node_slow", fmt::format("a reading of lag took {:.1f} s", took));
  }
}

void ObserveCanaries(const FactsView& view, const core::DataNode& node,
                     const ObservationInput& input, Subject& out) {
  const auto& canaries = view.cluster.canaries;
  const auto* known = canaries.Fresh(input.now, view.age_max);
  if (known == nullptr) return out.Unknown("node_slow");
  const CanarySummary summary = SummariseCanaries(*known, node.name, input.now - canaries.at,
                                                  input.Threshold("canary_silent", seconds{1}));
  // The half of them: a single late one is no slow node.
  const double p50 = std::chrono::duration<double>(summary.p50).count();
  if (summary.live > 0 && p50 > input.Rule("node_slow").threshold) {
    out.True("node_slow",
             fmt::format("half of the canaries' messages take more than {:.1f} s", p50));
  }
}

void ObserveRoom(const FactsView& view, const core::NodeUsage* usage, const core::DataNode& node,
                 const ObservationInput& input, Subject& out) {
  // What takes no new partitions may be full.
  if (usage != nullptr && node.state == core::NodeState::kWritable) {
    const std::int64_t used = usage->Used();
    const std::int64_t all = used + usage->Free();
    const double share = input.Rule("node_tables_low").threshold;
    if (static_cast<double>(used) > share * static_cast<double>(all)) {
      out.True("node_tables_low", fmt::format("{} of {} message tables are used", used, all),
               false);
    }
  }
  const std::int64_t capacity = view.capacities.Of(node.name);
  if (capacity == 0) return;
  const NodeFactsView* known = view.Find(node.id);
  const auto* bytes =
      known == nullptr ? nullptr : known->used_bytes.Fresh(input.now, view.slow_age_max);
  if (bytes == nullptr) return out.Unknown("node_bytes_low");
  const double share = input.Rule("node_bytes_low").threshold;
  if (static_cast<double>(*bytes) >= share * static_cast<double>(capacity)) {
    out.True("node_bytes_low",
             fmt::format("{:.1f} of {:.1f} GB are used", static_cast<double>(*bytes) / 1e9,
                         static_cast<double>(capacity) / 1e9),
             false);
  }
}

void ObserveHealth(const FactsView& view, const core::DataNode& node, const ObservationInput& input,
                   Subject& out) {
  const NodeFactsView* known = view.Find(node.id);
  const auto* health =
      known == nullptr ? nullptr : known->health.Fresh(input.now, view.slow_age_max);
  if (health == nullptr) return out.Unknown("node_not_durable");
  if (IsDurable(*health)) return;
  out.True("node_not_durable",
           fmt::format("innodb_flush_log_at_trx_commit is {}, sync_binlog is {}; 1 and 1 keep what "
                       "was acknowledged",
                       health->flush_log_at_trx_commit,
                       health->sync_binlog ? std::to_string(*health->sync_binlog) : "unused"));
}

/// Dead letters and losses, whose subjects are not nodes.
class Messages {
 public:
  Messages(const FactsView& view, const ObservationInput& input) : view_(view), input_(input) {
    for (const core::Topic& topic : view.catalog->topics) topics_[topic.id] = &topic;
  }

  void Take(const core::NodeFacts& facts) {
    for (const core::DeadLetterFacts& letters : facts.dead_letters) {
      if (letters.recent > 0) letters_[{letters.group, letters.topic}] += letters.recent;
    }
    for (const core::DataLossFacts& loss : facts.losses) {
      if (loss.recent > 0) losses_[loss.key] += loss.recent;
    }
  }

  void Observe(bool is_whole, AlertObservations& seen) const {
    ObserveLetters(seen);
    const double lost_min = input_.Rule("data_loss").threshold;
    for (const auto& [key, lost] : losses_) {
      const core::Topic* topic = Find(key.topic);
      if (topic == nullptr || static_cast<double>(lost) < lost_min) continue;
      Subject(core::PartitionSubject(topic->name, key.partition), seen)
          .True("data_loss", fmt::format("{} acknowledged messages are gone", lost), false);
    }
    if (is_whole) seen.complete.insert({"dead_letters_growing", "data_loss"});
  }

 private:
  void ObserveLetters(AlertObservations& seen) const {
    if (letters_.empty()) return;
    std::map<std::pair<std::string_view, core::TopicId>, const core::GroupTopicLag*> groups;
    for (const core::GroupTopicLag& group : input_.picture.groups) {
      groups[{group.group, group.topic}] = &group;
    }
    const double letters_min = input_.Rule("dead_letters_growing").threshold;
    for (const auto& [key, letters] : letters_) {
      const core::Topic* topic = Find(key.second);
      if (topic == nullptr || static_cast<double>(letters) < letters_min) continue;
      const auto group = groups.find({key.first, key.second});
      const bool is_known = group != groups.end();
      if (is_known && !group->second->objective.alerts_on) continue;
      seen.items.push_back({.kind = "dead_letters_growing",
                            .subject = core::GroupSubject(key.first, topic->name),
                            .truth = Truth::kTrue,
                            .summary = fmt::format("{} messages were given up of late", letters),
                            .owner = is_known ? group->second->objective.owner : std::string()});
    }
  }
  [[nodiscard]] const core::Topic* Find(core::TopicId id) const {
    const auto at = topics_.find(id);
    return at == topics_.end() ? nullptr : at->second;
  }

  const FactsView& view_;
  const ObservationInput& input_;
  std::map<core::TopicId, const core::Topic*> topics_;
  std::map<std::pair<std::string, core::TopicId>, std::int64_t> letters_;
  std::map<core::PartitionKey, std::int64_t> losses_;
};

}  // namespace

void NodeObservations::Observe(const ObservationInput& input, AlertObservations& seen) {
  const FactsView view = look_();
  if (view.catalog == nullptr) return;
  const std::vector<core::NodeUsage> usages = core::UsageOf(*view.catalog);
  const auto overdue_limit = input.Threshold("delayed_overdue", seconds{1});
  Messages messages(view, input);
  bool is_whole = true;
  for (const core::DataNode& node : view.catalog->nodes) {
    if (node.state == core::NodeState::kDisabled) continue;
    Subject out(core::NodeSubject(node.name), seen);
    const auto round = std::ranges::find(input.picture.nodes, node.id, &NodeRound::node);
    ObserveRound(round == input.picture.nodes.end() ? nullptr : &*round, input, lag_interval_, out);
    ObserveCanaries(view, node, input, out);
    const auto usage =
        std::ranges::find_if(usages, [&](const auto& one) { return one.node.id == node.id; });
    ObserveRoom(view, usage == usages.end() ? nullptr : &*usage, node, input, out);
    ObserveHealth(view, node, input, out);
    const NodeFactsView* known = view.Find(node.id);
    const auto* facts = known == nullptr ? nullptr : known->facts.Fresh(input.now, view.age_max);
    if (facts == nullptr) {
      is_whole = false;
      out.Unknown("delayed_overdue");
      continue;
    }
    is_whole = is_whole && facts->is_whole;
    messages.Take(*facts);
    const auto overdue = duration_cast<milliseconds>(facts->overdue);
    if (overdue >= overdue_limit) {
      out.True("delayed_overdue",
               fmt::format("the oldest delayed message is due for {}", DurationText(overdue)));
    }
  }
  messages.Observe(is_whole, seen);
  seen.complete.insert({"node_down", "node_slow", "node_tables_low", "node_bytes_low",
                        "node_not_durable", "delayed_overdue"});
}

}  // namespace lanemq::metaserver
