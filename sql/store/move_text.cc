#include "sql/store/move_text.h"

#include <array>
#include <iterator>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lanemq::sql {
namespace {

using Names = std::span<const std::string_view>;

constexpr std::string_view kByPartition = "by_partition";
constexpr std::string_view kPrimary = "PRIMARY";
constexpr std::string_view kMessageSize =
    "COALESCE(LENGTH(`key`),0)+COALESCE(LENGTH(headers),0)+COALESCE(LENGTH(body),0)+256";
/// A row without a message; its notes are what varies, and they are short.
constexpr std::string_view kRowSize = "512";

constexpr std::array<std::string_view, 1> kGroup = {"group_id"};
constexpr std::array<std::string_view, 2> kGroupAndEpoch = {"group_id", "reset_epoch"};
constexpr std::array<std::string_view, 2> kGroupAndOrigin = {"group_id", "origin_offset"};
constexpr std::array<std::string_view, 2> kGroupAndFrom = {"group_id", "from_offset"};
constexpr std::array<std::string_view, 3> kDue = {"due_us", "producer_id", "sequence"};
constexpr std::array<std::string_view, 1> kProducer = {"producer_id"};
constexpr std::array<std::string_view, 1> kNewStart = {"new_start"};
constexpr std::array<std::string_view, 2> kFromTo = {"from_offset", "to_offset"};

constexpr std::array<std::string_view, 10> kOffsets = {
    "committed_offset", "generation", "member_id",   "commit_sequence", "claims",
    "attempt_offset",   "attempts",   "reset_epoch", "metadata",        "committed_at"};
constexpr std::array<std::string_view, 4> kPauses = {"paused_until", "requested_by", "reason",
                                                     "paused_at"};
constexpr std::array<std::string_view, 5> kResets = {"old_offset", "new_offset", "requested_by",
                                                     "reason", "at"};
constexpr std::array<std::string_view, 15> kRetries = {
    "due_at",   "attempts",    "leased_by",  "first_failed_at", "last_failed_at",
    "reason",   "first_error", "last_error", "timestamp_us",    "producer_id",
    "sequence", "codec",       "`key`",      "headers",         "body"};
constexpr std::array<std::string_view, 14> kDeadLetters = {
    "dead_at",    "attempts",     "first_failed_at", "last_failed_at", "reason", "first_error",
    "last_error", "timestamp_us", "producer_id",     "sequence",       "codec",  "`key`",
    "headers",    "body"};
constexpr std::array<std::string_view, 4> kDelayed = {"codec", "`key`", "headers", "body"};
constexpr std::array<std::string_view, 2> kDelayedProducers = {"last_sequence", "used_at"};
constexpr std::array<std::string_view, 3> kSnapshot = {"through_offset", "state", "saved_at"};
constexpr std::array<std::string_view, 4> kRetentionLosses = {"to_offset", "lost_total", "reason",
                                                              "at"};
constexpr std::array<std::string_view, 4> kTrims = {"old_start", "requested_by", "reason", "at"};
constexpr std::array<std::string_view, 2> kDataLosses = {"broker", "at"};

// A retry is written anew, or given to another member, by the server's clock; and so dies a letter.
// A delayed message comes and goes: its key has a random number, or one that its producer counts.
constexpr std::array<std::string_view, 5> kRetryChanges = {"due_at", "attempts", "leased_by",
                                                           "last_failed_at", "reason"};
constexpr std::array<std::string_view, 3> kLetterChanges = {"dead_at", "attempts",
                                                            "last_failed_at"};
constexpr std::array<std::string_view, 2> kDelayedChanges = {"codec", "`key`"};

constexpr std::array<StateTable, 11> kTables = {{
    {"group_offsets", kGroup, kOffsets, kByPartition, kOffsets},
    {"group_pauses", kGroup, kPauses, kByPartition, kPauses},
    {"group_resets", kGroupAndEpoch, kResets, kByPartition, kResets},
    {"retry_messages", kGroupAndOrigin, kRetries, kByPartition, kRetryChanges, true},
    {"dead_letters", kGroupAndOrigin, kDeadLetters, kByPartition, kLetterChanges, true},
    {"delayed_messages", kDue, kDelayed, kPrimary, kDelayedChanges, true},
    {"delayed_producers", kProducer, kDelayedProducers, kPrimary, kDelayedProducers},
    {"producer_snapshots", Names{}, kSnapshot, kPrimary, kSnapshot},
    {"retention_losses", kGroupAndFrom, kRetentionLosses, kByPartition, kRetentionLosses},
    {"partition_trims", kNewStart, kTrims, kPrimary, kTrims},
    {"data_losses", kFromTo, kDataLosses, kPrimary, kDataLosses},
}};

std::string Where(const core::PartitionKey& key) {
  return fmt::format("topic_id={} AND partition_index={}", key.topic.value, key.partition);
}

std::string Literal(std::string_view column, const std::string& value) {
  if (column != "group_id") return value;  // A number, as the server wrote it.
  std::string text;
  AppendQuoted(value, text);
  return text;
}

/// " AND ((a>1) OR (a=1 AND b>2))": the rows on one side of `cursor`, so that an index is entered
/// there. `last`: how the last column compares.
std::string Beside(const StateTable& table, const StateCursor& cursor, std::string_view others,
                   std::string_view last) {
  if (cursor.empty()) return "";
  std::string text;
  std::string equal;
  for (std::size_t i = 0; i < cursor.size(); ++i) {
    const std::string literal = Literal(table.order[i], cursor[i]);
    fmt::format_to(std::back_inserter(text), "{}({}{}{}{})", i == 0 ? "" : " OR ", equal,
                   table.order[i], i + 1 == cursor.size() ? last : others, literal);
    equal += fmt::format("{}={} AND ", table.order[i], literal);
  }
  return " AND (" + text + ")";
}

/// " FROM ... WHERE ..."
std::string Within(const StateTable& table, const core::PartitionKey& key,
                   const StateRange& range) {
  return fmt::format(" FROM {} FORCE INDEX ({}) WHERE {}{}{}", table.name, table.index, Where(key),
                     Beside(table, range.after, ">", ">"), Beside(table, range.to, "<", "<="));
}

std::string Page(std::string_view what, const StateTable& table, const core::PartitionKey& key,
                 const StateRange& range) {
  std::string text = fmt::format("SELECT {}", what) + Within(table, key, range);
  if (!table.order.empty()) {
    text += fmt::format(" ORDER BY {}", fmt::join(table.order, ","));
  }
  return text;
}

std::string Page(std::string_view what, const StateTable& table, const core::PartitionKey& key,
                 const StateRange& range, std::int64_t max) {
  return Page(what, table, key, range) + fmt::format(" LIMIT {}", max);
}

/// The row as one text. Each column as its CRC: no separator in it misleads, and it is short.
std::string CheckedText(const StateTable& table) {
  std::string text = "CONCAT_WS(','";
  for (const std::string_view name : table.order)
    fmt::format_to(std::back_inserter(text), ",{}", name);
  for (const std::string_view name : table.checked) {
    fmt::format_to(std::back_inserter(text), ",ISNULL({0}),CRC32({0})", name);
  }
  return text + ")";
}

}  // namespace

std::span<const StateTable> StateTables() { return kTables; }

std::string SelectKeyText(const StateTable& table, const core::PartitionKey& key,
                          const StateCursor& after, std::int64_t place) {
  return Page(fmt::format("{}", fmt::join(table.order, ",")), table, key, {after, {}}) +
         fmt::format(" LIMIT {},1", place - 1);
}

std::string SelectCheckText(const StateTable& table, const core::PartitionKey& key,
                            const StateRange& range) {
  const std::string row = CheckedText(table);
  return fmt::format("SELECT COUNT(*),BIT_XOR(CRC32({0})*CRC32(REVERSE({0})))", row) +
         Within(table, key, range);
}

std::string SelectSizesText(const StateTable& table, const core::PartitionKey& key,
                            const StateRange& range, std::int64_t max) {
  return Page(table.has_messages ? kMessageSize : kRowSize, table, key, range, max);
}

std::string SelectRowsText(const StateTable& table, const core::PartitionKey& key,
                           const StateRange& range, std::int64_t max) {
  std::string what = "topic_id,partition_index";
  for (const Names names : {table.order, table.columns}) {
    for (const std::string_view name : names) {
      what += ',';
      what += name;
    }
  }
  return Page(what, table, key, range, max);
}

std::string DeleteRangeText(const StateTable& table, const core::PartitionKey& key,
                            const StateRange& range) {
  return fmt::format("DELETE {}", table.name) + Within(table, key, range);
}

std::string CountText(const StateTable& table, const core::PartitionKey& key) {
  return fmt::format("SELECT COUNT(*) FROM {} FORCE INDEX ({}) WHERE {}", table.name, table.index,
                     Where(key));
}

std::string DeleteText(const StateTable& table, const core::PartitionKey& key, std::int64_t max) {
  return fmt::format("DELETE FROM {} WHERE {} LIMIT {}", table.name, Where(key), max);
}

std::string SelectLogText(const MessageTable& table, core::Offset from, std::int64_t max) {
  std::string text;
  table.Select(from, max, text);
  return text;
}

std::string SelectLogSizesText(const MessageTable& table, core::Offset from, std::int64_t max) {
  return fmt::format("SELECT {} FROM {} WHERE `offset`>={} ORDER BY `offset` LIMIT {}",
                     kMessageSize, table.name(), from.value, max);
}

std::string SelectLogEndsText(const MessageTable& table, core::Offset from) {
  return fmt::format("SELECT MIN(`offset`),MAX(`offset`) FROM {} WHERE `offset`>={}", table.name(),
                     from.value);
}

std::string CountLogText(const MessageTable& table, core::Offset from) {
  return fmt::format("SELECT COUNT(*) FROM {} WHERE `offset`>={}", table.name(), from.value);
}

RowCopy::RowCopy(const StateTable& table)
    : columns_(static_cast<unsigned>(2 + table.order.size() + table.columns.size())) {
  head_ = fmt::format("INSERT INTO {} (topic_id,partition_index", table.name);
  for (const Names names : {table.order, table.columns}) {
    for (const std::string_view name : names) {
      head_ += ',';
      head_ += name;
    }
  }
  head_ += ") VALUES ";
  end_ = " ON DUPLICATE KEY UPDATE topic_id=VALUES(topic_id)";
}

RowCopy::RowCopy(const MessageTable& table)
    : head_("INSERT INTO " + table.name() + " "), columns_(kLogColumns) {
  table.AppendColumns(head_);
  head_ += " VALUES ";
}

bool RowCopy::Add(const Row& row, std::size_t statement_max) {
  std::string text = "(";
  for (unsigned i = 0; i < columns_; ++i) {
    if (i > 0) text += ',';
    if (row.IsNull(i)) {
      text += "NULL";
    } else {
      const std::string value = row.String(i);
      bytes_ += static_cast<std::int64_t>(value.size());
      AppendQuoted(value, text);
    }
  }
  text += ')';
  if (head_.size() + text.size() + end_.size() > statement_max) return false;
  ++rows_;
  const bool is_first = statements_.empty();
  if (is_first || statements_.back().size() + 1 + text.size() > statement_max) {
    statements_.push_back(head_ + text + end_);
    return true;
  }
  std::string& last = statements_.back();
  last.insert(last.size() - end_.size(), "," + text);
  return true;
}

}  // namespace lanemq::sql
