#pragma once

#include <optional>
#include <span>

#include "common/core/types/catalog.h"

namespace lanemq::core {

/// The broker that clients should send a partition's produce and fetch requests to.
///
/// Rendezvous hashing over the active brokers: everybody with the same list gives the same answer,
/// and a broker that comes or goes moves only its own share of the partitions. nullopt when no
/// broker is active. Any other broker is correct too, only slower.
/// Source: Thaler and Ravishankar, "A Name-Based Mapping Scheme for Rendezvous", 1996.
/// Pure; cost: linear in brokers.
[[nodiscard]] std::optional<BrokerId> PreferredBroker(const PartitionKey& key,
                                                      std::span<const Broker> brokers);

}  // namespace lanemq::core
