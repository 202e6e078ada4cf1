#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <optional>
#include <string_view>
#include <vector>

#include "common/core/store/offset_store.h"
#include "sql/driver/connection.h"

namespace lanemq::sql {

/// A row of read_offset, lock_offset and read_group_offsets.
core::CommittedOffset ToCommitted(const Row& row, const core::PartitionKey& key);

/// The row as it is; nullopt: there is none.
Result<std::optional<core::CommittedOffset>> ReadOffset(Connection& connection,
                                                        const Statement& statement,
                                                        std::string_view group,
                                                        const core::PartitionKey& key);

/// Whether the row, as it is, is `owner`'s: kIllegalGeneration.
Status JudgeOwner(const core::CommittedOffset& stored, const core::OffsetOwner& owner);
/// Whether a later call of the same owner was carried out: kFenced. Requires JudgeOwner().
Status JudgeSequence(const core::CommittedOffset& stored, const core::OffsetOwner& owner);
/// All of it, and kOffsetReset.
Status JudgeCommit(const core::CommittedOffset& stored, const core::OffsetOwner& owner,
                   const core::OffsetCommit& commit);

/// Runs the conditional commit_offset; the outer Result fails for the whole call, the inner Status
/// is this partition's answer: JudgeCommit()'s, or MovesAway().
Result<Status> CommitOffset(Connection& connection, std::string_view group,
                            const core::OffsetOwner& owner, const core::OffsetCommit& commit);

/// The places of `items` in the order of their partitions: two transactions that lock rows in it
/// do not wait for each other in a circle.
template <typename Items, typename KeyOf>
std::vector<std::size_t> InLockOrder(const Items& items, const KeyOf& key_of) {
  std::vector<std::size_t> order(items.size());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return key_of(items[a]) < key_of(items[b]);
  });
  return order;
}

}  // namespace lanemq::sql
