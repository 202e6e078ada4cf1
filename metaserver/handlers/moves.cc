// Partitions that move between data nodes: what operators ask for, and what becomes of it.
#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "common/core/move/move_machine.h"
#include "common/rpc/wire/errors.h"
#include "metaserver/handlers/handlers.h"
#include "metaserver/moves/move_runner.h"

namespace lanemq::metaserver {
namespace {

using core::MoveRecord;
using core::MoveState;

constexpr std::int64_t kBytesPerSecondMin = 64 << 10;
constexpr std::int64_t kBytesPerSecondMax = 2'000'000'000;
constexpr std::int64_t kBytesPerSecondDefault = 20'000'000;
constexpr std::int32_t kListedMax = 1'000;
constexpr std::int32_t kListedDefault = 100;

/// A plan looks at the whole catalogue under its lock.
Deadline ForPlan(const Services& services) {
  return Deadline::After(services.clock, std::chrono::seconds{20});
}
Deadline ForRead(const Services& services) {
  return Deadline::After(services.clock, std::chrono::seconds{5});
}

/// Names of data nodes, as the catalogue has them.
class NodeNames {
 public:
  explicit NodeNames(const core::CatalogSnapshot& snapshot) {
    for (const core::DataNode& node : snapshot.nodes) names_[node.id] = node.name;
  }
  [[nodiscard]] std::string Of(core::NodeId id) const {
    const auto found = names_.find(id);
    return found == names_.end() ? fmt::format("#{}", id.value) : found->second;
  }

 private:
  std::map<core::NodeId, std::string> names_;
};

bool IsUnderWay(const MoveRecord& record) {
  return !record.IsFinished() && record.state != MoveState::kCancelling;
}

Result<core::NewMoves> FromWire(const idl::MovePartitionsRequest& request) {
  core::NewMoves moves;
  const bool has_wishes = request.__isset.wishes && !request.wishes.empty();
  const bool has_node = request.__isset.evacuate_node && !request.evacuate_node.empty();
  if (has_wishes == has_node) {
    return Error{ErrorCode::kInvalidRequest, "either wishes or evacuate_node, not both"};
  }
  if (request.wishes.size() > core::NewMoves::kWishesMax) {
    return Error{ErrorCode::kInvalidRequest, "at most 10000 wishes at once"};
  }
  for (const idl::MoveWish& wish : request.wishes) {
    moves.wishes.push_back({wish.topic, wish.partition, wish.__isset.to ? wish.to : ""});
  }
  if (has_node) moves.evacuate = request.evacuate_node;
  if (request.__isset.targets) moves.targets = request.targets;
  moves.bytes_per_second =
      request.__isset.bytes_per_second ? request.bytes_per_second : kBytesPerSecondDefault;
  if (moves.bytes_per_second < kBytesPerSecondMin || moves.bytes_per_second > kBytesPerSecondMax) {
    return Error{ErrorCode::kInvalidRequest, fmt::format("bytes_per_second is {} to {}",
                                                         kBytesPerSecondMin, kBytesPerSecondMax)};
  }
  return moves;
}

idl::BegunMove ToWire(const core::BegunMove& begun, const NodeNames& names) {
  idl::BegunMove out;
  out.topic = begun.topic;
  out.partition = begun.partition;
  if (!begun.status.ok()) out.__set_error(wire::ToWire(begun.status.error()));
  if (begun.id != 0) out.__set_move_id(begun.id);
  if (begun.from.node.value != 0) out.__set_from_node(names.Of(begun.from.node));
  if (begun.to.node.value != 0) out.__set_to_node(names.Of(begun.to.node));
  return out;
}

idl::PartitionMove ToWire(const MoveRecord& record, const NodeNames& names) {
  idl::PartitionMove out;
  out.id = record.move.id;
  out.topic = record.topic;
  out.partition = record.move.from.key.partition;
  out.from_node = names.Of(record.move.from.node);
  out.to_node = names.Of(record.move.to.node);
  out.state = core::ToString(record.state);
  out.bytes_per_second = record.bytes_per_second;
  out.copied_end = record.copied_end.value;
  out.source_end = record.source_end.value;
  out.bytes_copied = record.bytes_copied;
  if (record.paused_us > 0) out.__set_paused_us(record.paused_us);
  if (!record.error.empty()) out.__set_error(record.error);
  if (!record.requested_by.empty()) out.__set_requested_by(record.requested_by);
  if (!record.reason.empty()) out.__set_reason(record.reason);
  out.created_at_us = record.created_at.micros;
  if (record.finished_at) out.__set_finished_at_us(record.finished_at->micros);
  return out;
}

std::vector<idl::NodeMoves> NodesThatAreLeft(const std::vector<MoveRecord>& unfinished,
                                             const core::CatalogSnapshot& snapshot,
                                             const NodeNames& names) {
  std::map<core::NodeId, std::int32_t> moves;
  for (const MoveRecord& record : unfinished) {
    if (IsUnderWay(record)) ++moves[record.move.from.node];
  }
  std::map<core::NodeId, std::int32_t> partitions;
  for (const core::Topic& topic : snapshot.topics) {
    for (const core::Partition& partition : topic.partitions) ++partitions[partition.node];
  }
  std::vector<idl::NodeMoves> nodes;
  for (const auto& [node, count] : moves) {
    idl::NodeMoves out;
    out.node = names.Of(node);
    out.moves_left = count;
    out.partitions_left = partitions[node];
    nodes.push_back(std::move(out));
  }
  std::sort(nodes.begin(), nodes.end(),
            [](const idl::NodeMoves& a, const idl::NodeMoves& b) { return a.node < b.node; });
  return nodes;
}

void WakeRunner(Services& services) {
  services.cache.Reload();
  if (MoveRunner* const runner = services.mover) runner->Wake();
}

/// The unfinished moves away from a data node, oldest first.
Result<std::vector<std::int64_t>> MovesFrom(Services& services, const std::string& name) {
  const auto snapshot = services.cache.Current();
  LANEMQ_ASSIGN_OR_RETURN(const core::DataNode* const node, NodeNamed(*snapshot, name));
  LANEMQ_ASSIGN_OR_RETURN(const auto unfinished, services.moves.LoadUnfinished(ForRead(services)));
  std::vector<std::int64_t> ids;
  for (const MoveRecord& record : unfinished) {
    if (record.move.from.node == node->id) ids.push_back(record.move.id);
  }
  return ids;
}

}  // namespace

Result<idl::MovePartitionsResponse> MovePartitions(Services& services,
                                                   const idl::MovePartitionsRequest& request,
                                                   const core::AuditNote& note) {
  LANEMQ_ASSIGN_OR_RETURN(const core::NewMoves moves, FromWire(request));
  const bool is_dry_run = request.__isset.dry_run && request.dry_run;
  LANEMQ_ASSIGN_OR_RETURN(const auto begun,
                          services.moves.Begin(moves, is_dry_run, note, ForPlan(services)));
  if (!is_dry_run) WakeRunner(services);
  const NodeNames names(*services.cache.Current());
  idl::MovePartitionsResponse out;
  for (const core::BegunMove& one : begun) out.moves.push_back(ToWire(one, names));
  return out;
}

Result<idl::ListMovesResponse> ListMoves(Services& services, const idl::ListMovesRequest& request) {
  const std::int32_t max = request.__isset.max ? request.max : kListedDefault;
  if (max < 1 || max > kListedMax) {
    return Error{ErrorCode::kInvalidRequest, "max is 1 to 1000"};
  }
  const std::int64_t before = request.__isset.before_id ? request.before_id : 0;
  if (before < 0) return Error{ErrorCode::kInvalidRequest, "before_id is negative"};
  LANEMQ_ASSIGN_OR_RETURN(std::vector<MoveRecord> unfinished,
                          services.moves.LoadUnfinished(ForRead(services)));
  const auto snapshot = services.cache.Current();
  const NodeNames names(*snapshot);
  idl::ListMovesResponse out;
  out.nodes = NodesThatAreLeft(unfinished, *snapshot, names);
  const auto wanted = static_cast<std::size_t>(max);
  std::vector<MoveRecord> listed;
  if (request.__isset.include_finished && request.include_finished) {
    LANEMQ_ASSIGN_OR_RETURN(listed, services.moves.List(before, wanted, ForRead(services)));
  } else {
    std::reverse(unfinished.begin(), unfinished.end());
    for (MoveRecord& record : unfinished) {
      if (listed.size() == wanted) break;
      if (before == 0 || record.move.id < before) listed.push_back(std::move(record));
    }
  }
  for (const MoveRecord& record : listed) out.moves.push_back(ToWire(record, names));
  return out;
}

Result<idl::CancelMovesResponse> CancelMoves(Services& services,
                                             const idl::CancelMovesRequest& request,
                                             const core::AuditNote& note) {
  const bool has_ids = request.__isset.ids && !request.ids.empty();
  const bool has_node = request.__isset.node && !request.node.empty();
  if (has_ids == has_node) {
    return Error{ErrorCode::kInvalidRequest, "either ids or node, not both"};
  }
  if (request.ids.size() > core::NewMoves::kWishesMax) {
    return Error{ErrorCode::kInvalidRequest, "at most 10000 ids at once"};
  }
  std::vector<std::int64_t> ids = request.ids;
  if (has_node) {
    LANEMQ_ASSIGN_OR_RETURN(ids, MovesFrom(services, request.node));
    // The newest first: what is under way longest is worth most.
    std::reverse(ids.begin(), ids.end());
  }
  const Deadline deadline = ForPlan(services);
  idl::CancelMovesResponse out;
  for (const std::int64_t id : ids) {
    idl::CancelledMove cancelled;
    cancelled.move_id = id;
    const auto record = services.moves.Cancel(id, note, deadline);
    if (!record.ok()) {
      cancelled.__set_error(wire::ToWire(record.error()));
    } else if (record->state == MoveState::kDone) {
      cancelled.__set_error(
          wire::ToWire(Error{ErrorCode::kFailedPrecondition, fmt::format("move {} is done", id)}));
    }
    out.moves.push_back(std::move(cancelled));
  }
  WakeRunner(services);
  return out;
}

}  // namespace lanemq::metaserver
