#include "sql/store/message_table.h"

#include <bit>
#include <charconv>
#include <cstring>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "common/base/check.h"
#include "common/core/types/header_text.h"
#include "sql/migrate/migrator.h"

namespace lanemq::sql {
namespace {

constexpr std::string_view kIdentityColumns = ",producer_id,sequence";
constexpr std::string_view kOtherColumns = ",codec,`key`,headers,body";

void AppendNumber(std::int64_t number, std::string& out) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, end);
}

constexpr std::uint64_t kOnes = 0x0101010101010101ULL;
constexpr std::uint64_t kHighBits = 0x8080808080808080ULL;

/// Has a high bit set if (but perhaps also above where) a byte of `word` is `byte`.
constexpr std::uint64_t Matches(std::uint64_t word, unsigned char byte) {
  const std::uint64_t x = word ^ (kOnes * byte);
  return (x - kOnes) & ~x & kHighBits;
}

constexpr bool NeedsEscape(char c) { return c == '\'' || c == '\\'; }

/// The first byte at or after `p` that needs an escape, or `end`; eight bytes at a time.
const char* FindSpecial(const char* p, const char* end) {
  while (end - p >= 8) {
    std::uint64_t word;
    std::memcpy(&word, p, sizeof word);
    if ((Matches(word, '\'') | Matches(word, '\\')) != 0) break;
    p += 8;
  }
  while (p != end && !NeedsEscape(*p)) ++p;
  return p;
}

void AppendNullable(const std::optional<std::string>& bytes, std::string& out) {
  if (bytes) {
    AppendQuoted(*bytes, out);
  } else {
    out += "NULL";
  }
}

void AppendRow(const core::Record& record, std::string& out) {
  out.push_back('(');
  AppendNumber(record.offset.value, out);
  out.push_back(',');
  AppendNumber(record.timestamp.micros, out);
  out.push_back(',');
  AppendNumber(record.producer.value, out);
  out.push_back(',');
  AppendNumber(record.sequence, out);
  out.push_back(',');
  AppendNumber(record.codec, out);
  out.push_back(',');
  AppendNullable(record.key, out);
  out.push_back(',');
  if (record.headers.empty()) {
    out += "NULL";
  } else {  // Percent-encoded: nothing in it needs an escape.
    out.push_back('\'');
    core::AppendHeaderText(record.headers, out);
    out.push_back('\'');
  }
  out.push_back(',');
  AppendNullable(record.body, out);
  out.push_back(')');
}

std::string_view TimeColumn(TableRole role) {
  switch (role) {
    case TableRole::kOpen:
      return "timestamp_us";
    case TableRole::kArriving:
      return "arriving_timestamp_us";
    case TableRole::kSealed:
      return "sealed_timestamp_us";
  }
  return "";
}

void AppendIdentity(TableRole role, std::string& out) {
  out += "`offset`,";
  out += TimeColumn(role);
  out += kIdentityColumns;
}

void AppendAll(TableRole role, std::string& out) {
  AppendIdentity(role, out);
  out += kOtherColumns;
}

}  // namespace

// Only the quote and the backslash have a meaning inside '...' in character set binary; NUL and
// every other byte are sent as they are, because the protocol carries the statement's length.
void AppendQuoted(std::string_view bytes, std::string& out) {
  const char* p = bytes.data();
  const char* const end = p + bytes.size();
  out.push_back('\'');
  while (true) {
    const char* special = FindSpecial(p, end);
    out.append(p, special);
    if (special == end) break;
    out.push_back('\\');
    out.push_back(*special);
    p = special + 1;
  }
  out.push_back('\'');
}

MessageTable::MessageTable(std::string_view prefix, const core::PartitionLocation& location,
                           TableRole role)
    : role_(role),
      name_(fmt::format("`{}`.`msg_{}_{}`", MessageSchema(prefix, location.schema_index),
                        location.key.topic.value, location.key.partition)),
      state_table_(fmt::format("`{}`.partition_state", NodeSchema(prefix))),
      key_(location.key) {}

void MessageTable::Create(std::string_view topic_name, std::string& out,
                          std::span<const core::Offset> bounds) const {
  out = "CREATE TABLE IF NOT EXISTS ";
  out += name_;
  out += " (`offset` BIGINT UNSIGNED NOT NULL COMMENT 'dense, explicit; the fence of all writers',";
  out += TimeColumn(role_);
  out +=
      " BIGINT NOT NULL COMMENT 'microseconds since 1970 UTC; never goes back',"
      "producer_id BIGINT NOT NULL COMMENT '0: no duplicate protection',"
      "sequence BIGINT NOT NULL,"
      "codec SMALLINT NOT NULL COMMENT 'how the body is compressed; 0: not',"
      "`key` VARBINARY(1024) NULL,"
      "headers BLOB NULL COMMENT 'name=value&name=value, percent-encoded',"
      "body LONGBLOB NULL,"
      "PRIMARY KEY (`offset`)"
      ") ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT=";
  AppendQuoted(fmt::format("LaneMQ: messages of topic {} partition {}", topic_name, key_.partition),
               out);
  // Retention splits p_tail further while it is empty, so writers never get there.
  out += " PARTITION BY RANGE (`offset`) (";
  for (const core::Offset bound : bounds) {
    fmt::format_to(std::back_inserter(out), "PARTITION p_{0} VALUES LESS THAN ({0}),", bound.value);
  }
  out += "PARTITION p_tail VALUES LESS THAN MAXVALUE)";
}

void MessageTable::Drop(std::string& out) const {
  out = "DROP TABLE IF EXISTS ";
  out += name_;
}

void MessageTable::ChangeRole(TableRole to, std::string& out) const {
  out = fmt::format("ALTER TABLE {} RENAME COLUMN {} TO {}, ALGORITHM=INSTANT", name_,
                    TimeColumn(role_), TimeColumn(to));
}

void MessageTable::AppendColumns(std::string& out) const {
  out.push_back('(');
  AppendAll(role_, out);
  out.push_back(')');
}

void MessageTable::Insert(std::span<const core::RecordPtr> records, std::string& out) const {
  LANEMQ_CHECK(!records.empty());
  std::size_t bytes = 128;
  for (const core::RecordPtr& record : records) bytes += core::SizeOf(*record) + 64;
  out.clear();
  out.reserve(bytes + bytes / 16);
  out += "INSERT INTO ";
  out += name_;
  out.push_back(' ');
  AppendColumns(out);
  out += " VALUES ";
  bool is_first = true;
  for (const core::RecordPtr& record : records) {
    if (!std::exchange(is_first, false)) out.push_back(',');
    AppendRow(*record, out);
  }
}

namespace {

void AppendRange(std::string_view table, core::Offset from, std::int64_t limit, std::string& out) {
  out += " FROM ";
  out += table;
  out += " WHERE `offset`>=";
  AppendNumber(from.value, out);
  out += " ORDER BY `offset` LIMIT ";
  AppendNumber(limit, out);
}

}  // namespace

void MessageTable::Select(core::Offset from, std::int64_t limit, std::string& out) const {
  out = "SELECT ";
  AppendAll(role_, out);
  AppendRange(name_, from, limit, out);
}

void MessageTable::SelectIdentities(core::Offset from, std::int64_t limit, std::string& out) const {
  out = "SELECT ";
  AppendIdentity(role_, out);
  AppendRange(name_, from, limit, out);
}

void MessageTable::AppendLogStart(std::string& out) const {
  out += "(SELECT log_start_offset FROM ";
  out += state_table_;
  out += " WHERE topic_id=";
  AppendNumber(key_.topic.value, out);
  out += " AND partition_index=";
  AppendNumber(key_.partition, out);
  out.push_back(')');
}

void MessageTable::SelectTail(std::string& out, core::Offset known) const {
  out = "SELECT s.log_start_offset,m.`offset`,m.";
  out += TimeColumn(role_);
  out += ",m.producer_id,m.sequence FROM ";
  out += state_table_;
  out += " s LEFT JOIN (SELECT ";
  AppendIdentity(role_, out);
  out += " FROM ";
  out += name_;
  out += " WHERE `offset`>=";
  AppendLogStart(out);
  out += " AND `offset`>=";
  AppendNumber(known.value, out);
  out += " ORDER BY `offset` DESC LIMIT 1) m ON TRUE WHERE s.topic_id=";
  AppendNumber(key_.topic.value, out);
  out += " AND s.partition_index=";
  AppendNumber(key_.partition, out);
}

void MessageTable::SelectEnds(std::span<const MessageTable> tables,
                              std::span<const core::Offset> known, std::string& out) {
  LANEMQ_CHECK(!tables.empty() && tables.size() == known.size());
  out.clear();
  for (std::size_t i = 0; i < tables.size(); ++i) {
    if (i > 0) out += " UNION ALL ";
    out += "SELECT ";
    AppendNumber(static_cast<std::int64_t>(i), out);
    out += ",GREATEST(COALESCE(MAX(`offset`)+1,1),";
    tables[i].AppendLogStart(out);
    out.back() = ' ';  // NULL: it arrives, is sealed, or half deleted.
    out += "AND state<>'moving')),MAX(`offset`) FROM ";
    out += tables[i].name_;
    out += " WHERE `offset`>=";
    AppendNumber(known[i].value, out);
  }
}

}  // namespace lanemq::sql
