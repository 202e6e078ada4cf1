#include "sql/store/failed_rows.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "common/base/check.h"

namespace lanemq::sql {
namespace {

constexpr std::string_view kRecordColumns =
    "timestamp_us,producer_id,sequence,codec,`key`,headers,body";
// Other indexes begin with the same columns; where few rows are, the optimizer would try them.
constexpr std::string_view kByKey = " t FORCE INDEX (PRIMARY) WHERE ";
constexpr std::string_view kIntoRetries =
    " INTO retry_messages (group_id,topic_id,partition_index,origin_offset,due_at,attempts,"
    "leased_by,first_failed_at,last_failed_at,reason,first_error,last_error,";
constexpr std::string_view kIntoDead =
    " INTO dead_letters (group_id,topic_id,partition_index,origin_offset,dead_at,attempts,"
    "first_failed_at,last_failed_at,reason,first_error,last_error,";

// As wide as the column. Ids are shorter by far.
constexpr std::size_t kHolderBytesMax = 255;

void AppendNumber(std::int64_t number, std::string& out) {
  fmt::format_to(std::back_inserter(out), "{}", number);
}

/// (10,11,12)
void AppendList(std::span<const core::Offset> offsets, std::string& out) {
  LANEMQ_CHECK(!offsets.empty());
  char separator = '(';
  for (const core::Offset offset : offsets) {
    out.push_back(separator);
    AppendNumber(offset.value, out);
    separator = ',';
  }
  out.push_back(')');
}

/// (SELECT 10 o,1 a,500 d,0 k,'timeout' r,'text' e UNION ALL SELECT ...) f
void AppendDerived(std::span<const FailedRow> rows, std::string& out) {
  LANEMQ_CHECK(!rows.empty());
  bool is_first = true;
  for (const FailedRow& row : rows) {
    out += is_first ? "(SELECT " : " UNION ALL SELECT ";
    AppendNumber(row.offset.value, out);
    out += is_first ? " o," : ",";
    AppendNumber(row.attempts, out);
    out += is_first ? " a," : ",";
    AppendNumber(row.due_in_us, out);
    out += is_first ? " d," : ",";
    out.push_back(row.is_kept ? '1' : '0');
    out += is_first ? " k," : ",";
    AppendQuoted(row.reason, out);
    out += is_first ? " r," : ",";
    AppendQuoted(row.error, out);
    if (std::exchange(is_first, false)) out += " e";
  }
  out += ") f";
}

/// IF(f.k,'member','')
void AppendHolder(std::string_view holder, std::string& out) {
  out += "IF(f.k,";
  AppendQuoted(holder, out);
  out += ",'')";
}

}  // namespace

std::string HolderOf(const core::OffsetOwner& owner) {
  if (owner.member_id.empty()) return "-";
  std::string holder = fmt::format("{}/{}", owner.generation.value, owner.member_id);
  if (holder.size() > kHolderBytesMax) holder.resize(kHolderBytesMax);
  return holder;
}

bool IsHeldBy(std::string_view leased_by, const core::OffsetOwner& owner) {
  const std::string holder = HolderOf(owner);
  const auto member = [](std::string_view text) { return text.substr(text.find('/') + 1); };
  return member(leased_by) == member(holder);
}

FailedRows::FailedRows(std::string_view group, const core::PartitionKey& key)
    : topic_(std::to_string(key.topic.value)), partition_(std::to_string(key.partition)) {
  AppendQuoted(group, group_);
}

void FailedRows::AppendIs(std::string_view alias, std::string& out) const {
  fmt::format_to(std::back_inserter(out),
                 "{0}group_id={1} AND {0}topic_id={2} AND {0}partition_index={3}", alias, group_,
                 topic_, partition_);
}

void FailedRows::AppendIsOneOf(std::span<const core::Offset> offsets, std::string& out) const {
  AppendIs("t.", out);
  out += " AND t.origin_offset IN ";
  AppendList(offsets, out);
}

void FailedRows::FindDead(std::span<const FailedRow> rows, std::string& out) const {
  out = "SELECT TIMESTAMPDIFF(MICROSECOND,'1970-01-01',UTC_TIMESTAMP(6)),";
  if (rows.empty()) {
    out += "0";
    return;
  }
  const auto [first, last] = std::ranges::minmax(rows, {}, &FailedRow::offset);
  out += "EXISTS(SELECT 1 FROM dead_letters";
  out += kByKey;
  AppendIs("t.", out);
  fmt::format_to(std::back_inserter(out), " AND t.origin_offset BETWEEN {} AND {})",
                 first.offset.value, last.offset.value);
}

void FailedRows::CountInLog(const MessageTable& log, std::span<const FailedRow> rows,
                            std::string& out) {
  LANEMQ_CHECK(!rows.empty());
  out = "SELECT COUNT(*) FROM ";
  out += log.name();
  char separator = '(';
  out += " WHERE `offset` IN ";
  for (const FailedRow& row : rows) {
    out.push_back(separator);
    AppendNumber(row.offset.value, out);
    separator = ',';
  }
  out.push_back(')');
}

void FailedRows::CopyFromLog(const MessageTable& log, const FailedCopy& copy,
                             std::span<const FailedRow> rows, std::string& out) const {
  const bool is_dead = copy.to == FailedTable::kDead;
  out = copy.is_over ? "REPLACE" : "INSERT";
  out += is_dead ? kIntoDead : kIntoRetries;
  out += kRecordColumns;
  // The failures first: each is one row of the log's primary key.
  fmt::format_to(std::back_inserter(out),
                 ") SELECT STRAIGHT_JOIN {},{},{},m.`offset`,UTC_TIMESTAMP(6){},f.a,", group_,
                 topic_, partition_, is_dead ? "" : "+INTERVAL f.d MICROSECOND");
  if (!is_dead) {
    AppendHolder(copy.holder, out);
    out.push_back(',');
  }
  fmt::format_to(std::back_inserter(out),
                 "TIMESTAMP'1970-01-01 00:00:00'+INTERVAL {0} MICROSECOND,"
                 "TIMESTAMP'1970-01-01 00:00:00'+INTERVAL {0} MICROSECOND,f.r,f.e,f.e,{1} FROM ",
                 copy.failed_at_us, kRecordColumns);
  AppendDerived(rows, out);
  out += " JOIN ";
  out += log.name();
  out += " m ON m.`offset`=f.o";
}

void FailedRows::LockRetries(std::span<const core::Offset> offsets, std::string& out) const {
  out =
      "SELECT origin_offset,attempts,leased_by,TIMESTAMPDIFF(MICROSECOND,UTC_TIMESTAMP(6),due_at),"
      "TIMESTAMPDIFF(MICROSECOND,'1970-01-01',first_failed_at) FROM retry_messages";
  out += kByKey;
  AppendIsOneOf(offsets, out);
  out += " FOR UPDATE";
}

void FailedRows::Reschedule(std::span<const FailedRow> rows, std::string_view holder,
                            std::string& out) const {
  out = "UPDATE ";
  AppendDerived(rows, out);
  out += " STRAIGHT_JOIN retry_messages t FORCE INDEX (PRIMARY) ON ";
  AppendIs("t.", out);
  out +=
      " AND t.origin_offset=f.o SET t.due_at=UTC_TIMESTAMP(6)+INTERVAL f.d MICROSECOND,"
      "t.attempts=t.attempts+f.k,t.last_failed_at=UTC_TIMESTAMP(6),t.reason=f.r,t.last_error=f.e,"
      "t.leased_by=";
  AppendHolder(holder, out);
}

void FailedRows::CopyToDead(std::span<const FailedRow> rows, std::string& out) const {
  out = "REPLACE";
  out += kIntoDead;
  out += kRecordColumns;
  out +=
      ") SELECT STRAIGHT_JOIN t.group_id,t.topic_id,t.partition_index,t.origin_offset,"
      "UTC_TIMESTAMP(6),t.attempts,t.first_failed_at,UTC_TIMESTAMP(6),f.r,t.first_error,f.e,";
  out += kRecordColumns;
  out += " FROM ";
  AppendDerived(rows, out);
  out += " JOIN retry_messages t FORCE INDEX (PRIMARY) ON ";
  AppendIs("t.", out);
  out += " AND t.origin_offset=f.o";
}

void FailedRows::CopyLostToDead(std::span<const core::Offset> offsets, std::string& out) const {
  out = "REPLACE";
  out += kIntoDead;
  out += kRecordColumns;
  out +=
      ") SELECT group_id,topic_id,partition_index,origin_offset,UTC_TIMESTAMP(6),attempts,"
      "first_failed_at,last_failed_at,'lost',first_error,last_error,";
  out += kRecordColumns;
  out += " FROM retry_messages";
  out += kByKey;
  AppendIsOneOf(offsets, out);
}

void FailedRows::DeleteDone(std::span<const core::Offset> offsets, std::int32_t attempt,
                            std::string& out) const {
  Delete(FailedTable::kRetry, offsets, out);
  out += " AND t.attempts=";
  AppendNumber(attempt, out);
}

void FailedRows::Delete(FailedTable from, std::span<const core::Offset> offsets,
                        std::string& out) const {
  out = from == FailedTable::kDead ? "DELETE t FROM dead_letters" : "DELETE t FROM retry_messages";
  out += kByKey;
  AppendIsOneOf(offsets, out);
}

void FailedRows::Lease(std::span<const core::Offset> offsets, std::string_view holder,
                       std::int64_t lease_us, std::string& out) const {
  out = "UPDATE retry_messages t FORCE INDEX (PRIMARY) SET attempts=attempts+1,leased_by=";
  AppendQuoted(holder, out);
  out += ",due_at=UTC_TIMESTAMP(6)+INTERVAL ";
  AppendNumber(lease_us, out);
  out += " MICROSECOND WHERE ";
  AppendIsOneOf(offsets, out);
}

void FailedRows::SelectRetries(std::span<const core::Offset> offsets, std::string& out) const {
  out = "SELECT origin_offset,";
  out += kRecordColumns;
  out +=
      ",attempts,reason,first_error,last_error,"
      "TIMESTAMPDIFF(MICROSECOND,'1970-01-01',first_failed_at),"
      "TIMESTAMPDIFF(MICROSECOND,'1970-01-01',last_failed_at) FROM retry_messages";
  out += kByKey;
  AppendIsOneOf(offsets, out);
}

}  // namespace lanemq::sql
