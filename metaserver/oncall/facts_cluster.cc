// What is observed of leases, outboxes and canaries.
#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "metaserver/oncall/facts_observations.h"

namespace lanemq::metaserver {
namespace {

using core::AlertObservation;
using core::AlertObservations;
using core::Truth;
using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// How long lost messages are told of.
constexpr milliseconds kLostToldFor = std::chrono::minutes{10};

AlertObservation Of(std::string_view kind, std::string subject, Truth truth) {
  return {.kind = std::string(kind), .subject = std::move(subject), .truth = truth};
}

void AddTrue(std::string_view kind, std::string subject, std::string summary,
             AlertObservations& seen) {
  seen.items.push_back(Of(kind, std::move(subject), Truth::kTrue));
  seen.items.back().summary = std::move(summary);
}

void ObserveLeases(const FactsView& view, const ObservationInput& input, AlertObservations& seen) {
  const SlotFacts* leases = view.cluster.leases.Fresh(input.now, view.age_max);
  if (leases == nullptr) return;  // Neither kind is complete: unknown.
  if (leases->unheld > 0 && leases->unheld >= input.Rule("no_coordinator").threshold) {
    AddTrue("no_coordinator", std::string(core::kSlotsSubject),
            fmt::format("groups of {} slots have no coordinator: they cannot rebalance",
                        leases->unheld),
            seen);
  }
  if (!leases->has_jobs) {
    AddTrue("no_jobs", std::string(core::kJobsSubject),
            "nobody declares silent brokers dead or finishes topics", seen);
  }
  seen.complete.insert({"no_coordinator", "no_jobs"});
}

void ObserveOutboxes(const FactsView& view, const ObservationInput& input,
                     AlertObservations& seen) {
  const auto stuck_limit = input.Threshold("outbox_stuck", seconds{1});
  const auto silent_limit = input.Threshold("outbox_silent", seconds{1});
  if (!view.outboxes_well_since) return;
  for (const core::RegisteredOutbox& outbox : view.outboxes) {
    const std::string subject = core::OutboxSubject(outbox.report.outbox);
    const auto silent = duration_cast<milliseconds>(outbox.silent_for);
    const auto is_silent = IsSilent(silent, view.outboxes_well_since, input.now, silent_limit);
    if (!is_silent) seen.items.push_back(Of("outbox_silent", subject, Truth::kUnknown));
    if (is_silent == true) {
      AddTrue("outbox_silent", subject,
              fmt::format("no relay has reported for {}; {} messages were ready then",
                          DurationText(silent), outbox.report.ready),
              seen);
    }
    if (outbox.report.oldest_age >= stuck_limit) {
      AddTrue("outbox_stuck", subject,
              fmt::format("the oldest message waits for {}; {} are ready, {} held, {} dead{}",
                          DurationText(outbox.report.oldest_age), outbox.report.ready,
                          outbox.report.held, outbox.report.dead,
                          outbox.report.last_error.empty() ? "" : "; " + outbox.report.last_error),
              seen);
    } else if (is_silent != false) {
      // What it was when somebody looked last says nothing of now.
      seen.items.push_back(Of("outbox_stuck", subject, Truth::kUnknown));
    }
  }
  seen.complete.insert({"outbox_stuck", "outbox_silent"});
}

}  // namespace

std::optional<bool> IsSilent(std::chrono::nanoseconds silent,
                             std::optional<MonotonicTime> well_since, MonotonicTime now,
                             milliseconds limit) {
  if (silent < limit) return false;
  if (well_since && now - *well_since >= limit) return true;
  return std::nullopt;
}

void ClusterObservations::Observe(const ObservationInput& input, AlertObservations& seen) {
  const FactsView view = look_();
  ObserveLeases(view, input, seen);
  ObserveOutboxes(view, input, seen);
}

void CanaryObservations::OnTerm() {
  lost_.clear();
  began_.reset();
}

std::map<std::string, std::int64_t> CanaryObservations::NoteLost(
    const std::vector<core::RegisteredCanary>& canaries, const ObservationInput& input) {
  const auto told_for = duration_cast<milliseconds>(kLostToldFor * input.time_scale);
  std::map<std::string, std::int64_t> of_nodes;
  const bool is_first = !began_;
  if (is_first) began_ = input.now;
  for (const core::RegisteredCanary& canary : canaries) {
    const core::CanaryReport& report = canary.report;
    // Of what was there when the term began, it is not known when it was lost.
    const std::int64_t before = is_first ? report.lost : 0;
    Lost& lost =
        lost_.try_emplace({report.instance, report.node}, Lost{before, 0, input.now}).first->second;
    if (input.now - lost.at >= told_for) lost.recent = 0;
    if (report.lost > lost.value) {
      lost.recent += report.lost - lost.value;
      lost.at = input.now;
    }
    lost.value = report.lost;
    of_nodes[report.node] += lost.recent;
  }
  std::erase_if(lost_, [&](const auto& entry) {
    return std::ranges::none_of(canaries, [&](const core::RegisteredCanary& canary) {
      return canary.report.instance == entry.first.first &&
             canary.report.node == entry.first.second;
    });
  });
  return of_nodes;
}

void CanaryObservations::Observe(const ObservationInput& input, AlertObservations& seen) {
  const FactsView view = look_();
  const auto& fact = view.cluster.canaries;
  const auto* canaries = fact.Fresh(input.now, view.age_max);
  if (canaries == nullptr || view.catalog == nullptr) return;
  const auto told_for = duration_cast<milliseconds>(kLostToldFor * input.time_scale);
  const auto failing_limit = input.Threshold("canary_failing", seconds{1});
  const auto silent_limit = input.Threshold("canary_silent", seconds{1});
  const auto lost = NoteLost(*canaries, input);
  const double lost_min = input.Rule("canary_lost").threshold;
  for (const core::DataNode& node : view.catalog->nodes) {
    // Canaries use writable nodes alone; the others' leave when they like.
    if (node.state != core::NodeState::kWritable) continue;
    const std::string subject = core::NodeSubject(node.name);
    const CanarySummary summary =
        SummariseCanaries(*canaries, node.name, input.now - fact.at, silent_limit);
    if (summary.known == 0) continue;
    const std::size_t first = seen.items.size();
    const auto is_silent = IsSilent(summary.silent, fact.well_since, input.now, silent_limit);
    if (!is_silent) seen.items.push_back(Of("canary_silent", subject, Truth::kUnknown));
    if (is_silent == true) {
      AddTrue("canary_silent", subject,
              fmt::format("no canary has reported for {}", DurationText(summary.silent)), seen);
    }
    if (summary.live == 0) {
      seen.items.push_back(Of("canary_failing", subject, Truth::kUnknown));
    } else if (summary.failing >= failing_limit) {
      AddTrue(
          "canary_failing", subject,
          fmt::format("no message of a canary came back for {}{}", DurationText(summary.failing),
                      summary.last_error.empty() ? "" : ": " + summary.last_error),
          seen);
    }
    const auto at = lost.find(node.name);
    const std::int64_t recent = at == lost.end() ? 0 : at->second;
    if (recent > 0 && static_cast<double>(recent) >= lost_min) {
      AddTrue("canary_lost", subject,
              fmt::format("{} messages were acknowledged and did not come back", recent), seen);
    } else if (input.now - *began_ < told_for) {
      // An alert of the term before goes on for as long as it would have.
      seen.items.push_back(Of("canary_lost", subject, Truth::kUnknown));
    }
    for (std::size_t i = first; i < seen.items.size(); ++i) {
      if (seen.items[i].kind != "canary_silent") {
        seen.items[i].explained_by = {{"node_down", subject}};
      }
    }
  }
  seen.complete.insert({"canary_failing", "canary_lost", "canary_silent"});
}

}  // namespace lanemq::metaserver
