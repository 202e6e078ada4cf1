#include "client/src/cluster/broker_health.h"

#include <algorithm>
#include <vector>

#include "common/core/placement/preferred_broker.h"

namespace lanemq::client {

std::chrono::nanoseconds BrokerHealth::PauseAfter(int failures) const {
  return std::min<std::chrono::nanoseconds>(options_.pause * (1LL << std::min(failures - 1, 16)),
                                            options_.pause_max);
}

void BrokerHealth::OnFailure(core::BrokerId broker, MonotonicTime now,
                             std::chrono::nanoseconds pause_min) {
  Failure& failure = failures_[broker];
  // Calls in flight fail together: that is one failure. A trial is one of its own; without that the
  // pauses would never grow, and a caller that comes more seldom would try this broker for ever.
  if (failure.count == 0 || failure.is_tried || now >= failure.retry_at) ++failure.count;
  failure.is_tried = false;
  failure.retry_at =
      std::max(failure.retry_at, now + std::max(PauseAfter(failure.count), pause_min));
}

bool BrokerHealth::TryUse(core::BrokerId broker, MonotonicTime now) {
  const auto found = failures_.find(broker);
  if (found == failures_.end()) return true;
  if (now < found->second.retry_at) return false;
  found->second.retry_at = now + PauseAfter(found->second.count);
  found->second.is_tried = true;
  return true;
}

std::optional<core::BrokerId> BrokerHealth::Choose(const core::PartitionKey& key,
                                                   std::optional<core::BrokerId> wanted,
                                                   std::span<const core::Broker> brokers,
                                                   MonotonicTime now) {
  std::vector<core::Broker> active;
  for (const core::Broker& broker : brokers) {
    if (broker.state == core::BrokerState::kActive) active.push_back(broker);
  }
  if (active.empty()) {
    // Better one that drains or is thought dead than nobody: the list may be old.
    active.assign(brokers.begin(), brokers.end());
    for (core::Broker& broker : active) broker.state = core::BrokerState::kActive;
  }
  std::optional<core::BrokerId> patient;
  for (const core::Broker& broker : active) {
    const auto failure = failures_.find(broker.id);
    if (failure == failures_.end()) continue;
    if (!patient || failure->second.retry_at < failures_.at(*patient).retry_at) patient = broker.id;
  }
  std::optional<core::BrokerId> next = wanted;
  while (!active.empty()) {
    const auto found = std::find_if(active.begin(), active.end(),
                                    [&](const core::Broker& b) { return next && b.id == *next; });
    if (found != active.end()) {
      if (TryUse(found->id, now)) return found->id;
      active.erase(found);
    }
    next = core::PreferredBroker(key, active);
  }
  return patient;
}

}  // namespace lanemq::client
