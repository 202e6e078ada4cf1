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
#include "common/core/retry/retry_policy.h"
#include "common/core/store/offset_store.h"
#include "common/core/types/failure.h"

namespace lanemq::core {

/// What is due later than this is not kept.
inline constexpr std::chrono::seconds kKeptWaitMax{10};

/// Where a record that failed goes.
struct FailureFate {
  bool is_dead = false;
  std::chrono::microseconds due_in{
      0};  ///< By the data node's clock; at least 0. Unless it is dead.
  /// The owner has the record at hand and keeps it: its next attempt is counted now, and it is the
  /// owner's until so much after it is due. nullopt: it is nobody's. Unless it is dead.
  std::optional<std::chrono::microseconds> kept_for = std::nullopt;
};

/// A record of the log that failed and that the commit beside it passes.
struct LogFailure {
  Offset offset;  ///< Below the commit's.
  std::int32_t attempts = 1;
  FailureFate fate;
  FailureNote note;
};

/// How a delivery of a retry ended.
struct RetryOutcome {
  Offset offset;
  std::int32_t attempt =
      0;  ///< The delivery's; another one: it is no longer ours, nothing changes.
  bool is_ok = false;
  FailureFate fate;  ///< Unless it is ok.
  FailureNote note;
};

/// What one partition's owner has to write down. Everything is optional.
struct PartitionSettlement {
  PartitionLocation location;
  std::optional<OffsetCommit> commit;  ///< Its key is the location's.
  std::vector<LogFailure> failures;    ///< Requires a commit. Ascending offsets.
  std::vector<RetryOutcome> retries;
  /// This record is about to be handled: counts it. At or above the offset committed here.
  std::optional<Offset> begins;
};

/// A retry that the owner keeps.
struct KeptRetry {
  Offset offset;
  std::int32_t attempt = 0;             ///< The coming one: the token of its outcome.
  std::chrono::microseconds due_in{0};  ///< Negative: it was due. Its lease counts from there.
  WallTime first_at;                    ///< When it failed first; the data node's clock.
};

struct PartitionSettled {
  /// As for OffsetStore::Commit, without a commit too; kNotFound: a failed record is no longer in
  /// the log. Whatever it is, nothing of this partition was changed.
  Status status;
  std::int32_t retried = 0;
  std::int32_t dead = 0;
  std::vector<Offset> stale;    ///< Outcomes of deliveries that were no longer ours.
  std::vector<KeptRetry> kept;  ///< Also those that an earlier call kept, when this repeats it.
  std::int32_t attempts = 0;    ///< Of the record that `begins`, this one included.
};

/// A retry that is delivered.
struct DueRetry {
  PartitionKey key;
  RecordPtr record;        ///< With the offset and timestamp it had in the log.
  FailureHistory history;  ///< `attempts` counts this delivery: it is the token of its outcome.
};

struct RetryWish {
  PartitionKey key;
  std::int32_t max_attempts = 16;  ///< Rows that had that many become dead letters ("lost").
};

struct RetryLimits {
  std::int32_t records_max = 100;
  std::size_t bytes_max = 1u << 20;  ///< The first record always fits.
};

struct LeasedRetries {
  std::vector<Status> statuses;  ///< Per wish: kIllegalGeneration when another member owns it.
  std::vector<DueRetry> due;     ///< By due time within a partition.
  std::int32_t dead = 0;         ///< Became dead letters.
  /// Until the next one of these partitions is due; 0: more are due now. nullopt: none.
  std::optional<std::chrono::microseconds> next_due_in;
};

/// When the group's next retry is due, by partition.
struct RetryBacklog {
  PartitionKey key;
  std::chrono::microseconds due_in;  ///< Not positive: now.
};

struct StoredRetryPolicy {
  std::optional<TopicId> topic;  ///< nullopt: for all topics without one of their own.
  RetryPolicy policy;
  WallTime at;
  std::string requested_by;
};

/// Failed records of consumer groups on one data node, and what is done about them.
///
/// Implementation: sql::MySqlRetryStore; passes tests/conformance/retry_store_suite.h on both
/// engines. Thread safety and errors: as OffsetStore's; all calls are harmless to repeat (but a
/// repeated `begins` counts again).
class RetryStore {
 public:
  virtual ~RetryStore() = default;

  /// Commits offsets with the failures they pass, ends deliveries of retries: one transaction, all
  /// durable when this returns. Answers per partition, in order. Failures below the offset that is
  /// stored already were written with it and are skipped, unless the commit goes back. A failure
  /// whose row is there already (the group was moved back) replaces it.
  virtual Result<std::vector<PartitionSettled>> Settle(
      std::string_view group, const OffsetOwner& owner,
      std::span<const PartitionSettlement> partitions, Deadline deadline) = 0;

  /// Takes due retries for `lease`: counts the attempt, and nobody gets them again before the end
  /// of the lease. `take_over`: also those that other members hold, when they are due: the first
  /// call after a claim.
  virtual Result<LeasedRetries> Lease(std::string_view group, const OffsetOwner& owner,
                                      std::span<const RetryWish> wishes, RetryLimits limits,
                                      std::chrono::milliseconds lease, bool take_over,
                                      Deadline deadline) = 0;

  /// Partitions of the group with retries, each with the earliest due time (leased ones count at
  /// the end of their lease).
  virtual Result<std::vector<RetryBacklog>> Backlog(std::string_view group, Deadline deadline) = 0;

  virtual Result<std::vector<StoredRetryPolicy>> Policies(std::string_view group,
                                                          Deadline deadline) = 0;
  /// nullopt removes it. `policy` must have passed CheckRetryPolicy().
  virtual Status SetPolicy(std::string_view group, std::optional<TopicId> topic,
                           const std::optional<RetryPolicy>& policy, const OperatorNote& note,
                           Deadline deadline) = 0;
};

}  // namespace lanemq::core
