#include "metaserver/handlers/lag_history.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "common/core/lag/lag_verdict.h"
#include "metaserver/handlers/group_wire.h"
#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {
namespace {

constexpr std::chrono::seconds kTimeout{5};
constexpr std::int32_t kPointsDefault = 300;
constexpr std::int32_t kPointsMost = 2'000;
/// Rows of one look; the coarsest tier has 840 in all.
constexpr std::size_t kRowsMax = 3'000;

/// The finest tier that still has `from` and whose points are not too many; else the coarsest.
/// Who asks for the last hour is heard a moment later: its first bucket may be gone.
const core::LagTier& Choose(std::chrono::microseconds span, std::chrono::microseconds age,
                            std::int32_t points) {
  for (const core::LagTier& tier : core::kLagTiers) {
    if (age <= tier.kept + tier.bucket && span / tier.bucket <= points) return tier;
  }
  return core::kLagTiers[2];
}

idl::LagPoint ToWire(const core::LagHistoryRow& row) {
  idl::LagPoint point;
  point.at_us = row.at.micros;
  point.lag_messages = row.lag_messages;
  point.lag_messages_max = row.lag_messages_max;
  point.lag_ms_max = row.lag_max.count();
  point.produced = row.produced;
  point.consumed = row.consumed;
  point.members = row.members;
  point.worst_status = row.worst_status;
  return point;
}

/// Rows of `tier`, and behind the last of them what is summed up in finer tiers only: the newest
/// bucket of a coarse tier is not there before it has ended.
Status ReadRows(core::LagHistory& history, const HistoryQuery& query, const core::LagTier& tier,
                WallTime from, Deadline deadline, std::vector<core::LagHistoryRow>& out) {
  LANEMQ_ASSIGN_OR_RETURN(auto rows,
                          history.Read(query.group, query.topic, tier.number, from, query.until,
                                       kRowsMax - std::min(out.size(), kRowsMax), deadline));
  if (!rows.empty()) {
    from = {rows.back().at.micros + std::chrono::microseconds{tier.bucket}.count()};
  }
  std::ranges::move(rows, std::back_inserter(out));
  if (tier.number == 0 || from >= query.until) return {};
  return ReadRows(history, query, core::kLagTiers[tier.number - 1], from, deadline, out);
}

/// Two neighbours as one.
void Join(idl::LagPoint& point, const idl::LagPoint& next) {
  const auto rank = [](const std::string& status) {
    return core::LagStatusFromString(status).value_or(core::LagStatus::kOk);
  };
  point.lag_messages = next.lag_messages;
  point.lag_messages_max = std::max(point.lag_messages_max, next.lag_messages_max);
  point.lag_ms_max = std::max(point.lag_ms_max, next.lag_ms_max);
  point.produced += next.produced;
  point.consumed += next.consumed;
  point.members = next.members;
  if (rank(next.worst_status) > rank(point.worst_status)) point.worst_status = next.worst_status;
}

}  // namespace

Result<idl::LagHistoryResponse> TellHistory(core::LagHistory& history, HistoryQuery query,
                                            Deadline deadline) {
  LANEMQ_ASSIGN_OR_RETURN(const WallTime now, history.Now(deadline));
  query.until.micros = std::min(query.until.micros, now.micros + 1);
  const std::chrono::microseconds span{
      std::max<std::int64_t>(query.until.micros - query.from.micros, 0)};
  const std::chrono::microseconds age{now.micros - query.from.micros};
  const core::LagTier& tier = Choose(span, age, query.points);
  std::vector<core::LagHistoryRow> rows;
  LANEMQ_RETURN_IF_ERROR(ReadRows(history, query, tier, query.from, deadline, rows));
  idl::LagHistoryResponse out;
  const std::chrono::microseconds bucket = tier.bucket;
  // So many buckets are one point.
  const std::int64_t joined =
      std::max<std::int64_t>((span / bucket + query.points) / query.points, 1);
  const std::int64_t step_us = bucket.count() * joined;
  out.step_ms = step_us / 1'000;
  for (const core::LagHistoryRow& row : rows) {
    idl::LagPoint point = ToWire(row);
    point.at_us -= point.at_us % step_us;
    if (out.points.empty() || out.points.back().at_us != point.at_us) {
      out.points.push_back(std::move(point));
    } else {
      Join(out.points.back(), point);
    }
  }
  return out;
}

Result<idl::LagHistoryResponse> LagHistory(Services& services,
                                           const idl::LagHistoryRequest& request) {
  // An empty group: the topic alone.
  if (!request.group.empty()) LANEMQ_RETURN_IF_ERROR(CheckGroupId(request.group));
  const std::int32_t points = request.__isset.max_points ? request.max_points : kPointsDefault;
  if (points < 1 || points > kPointsMost) {
    return Error{ErrorCode::kInvalidRequest, fmt::format("max_points is 1 to {}", kPointsMost)};
  }
  if (request.from_us < 0 || request.until_us <= request.from_us) {
    return Error{ErrorCode::kInvalidRequest, "until_us must be after from_us"};
  }
  const auto snapshot = services.cache.Current();
  const auto topic = std::ranges::find(snapshot->topics, request.topic, &core::Topic::name);
  if (topic == snapshot->topics.end()) {
    return Error{ErrorCode::kUnknownTopicOrPartition, "there is no topic '" + request.topic + "'"};
  }
  return TellHistory(services.lag_history,
                     {request.group, topic->id, {request.from_us}, {request.until_us}, points},
                     Deadline::After(services.clock, kTimeout));
}

}  // namespace lanemq::metaserver
