#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "common/core/lag/lag_sample.h"
#include "common/core/types/ids.h"

namespace lanemq::metaserver {

/// One group on one partition, and when it was read.
struct SampledGroup {
  core::LagSample sample;
  WallTime at;  ///< The node's clock; older than the round's where nothing moves.
};

/// What is known of one data node. Immutable once made.
struct NodeSamples {
  core::NodeId node;
  WallTime at;                                    ///< Of the newest round.
  std::int64_t number = 0;                        ///< Of the newest round; grows.
  std::vector<SampledGroup> groups;               ///< By (group, topic, partition).
  std::vector<core::PartitionSample> partitions;  ///< By key.
  std::int64_t rows_dropped = 0;
};

/// Puts the rounds of one data node together, and says which partitions the next one asks for: not
/// every time those where nothing moves and nobody lags. Pure; not thread-safe.
class NodeLag {
 public:
  struct Options {
    int quiet_after = 12;  ///< Rounds without a change.
    int quiet_every = 4;   ///< Then asked in each so-manieth round.
  };
  struct Plan {
    std::vector<core::PartitionLocation> partitions;  ///< By key.
    std::vector<core::Offset> known_ends;             ///< One per partition.
  };

  NodeLag(core::NodeId node, Options options) : node_(node), options_(options) {}

  /// Of `all`, the node's partitions by key. What is not there any more is forgotten.
  [[nodiscard]] Plan Next(std::span<const core::PartitionLocation> all);
  /// The round that Next() asked for. A round that failed is not told: its partitions are asked for
  /// again.
  void Take(const Plan& plan, core::LagRound&& round);
  /// nullptr before the first round.
  [[nodiscard]] std::shared_ptr<const NodeSamples> samples() const { return samples_; }

 private:
  struct Memory {
    core::Offset start, end;
    int quiet = 0;    ///< Rounds without a change.
    int skipped = 0;  ///< Rounds since it was asked for.
    bool is_asked = false;
  };
  void Note(core::LagRound& round);

  const core::NodeId node_;
  const Options options_;
  std::unordered_map<core::PartitionKey, Memory> memory_;
  std::shared_ptr<const NodeSamples> samples_;
};

}  // namespace lanemq::metaserver
