#include "sql/store/delayed_text.h"

#include <iterator>
#include <optional>

#include <fmt/format.h>

#include "common/base/check.h"
#include "common/core/types/header_text.h"
#include "sql/store/message_table.h"

namespace lanemq::sql {
namespace {

void AppendNullable(const std::optional<std::string>& bytes, std::string& out) {
  if (bytes) {
    AppendQuoted(*bytes, out);
  } else {
    out += "NULL";
  }
}

void AppendRow(const core::DelayedId& id, const core::Record& record, std::string& out) {
  fmt::format_to(std::back_inserter(out), "({},{},{},{},{},{},", id.key.topic.value,
                 id.key.partition, id.due.micros, id.producer.value, id.sequence, record.codec);
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

/// The rows by their keys, as a table `k` joined to delayed_messages `d`. JSON, because it is the
/// one list of tuples that both engines look up row by row. Introducers: JSON is never binary.
void AppendKeyJoin(std::span<const core::DelayedId> ids, std::string& out) {
  LANEMQ_CHECK(!ids.empty());
  auto to = std::back_inserter(out);
  out += "JSON_TABLE(_utf8mb4'[";
  for (std::size_t i = 0; i < ids.size(); ++i) {
    fmt::format_to(to, "{}[{},{},{}]", i == 0 ? "" : ",", ids[i].due.micros, ids[i].producer.value,
                   ids[i].sequence);
  }
  fmt::format_to(
      to,
      "]',_utf8mb4'$[*]' COLUMNS(position FOR ORDINALITY,due_us BIGINT PATH _utf8mb4'$[0]',"
      "producer_id BIGINT PATH _utf8mb4'$[1]',sequence BIGINT PATH _utf8mb4'$[2]')) k "
      "STRAIGHT_JOIN delayed_messages d ON d.topic_id={} AND d.partition_index={} AND "
      "d.due_us=k.due_us AND d.producer_id=k.producer_id AND d.sequence=k.sequence",
      ids[0].key.topic.value, ids[0].key.partition);
}

}  // namespace

std::size_t InsertDelayedText(std::span<const core::DelayedMessage> batch,
                              std::span<const core::DelayedId> ids, std::size_t bytes_max,
                              std::string& out) {
  LANEMQ_CHECK(!batch.empty() && batch.size() == ids.size());
  out =
      "INSERT INTO delayed_messages (topic_id,partition_index,due_us,producer_id,sequence,codec,"
      "`key`,headers,body) VALUES ";
  std::size_t rows = 0;
  while (rows < batch.size() &&
         (rows == 0 || out.size() + core::SizeOf(*batch[rows].record) <= bytes_max)) {
    if (rows > 0) out.push_back(',');
    AppendRow(ids[rows], *batch[rows].record, out);
    ++rows;
  }
  return rows;
}

void SelectDelayedText(std::span<const core::DelayedId> ids, ServerKind kind, std::string& out) {
  out =
      "SELECT k.position-1 AS position,0 AS producer_id,0 AS sequence,d.codec,d.`key`,"
      "CONCAT_WS('&',d.headers,CONCAT('lanemq-due-us=',d.due_us)) AS headers,d.body FROM ";
  AppendKeyJoin(ids, out);
  out += " FOR UPDATE";
  if (kind == ServerKind::kMySql) out += " OF d";  // Which refuses to lock what is no table.
}

void DeleteDelayedText(std::span<const core::DelayedId> ids, std::string& out) {
  out = "DELETE d FROM ";
  AppendKeyJoin(ids, out);
}

}  // namespace lanemq::sql
