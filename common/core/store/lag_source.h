#pragma once

#include <cstddef>
#include <span>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/core/lag/lag_sample.h"
#include "common/core/types/ids.h"

namespace lanemq::core {

/// What a round is asked to look at.
struct LagQuery {
  /// Of the catalogue, on this node, by key; others are not looked at.
  std::span<const PartitionLocation> partitions;
  /// The ends known from the last round, one per partition: never above the true ones. Offset{1}
  /// where nothing is known. They let the database look at the newest table partition alone.
  std::span<const Offset> known_ends;
  /// Rows of group and partition, in the order of LagRound::groups; what is beyond is counted.
  std::size_t rows_max = 20'000;
};

/// Reads the lag of every group on one data node, all of one instant.
///
/// Implementations: sql::MySqlLagSource, testing::FakeLagSource; both pass
/// tests/conformance/lag_source_suite.h. Thread safety: every method from any thread.
class LagSource {
 public:
  virtual ~LagSource() = default;

  /// One read-only transaction with a consistent snapshot; nothing is locked and nothing waits for
  /// writers. Groups' rows of partitions that are not in the query, or not on the node (they were
  /// dropped, or made since), are left out; the former count for rows_max, all the same.
  /// Errors: kDataNodeUnavailable, kThrottled, kInvalidRequest (known_ends are not as many as
  /// partitions); kConflict: a table changed or went away meanwhile, twice: take the round again
  /// with a newer catalogue.
  virtual Result<LagRound> Sample(const LagQuery& query, Deadline deadline) = 0;
};

}  // namespace lanemq::core
