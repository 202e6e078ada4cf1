// What FactsBoard shows in /metrics.
#include <algorithm>
#include <chrono>

#include "common/core/placement/placement_planner.h"
#include "metaserver/oncall/facts_board.h"

namespace lanemq::metaserver {
namespace {

using enum TextMetrics::Type;

double Seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

}  // namespace

void FactsBoard::AddMetrics(TextMetrics& metrics) {
  const FactsView view = Look();
  AddNodeMetrics(view, metrics);
  AddMessageMetrics(view, metrics);
  AddCanaryMetrics(view, metrics);
}

void FactsBoard::AddNodeMetrics(const FactsView& view, TextMetrics& metrics) const {
  const MonotonicTime now = clock_.Now();
  metrics.Family("lanemq_node_up", kGauge, "1: the last reading of a data node succeeded");
  for (const NodeRound& round : rounds_) {
    const bool is_up = round.is_ok || round.has_answered;
    if (round.rounds + round.failures > 0) {
      metrics.Series({{"node", round.name}}, std::int64_t{is_up});
    }
  }
  const std::vector<core::NodeUsage> usages = core::UsageOf(*view.catalog);
  metrics.Family("lanemq_node_tables_used", kGauge, "Message tables of a data node");
  for (const core::NodeUsage& usage : usages) {
    metrics.Series({{"node", usage.node.name}}, usage.Used());
  }
  metrics.Family("lanemq_node_tables_max", kGauge, "Message tables that a data node may have");
  for (const core::NodeUsage& usage : usages) {
    metrics.Series({{"node", usage.node.name}}, usage.Used() + usage.Free());
  }
  metrics.Family("lanemq_node_capacity_bytes", kGauge,
                 "Bytes that a data node is declared to have");
  for (const core::DataNode& node : view.catalog->nodes) {
    const std::int64_t capacity = view.capacities.Of(node.name);
    if (capacity > 0) metrics.Series({{"node", node.name}}, capacity);
  }
  const auto each = [&](auto write) {
    for (const core::DataNode& node : view.catalog->nodes) {
      if (const NodeFactsView* known = view.Find(node.id)) write(node, *known);
    }
  };
  metrics.Family("lanemq_node_used_bytes", kGauge, "Size of the files of a data node's tables");
  each([&](const core::DataNode& node, const NodeFactsView& known) {
    const auto* bytes = known.used_bytes.Fresh(now, view.slow_age_max);
    if (bytes != nullptr) metrics.Series({{"node", node.name}}, *bytes);
  });
  metrics.Family("lanemq_node_is_durable", kGauge,
                 "1: what was acknowledged survives a crash of a data node's machine");
  each([&](const core::DataNode& node, const NodeFactsView& known) {
    const auto* health = known.health.Fresh(now, view.slow_age_max);
    if (health != nullptr) metrics.Series({{"node", node.name}}, std::int64_t{IsDurable(*health)});
  });
}

void FactsBoard::AddMessageMetrics(const FactsView& view, TextMetrics& metrics) const {
  const MonotonicTime now = clock_.Now();
  std::map<std::pair<std::string, core::TopicId>, std::int64_t> letters;
  std::map<core::TopicId, const std::string*> topics;
  for (const core::Topic& topic : view.catalog->topics) topics[topic.id] = &topic.name;
  for (const NodeFactsView& known : view.nodes) {
    const auto* facts = known.facts.Fresh(now, view.age_max);
    if (facts == nullptr) continue;
    for (const core::DeadLetterFacts& of : facts->dead_letters) {
      letters[{of.group, of.topic}] += of.letters;
    }
  }
  const auto each = [&](auto write) {
    for (const core::DataNode& node : view.catalog->nodes) {
      const NodeFactsView* known = view.Find(node.id);
      const auto* facts = known == nullptr ? nullptr : known->facts.Fresh(now, view.age_max);
      if (facts != nullptr) write(node, *facts);
    }
  };
  metrics.Family("lanemq_delayed_overdue_seconds", kGauge,
                 "Since the oldest delayed message of a data node is due; 0: none is");
  each([&](const core::DataNode& node, const core::NodeFacts& facts) {
    metrics.Series({{"node", node.name}}, Seconds(facts.overdue));
  });
  metrics.Family("lanemq_data_loss_messages_total", kCounter,
                 "Acknowledged messages that are gone, as brokers noticed");
  each([&](const core::DataNode& node, const core::NodeFacts& facts) {
    std::int64_t lost = 0;
    for (const core::DataLossFacts& loss : facts.losses) lost += loss.messages;
    metrics.Series({{"node", node.name}}, lost);
  });
  metrics.Family("lanemq_dead_letters", kGauge,
                 "Dead letters of a group and topic, of the newest 20000 of each data node");
  for (const auto& [of, count] : letters) {
    const auto topic = topics.find(of.second);
    if (topic == topics.end()) continue;
    metrics.Series({{"group", of.first}, {"topic", *topic->second}}, count);
  }
}

void FactsBoard::AddCanaryMetrics(const FactsView& view, TextMetrics& metrics) {
  const auto& fact = view.cluster.canaries;
  const MonotonicTime now = clock_.Now();
  if (fact.value == nullptr) return;
  for (const core::RegisteredCanary& canary : *fact.value) {
    const core::CanaryReport& report = canary.report;
    std::int64_t& seen = lost_seen_[{report.instance, report.node}];
    lost_[report.node] += std::max<std::int64_t>(0, report.lost - seen);
    seen = report.lost;
  }
  std::erase_if(lost_seen_, [&](const auto& entry) {
    return std::ranges::none_of(*fact.value, [&](const core::RegisteredCanary& canary) {
      return canary.report.instance == entry.first.first &&
             canary.report.node == entry.first.second;
    });
  });
  const auto each = [&](auto write) {
    for (const core::DataNode& node : view.catalog->nodes) {
      const CanarySummary summary =
          SummariseCanaries(*fact.value, node.name, now - fact.at, options_.canary_silent_after);
      if (summary.known > 0) write(node.name, summary);
    }
  };
  metrics.Family("lanemq_canary_age_seconds", kGauge,
                 "Since a canary last had a message of a data node back");
  each([&](const std::string& node, const CanarySummary& summary) {
    metrics.Series({{"node", node}}, Seconds(summary.age));
  });
  metrics.Family("lanemq_canary_report_age_seconds", kGauge,
                 "Since a canary last reported on a data node");
  each([&](const std::string& node, const CanarySummary& summary) {
    metrics.Series({{"node", node}}, Seconds(summary.silent));
  });
  metrics.Family("lanemq_canary_reported_lost_total", kCounter,
                 "Messages of canaries that were acknowledged and did not come back");
  each([&](const std::string& node, const CanarySummary&) {
    metrics.Series({{"node", node}}, lost_[node]);
  });
}

}  // namespace lanemq::metaserver
