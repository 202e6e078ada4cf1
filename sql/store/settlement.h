#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "common/core/store/retry_store.h"
#include "sql/driver/connection.h"
#include "sql/store/failed_rows.h"

namespace lanemq::sql {

/// What the failures and the ended retries of one partition write. The group's offset row is locked
/// by the transaction, and was judged.
///
/// What nearly always holds is tried first, since each look before costs as much as the writing:
/// that the log has the records, that no earlier failure of them is stored, and that all outcomes
/// are of our own deliveries. When it does not hold, a savepoint undoes the try.
class Settlement {
 public:
  Settlement(Connection& connection, std::string_view prefix, std::string_view group,
             const core::OffsetOwner& owner, const core::PartitionSettlement& asked);

  /// kNotFound, kUnknownTopicOrPartition: a record is no longer in the log; nothing is changed.
  /// Other errors are the whole transaction's. `stored`: the offset's row.
  Status Write(const core::CommittedOffset& stored, core::PartitionSettled& answer);

 private:
  /// A retry that is stored.
  struct Stored {
    std::int64_t attempts = 0;
    bool is_ours = false;
    std::chrono::microseconds due_in{0};
    WallTime first_at;
  };

  Status WriteAll(const core::CommittedOffset& stored, core::PartitionSettled& answer);
  Status Savepoint();
  Status RollBack();

  // Retries that ended.
  Status EndRetries(core::PartitionSettled& answer);
  Result<bool> TryDeletingDone();
  Status LockRetries(const std::vector<core::Offset>& offsets);
  Status WriteOutcomes(core::PartitionSettled& answer);

  // Failures of the log.
  Status WriteFailures(const core::CommittedOffset& stored, core::PartitionSettled& answer);
  /// True: an earlier call has made that attempt ours, and it still is.
  bool AddKeptBefore(core::Offset offset, std::int32_t attempts, const core::FailureFate& fate,
                     core::PartitionSettled& answer) const;
  Status ReadTimeAndDead(const std::vector<FailedRow>& rows);
  Status Copy(FailedTable to, std::span<const FailedRow> rows);
  Status CopyOver(FailedTable to, std::span<const FailedRow> rows);
  Status Delete(FailedTable from, std::span<const core::Offset> offsets);

  Connection& connection_;
  const MessageTable log_;
  const FailedRows rows_;
  const core::OffsetOwner& owner_;
  const std::string holder_;
  const core::PartitionSettlement& asked_;
  std::map<std::int64_t, Stored> retries_;  // Locked.
  std::int64_t failed_at_us_ = 0;           // Of what is copied from the log.
  bool has_dead_ = false;                   // Among what is copied to the retries.
};

}  // namespace lanemq::sql
