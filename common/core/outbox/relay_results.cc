// What answers mean: the second half of RelayPlanner.
#include <algorithm>
#include <unordered_map>
#include <utility>

#include "common/core/outbox/relay_planner.h"

namespace lanemq::core {
namespace {

// A topic that was deleted while its messages were on their way is given so many chances.
constexpr std::int32_t kUnknownTopicAttempts = 20;

// Whether the message itself will never be taken. What else is refused is the partition's trouble:
// rights, limits of a server, its state.
bool IsRefusal(const Error& error, std::int32_t attempts) {
  switch (error.code) {
    case ErrorCode::kMessageTooLarge:
    case ErrorCode::kRecordListTooLarge:
    case ErrorCode::kCorruptMessage:
    case ErrorCode::kInvalidRequest:
    case ErrorCode::kInvalidTopic:
    case ErrorCode::kPolicyViolation:
      return true;
    case ErrorCode::kUnknownTopicOrPartition:
      return attempts >= kUnknownTopicAttempts;
    default:
      return false;
  }
}

// The broker does not know what came before. It never stores such a batch, nor has stored it.
bool IsLostIdentity(ErrorCode code) {
  return code == ErrorCode::kUnknownProducerId || code == ErrorCode::kOutOfOrderSequence;
}

}  // namespace

RelayPlanner::Counts& RelayPlanner::Counts::operator+=(const Counts& more) {
  published += more.published;
  refused += more.refused;
  dead += more.dead;
  retried += more.retried;
  for (const auto& [code, count] : more.failures) failures[code] += count;
  if (more.last_error) last_error = more.last_error;
  return *this;
}

void RelayPlanner::Resume(OutboxPlan plan, std::vector<OutboxMessage> messages, MonotonicTime now) {
  std::unordered_map<std::int64_t, OutboxMessage> by_id;
  for (OutboxMessage& message : messages) by_id.emplace(message.id, std::move(message));
  for (OutboxGroup& group : plan.groups) {
    std::vector<OutboxMessage> rows;
    for (const std::int64_t id : group.ids) {
      const auto found = by_id.find(id);
      // Somebody deleted the row. What is behind it would have its sequence.
      if (found == by_id.end()) break;
      rows.push_back(std::move(found->second));
    }
    group.ids.resize(rows.size());
    if (!rows.empty()) streams_.Resume(std::move(group), std::move(rows), now);
  }
}

void RelayPlanner::OnResult(std::int64_t serial, const std::optional<Error>& error,
                            MonotonicTime now) {
  const auto key = streams_.StreamOf(serial);
  if (!key) return;
  if (!error || error->code == ErrorCode::kDuplicateSequence) return OnStored(*key, now);
  ++counts_.failures[error->code];
  counts_.last_error = error->Wrap(key->topic + "/" + std::to_string(key->partition));
  const std::int32_t attempts = streams_.Find(*key)->group->attempts;
  if (IsLostIdentity(error->code)) {
    const OutboxStreams::Group group = streams_.Finish(*key, /*has_used_sequences=*/false);
    streams_.Renew(*key, now);
    PutBack(group, now);
  } else if (IsRefusal(*error, attempts)) {
    OnRefused(*key, *error, now);
  } else {
    ++counts_.retried;
    streams_.Retry(*key, *error, now);
  }
}

void RelayPlanner::OnStored(const OutboxStreamKey& key, MonotonicTime now) {
  const OutboxStreams::Group group = streams_.Finish(key, /*has_used_sequences=*/true);
  holds_.PartitionWorks(key.topic, key.partition, now);
  for (const OutboxMessage& row : group.messages) {
    change_.published.push_back(row.id);
    done_.insert(row.id);
    if (row.state != OutboxState::kHeld) continue;
    if (HoldEntry* hold = holds_.FindOne(row)) {
      if (hold->hold.attempts > 0) holds_.StartOver(*hold, now);
    }
  }
  counts_.published += static_cast<std::int64_t>(group.messages.size());
  // Their holds may be at their end.
  for (const OutboxMessage& row : group.messages) {
    if (row.state != OutboxState::kHeld) continue;
    if (HoldEntry* hold = holds_.FindOne(row)) hold->due = now;
    if (HoldEntry* hold = holds_.FindTopic(row.bucket, row.topic)) hold->due = now;
    if (HoldEntry* hold = holds_.FindPartition(row.bucket, row.topic, key.partition)) {
      hold->due = now;
    }
  }
}

void RelayPlanner::PutBack(const OutboxStreams::Group& group, MonotonicTime now) {
  const auto wait_again = [now](HoldEntry* hold) {
    if (hold == nullptr) return;
    hold->is_draining = false;
    hold->due = std::min(hold->due, now);
  };
  for (const OutboxMessage& row : group.messages) {
    wait_again(holds_.FindOne(row));
    wait_again(holds_.FindTopic(row.bucket, row.topic));
    wait_again(holds_.FindPartition(row.bucket, row.topic, group.plan.partition));
  }
}

void RelayPlanner::OnRefused(const OutboxStreamKey& key, const Error& error, MonotonicTime now) {
  const OutboxStreams::Group group = streams_.Finish(key, /*has_used_sequences=*/false);
  if (options_.is_resuming) return;  // Still ready: their next owner finds out.
  PutBack(group, now);
  // An earlier attempt may be carried out yet, and would take the sequences of what comes next.
  if (group.attempts > 1) streams_.Renew(key, now);
  OutboxStreams::Stream& stream = streams_.At(key);
  if (error.code == ErrorCode::kUnknownTopicOrPartition) {
    if (!options_.can_hold) return;
    for (const OutboxMessage& row : group.messages) {
      const OutboxHoldKey topic{.bucket = row.bucket, .topic = row.topic};
      if (holds_.Find(topic) == nullptr) holds_.Fail(topic, error.message, now);
    }
    return;
  }
  if (group.messages.size() > 1) {
    stream.rows_max = std::max<std::size_t>(1, group.messages.size() / 2);
    return;
  }
  stream.rows_max = options_.streams.rows_max;
  RefuseOne(group.messages.front(), key, error, now);
}

void RelayPlanner::RefuseOne(const OutboxMessage& row, const OutboxStreamKey& key,
                             const Error& error, MonotonicTime now) {
  ++counts_.refused;
  OutboxHoldKey hold_key = HoldKeyOf(row);
  HoldEntry* hold = holds_.Find(hold_key);
  if (hold == nullptr) hold = holds_.FindPartition(row.bucket, row.topic, key.partition);
  const std::int32_t attempts = (hold != nullptr ? hold->hold.attempts : 0) + 1;
  if (IsGivenUp(attempts)) {
    Bury(row, attempts, error);
    if (hold != nullptr) holds_.StartOver(*hold, now);
    return;
  }
  if (!options_.can_hold) {
    streams_.At(key).not_before = now + options_.hold_backoff.first;
    return;
  }
  if (hold == nullptr && row.record->key && holds_.size() >= options_.holds_max) {
    hold_key.key.reset();
    hold_key.partition = key.partition;
  }
  Hold(row, holds_.Fail(hold_key, error.ToString(), now));
}

void RelayPlanner::Bury(const OutboxMessage& row, std::int32_t attempts, const Error& error) {
  change_.dead.push_back({row.id, attempts, error.ToString()});
  done_.insert(row.id);
  ++counts_.dead;
}

}  // namespace lanemq::core
