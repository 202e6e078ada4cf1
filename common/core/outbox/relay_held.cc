// Held rows: the part of RelayPlanner that brings them back.
#include <algorithm>
#include <utility>

#include "common/core/outbox/relay_planner.h"

namespace lanemq::core {
namespace {

// A hold whose rows are on their way, or that cannot be tried yet, is looked at again by then.
constexpr std::chrono::milliseconds kLookAgain{500};

}  // namespace

bool RelayPlanner::IsTopicFailing(const std::string& topic, bool is_delayed, MonotonicTime now) {
  const Result<std::int32_t>& partitions = PartitionsInThisRound(topic);
  if (!partitions.ok() || *partitions == 0) return false;
  for (std::int32_t p = 0; p < *partitions; ++p) {
    if (!IsFailing({topic, p, is_delayed}, now)) return false;
  }
  return true;
}

bool RelayPlanner::IsHopeless(const OutboxHoldKey& key, MonotonicTime now) {
  if (key.key || key.id) return false;
  if (key.partition) {
    return IsFailing({key.topic, *key.partition, false}, now) ||
           IsFailing({key.topic, *key.partition, true}, now);
  }
  return IsTopicFailing(key.topic, false, now) || IsTopicFailing(key.topic, true, now);
}

std::vector<OutboxHoldKey> RelayPlanner::DueHolds(MonotonicTime now, std::size_t max) {
  was_cut_ = false;
  std::vector<OutboxHoldKey> keys = holds_.Due(now, holds_.size());
  std::erase_if(keys, [&](const OutboxHoldKey& key) {
    if (!IsHopeless(key, now)) return false;
    holds_.Find(key)->due = now + kLookAgain;
    return true;
  });
  if (keys.size() > max) keys.resize(max);
  return keys;
}

bool RelayPlanner::Belongs(const OutboxHoldKey& key, const OutboxMessage& row,
                           const Result<OutboxStreamKey>& place) {
  if (key.key || key.id) return HoldKeyOf(row) == key;
  if (holds_.FindOne(row) != nullptr) return false;
  const bool has_partition_hold =
      place.ok() && row.record->key &&
      holds_.FindPartition(row.bucket, row.topic, place->partition) != nullptr;
  if (!key.partition) return !has_partition_hold;
  return has_partition_hold && place->partition == *key.partition;
}

void RelayPlanner::OnPlaceUnknown(const OutboxHoldKey& key, const Error& error, MonotonicTime now) {
  // Which rows are of a partition cannot be told any more; a topic that is gone holds all of them.
  const OutboxHoldKey topic{.bucket = key.bucket, .topic = key.topic};
  if (error.code == ErrorCode::kUnknownTopicOrPartition && holds_.Find(topic) == nullptr) {
    holds_.Fail(topic, error.message, now);
  }
}

void RelayPlanner::OfferHeld(const OutboxHoldKey& key, std::vector<OutboxMessage> rows, bool is_all,
                             MonotonicTime now) {
  HoldEntry* const hold = holds_.Find(key);
  if (hold == nullptr) return;
  hold->due = now + kLookAgain;
  bool has_any = false;
  std::vector<OutboxMessage> open;
  for (OutboxMessage& row : rows) {
    const Result<OutboxStreamKey> place = PlaceOf(row);
    const bool is_unknown = !place.ok() && place.error().code != ErrorCode::kQueueFull;
    if (is_unknown && key.partition) return OnPlaceUnknown(key, place.error(), now);
    if (!Belongs(key, row, place)) continue;
    has_any = true;
    if (IsUnderWay(row.id)) continue;
    if (IsAdopted(row)) {
      is_all = false;  // It may come back: nothing goes past it meanwhile.
      continue;
    }
    if (is_unknown && place.error().code != ErrorCode::kUnknownTopicOrPartition) return;
    open.push_back(std::move(row));
  }
  if (!has_any) return OnNoneHeld(*hold, rows.empty() ? 0 : rows.back().id, is_all, now);
  if (!open.empty()) OfferRows(*hold, std::move(open), is_all, now);
}

std::int64_t RelayPlanner::ReadHeldAfter(const OutboxHoldKey& key) {
  HoldEntry* const hold = holds_.Find(key);
  if (hold == nullptr) return 0;
  if (hold->read_after == 0) hold->has_grown = false;
  return hold->read_after;
}

void RelayPlanner::OnNoneHeld(HoldEntry& hold, std::int64_t last_id, bool is_all,
                              MonotonicTime now) {
  if (!is_all) {
    // Only others' rows so far: they are not read again before these are found.
    hold.read_after = last_id;
    hold.due = now;
    return;
  }
  if (hold.read_after == 0 || !hold.has_grown) {
    holds_.EndLater(hold);
  } else {
    hold.due = now;
  }
  hold.read_after = 0;
}

void RelayPlanner::OfferRows(HoldEntry& hold, std::vector<OutboxMessage> rows, bool is_all,
                             MonotonicTime now) {
  const Result<std::int32_t>& partitions = PartitionsInThisRound(hold.hold.key.topic);
  if (!partitions.ok()) return FailHeld(hold, rows, partitions.error(), now);
  const bool is_one = hold.hold.key.key || hold.hold.key.id;
  if (is_one && hold.hold.attempts > 0) {
    // Refused before: alone, so that the answer is about nothing else.
    const Result<OutboxStreamKey> place = PlaceOf(rows.front());
    if (place.ok()) (void)streams_.Add(*place, std::move(rows.front()), /*is_alone=*/true, now);
    return;
  }
  const bool is_whole = is_all && (hold.read_after == 0 || !hold.has_grown);
  hold.is_draining = AddRows(hold, std::move(rows), now) && is_whole && !hold.has_new_rows;
}

bool RelayPlanner::AddRows(HoldEntry& hold, std::vector<OutboxMessage> rows, MonotonicTime now) {
  bool is_complete = true;
  for (OutboxMessage& row : rows) {
    const Result<OutboxStreamKey> place = PlaceOf(row);
    if (place.ok() && streams_.Add(*place, std::move(row), /*is_alone=*/false, now)) continue;
    is_complete = false;
  }
  if (!is_complete) was_cut_ = true;
  hold.due = now + kLookAgain;
  return is_complete;
}

void RelayPlanner::FailHeld(HoldEntry& hold, const std::vector<OutboxMessage>& rows,
                            const Error& error, MonotonicTime now) {
  if (IsGivenUp(hold.hold.attempts + 1)) {
    for (const OutboxMessage& row : rows) Bury(row, hold.hold.attempts + 1, error);
    return;
  }
  holds_.Fail(hold.hold.key, error.message, now);
}

}  // namespace lanemq::core
