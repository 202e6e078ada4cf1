#include "sql/store/dead_letter_rows.h"

#include <memory>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/core/types/header_text.h"
#include "sql/statements/statements.h"
#include "sql/store/node_audit.h"

namespace lanemq::sql {
namespace {

using core::DeadLetterFilter;
using nlohmann::json;

/// What the audit's column takes.
constexpr std::size_t kDetailBytesMax = 4'096;
constexpr std::size_t kIdsShownMax = 10;

/// Any bytes as text: a header's value is percent-encoded.
std::string Escape(const std::string& bytes) {
  std::string text;
  core::AppendHeaderText({{"", bytes}}, text);
  return text.substr(1);
}

Result<std::string> Unescape(const std::string& text) {
  LANEMQ_ASSIGN_OR_RETURN(auto headers, core::ParseHeaderText("=" + text));
  return std::move(headers.front().value);
}

json ToJson(const DeadLetterFilter& filter, std::size_t ids_max) {
  json out = {{"group", Escape(filter.group)}};
  if (filter.partition) {
    out["partition"] = {filter.partition->topic.value, filter.partition->partition};
  }
  if (filter.topic) out["topic"] = filter.topic->value;
  if (filter.reason) out["reason"] = Escape(*filter.reason);
  if (filter.key) out["key"] = Escape(*filter.key);
  if (filter.from) out["from_us"] = filter.from->micros;
  if (filter.until) out["until_us"] = filter.until->micros;
  if (!filter.ids.empty()) {
    json& ids = out["ids"] = json::array();
    for (const core::FailedId& id : filter.ids) {
      if (ids.size() == ids_max) break;
      ids.push_back({id.key.topic.value, id.key.partition, id.offset.value});
    }
    if (filter.ids.size() > ids_max) out["ids_total"] = filter.ids.size();
  }
  return out;
}

Result<DeadLetterFilter> FromJson(const json& in) {
  DeadLetterFilter filter;
  LANEMQ_ASSIGN_OR_RETURN(filter.group, Unescape(in.at("group").get<std::string>()));
  if (in.contains("partition")) {
    filter.partition = core::PartitionKey{core::TopicId{in["partition"].at(0).get<std::int64_t>()},
                                          in["partition"].at(1).get<std::int32_t>()};
  }
  if (in.contains("topic")) filter.topic = core::TopicId{in["topic"].get<std::int64_t>()};
  if (in.contains("reason")) {
    LANEMQ_ASSIGN_OR_RETURN(filter.reason, Unescape(in["reason"].get<std::string>()));
  }
  if (in.contains("key")) {
    LANEMQ_ASSIGN_OR_RETURN(filter.key, Unescape(in["key"].get<std::string>()));
  }
  if (in.contains("from_us")) filter.from = WallTime{in["from_us"].get<std::int64_t>()};
  if (in.contains("until_us")) filter.until = WallTime{in["until_us"].get<std::int64_t>()};
  for (const json& id : in.value("ids", json::array())) {
    filter.ids.push_back(
        {filter.group,
         {core::TopicId{id.at(0).get<std::int64_t>()}, id.at(1).get<std::int32_t>()},
         core::Offset{id.at(2).get<std::int64_t>()}});
  }
  return filter;
}

}  // namespace

Result<core::DeadLetter> ToDeadLetter(std::string_view group, const Row& row) {
  core::DeadLetter letter;
  letter.id = {std::string(group),
               {core::TopicId{row.Int64(0)}, static_cast<std::int32_t>(row.Int64(1))},
               core::Offset{row.Int64(2)}};
  letter.dead_at = WallTime{row.Int64(3)};
  letter.history.attempts = static_cast<std::int32_t>(row.Int64(4));
  letter.history.first_at = WallTime{row.Int64(5)};
  letter.history.last_at = WallTime{row.Int64(6)};
  letter.history.last.reason = row.String(7);
  letter.history.first.error = row.String(8);
  letter.history.last.error = row.String(9);
  auto record = std::make_shared<core::Record>();
  record->offset = letter.id.offset;
  record->timestamp = WallTime{row.Int64(10)};
  record->producer = core::ProducerId{row.Int64(11)};
  record->sequence = row.Int64(12);
  record->codec = static_cast<std::int16_t>(row.Int64(13));
  if (!row.IsNull(14)) record->key = row.String(14);
  if (!row.IsNull(15)) {
    LANEMQ_ASSIGN_OR_RETURN(record->headers, core::ParseHeaderText(row.String(15)));
  }
  if (!row.IsNull(16)) record->body = row.String(16);
  letter.record = std::move(record);
  return letter;
}

std::string FilterToJson(const DeadLetterFilter& filter) {
  return ToJson(filter, filter.ids.size()).dump();
}

Result<DeadLetterFilter> FilterFromJson(std::string_view text) {
  try {
    return FromJson(json::parse(text));
  } catch (const json::exception& e) {
    return Error{ErrorCode::kCorruptMessage, fmt::format("stored filter: {}", e.what())};
  }
}

std::string DescribeFilter(const DeadLetterFilter& filter) {
  return ToJson(filter, kIdsShownMax).dump();
}

std::string DescribeId(const core::FailedId& id) {
  return fmt::format("{}-{}@{}", id.key.topic.value, id.key.partition, id.offset.value);
}

std::string_view NameOf(core::RedriveState state) {
  switch (state) {
    case core::RedriveState::kRunning:
      return "running";
    case core::RedriveState::kDone:
      return "done";
    case core::RedriveState::kCancelled:
      return "cancelled";
  }
  return "running";
}

std::string_view NameOf(core::RedriveTarget target) {
  return target == core::RedriveTarget::kGroup ? "group" : "topic";
}

Result<core::RedriveJob> ToRedriveJob(const Row& row) {
  core::RedriveJob job;
  job.id = row.Int64(0);
  const std::string state = row.String(2);
  job.state = state == "running" ? core::RedriveState::kRunning
              : state == "done"  ? core::RedriveState::kDone
                                 : core::RedriveState::kCancelled;
  job.target = row.String(3) == "group" ? core::RedriveTarget::kGroup : core::RedriveTarget::kTopic;
  LANEMQ_ASSIGN_OR_RETURN(job.filter, FilterFromJson(row.String(4)));
  job.filter.group = row.String(1);
  job.per_second = static_cast<std::int32_t>(row.Int64(5));
  job.moved = row.Int64(6);
  job.note = {row.String(7), row.String(8)};
  job.created_at = WallTime{row.Int64(9)};
  if (!row.IsNull(10)) job.finished_at = WallTime{row.Int64(10)};
  return job;
}

Result<WallTime> ServerNow(Connection& connection) {
  WallTime now;
  LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kDeadLetterNow, {}, [&](const Row& row) {
    now = WallTime{row.Int64(0)};
    return false;
  }));
  return now;
}

Status RecordDeed(Connection& connection, std::string_view group, std::string_view action,
                  std::int64_t letters, std::string_view detail, const core::OperatorNote& note) {
  const auto recorded =
      connection.Update(statements::kRecordDeed,
                        {group, action, letters, detail.substr(0, kDetailBytesMax),
                         std::string_view(note.requested_by), std::string_view(note.reason)});
  if (!recorded.ok()) return recorded.error();
  const nlohmann::json deed = {{"action", action}, {"letters", letters}, {"detail", detail}};
  return AppendNodeAudit(connection, note, "",
                         deed.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

}  // namespace lanemq::sql
