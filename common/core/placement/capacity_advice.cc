#include "common/core/placement/capacity_advice.h"

#include <algorithm>

namespace lanemq::core {
namespace {

bool IsWithin(std::int64_t used, std::int64_t all, double share) {
  return static_cast<double>(used) <= share * static_cast<double>(all);
}

NodeRoom RoomOf(const NodeUsage& usage, std::span<const NodeBytes> bytes) {
  NodeRoom room;
  room.node = usage.node.name;
  room.is_writable = usage.node.state == NodeState::kWritable;
  room.used = usage.Used();
  room.free = usage.Free();
  const auto known = std::ranges::find(bytes, usage.node.id, &NodeBytes::node);
  if (known != bytes.end()) {
    room.used_bytes = known->used;
    room.capacity_bytes = known->capacity;
  }
  return room;
}

/// The other writable nodes, with what is on this one.
struct Others {
  std::int64_t used = 0;
  std::int64_t free = 0;
  std::int64_t used_bytes = 0;
  std::int64_t capacity_bytes = 0;
  bool are_bytes_known = true;
  bool are_there = false;
};

Others WithoutOne(std::span<const NodeRoom> nodes, const NodeRoom& gone) {
  Others others;
  others.used_bytes = gone.used_bytes.value_or(0);
  others.are_bytes_known = gone.used_bytes.has_value();
  for (const NodeRoom& room : nodes) {
    if (&room == &gone || !room.is_writable) continue;
    others.are_there = true;
    others.used += room.used;
    others.free += room.free;
    others.used_bytes += room.used_bytes.value_or(0);
    others.capacity_bytes += room.capacity_bytes.value_or(0);
    others.are_bytes_known &= room.used_bytes && room.capacity_bytes;
  }
  return others;
}

bool CanBeEmptied(std::span<const NodeRoom> nodes, const NodeRoom& gone,
                  const CapacityQuestion& question) {
  const Others others = WithoutOne(nodes, gone);
  const std::int64_t coming = gone.used + question.partitions_ahead;
  const bool fits = others.are_there && coming <= others.free;
  const bool are_tables_spare =
      IsWithin(others.used + coming, others.used + others.free, question.spare_share_max);
  const bool are_bytes_spare =
      !others.are_bytes_known ||
      IsWithin(others.used_bytes, others.capacity_bytes, question.spare_share_max);
  return fits && are_tables_spare && are_bytes_spare;
}

bool AreBytesLow(const NodeRoom& room, const CapacityQuestion& question) {
  if (!room.used_bytes || !room.capacity_bytes) return false;
  return static_cast<double>(*room.used_bytes) >=
         question.bytes_share_max * static_cast<double>(*room.capacity_bytes);
}

std::vector<CapacityCause> WhyExpand(const CapacityAdvice& advice,
                                     const CapacityQuestion& question) {
  std::vector<CapacityCause> causes;
  const bool has_writable = std::ranges::any_of(advice.nodes, &NodeRoom::is_writable);
  if (!has_writable) causes.push_back(CapacityCause::kNoWritableNode);
  if (has_writable && advice.free < question.partitions_ahead) {
    causes.push_back(CapacityCause::kNoRoom);
  }
  if (!IsWithin(advice.used, advice.used + advice.free, question.tables_share_max)) {
    causes.push_back(CapacityCause::kTablesLow);
  }
  const auto is_low = [&](const NodeRoom& room) { return AreBytesLow(room, question); };
  if (std::ranges::any_of(advice.nodes, is_low)) causes.push_back(CapacityCause::kBytesLow);
  return causes;
}

}  // namespace

std::string_view NameOf(CapacityCause cause) {
  switch (cause) {
    case CapacityCause::kNoWritableNode:
      return "no_writable_node";
    case CapacityCause::kNoRoom:
      return "no_room";
    case CapacityCause::kTablesLow:
      return "tables_low";
    case CapacityCause::kBytesLow:
      return "bytes_low";
    case CapacityCause::kNodeToSpare:
      return "node_to_spare";
  }
  return "";
}

CapacityAdvice AdviseCapacity(std::span<const NodeUsage> nodes, std::span<const NodeBytes> bytes,
                              const CapacityQuestion& question) {
  CapacityAdvice advice;
  for (const NodeUsage& usage : nodes) {
    if (usage.node.state == NodeState::kDisabled) continue;
    const NodeRoom& room = advice.nodes.emplace_back(RoomOf(usage, bytes));
    if (!room.is_writable) continue;
    advice.used += room.used;
    advice.free += room.free;
  }
  std::ranges::sort(advice.nodes, {}, &NodeRoom::node);
  advice.causes = WhyExpand(advice, question);
  if (!advice.causes.empty()) {
    advice.verdict = CapacityVerdict::kExpand;
    return advice;
  }
  for (NodeRoom& room : advice.nodes) {
    room.can_be_emptied = CanBeEmptied(advice.nodes, room, question);
  }
  if (std::ranges::any_of(advice.nodes, &NodeRoom::can_be_emptied)) {
    advice.verdict = CapacityVerdict::kShrink;
    advice.causes.push_back(CapacityCause::kNodeToSpare);
  }
  return advice;
}

std::int64_t PartitionsSince(const CatalogSnapshot& snapshot, WallTime since) {
  std::int64_t partitions = 0;
  for (const Topic& topic : snapshot.topics) {
    if (topic.KeepsTables() && topic.created_at.micros >= since.micros) {
      partitions += static_cast<std::int64_t>(topic.partitions.size());
    }
  }
  return partitions;
}

std::optional<std::int64_t> DaysLeft(std::int64_t free, std::int64_t recent, std::int32_t days) {
  if (recent <= 0) return std::nullopt;
  return free * days / recent;
}

}  // namespace lanemq::core
