#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "common/core/types/ids.h"
#include "common/core/types/record.h"

namespace lanemq::sql {

/// Where the first segment of a new message table ends.
inline constexpr core::Offset kFirstBound{100'000};

/// Whether a partition's table is the partition's log. The name of the column of the times says it:
/// where it has another name, everybody but the mover is refused by the server, appends and reads
/// alike. A column is renamed at once and in one piece on both servers, segments or not, also when
/// the server is killed; a table with segments is not (MariaDB 10.11).
enum class TableRole : std::uint8_t {
  kOpen,      ///< timestamp_us
  kArriving,  ///< arriving_timestamp_us: the partition is being copied to the node.
  kSealed,    ///< sealed_timestamp_us: it was sealed to leave the node.
};

/// Builds the statements on one partition's message table. With retention_text, failed_rows,
/// group_rows, log_append, delayed_text, dead_letter_text, move_text and outbox_text the only C++
/// that writes SQL text: the table's name and the number of rows vary, so these statements cannot
/// be embedded.
///
/// Everything is made of numbers, of identifiers our own code allocated, and of quoted bytes. The
/// session must have character set binary and no NO_BACKSLASH_ESCAPES (sql/driver sees to it).
/// Each method replaces `out`, whose capacity is reused.
class MessageTable {
 public:
  /// `prefix` must have passed CheckSchemaPrefix().
  MessageTable(std::string_view prefix, const core::PartitionLocation& location,
               TableRole role = TableRole::kOpen);

  /// `p_00`.`msg_7_3`, whatever its role.
  [[nodiscard]] const std::string& name() const { return name_; }

  /// With a segment below each of `bounds`, which ascend, and one for all that follows.
  void Create(std::string_view topic_name, std::string& out,
              std::span<const core::Offset> bounds = std::span(&kFirstBound, 1)) const;
  void Drop(std::string& out) const;
  /// Gives it the role `to`; the server refuses it where it has not this one's.
  void ChangeRole(TableRole to, std::string& out) const;
  /// "(`offset`,timestamp_us,...)": all columns, in the order of Select().
  void AppendColumns(std::string& out) const;
  /// One INSERT of all `records`, with their offsets. Requires at least one.
  void Insert(std::span<const core::RecordPtr> records, std::string& out) const;
  /// Columns as RowToRecord() wants them, from `from` on, at most `limit` rows.
  void Select(core::Offset from, std::int64_t limit, std::string& out) const;
  /// offset, timestamp_us, producer_id, sequence from `from` on.
  void SelectIdentities(core::Offset from, std::int64_t limit, std::string& out) const;
  /// log start, then the newest row's identity or NULLs; no row when the partition is unknown.
  ///
  /// `known`: an offset that a row is believed to have. Only rows from there on are looked at, so
  /// that a log of many segments costs as much as one of a single one; when there is none, the log
  /// is shorter than believed: NULLs, and the caller asks again without it.
  void SelectTail(std::string& out, core::Offset known = core::Offset{0}) const;

  /// Index into `tables`, end offset of each (NULL: the partition is unknown), and the newest row's
  /// offset; in one statement.
  /// `known`: one for each table, as in SelectTail(). Where the newest row's offset is NULL and
  /// `known` was not 0, the end is not known either. Requires at least one.
  static void SelectEnds(std::span<const MessageTable> tables, std::span<const core::Offset> known,
                         std::string& out);

 private:
  void AppendLogStart(std::string& out) const;

  TableRole role_;
  std::string name_;
  std::string state_table_;
  core::PartitionKey key_;
};

/// Appends `bytes` as a quoted literal for a session whose character set is binary.
void AppendQuoted(std::string_view bytes, std::string& out);

}  // namespace lanemq::sql
