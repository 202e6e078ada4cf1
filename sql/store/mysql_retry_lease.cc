#include <algorithm>
#include <map>

#include "sql/driver/transaction.h"
#include "sql/statements/statements.h"
#include "sql/store/failed_rows.h"
#include "sql/store/mysql_retry_store.h"
#include "sql/store/offset_rows.h"
#include "sql/store/on_node.h"
#include "sql/store/owned_offset.h"
#include "sql/store/partition_guard.h"
#include "sql/store/record_row.h"

namespace lanemq::sql {
namespace {

using core::DueRetry;
using core::LeasedRetries;
using core::Offset;
using core::OffsetOwner;
using core::PartitionKey;
using core::RetryWish;
using std::chrono::microseconds;

constexpr std::int32_t kRecordsMax = 1'000;
constexpr std::chrono::hours kLeaseMax{24};

/// What a transaction takes for one owner.
class Leasing {
 public:
  Leasing(Connection& connection, std::string_view group, const OffsetOwner& owner,
          core::RetryLimits limits, microseconds lease, LeasedRetries& out)
      : connection_(connection),
        group_(group),
        owner_(owner),
        holder_(HolderOf(owner)),
        records_left_(std::clamp(limits.records_max, 0, kRecordsMax)),
        bytes_left_(limits.bytes_max),
        lease_(lease),
        out_(out) {}

  /// Locks the partition's offset and looks whether retries are due: kIllegalGeneration in
  /// `status`. The outer Status is for the whole call.
  Status Open(const RetryWish& wish, std::size_t place, bool take_over, Status& status) {
    LANEMQ_ASSIGN_OR_RETURN(const auto stored,
                            ReadOffset(connection_, statements::kLockOffset, group_, wish.key));
    if (stored) {
      status = JudgeOwner(*stored, owner_);
      if (!status.ok()) return {};
    }
    if (take_over) {
      const microseconds longest = lease_ + core::kKeptWaitMax;
      LANEMQ_RETURN_IF_ERROR(
          connection_.Update(statements::kReleaseRetries,
                             {lease_.count(), group_, wish.key.topic.value,
                              std::int64_t{wish.key.partition}, longest.count(), holder_}));
    }
    LANEMQ_ASSIGN_OR_RETURN(const auto due_in, NextDue(wish.key));
    if (!due_in) return {};
    if (due_in->count() > 0) {
      Await(*due_in);
      return {};
    }
    if (!stored) {
      // The group's offsets were deleted, its retries were not.
      LANEMQ_ASSIGN_OR_RETURN(const OwnedOffset owned,
                              LockOwned(connection_, group_, wish.key, owner_, 0));
      status = JudgeOwner(owned.stored, owner_);
      if (!status.ok()) return {};
    }
    due_.emplace(*due_in, place);
    return {};
  }

  /// Takes what fits, of the partition that waits longest first.
  Status Take(std::span<const RetryWish> wishes) {
    for (const auto& [due_in, place] : due_) {
      const RetryWish& wish = wishes[place];
      if (records_left_ > 0 && !is_full_) LANEMQ_RETURN_IF_ERROR(TakeFrom(wish));
      LANEMQ_ASSIGN_OR_RETURN(const auto next, NextDue(wish.key));
      if (next) Await(*next);
    }
    return {};
  }

 private:
  void Await(microseconds due_in) {
    due_in = std::max(due_in, microseconds{0});
    out_.next_due_in = std::min(out_.next_due_in.value_or(due_in), due_in);
  }

  Result<std::optional<microseconds>> NextDue(const PartitionKey& key) {
    std::optional<microseconds> next;
    LANEMQ_RETURN_IF_ERROR(connection_.Query(statements::kNextRetry,
                                             {group_, key.topic.value, std::int64_t{key.partition}},
                                             [&](const Row& row) {
                                               if (!row.IsNull(0))
                                                 next = microseconds{row.Int64(0)};
                                               return false;
                                             }));
    return next;
  }

  Status TakeFrom(const RetryWish& wish) {
    std::vector<Offset> taken;
    std::vector<Offset> lost;
    LANEMQ_RETURN_IF_ERROR(
        connection_.Query(statements::kDueRetries,
                          {group_, wish.key.topic.value, std::int64_t{wish.key.partition},
                           std::int64_t{records_left_}},
                          [&](const Row& row) {
                            if (row.Int64(1) >= wish.max_attempts) {
                              lost.emplace_back(row.Int64(0));
                              return true;
                            }
                            const auto bytes = static_cast<std::size_t>(row.Int64(2));
                            is_full_ = bytes > bytes_left_ && !(out_.due.empty() && taken.empty());
                            if (is_full_) return false;
                            bytes_left_ -= std::min(bytes, bytes_left_);
                            taken.emplace_back(row.Int64(0));
                            return true;
                          }));
    const FailedRows rows(group_, wish.key);
    LANEMQ_RETURN_IF_ERROR(BuryLost(rows, lost));
    return LeaseThem(rows, wish.key, taken);
  }

  Status BuryLost(const FailedRows& rows, const std::vector<Offset>& lost) {
    if (lost.empty()) return {};
    rows.CopyLostToDead(lost, connection_.Text());
    LANEMQ_RETURN_IF_ERROR(connection_.UpdateText("bury_lost_retries"));
    rows.Delete(FailedTable::kRetry, lost, connection_.Text());
    LANEMQ_RETURN_IF_ERROR(ExpectAll("delete_retries", lost.size()));
    out_.dead += static_cast<std::int32_t>(lost.size());
    return {};
  }

  Status LeaseThem(const FailedRows& rows, const PartitionKey& key,
                   const std::vector<Offset>& taken) {
    if (taken.empty()) return {};
    rows.Lease(taken, holder_, lease_.count(), connection_.Text());
    LANEMQ_RETURN_IF_ERROR(ExpectAll("lease_retries", taken.size()));
    std::map<std::int64_t, DueRetry> read;
    Status decoded;
    rows.SelectRetries(taken, connection_.Text());
    LANEMQ_RETURN_IF_ERROR(connection_.QueryText("read_retries", [&](const Row& row) {
      auto record = ToRecord(row);
      if (!record.ok()) {
        decoded = record.error();
        return false;
      }
      DueRetry& retry = read[row.Int64(0)];
      retry.key = key;
      retry.record = *std::move(record);
      core::FailureHistory& history = retry.history;
      history.attempts = static_cast<std::int32_t>(row.Int64(8));
      history.first.error = row.String(10);
      history.last = {row.String(9), row.String(11)};
      history.first_at = WallTime{row.Int64(12)};
      history.last_at = WallTime{row.Int64(13)};
      return true;
    }));
    LANEMQ_RETURN_IF_ERROR(decoded);
    for (const Offset offset : taken) {
      const auto found = read.find(offset.value);
      if (found == read.end()) return Raced();
      out_.due.push_back(std::move(found->second));
      --records_left_;
    }
    return {};
  }

  /// Runs the text, which must find `rows` rows. Operators move and drop rows without the lock of
  /// the offset.
  Status ExpectAll(std::string_view name, std::size_t rows) {
    LANEMQ_ASSIGN_OR_RETURN(const std::int64_t affected, connection_.UpdateText(name));
    return affected == static_cast<std::int64_t>(rows) ? Status{} : Raced();
  }
  static Status Raced() {
    return Error{ErrorCode::kConflict, "somebody else removed a retry that was about to be leased"};
  }

  Connection& connection_;
  const std::string_view group_;
  const OffsetOwner& owner_;
  const std::string holder_;
  std::int32_t records_left_;
  std::size_t bytes_left_;
  bool is_full_ = false;
  const microseconds lease_;
  std::multimap<microseconds, std::size_t> due_;  ///< Places of wishes, longest overdue first.
  LeasedRetries& out_;
};

}  // namespace

Result<LeasedRetries> MySqlRetryStore::Lease(std::string_view group, const OffsetOwner& owner,
                                             std::span<const RetryWish> wishes,
                                             core::RetryLimits limits,
                                             std::chrono::milliseconds lease, bool take_over,
                                             Deadline deadline) {
  LeasedRetries leased;
  if (wishes.empty()) return leased;
  LANEMQ_ASSIGN_OR_RETURN(const auto node, nodes_.Find(node_));
  std::vector<PartitionKey> keys;
  for (const RetryWish& wish : wishes) keys.push_back(wish.key);
  const microseconds length =
      std::clamp<std::chrono::milliseconds>(lease, std::chrono::milliseconds{0}, kLeaseMax);
  LANEMQ_RETURN_IF_ERROR(
      RunInTransaction(node->pool, deadline, [&](Connection& connection) -> Status {
        leased = {};
        LANEMQ_ASSIGN_OR_RETURN(leased.statuses, SharePartitions(connection, keys));
        Leasing leasing(connection, group, owner, limits, length, leased);
        for (const std::size_t i : InLockOrder(wishes, [](const auto& wish) { return wish.key; })) {
          if (!leased.statuses[i].ok()) continue;
          LANEMQ_RETURN_IF_ERROR(leasing.Open(wishes[i], i, take_over, leased.statuses[i]));
        }
        return leasing.Take(wishes);
      }));
  return leased;
}

}  // namespace lanemq::sql
