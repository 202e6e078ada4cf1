#include "common/core/placement/preferred_broker.h"

namespace lanemq::core {
namespace {

// The finaliser of splitmix64: every input bit changes half of the output bits.
std::uint64_t Mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

std::uint64_t Weight(const PartitionKey& key, BrokerId broker) {
  std::uint64_t hash = Mix(static_cast<std::uint64_t>(key.topic.value));
  hash = Mix(hash ^ static_cast<std::uint64_t>(key.partition));
  return Mix(hash ^ static_cast<std::uint64_t>(broker.value));
}

}  // namespace

std::optional<BrokerId> PreferredBroker(const PartitionKey& key, std::span<const Broker> brokers) {
  std::optional<BrokerId> best;
  std::uint64_t best_weight = 0;
  for (const Broker& broker : brokers) {
    if (broker.state != BrokerState::kActive) continue;
    const std::uint64_t weight = Weight(key, broker.id);
    if (!best || weight > best_weight || (weight == best_weight && broker.id < *best)) {
      best = broker.id;
      best_weight = weight;
    }
  }
  return best;
}

}  // namespace lanemq::core
