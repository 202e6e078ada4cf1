#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/core/types/audit.h"
#include "common/core/types/ids.h"

namespace lanemq::core {

struct OffsetCommit {
  PartitionKey key;
  Offset offset;  ///< The next offset to read.
  std::string metadata;
  /// nullopt: not checked.
  std::optional<std::int64_t> reset_epoch;
};

/// An operator's pause that is in force.
struct OffsetPause {
  std::optional<WallTime> until;  ///< nullopt: until resumed.
  std::string reason;
  std::string requested_by;
  WallTime at;
};

/// What is stored of a group and a partition.
struct CommittedOffset {
  PartitionKey key;
  Offset offset;  ///< Offset{-1}: claimed or paused, and nothing committed yet.
  std::string metadata;
  Generation generation;
  std::string member_id;  ///< Owner at `generation`; empty: explicit assignment.
  /// Of the owner's last commit or settlement that told one; 0: none did.
  std::int64_t commit_sequence = 0;
  std::int64_t reset_epoch = 0;
  WallTime committed_at;    ///< The database's clock, for people.
  std::int32_t claims = 0;  ///< By other owners than the one before, since the offset last moved.
  /// The record whose handling was marked last since then, and how often (RetryStore::Settle);
  /// Offset{-1}: none.
  Offset attempt_offset{-1};
  std::int32_t attempts = 0;
  std::optional<OffsetPause> pause;
};

/// Who commits: a member at a generation, or {0, ""} for explicit assignment.
struct OffsetOwner {
  Generation generation;
  std::string member_id;
  /// Which of the member's commits and settlements this call is: each new one has a higher one,
  /// the same one repeated has the same. 0: not told, and the call may arrive late.
  std::int64_t commit_sequence = 0;
};

/// The answer to the claim of one partition.
struct OffsetClaim {
  /// kIllegalGeneration, and the row is as it was, when a newer generation has it.
  /// kDataNodeUnavailable: the partition moves, and `stored` has only its key.
  Status status;
  CommittedOffset stored;
};

struct OffsetResetTo {
  PartitionKey key;
  Offset offset;
};

/// One row of the record of resets.
struct OffsetReset {
  PartitionKey key;
  std::int64_t reset_epoch = 0;
  std::optional<Offset> old_offset;  ///< nullopt: nothing had been committed.
  Offset new_offset;
  std::string requested_by;
  std::string reason;
  WallTime at;
};

/// Who does it and why, for people.
struct OperatorNote {
  std::string requested_by;
  std::string reason;
  /// For the data node's audit log: a row in the transaction of what is done.
  struct Audit {
    AuditNote note;
    AuditObject object;  ///< By its name, which data nodes do not know of topics.
  };
  std::optional<Audit> audit = {};  ///< Nullopt: no row.
};

/// Committed offsets of consumer groups, beside the partitions they belong to, on one data node,
/// with their fences, resets and pauses.
///
/// Implementations: sql::MySqlOffsetStore, testing::FakeOffsetStore; both pass
/// tests/conformance/offset_store_suite.h. Thread safety: every method from any thread.
/// Errors: kDataNodeUnavailable, kThrottled: nothing was done; kOutcomeUnknown: repeat the call;
/// all are harmless to repeat (a repeated Reset leaves a second row).
/// A partition that moves to another data node, or is not on this one, takes no writes:
/// kDataNodeUnavailable, of that partition alone where there is an answer for each, else of the
/// whole call. Calls for everything a group has do not look; what was copied before comes back.
class OffsetStore {
 public:
  virtual ~OffsetStore() = default;

  /// Commits in one transaction; answers per partition, in order. kIllegalGeneration, and nothing
  /// is changed, where the row has a newer generation or another member claimed it last;
  /// kOffsetReset at another reset epoch; kFenced where the row's generation is the owner's and a
  /// higher commit sequence was accepted: a later call has said it all anew. A newer generation
  /// raises the row's. One that moves the offset forgets claims and attempts. Durable when this
  /// returns.
  virtual Result<std::vector<Status>> Commit(std::string_view group, const OffsetOwner& owner,
                                             std::span<const OffsetCommit> commits,
                                             Deadline deadline) = 0;

  /// What the group has stored on this node; with `keys` empty, everything. Partitions without
  /// anything are left out. Pauses whose time has passed count as none.
  virtual Result<std::vector<CommittedOffset>> Fetch(std::string_view group,
                                                     std::span<const PartitionKey> keys,
                                                     Deadline deadline) = 0;

  /// A new owner's first step: gives the rows to `owner` and reads them, in one transaction; in
  /// order. In one generation the newest claim counts: a static member that comes back has a new
  /// member id. A row is made where there was none (offset -1). Counts the claim, unless it is
  /// repeated; another owner's commit sequences begin anew. Pauses are not read.
  virtual Result<std::vector<OffsetClaim>> Claim(std::string_view group, const OffsetOwner& owner,
                                                 std::span<const PartitionKey> keys,
                                                 Deadline deadline) = 0;

  /// Sets offsets, raises each reset epoch and records it, in one transaction; in order. The owner
  /// stays; claims and attempts are forgotten.
  virtual Result<std::vector<OffsetReset>> Reset(std::string_view group,
                                                 std::span<const OffsetResetTo> resets,
                                                 const OperatorNote& note, Deadline deadline) = 0;
  /// Newest first.
  virtual Result<std::vector<OffsetReset>> ListResets(std::string_view group, std::size_t max,
                                                      Deadline deadline) = 0;

  /// Pauses `keys` until then (nullopt: until resumed); an older pause is replaced.
  virtual Status Pause(std::string_view group, std::span<const PartitionKey> keys,
                       std::optional<WallTime> until, const OperatorNote& note,
                       Deadline deadline) = 0;
  /// How many pauses ended. With `keys` empty, all of the group on this node.
  virtual Result<std::int64_t> Resume(std::string_view group, std::span<const PartitionKey> keys,
                                      const OperatorNote& note, Deadline deadline) = 0;

  /// Forgets the group's offsets and pauses of `keys` (empty: all); its resets, retries and dead
  /// letters stay. How many offsets.
  virtual Result<std::int64_t> Delete(std::string_view group, std::span<const PartitionKey> keys,
                                      const OperatorNote& note, Deadline deadline) = 0;

  /// The same for the whole group, sparing rows that a generation after `newest` owns and those
  /// committed or claimed first within `idle_for` (this node's clock, at least 0). So a call that
  /// arrives late removes nothing of a group that lives again.
  virtual Result<std::int64_t> Expire(std::string_view group, Generation newest,
                                      std::chrono::microseconds idle_for, Deadline deadline) = 0;

  /// Partitions that this data node has, in order; not those that move. Where one is not among
  /// them, what Fetch() and other stores on the node did not find may be somewhere else.
  virtual Result<std::vector<PartitionKey>> ListHere(Deadline deadline) = 0;
};

}  // namespace lanemq::core
