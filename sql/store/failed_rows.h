#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "common/core/types/ids.h"
#include "sql/store/message_table.h"

namespace lanemq::sql {

/// What is written of one failure.
struct FailedRow {
  core::Offset offset;
  std::int32_t attempts = 0;   ///< Not used for rows that are retries already: theirs stay.
  std::int64_t due_in_us = 0;  ///< Not used for dead ones.
  std::string_view reason;
  std::string_view error;
};

enum class FailedTable { kRetry, kDead };

/// At most this many rows in one statement. Keeps texts well below max_allowed_packet.
inline constexpr std::size_t kFailedRowsPerStatement = 128;

/// Builds the statements on one group's failed records of one partition. Like those of
/// MessageTable: the source's name and the number of rows vary. Rows go from table to table on the
/// server, so that nothing is encoded again. Each method replaces `out`; each requires a row.
class FailedRows {
 public:
  FailedRows(std::string_view group, const core::PartitionKey& key);

  /// How many of `rows` the log still has.
  static void CountInLog(const MessageTable& log, std::span<const FailedRow> rows,
                         std::string& out);
  /// Copies `rows` from the log to `to`, in place of rows that are there. Affects at least as many
  /// rows as were found.
  void CopyFromLog(const MessageTable& log, FailedTable to, std::span<const FailedRow> rows,
                   std::string& out) const;
  /// origin_offset and attempts of the retries there are of `offsets`, locked.
  void LockRetries(std::span<const core::Offset> offsets, std::string& out) const;
  /// Retries that failed again: nobody's, and due when they say.
  void Reschedule(std::span<const FailedRow> rows, std::string& out) const;
  /// Copies retries that failed for the last time to the dead letters.
  void CopyToDead(std::span<const FailedRow> rows, std::string& out) const;
  /// The same for retries whose last attempt had no outcome.
  void CopyLostToDead(std::span<const core::Offset> offsets, std::string& out) const;
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
