#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/time.h"
#include "common/core/types/ids.h"

namespace lanemq::core {

enum class NodeState : std::int8_t { kWritable = 1, kClosed = 2, kDisabled = 3 };

/// A MySQL server that holds partitions, in schemas `<schema_prefix>_00` ... and
/// `<schema_prefix>_node`.
struct DataNode {
  NodeId id;
  std::string name;
  std::string host;
  std::int32_t port = 0;
  std::string schema_prefix = "lanemq";
  NodeState state = NodeState::kWritable;
  std::int32_t schemas_max = 10;
  std::int32_t tables_per_schema_max = 99;
  /// How servers sign in there, encrypted (NodeVault); empty: as the servers' own files say.
  std::string sealed_credentials{};
  bool operator==(const DataNode&) const = default;
};

enum class TopicState : std::int8_t { kCreating = 1, kActive = 2, kDeleting = 3 };

/// Of a deleted topic that can be brought back: nobody writes to it or reads it, and its tables and
/// its name stay as they are until it is purged.
struct TopicDeletion {
  WallTime deleted_at;
  WallTime purge_at;  ///< Not before; by the metadata database's clock.
  std::string by;     ///< Who deleted it: the actor of the audit log.
  bool operator==(const TopicDeletion&) const = default;
};

struct Partition {
  std::int32_t index = 0;
  NodeId node;
  std::int32_t schema_index = 0;
  bool operator==(const Partition&) const = default;
};

using TopicConfig = std::map<std::string, std::string>;

struct Topic {
  TopicId id;
  std::string name;
  TopicState state = TopicState::kCreating;
  std::vector<Partition> partitions;  ///< By index, without holes.
  TopicConfig config;                 ///< Only what differs from the defaults; Kafka's names.
  std::string description;
  WallTime created_at;
  /// With kDeleting: it can be brought back. Without: its tables go, and nothing stops that.
  std::optional<TopicDeletion> deletion{};
  bool operator==(const Topic&) const = default;

  /// Whether its tables are there to stay: it is active, or may become so again.
  [[nodiscard]] bool KeepsTables() const { return state == TopicState::kActive || deletion; }
  [[nodiscard]] PartitionLocation LocationOf(const Partition& partition) const {
    return {{id, partition.index}, partition.node, partition.schema_index};
  }
};

enum class BrokerState : std::int8_t { kActive = 1, kDraining = 2, kDead = 3 };

struct Broker {
  BrokerId id;
  std::string host;
  std::int32_t port = 0;
  std::int32_t admin_port = 0;
  BrokerState state = BrokerState::kActive;
  std::int64_t incarnation = 0;
  std::string version;
  WallTime started_at;
  WallTime last_heartbeat;
  bool operator==(const Broker&) const = default;
};

struct Endpoint {
  std::string host;
  std::int32_t port = 0;
  bool operator==(const Endpoint&) const = default;
};

/// The whole catalogue at one version; immutable once published.
struct CatalogSnapshot {
  std::int64_t version = 0;
  std::string cluster_id;
  std::vector<DataNode> nodes;
  std::vector<Topic> topics;  ///< By name.
  std::vector<Broker> brokers;
  std::vector<Endpoint> metaservers;
  /// What unfinished moves take beside the places of `topics`: where a partition is to go and,
  /// once it is there, where it was.
  std::vector<PartitionLocation> moving;
  bool operator==(const CatalogSnapshot&) const = default;
};

}  // namespace lanemq::core
