#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "common/core/store/offset_store.h"
#include "common/core/types/ids.h"
#include "sql/store/message_table.h"

namespace lanemq::sql {

/// What is written of one failure.
struct FailedRow {
  core::Offset offset;
  std::int32_t attempts = 0;   ///< Not used for rows that are retries already.
  std::int64_t due_in_us = 0;  ///< While it is kept: the end of the lease. Not used for dead ones.
  bool is_kept = false;        ///< By the holder. Not used for dead ones.
  std::string_view reason;
  std::string_view error;
};

enum class FailedTable { kRetry, kDead };

/// Who an owner's leases belong to, as `leased_by`: "7/member" in its generation 7, for a member
/// that lost a partition and has it again has forgotten what it held. An explicit assignment is
/// "-"; empty is nobody.
std::string HolderOf(const core::OffsetOwner& owner);
/// In whatever generation.
bool IsHeldBy(std::string_view leased_by, const core::OffsetOwner& owner);

/// How records are copied from the log.
struct FailedCopy {
  FailedTable to = FailedTable::kRetry;
  bool is_over = false;           ///< Rows that are there are replaced. Otherwise: kAlreadyExists.
  std::string_view holder;        ///< Of those that are kept.
  std::int64_t failed_at_us = 0;  ///< Since 1970.
};

/// At most this many rows in one statement. Keeps texts well below max_allowed_packet.
inline constexpr std::size_t kFailedRowsPerStatement = 128;

/// Builds the statements on one group's failed records of one partition. Like those of
/// MessageTable: the source's name and the number of rows vary. Rows go from table to table on the
/// server, so that nothing is encoded again. Each method replaces `out`; each requires a row.
class FailedRows {
 public:
  FailedRows(std::string_view group, const core::PartitionKey& key);

  /// The time in microseconds since 1970, and whether dead letters are where `rows` go.
  void FindDead(std::span<const FailedRow> rows, std::string& out) const;
  /// How many of `rows` the log still has.
  static void CountInLog(const MessageTable& log, std::span<const FailedRow> rows,
                         std::string& out);
  /// Copies `rows` from the log. Affects as many rows as were found, or more where it is over
  /// others.
  void CopyFromLog(const MessageTable& log, const FailedCopy& copy, std::span<const FailedRow> rows,
                   std::string& out) const;
  /// origin_offset, attempts, leased_by, microseconds until due_at, first_failed_at in microseconds
  /// since 1970, of the retries there are of `offsets`, locked.
  void LockRetries(std::span<const core::Offset> offsets, std::string& out) const;
  /// Retries that failed again: due when they say; nobody's, or kept by `holder`, and counted.
  void Reschedule(std::span<const FailedRow> rows, std::string_view holder, std::string& out) const;
  /// Copies retries that failed for the last time to the dead letters.
  void CopyToDead(std::span<const FailedRow> rows, std::string& out) const;
  /// The same for retries whose last attempt had no outcome.
  void CopyLostToDead(std::span<const core::Offset> offsets, std::string& out) const;
  /// Retries that worked: those whose attempt it still is.
  void DeleteDone(std::span<const core::Offset> offsets, std::int32_t attempt,
                  std::string& out) const;
  void Delete(FailedTable from, std::span<const core::Offset> offsets, std::string& out) const;
  /// Counts the attempts of retries and makes them `holder`'s for `lease_us`.
  void Lease(std::span<const core::Offset> offsets, std::string_view holder, std::int64_t lease_us,
             std::string& out) const;
  /// Columns as ToRecord() wants them, then attempts, reason, first_error, last_error,
  /// first_failed_at, last_failed_at (both in microseconds since 1970).
  void SelectRetries(std::span<const core::Offset> offsets, std::string& out) const;

 private:
  void AppendIs(std::string_view alias, std::string& out) const;
  void AppendIsOneOf(std::span<const core::Offset> offsets, std::string& out) const;

  std::string group_;  ///< Quoted.
  std::string topic_;
  std::string partition_;
};

}  // namespace lanemq::sql
