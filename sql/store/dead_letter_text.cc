#include "sql/store/dead_letter_text.h"

#include <iterator>

#include <fmt/format.h>

#include "common/core/types/header_text.h"
#include "sql/store/message_table.h"

namespace lanemq::sql {
namespace {

/// What a BLOB column takes.
constexpr std::size_t kHeaderTextBytesMax = 65'535;

constexpr std::string_view kHistoryColumns =
    "first_failed_at,last_failed_at,reason,first_error,last_error";

void AppendOffsets(const ChosenLetters& letters, std::string& out) {
  bool is_first = true;
  for (const core::Offset offset : letters.offsets) {
    fmt::format_to(std::back_inserter(out), "{}{}", is_first ? "" : ",", offset.value);
    is_first = false;
  }
}

/// " WHERE ..."
void AppendWhere(const ChosenLetters& letters, std::string& out) {
  out += " WHERE group_id=";
  AppendQuoted(letters.group, out);
  fmt::format_to(std::back_inserter(out),
                 " AND topic_id={} AND partition_index={} AND origin_offset IN (",
                 letters.key.topic.value, letters.key.partition);
  AppendOffsets(letters, out);
  out += ')';
}

std::string Micros(std::string_view column) {
  return fmt::format("TIMESTAMPDIFF(MICROSECOND,'1970-01-01',{})", column);
}

std::string OrNull(const std::optional<std::string>& bytes) {
  if (!bytes) return "NULL";
  std::string quoted;
  AppendQuoted(*bytes, quoted);
  return quoted;
}

std::string HeadersOrNull(const std::vector<core::Header>& headers) {
  if (headers.empty()) return "NULL";
  std::string text = "'";  // Percent-encoded: nothing in it needs an escape.
  core::AppendHeaderText(headers, text);
  return text += '\'';
}

std::string IsCopyText(const core::PartitionKey& key) {
  return fmt::format(
      "EXISTS (SELECT 1 FROM partition_arrivals a WHERE a.topic_id={} AND a.partition_index={} AND "
      "a.state<>'opened')",
      key.topic.value, key.partition);
}

}  // namespace

std::string SelectHeadsText(const ChosenLetters& letters, bool with_sizes, bool lock) {
  std::string text = "SELECT topic_id,partition_index,origin_offset," + Micros("dead_at") +
                     ",reason,`key`," + (lock ? "0" : IsCopyText(letters.key)) + "," +
                     (with_sizes ? "COALESCE(LENGTH(body),0)" : "0") +
                     " FROM dead_letters FORCE INDEX (PRIMARY)";
  AppendWhere(letters, text);
  text += " ORDER BY origin_offset";
  if (lock) text += " FOR UPDATE";
  return text;
}

std::string SelectLettersText(const ChosenLetters& letters, bool with_bodies) {
  std::string text = "SELECT topic_id,partition_index,origin_offset," + Micros("dead_at") +
                     ",attempts," + Micros("first_failed_at") + "," + Micros("last_failed_at") +
                     ",reason,first_error,last_error,timestamp_us,producer_id,sequence,codec,"
                     "`key`,headers," +
                     (with_bodies ? "body" : "NULL") + " FROM dead_letters FORCE INDEX (PRIMARY)";
  AppendWhere(letters, text);
  text += " ORDER BY origin_offset";
  return text;
}

std::string DeleteLettersText(const ChosenLetters& letters) {
  std::string text = "DELETE FROM dead_letters";
  AppendWhere(letters, text);
  return text;
}

std::string CopyToRetriesText(const ChosenLetters& letters, const core::DeadLetterEdit* edit) {
  const bool has_body = edit != nullptr && edit->body;
  std::string text = fmt::format(
      "REPLACE INTO retry_messages "
      "(group_id,topic_id,partition_index,origin_offset,due_at,attempts,"
      "leased_by,{},timestamp_us,producer_id,sequence,codec,`key`,headers,body) SELECT "
      "group_id,topic_id,partition_index,origin_offset,UTC_TIMESTAMP(6),0,'',{},timestamp_us,"
      "producer_id,sequence,{},",
      kHistoryColumns, kHistoryColumns, has_body ? "0" : "codec");
  text += edit != nullptr && edit->key ? OrNull(*edit->key) : "`key`";
  text += ',';
  text += edit != nullptr && edit->headers ? HeadersOrNull(*edit->headers) : "headers";
  text += ',';
  text += has_body ? OrNull(*edit->body) : "body";
  text += " FROM dead_letters FORCE INDEX (PRIMARY)";
  AppendWhere(letters, text);
  return text;
}

std::string SelectForLogText(const ChosenLetters& letters) {
  std::string mark;
  core::AppendHeaderText({{std::string(kRedrivenFromHeader), std::string(letters.group)}}, mark);
  // The place in the list is the position: no sorting, no temporary table with bodies in it. A
  // letter whose headers are full goes without the mark rather than not at all.
  std::string text = "SELECT FIELD(origin_offset,";
  AppendOffsets(letters, text);
  fmt::format_to(std::back_inserter(text),
                 ")-1 AS position,0 AS producer_id,0 AS sequence,codec,`key`,"
                 "IF(COALESCE(LENGTH(headers),0)>{},headers,CONCAT_WS('&',headers,'{}')) AS "
                 "headers,body FROM dead_letters FORCE INDEX (PRIMARY)",
                 kHeaderTextBytesMax - mark.size() - 1, mark);
  AppendWhere(letters, text);
  return text;
}

}  // namespace lanemq::sql
