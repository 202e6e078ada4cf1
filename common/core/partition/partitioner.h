#pragma once

#include <cstdint>
#include <string_view>

namespace lanemq::core {

/// Kafka's murmur2 (seed 0x9747b28c), as its default partitioner uses it, so that keys land on the
/// same partitions. Source: Austin Appleby's MurmurHash2; Kafka's Utils.murmur2.
[[nodiscard]] std::int32_t Murmur2(std::string_view data);

/// The partition of a key: toPositive(murmur2(key)) % partitions. Requires partitions > 0.
[[nodiscard]] inline std::int32_t PartitionForKey(std::string_view key, std::int32_t partitions) {
  return (Murmur2(key) & 0x7fffffff) % partitions;
}

}  // namespace lanemq::core
