#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "common/core/types/ids.h"
#include "common/core/types/record.h"

namespace lanemq::sql {

/// Builds the statements on one partition's message table. With failed_rows, group_rows,
/// log_append, delayed_text, dead_letter_text and outbox_text the only C++ that writes SQL text:
/// the table's name and the number of rows vary, so these statements cannot be embedded.
///
/// Everything is made of numbers, of identifiers our own code allocated, and of quoted bytes. The
/// session must have character set binary and no NO_BACKSLASH_ESCAPES (sql/driver sees to it).
/// Each method replaces `out`, whose capacity is reused.
class MessageTable {
 public:
  /// `prefix` must have passed CheckSchemaPrefix().
  MessageTable(std::string_view prefix, const core::PartitionLocation& location);

  /// `p_00`.`msg_7_3`
  [[nodiscard]] const std::string& name() const { return name_; }

  void Create(std::string_view topic_name, std::string& out) const;
  void Drop(std::string& out) const;
  /// One INSERT of all `records`, with their offsets. Requires at least one.
  void Insert(std::span<const core::RecordPtr> records, std::string& out) const;
  /// Columns as RowToRecord() wants them, from `from` on, at most `limit` rows.
  void Select(core::Offset from, std::int64_t limit, std::string& out) const;
  /// offset, timestamp_us, producer_id, sequence from `from` on.
  void SelectIdentities(core::Offset from, std::int64_t limit, std::string& out) const;
  /// log start, then the newest row's identity or NULLs; no row when the partition is unknown.
  void SelectTail(std::string& out) const;

  /// Index into `tables` and end offset of each, in one statement. Requires at least one.
  static void SelectEnds(std::span<const MessageTable> tables, std::string& out);

 private:
  void AppendLogStart(std::string& out) const;

  std::string name_;
  std::string state_table_;
  core::PartitionKey key_;
};

/// Appends `bytes` as a quoted literal for a session whose character set is binary.
void AppendQuoted(std::string_view bytes, std::string& out);

}  // namespace lanemq::sql
