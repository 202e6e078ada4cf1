#include "common/core/outbox/relay_planner.h"

#include <algorithm>
#include <utility>

#include "common/core/partition/partitioner.h"

namespace lanemq::core {

RelayPlanner::RelayPlanner(Options options, PartitionsOf partitions_of, Random random)
    : options_(options),
      partitions_of_(std::move(partitions_of)),
      streams_(options.streams, Random(random.Below(~0ULL))),
      holds_(options.hold_backoff, random) {}

bool RelayPlanner::IsUnderWay(std::int64_t id) const {
  return streams_.IsOutstanding(id) || done_.contains(id);
}

void RelayPlanner::SetAdopted(const std::vector<OutboxMessage>& rows) {
  adopted_ids_.clear();
  adopted_keys_.clear();
  for (const OutboxMessage& row : rows) {
    adopted_ids_.insert(row.id);
    if (row.record->key) adopted_keys_.emplace(row.topic, *row.record->key);
  }
}

bool RelayPlanner::IsAdopted(const OutboxMessage& row) const {
  if (adopted_ids_.empty()) return false;
  return adopted_ids_.contains(row.id) ||
         (row.record->key && adopted_keys_.contains({row.topic, *row.record->key}));
}

std::vector<std::int64_t> RelayPlanner::UnderWay() const {
  std::vector<std::int64_t> ids(streams_.ids().begin(), streams_.ids().end());
  ids.insert(ids.end(), done_.begin(), done_.end());
  ids.insert(ids.end(), adopted_ids_.begin(), adopted_ids_.end());
  return ids;
}

const Result<std::int32_t>& RelayPlanner::PartitionsInThisRound(const std::string& topic) {
  // Asked once: an answer that changes between two rows of a key would turn them round.
  const auto found = partitions_.find(topic);
  if (found != partitions_.end()) return found->second;
  return partitions_.emplace(topic, partitions_of_(topic)).first->second;
}

bool RelayPlanner::IsFailing(const OutboxStreamKey& key, MonotonicTime now) const {
  const OutboxStreams::Stream* stream = streams_.Find(key);
  return stream != nullptr && stream->failing_since &&
         now - *stream->failing_since > options_.hold_after;
}

std::int32_t RelayPlanner::KeylessPartition(const OutboxMessage& row, std::int32_t partitions) {
  for (std::int32_t i = 0; i < partitions; ++i) {
    const OutboxStreamKey key{row.topic, (keyless_turn_ + i) % partitions, row.due.has_value()};
    const OutboxStreams::Stream* stream = streams_.Find(key);
    const bool is_busy = stream != nullptr && (stream->is_full || stream->failing_since ||
                                               (stream->group && stream->group->is_committed));
    if (!is_busy) return key.partition;
  }
  return -1;
}

Result<OutboxStreamKey> RelayPlanner::PlaceOf(const OutboxMessage& row) {
  const Result<std::int32_t>& partitions = PartitionsInThisRound(row.topic);
  if (!partitions.ok()) return partitions.error();
  OutboxStreamKey place{row.topic, 0, row.due.has_value()};
  if (row.partition) {
    place.partition = *row.partition;
  } else if (row.record->key) {
    place.partition = PartitionForKey(*row.record->key, *partitions);
  } else {
    place.partition = KeylessPartition(row, *partitions);
    if (place.partition < 0) return Error{ErrorCode::kQueueFull, "every partition is busy"};
  }
  return place;
}

void RelayPlanner::Offer(std::vector<OutboxMessage> rows, MonotonicTime now) {
  for (OutboxMessage& row : rows) OfferOne(std::move(row), now);
}

RelayPlanner::HoldEntry* RelayPlanner::BlockingHold(const OutboxMessage& row,
                                                    const OutboxStreamKey* place) {
  const auto blocks = [](const HoldEntry* hold) {
    return hold != nullptr && !hold->is_draining && !hold->is_ending;
  };
  if (HoldEntry* hold = holds_.FindTopic(row.bucket, row.topic); blocks(hold)) return hold;
  if (HoldEntry* hold = holds_.FindOne(row); blocks(hold)) return hold;
  if (place == nullptr || !row.record->key) return nullptr;
  HoldEntry* hold = holds_.FindPartition(row.bucket, row.topic, place->partition);
  return blocks(hold) ? hold : nullptr;
}

void RelayPlanner::OfferOne(OutboxMessage row, MonotonicTime now) {
  if (IsUnderWay(row.id) || IsPassedOver(row) || IsAdopted(row)) return;
  if (HoldEntry* hold = BlockingHold(row, nullptr)) return Hold(row, *hold);
  const Result<OutboxStreamKey> place = PlaceOf(row);
  if (!place.ok()) return HoldForTopic(row, place.error(), now);
  if (HoldEntry* hold = BlockingHold(row, &*place)) return Hold(row, *hold);
  if (options_.can_hold && row.record->key && IsFailing(*place, now)) {
    OutboxHoldKey key{.bucket = row.bucket, .topic = row.topic};
    key.partition = place->partition;
    const OutboxStreams::Stream* stream = streams_.Find(*place);
    const auto& why = stream->group ? stream->group->last_error : counts_.last_error;
    return Hold(row, holds_.Fail(key, why ? why->ToString() : "", now));
  }
  if (!streams_.HasRoom(*place, row, now)) return PassOver(row);
  (void)streams_.Add(*place, std::move(row), /*is_alone=*/false, now);
}

void RelayPlanner::PassOver(const OutboxMessage& row) {
  was_cut_ = true;
  if (row.record->key) passed_over_.emplace(row.topic, *row.record->key);
}

bool RelayPlanner::IsPassedOver(const OutboxMessage& row) const {
  return !passed_over_.empty() && row.record->key &&
         passed_over_.contains({row.topic, *row.record->key});
}

void RelayPlanner::HoldForTopic(const OutboxMessage& row, const Error& error, MonotonicTime now) {
  if (!options_.can_hold) return;
  std::string why = error.message;
  if (error.code == ErrorCode::kQueueFull) {
    if (!IsTopicFailing(row.topic, row.due.has_value(), now)) return;
    if (counts_.last_error) why = counts_.last_error->ToString();
  } else if (error.code != ErrorCode::kUnknownTopicOrPartition) {
    return;
  }
  Hold(row, holds_.Fail({.bucket = row.bucket, .topic = row.topic}, why, now));
}

void RelayPlanner::Hold(const OutboxMessage& row, HoldEntry& hold) {
  if (!options_.can_hold || row.state == OutboxState::kHeld) return;
  if (change_.held.size() >= options_.held_per_round) return PassOver(row);
  // It may be held for one of these, and then belong to another.
  Grow(&hold);
  Grow(holds_.FindOne(row));
  Grow(holds_.FindTopic(row.bucket, row.topic));
  if (const Result<OutboxStreamKey> place = PlaceOf(row); place.ok() && row.record->key) {
    Grow(holds_.FindPartition(row.bucket, row.topic, place->partition));
  }
  change_.held.push_back(row.id);
  done_.insert(row.id);
  held_places_.emplace(row.bucket, row.topic);
}

void RelayPlanner::Grow(HoldEntry* hold) {
  if (hold == nullptr) return;
  hold->has_new_rows = true;
  hold->has_grown = true;
  hold->is_draining = false;
  hold->is_ending = false;
}

void RelayPlanner::HoldUnderWay() {
  if (held_places_.empty()) return;
  streams_.ForEachRow([this](OutboxMessage& row, std::int32_t partition) {
    if (row.state == OutboxState::kHeld || !held_places_.contains({row.bucket, row.topic})) return;
    HoldEntry* hold = holds_.FindOne(row);
    if (hold == nullptr && row.record->key) {
      hold = holds_.FindPartition(row.bucket, row.topic, partition);
    }
    if (hold == nullptr) hold = holds_.FindTopic(row.bucket, row.topic);
    if (hold == nullptr) return;
    Grow(hold);
    row.state = OutboxState::kHeld;
    change_.held.push_back(row.id);
  });
  held_places_.clear();
}

OutboxChange RelayPlanner::TakeChange(MonotonicTime now) {
  HoldUnderWay();
  if (streams_.HasChanged()) change_.plan = streams_.Plan();
  holds_.TakeChanges(change_, now);
  partitions_.clear();
  passed_over_.clear();
  keyless_turn_ = (keyless_turn_ + 1) % 1'000'000;
  OutboxChange change = std::exchange(change_, {});
  if (change.IsEmpty()) streams_.Seal();
  return change;
}

void RelayPlanner::OnCommitted() {
  streams_.Seal();
  done_.clear();
}

std::optional<MonotonicTime> RelayPlanner::NextDeadline() const {
  const auto hold = holds_.NextDue();
  const auto group = streams_.NextDeadline();
  if (!hold || !group) return hold ? hold : group;
  return std::min(*hold, *group);
}

}  // namespace lanemq::core
