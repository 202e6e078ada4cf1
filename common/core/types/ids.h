#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "common/base/strong_id.h"

namespace lanemq::core {

/// A position in a partition. The first message ever has offset 1; offsets are dense.
using Offset = StrongId<struct OffsetTag, std::int64_t>;
/// Never reused, also not after a topic of the same name is deleted and created again.
using TopicId = StrongId<struct TopicIdTag, std::int64_t>;
/// A MySQL server, or one HA cluster behind one address.
using NodeId = StrongId<struct NodeIdTag, std::int64_t>;
using BrokerId = StrongId<struct BrokerIdTag, std::int32_t>;
/// Chosen by producers (63 random bits). 0: the producer wants no duplicate protection.
using ProducerId = StrongId<struct ProducerIdTag, std::int64_t>;
/// Raised each time another member owns the partition. 0: explicit assignment without a group.
using Generation = StrongId<struct GenerationTag, std::int64_t>;
/// Grows each time a lease changes hands; never reused.
using FencingToken = StrongId<struct FencingTokenTag, std::int64_t>;

inline constexpr Offset kFirstOffset{1};
inline constexpr ProducerId kNoProducer{0};

/// A partition, by the topic's id: what storage and caches use.
struct PartitionKey {
  TopicId topic;
  std::int32_t partition = 0;
  auto operator<=>(const PartitionKey&) const = default;
};

/// Where a partition's rows are: its message table on its data node.
struct PartitionLocation {
  PartitionKey key;
  NodeId node;
  std::int32_t schema_index = 0;  ///< 0 to 9: schema `<prefix>_00` to `<prefix>_09`.
  auto operator<=>(const PartitionLocation&) const = default;
};

}  // namespace lanemq::core

template <>
struct std::hash<lanemq::core::PartitionKey> {
  std::size_t operator()(const lanemq::core::PartitionKey& key) const noexcept {
    return std::hash<std::int64_t>{}(key.topic.value * 1'000'003 + key.partition);
  }
};
