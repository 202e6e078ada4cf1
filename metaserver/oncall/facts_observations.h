#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "metaserver/oncall/alert_observations.h"
#include "metaserver/oncall/facts.h"

namespace lanemq::metaserver {

using LookAtFacts = std::function<FactsView()>;

/// Data nodes, and what lies on them besides logs: whether they answer, are slow, full, durable;
/// dead letters, delayed messages, losses.
class NodeObservations final : public ObservationSource {
 public:
  /// `lag_interval`: from one round of a sampler to the next.
  NodeObservations(LookAtFacts look, std::chrono::milliseconds lag_interval)
      : look_(std::move(look)), lag_interval_(lag_interval) {}
  void Observe(const ObservationInput& input, core::AlertObservations& seen) override;

 private:
  const LookAtFacts look_;
  const std::chrono::milliseconds lag_interval_;
};

/// Coordinators, background jobs, outboxes: what the metadata database knows.
class ClusterObservations final : public ObservationSource {
 public:
  explicit ClusterObservations(LookAtFacts look) : look_(std::move(look)) {}
  void Observe(const ObservationInput& input, core::AlertObservations& seen) override;

 private:
  const LookAtFacts look_;
};

/// What canaries report. Where none is registered nothing is wrong.
class CanaryObservations final : public ObservationSource {
 public:
  explicit CanaryObservations(LookAtFacts look) : look_(std::move(look)) {}
  void OnTerm() override;
  void Observe(const ObservationInput& input, core::AlertObservations& seen) override;

 private:
  /// Lost messages of one canary on one node.
  struct Lost {
    std::int64_t value = 0;   ///< As reported last.
    std::int64_t recent = 0;  ///< Of late.
    MonotonicTime at;         ///< When they grew.
  };
  /// Adds up what the canaries of each node have lost of late.
  std::map<std::string, std::int64_t> NoteLost(const std::vector<core::RegisteredCanary>& canaries,
                                               const ObservationInput& input);

  const LookAtFacts look_;
  std::map<std::pair<std::string, std::string>, Lost> lost_;  ///< By instance and node.
  std::optional<MonotonicTime> began_;                        ///< The term, as far as they go.
};

/// How long something is silent that reports to the metadata database: not longer than the database
/// has answered. nullopt: it may be silent for `limit`, but the database was away meanwhile.
[[nodiscard]] std::optional<bool> IsSilent(std::chrono::nanoseconds silent,
                                           std::optional<MonotonicTime> well_since,
                                           MonotonicTime now, std::chrono::milliseconds limit);

}  // namespace lanemq::metaserver
