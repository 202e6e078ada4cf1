#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/core/types/ids.h"

namespace lanemq::core {

struct OffsetCommit {
  PartitionKey key;
  Offset offset;  ///< The next offset to read.
  std::string metadata;
  /// nullopt: not checked.
  std::optional<std::int64_t> reset_epoch;
};

struct CommittedOffset {
  PartitionKey key;
  Offset offset;
  std::string metadata;
  Generation generation;
  std::int64_t reset_epoch = 0;
  WallTime committed_at;  ///< The database's clock, for people.
};

/// Committed offsets of consumer groups, beside the partitions they belong to, on one data node.
///
/// Implementations: sql::MySqlOffsetStore, testing::FakeOffsetStore; both pass
/// tests/conformance/offset_store_suite.h. Thread safety: every method from any thread.
/// Errors: kDataNodeUnavailable, kThrottled: nothing was done; kOutcomeUnknown: repeat the call.
class OffsetStore {
 public:
  virtual ~OffsetStore() = default;

  /// Commits in one transaction; answers per partition, in order. A row whose stored generation is
  /// newer changes nothing and is kIllegalGeneration; another reset epoch is kOffsetReset.
  /// Durable when this returns. Repeating a commit is harmless.
  virtual Result<std::vector<Status>> Commit(std::string_view group, Generation generation,
                                             std::span<const OffsetCommit> commits,
                                             Deadline deadline) = 0;

  /// What the group has committed on this node; with `keys` empty, everything. Partitions without a
  /// commit are left out.
  virtual Result<std::vector<CommittedOffset>> Fetch(std::string_view group,
                                                     std::span<const PartitionKey> keys,
                                                     Deadline deadline) = 0;
};

}  // namespace lanemq::core
