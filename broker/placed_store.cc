#include "broker/placed_store.h"

#include <utility>

#include <fmt/format.h>

namespace lanemq::broker {
namespace {

using core::PartitionLocation;

/// About as long as the last part of a move takes, and for the catalogue to be told.
constexpr std::int32_t kRetryAfterMs = 100;

}  // namespace

template <typename T>
T PlacedStore::Judge(const core::PartitionKey& key, T result) {
  if (result.ok() || result.error().code != ErrorCode::kUnknownTopicOrPartition ||
      !hooks_.is_active(key)) {
    return result;
  }
  Refresh();
  return Error{ErrorCode::kDataNodeUnavailable,
               fmt::format("topic {} partition {} is not where the catalogue has it: it moves to "
                           "another data node, or has moved",
                           key.topic.value, key.partition),
               kRetryAfterMs};
}

void PlacedStore::Refresh() {
  const MonotonicTime now = clock_.Now();
  MonotonicTime last = asked_at_.load();
  if (last != kNever && now - last < hooks_.refresh_every) return;
  // Of several at once, one asks.
  if (asked_at_.compare_exchange_strong(last, now)) hooks_.refresh();
}

Status PlacedStore::CreatePartition(const PartitionLocation& location, std::string_view topic_name,
                                    Deadline deadline) {
  return store_.CreatePartition(location, topic_name, deadline);
}

Status PlacedStore::DropPartition(const PartitionLocation& location, Deadline deadline) {
  return store_.DropPartition(location, deadline);
}

Status PlacedStore::Append(const PartitionLocation& location,
                           std::span<const core::RecordPtr> records,
                           const core::ServerIdentity& expected_server, Deadline deadline) {
  return Judge(location.key, store_.Append(location, records, expected_server, deadline));
}

Result<core::TailInfo> PlacedStore::ReadTail(const PartitionLocation& location, Deadline deadline) {
  return Judge(location.key, store_.ReadTail(location, deadline));
}

Result<std::vector<core::RecordIdentity>> PlacedStore::ReadIdentities(
    const PartitionLocation& location, core::Offset from, std::int32_t max, Deadline deadline) {
  return Judge(location.key, store_.ReadIdentities(location, from, max, deadline));
}

Result<std::vector<core::RecordPtr>> PlacedStore::Read(const PartitionLocation& location,
                                                       core::Offset from, core::ReadLimits limits,
                                                       Deadline deadline) {
  return Judge(location.key, store_.Read(location, from, limits, deadline));
}

Result<std::optional<core::RecordIdentity>> PlacedStore::FindByTime(
    const PartitionLocation& location, WallTime time, Deadline deadline) {
  return Judge(location.key, store_.FindByTime(location, time, deadline));
}

Result<std::vector<core::PartitionEnd>> PlacedStore::ReadEnds(
    std::span<const PartitionLocation> locations, Deadline deadline) {
  auto ends = store_.ReadEnds(locations, deadline);
  // Tables that are not there are left out.
  if (ends.ok() && ends->size() < locations.size()) Refresh();
  return ends;
}

Result<std::optional<core::ProducerSnapshot>> PlacedStore::LoadProducerSnapshot(
    const PartitionLocation& location, Deadline deadline) {
  return Judge(location.key, store_.LoadProducerSnapshot(location, deadline));
}

Status PlacedStore::SaveProducerSnapshot(const PartitionLocation& location,
                                         const core::ProducerSnapshot& snapshot,
                                         Deadline deadline) {
  return Judge(location.key, store_.SaveProducerSnapshot(location, snapshot, deadline));
}

}  // namespace lanemq::broker
