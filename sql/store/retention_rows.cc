#include "sql/store/retention_rows.h"

#include <charconv>
#include <utility>

#include "sql/statements/statements.h"

namespace lanemq::sql {
namespace {

Error Unknown(const core::PartitionKey& key) {
  return Error{ErrorCode::kUnknownTopicOrPartition,
               "topic " + std::to_string(key.topic.value) + " partition " +
                   std::to_string(key.partition) + " is not on this data node"};
}

}  // namespace

Result<std::optional<std::int64_t>> ReadNumber(Connection& connection, std::string_view name,
                                               std::string text) {
  std::optional<std::int64_t> number;
  connection.Text() = std::move(text);
  LANEMQ_RETURN_IF_ERROR(connection.QueryText(name, [&](const Row& row) {
    if (!row.IsNull(0)) number = row.Int64(0);
    return false;
  }));
  return number;
}

Result<std::vector<core::LogSegment>> ReadSegments(Connection& connection,
                                                   const RetentionTable& table) {
  std::vector<core::LogSegment> segments;
  connection.Text() = table.SelectSegments();
  LANEMQ_RETURN_IF_ERROR(connection.QueryText("read_segments", [&](const Row& row) {
    const std::string text = row.String(1);
    std::int64_t bound = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bound);
    const bool is_number = error == std::errc{} && end == text.data() + text.size();
    segments.push_back({.bound = is_number ? std::optional(core::Offset{bound}) : std::nullopt});
    return true;
  }));
  if (segments.empty() || segments.back().bound) {
    return Error{ErrorCode::kUnknownTopicOrPartition, "no message table, or one without p_tail"};
  }
  return segments;
}

Result<core::Offset> ReadLogStart(Connection& connection, const core::PartitionKey& key) {
  std::optional<core::Offset> start;
  LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kReadLogStart,
                                          {key.topic.value, std::int64_t{key.partition}},
                                          [&](const Row& row) {
                                            start = core::Offset{row.Int64(0)};
                                            return false;
                                          }));
  if (!start) return Unknown(key);
  return *start;
}

}  // namespace lanemq::sql
