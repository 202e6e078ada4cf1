#include <chrono>
#include <vector>

#include "common/core/alert/alert_kinds.h"
#include "common/core/placement/capacity_advice.h"
#include "metaserver/handlers/handlers.h"
#include "metaserver/oncall/facts_board.h"

namespace lanemq::metaserver {
namespace {

constexpr std::chrono::days kRecently{30};
constexpr std::int32_t kPartitionsAheadMax = 1'000'000;

/// What the metaserver on call has read, and what an operator declared.
std::vector<core::NodeBytes> BytesOf(const Services& services,
                                     const core::CatalogSnapshot& snapshot) {
  const FactsBoard* facts = services.facts;
  if (facts == nullptr) return {};
  const FactsView view = facts->Look();
  std::vector<core::NodeBytes> bytes;
  for (const core::DataNode& node : snapshot.nodes) {
    core::NodeBytes& one = bytes.emplace_back(core::NodeBytes{node.id, {}, {}});
    if (const std::int64_t declared = view.capacities.Of(node.name); declared > 0) {
      one.capacity = declared;
    }
    const NodeFactsView* known = view.Find(node.id);
    if (known == nullptr) continue;
    const auto* used = known->used_bytes.Fresh(services.clock.Now(), view.slow_age_max);
    if (used != nullptr) one.used = *used;
  }
  return bytes;
}

double ThresholdOf(std::string_view kind) { return core::FindAlertKind(kind)->threshold; }

idl::NodeRoom ToWire(const core::NodeRoom& room) {
  idl::NodeRoom out;
  out.node = room.node;
  out.is_writable = room.is_writable;
  out.tables_used = room.used;
  out.tables_free = room.free;
  out.can_be_emptied = room.can_be_emptied;
  if (room.used_bytes) out.__set_used_bytes(*room.used_bytes);
  if (room.capacity_bytes) out.__set_capacity_bytes(*room.capacity_bytes);
  return out;
}

}  // namespace

Result<idl::AdviseCapacityResponse> AdviseCapacity(Services& services,
                                                   const idl::AdviseCapacityRequest& request) {
  const bool is_told = request.__isset.partitions_ahead;
  if (is_told && (request.partitions_ahead < 0 || request.partitions_ahead > kPartitionsAheadMax)) {
    return Error{ErrorCode::kInvalidRequest, "partitions_ahead must be 0 to 1000000"};
  }
  const auto snapshot = services.cache.Current();
  const WallTime since{services.clock.WallNow().micros -
                       std::chrono::microseconds(kRecently).count()};
  const std::int64_t recent = core::PartitionsSince(*snapshot, since);
  const core::CapacityQuestion question{
      .partitions_ahead = is_told ? request.partitions_ahead : recent,
      .tables_share_max = ThresholdOf("node_tables_low"),
      .bytes_share_max = ThresholdOf("node_bytes_low")};
  const core::CapacityAdvice advice =
      core::AdviseCapacity(core::UsageOf(*snapshot), BytesOf(services, *snapshot), question);
  idl::AdviseCapacityResponse out;
  out.verdict = static_cast<idl::CapacityVerdict::type>(advice.verdict);
  for (const core::CapacityCause cause : advice.causes) {
    out.causes.emplace_back(core::NameOf(cause));
  }
  for (const core::NodeRoom& room : advice.nodes) out.nodes.push_back(ToWire(room));
  out.tables_used = advice.used;
  out.tables_free = advice.free;
  out.partitions_ahead = question.partitions_ahead;
  out.partitions_recent = recent;
  out.recent_days = static_cast<std::int32_t>(kRecently.count());
  if (const auto left = core::DaysLeft(advice.free, recent, out.recent_days)) {
    out.__set_days_left(*left);
  }
  return out;
}

}  // namespace lanemq::metaserver
