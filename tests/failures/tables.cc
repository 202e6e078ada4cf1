#include "tests/failures/tables.h"

#include <array>
#include <charconv>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace lanemq::failures {
namespace {

using checker::FailedCopy;
using checker::FailureTables;
using checker::Place;
using checker::StoredCopy;

// A record in a form that is equal for equal records.
constexpr const char* kRecord =
    "timestamp_us, IFNULL(HEX(`key`), 'null'), IFNULL(CONVERT(LEFT(body, 64) USING ascii), ''), "
    "SHA2(CONCAT_WS('.', IFNULL(HEX(`key`), 'null'), IFNULL(HEX(headers), 'null'), "
    "IFNULL(HEX(body), 'null'), producer_id, sequence, codec), 256)";
constexpr std::size_t kRecordFields = 4;

std::vector<std::string_view> Fields(std::string_view line) {
  std::vector<std::string_view> fields;
  while (true) {
    const auto end = line.find('\t');
    fields.push_back(line.substr(0, end));
    if (end == std::string_view::npos) return fields;
    line.remove_prefix(end + 1);
  }
}

std::int64_t Number(std::string_view text) {
  std::int64_t number = -1;
  (void)std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// `fields` from `at` on are those of kRecord.
StoredCopy Record(const std::vector<std::string_view>& fields, std::size_t at) {
  return {.id = checker::IdOfBody(fields[at + 2]).value_or(checker::MessageId{}),
          .key = std::string(fields[at + 1]),
          .timestamp_us = Number(fields[at]),
          .content = std::string(fields[at + 3])};
}

void Take(const std::vector<std::string_view>& fields, FailureTables& tables) {
  const Place place{static_cast<std::int32_t>(Number(fields[1])), Number(fields[2])};
  if (fields[0] == "committed") {
    tables.committed[place.first] = place.second;
  } else if (fields[0] == "log") {
    tables.log[place] = Record(fields, 3);
  } else {
    const std::size_t after = 3 + kRecordFields;
    FailedCopy copy{.record = Record(fields, 3),
                    .attempts = static_cast<std::int32_t>(Number(fields[after])),
                    .reason = std::string(fields[after + 1]),
                    .first_error = std::string(fields[after + 2]),
                    .last_error = std::string(fields[after + 3])};
    (fields[0] == "dead" ? tables.dead : tables.retries)[place] = std::move(copy);
  }
}

// The janitor may split a table between the snapshot and the first look at it: then there is no
// such instant, and the next one does.
Result<std::string> QueryAtOneInstant(testing::DatabaseServer& server, const std::string& sql) {
  for (int i = 0;; ++i) {
    auto text = server.Query("START TRANSACTION WITH CONSISTENT SNAPSHOT;" + sql + "COMMIT");
    const bool is_split =
        !text.ok() && text.error().message.find("ERROR 1412") != std::string::npos;
    if (!is_split || i == 9) return text;
  }
}

Status ReadPart(const TopicPart& part, std::int64_t topic_id, const std::string& group,
                FailureTables& tables) {
  std::string sql = fmt::format(
      "SELECT 'committed', partition_index, committed_offset FROM {}.group_offsets WHERE group_id "
      "= "
      "'{}' AND topic_id = {};",
      part.node_schema, group, topic_id);
  for (const auto& [tag, table] :
       {std::pair("dead", "dead_letters"), std::pair("retry", "retry_messages")}) {
    sql += fmt::format(
        "SELECT '{}', partition_index, origin_offset, {}, attempts, reason, first_error, "
        "last_error "
        "FROM {}.{} WHERE group_id = '{}' AND topic_id = {};",
        tag, kRecord, part.node_schema, table, group, topic_id);
  }
  for (const auto& [partition, table] : part.tables) {
    sql += fmt::format("SELECT 'log', {}, `offset`, {} FROM {};", partition, kRecord, table);
  }
  LANEMQ_ASSIGN_OR_RETURN(const std::string text, QueryAtOneInstant(*part.server, sql));
  std::string_view rest = text;
  while (!rest.empty()) {
    const auto end = std::min(rest.find('\n'), rest.size());
    const auto fields = Fields(rest.substr(0, end));
    const bool is_whole =
        fields.size() >= 3 && (fields[0] == "committed" || fields.size() >= 3 + kRecordFields);
    if (!is_whole) {
      return Error{ErrorCode::kCorruptMessage, fmt::format("no row: {}", rest.substr(0, end))};
    }
    Take(fields, tables);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return {};
}

}  // namespace

TopicPart WholeTopic(e2e::Cluster& cluster, const e2e::TestTopic& topic) {
  TopicPart part{&cluster.data_server(), cluster.schema_prefix() + "_node", {}};
  for (std::size_t i = 0; i < topic.tables.size(); ++i) {
    part.tables[static_cast<std::int32_t>(i)] = topic.tables[i];
  }
  return part;
}

Result<FailureTables> ReadTables(const std::vector<TopicPart>& parts, std::int64_t topic_id,
                                 const std::string& group) {
  FailureTables tables;
  for (const TopicPart& part : parts) {
    LANEMQ_RETURN_IF_ERROR(ReadPart(part, topic_id, group, tables));
  }
  return tables;
}

Result<std::int64_t> CountDelayed(const std::vector<TopicPart>& parts, std::int64_t topic_id) {
  std::int64_t count = 0;
  for (const TopicPart& part : parts) {
    LANEMQ_ASSIGN_OR_RETURN(const std::string text,
                            part.server->Query(fmt::format(
                                "SELECT COUNT(*) FROM {}.delayed_messages WHERE topic_id = {}",
                                part.node_schema, topic_id)));
    count += Number(text);
  }
  return count;
}

}  // namespace lanemq::failures
