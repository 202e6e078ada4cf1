#include "sql/store/lag_history_text.h"

#include <iterator>

#include <fmt/format.h>

#include "common/base/check.h"
#include "sql/store/message_table.h"

namespace lanemq::sql {
namespace {

constexpr std::size_t kRowsMax = 500;
constexpr std::size_t kBytesMax = 1U << 20;

void AppendRow(const core::LagHistoryRow& row, std::string& text) {
  fmt::format_to(std::back_inserter(text), "(0,'1970-01-01'+INTERVAL {} MICROSECOND,",
                 row.at.micros);
  AppendQuoted(row.group, text);
  fmt::format_to(std::back_inserter(text), ",{},{},{},{},{},{},{},", row.topic.value,
                 row.lag_messages, row.lag_messages_max, row.lag_max.count(), row.produced,
                 row.consumed, row.members);
  AppendQuoted(row.worst_status, text);
  text += ',';
  if (row.partitions.empty()) {
    text += "NULL";
  } else {
    AppendQuoted(row.partitions, text);
  }
  text += ')';
}

void AppendTime(const std::optional<WallTime>& at, std::string& text) {
  if (!at) {
    text += ",NULL";
    return;
  }
  fmt::format_to(std::back_inserter(text), ",'1970-01-01'+INTERVAL {} MICROSECOND", at->micros);
}

}  // namespace

std::size_t LagRowsPerStatement(std::span<const core::LagHistoryRow> rows) {
  LANEMQ_CHECK(!rows.empty());
  std::size_t count = 0;
  std::size_t bytes = 0;
  while (count < rows.size() && count < kRowsMax) {
    bytes += rows[count].partitions.size();
    if (count > 0 && bytes > kBytesMax) break;
    ++count;
  }
  return count;
}

std::string SaveLagText(std::span<const core::LagHistoryRow> rows) {
  LANEMQ_CHECK(!rows.empty());
  std::string text =
      "INSERT INTO lag_history (tier,at,group_id,topic_id,lag_messages,lag_messages_max,lag_ms_max,"
      "produced,consumed,members,worst_status,partitions) VALUES ";
  for (const core::LagHistoryRow& row : rows) {
    if (&row != rows.data()) text += ',';
    AppendRow(row, text);
  }
  text +=
      " ON DUPLICATE KEY UPDATE lag_messages=VALUES(lag_messages),"
      "lag_messages_max=VALUES(lag_messages_max),lag_ms_max=VALUES(lag_ms_max),"
      "produced=VALUES(produced),consumed=VALUES(consumed),members=VALUES(members),"
      "worst_status=VALUES(worst_status),partitions=VALUES(partitions)";
  return text;
}

std::string SaveLastUsesText(std::span<const core::LastUse> uses) {
  LANEMQ_CHECK(!uses.empty());
  std::string text =
      "INSERT INTO topic_last_use (topic_id,watched_since,produced_at,consumed_at,produced,"
      "consumed) VALUES ";
  for (const core::LastUse& use : uses) {
    fmt::format_to(std::back_inserter(text), "{}({}", &use == uses.data() ? "" : ",",
                   use.topic.value);
    AppendTime(use.watched_since, text);
    AppendTime(use.produced_at, text);
    AppendTime(use.consumed_at, text);
    fmt::format_to(std::back_inserter(text), ",{},{})", use.produced, use.consumed);
  }
  text +=
      " ON DUPLICATE KEY UPDATE watched_since=VALUES(watched_since),"
      "produced_at=VALUES(produced_at),consumed_at=VALUES(consumed_at),produced=VALUES(produced),"
      "consumed=VALUES(consumed)";
  return text;
}

std::string ForgetLastUsesText(std::span<const core::TopicId> topics) {
  LANEMQ_CHECK(!topics.empty());
  std::string text = "DELETE FROM topic_last_use WHERE topic_id IN (";
  for (const core::TopicId& topic : topics) {
    fmt::format_to(std::back_inserter(text), "{}{}", &topic == topics.data() ? "" : ",",
                   topic.value);
  }
  text += ')';
  return text;
}

}  // namespace lanemq::sql
