#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>

#include "common/base/time.h"
#include "common/core/types/catalog.h"
#include "common/core/types/ids.h"

namespace lanemq::client {

/// Which brokers have failed lately, and whom to call now: a circuit breaker per broker.
///
/// A broker that fails is avoided for a pause that doubles with each further failure. After the
/// pause one call may try it (half open) and starts the next pause; a success closes the circuit.
/// Pure: told the time. Not thread-safe; one owner.
class BrokerHealth {
 public:
  struct Options {
    std::chrono::nanoseconds pause = std::chrono::milliseconds(100);
    std::chrono::nanoseconds pause_max = std::chrono::seconds(2);
  };
  explicit BrokerHealth(Options options) : options_(options) {}
  BrokerHealth() : BrokerHealth(Options{}) {}

  void OnSuccess(core::BrokerId broker) { failures_.erase(broker); }
  /// `pause_min`: avoid it at least this long, as a broker that drains asks for.
  void OnFailure(core::BrokerId broker, MonotonicTime now,
                 std::chrono::nanoseconds pause_min = std::chrono::nanoseconds{0});
  /// True when it may be called now; the trial of a failed broker counts as made.
  bool TryUse(core::BrokerId broker, MonotonicTime now);
  [[nodiscard]] bool IsHealthy(core::BrokerId broker) const { return !failures_.contains(broker); }

  /// The broker for a partition: `wanted` if it is active and may be used, else the one that
  /// rendezvous hashing gives among the rest, so that all clients move to the same one. When every
  /// active broker fails, the one that has waited longest. nullopt when `brokers` has no live one.
  std::optional<core::BrokerId> Choose(const core::PartitionKey& key,
                                       std::optional<core::BrokerId> wanted,
                                       std::span<const core::Broker> brokers, MonotonicTime now);

 private:
  struct Failure {
    int count = 0;
    MonotonicTime retry_at;
    bool is_tried = false;  // A call was let through since the last failure.
  };
  [[nodiscard]] std::chrono::nanoseconds PauseAfter(int failures) const;

  Options options_;
  std::map<core::BrokerId, Failure> failures_;
};

}  // namespace lanemq::client
