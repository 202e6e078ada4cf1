#include "common/core/outbox/outbox_streams.h"

#include <algorithm>
#include <utility>

namespace lanemq::core {

OutboxStreams::Stream& OutboxStreams::At(const OutboxStreamKey& key) {
  Stream& stream = streams_[key];
  if (stream.producer == kNoProducer) {
    stream.producer = ProducerId{random_.PositiveId()};
    stream.rows_max = options_.rows_max;
  }
  return stream;
}

const OutboxStreams::Stream* OutboxStreams::Find(const OutboxStreamKey& key) const {
  const auto found = streams_.find(key);
  return found == streams_.end() ? nullptr : &found->second;
}

bool OutboxStreams::HasRoom(const OutboxStreamKey& key, const OutboxMessage& message,
                            MonotonicTime now, bool is_alone) {
  Stream& stream = At(key);
  const std::size_t bytes = SizeOf(*message.record);
  const auto has_room = [&] {
    if (stream.is_full || now < stream.not_before) return false;
    if (bytes_ + bytes > options_.bytes_outstanding_max && bytes_ > 0) return false;
    if (!stream.group) return by_serial_.size() < options_.groups_max;
    const Group& group = *stream.group;
    return !group.is_committed && !group.is_alone && !is_alone &&
           group.messages.size() < stream.rows_max && group.bytes + bytes <= options_.bytes_max;
  };
  if (has_room()) return true;
  if (!stream.is_full) full_.push_back(key);
  stream.is_full = true;
  return false;
}

bool OutboxStreams::Add(const OutboxStreamKey& key, OutboxMessage message, bool is_alone,
                        MonotonicTime now) {
  if (!HasRoom(key, message, now, is_alone)) return false;
  Stream& stream = At(key);
  const std::size_t bytes = SizeOf(*message.record);
  if (!stream.group) {
    stream.group.emplace();
    stream.group->plan = {key.topic,       key.partition,        key.is_delayed,
                          stream.producer, stream.next_sequence, {}};
    stream.group->serial = next_serial_++;
    stream.group->is_alone = is_alone;
    by_serial_.emplace(stream.group->serial, key);
  }
  Group& group = *stream.group;
  group.plan.ids.push_back(message.id);
  group.bytes += bytes;
  bytes_ += bytes;
  ids_.insert(message.id);
  group.messages.push_back(std::move(message));
  has_changed_ = true;
  return true;
}

void OutboxStreams::Resume(OutboxGroup plan, std::vector<OutboxMessage> messages,
                           MonotonicTime now) {
  const OutboxStreamKey key{plan.topic, plan.partition, plan.is_delayed};
  Stream& stream = streams_[key];
  stream.producer = plan.producer;
  stream.next_sequence = plan.base_sequence;
  stream.rows_max = options_.rows_max;
  Group& group = stream.group.emplace();
  group.serial = next_serial_++;
  group.is_committed = true;
  group.not_before = now;
  group.attempts = 1;  // Whoever committed it may have sent it.
  for (const OutboxMessage& message : messages) {
    group.bytes += SizeOf(*message.record);
    ids_.insert(message.id);
  }
  bytes_ += group.bytes;
  group.plan = std::move(plan);
  group.messages = std::move(messages);
  by_serial_.emplace(group.serial, key);
}

OutboxPlan OutboxStreams::Plan() const {
  OutboxPlan plan;
  for (const auto& [serial, key] : by_serial_) plan.groups.push_back(streams_.at(key).group->plan);
  return plan;
}

void OutboxStreams::Seal() {
  for (const auto& [serial, key] : by_serial_) streams_.at(key).group->is_committed = true;
  for (const OutboxStreamKey& key : full_) streams_.at(key).is_full = false;
  full_.clear();
  has_changed_ = false;
}

std::vector<const OutboxStreams::Group*> OutboxStreams::Depart(MonotonicTime now) {
  std::vector<const Group*> departing;
  for (const auto& [serial, key] : by_serial_) {
    Group& group = *streams_.at(key).group;
    if (!group.is_committed || group.is_in_flight || group.not_before > now) continue;
    group.is_in_flight = true;
    ++group.attempts;
    departing.push_back(&group);
  }
  return departing;
}

OutboxStreams::Group OutboxStreams::Finish(const OutboxStreamKey& key, bool has_used_sequences) {
  Stream& stream = streams_.at(key);
  Group group = *std::move(stream.group);
  stream.group.reset();
  stream.failing_since.reset();
  if (has_used_sequences) {
    stream.next_sequence =
        group.plan.base_sequence + static_cast<std::int64_t>(group.plan.ids.size());
    stream.rows_max = std::min(options_.rows_max, stream.rows_max * 2);
    stream.identities_lost = 0;
  }
  by_serial_.erase(group.serial);
  bytes_ -= group.bytes;
  for (const std::int64_t id : group.plan.ids) ids_.erase(id);
  has_changed_ = true;
  return group;
}

void OutboxStreams::Retry(const OutboxStreamKey& key, const Error& error, MonotonicTime now) {
  Stream& stream = streams_.at(key);
  Group& group = *stream.group;
  group.is_in_flight = false;
  group.last_error = error;
  const auto asked = std::chrono::milliseconds(error.retry_after_ms);
  group.not_before = now + std::max<std::chrono::nanoseconds>(
                               asked, BackoffDelay(options_.resend, group.attempts, random_));
  if (!stream.failing_since) stream.failing_since = now;
}

void OutboxStreams::Renew(const OutboxStreamKey& key, MonotonicTime now) {
  Stream& stream = streams_.at(key);
  stream.producer = ProducerId{random_.PositiveId()};
  stream.next_sequence = 0;
  ++stream.identities_lost;
  stream.not_before = now + BackoffDelay(options_.resend, stream.identities_lost, random_);
}

std::optional<OutboxStreamKey> OutboxStreams::StreamOf(std::int64_t serial) const {
  const auto found = by_serial_.find(serial);
  if (found == by_serial_.end()) return std::nullopt;
  return found->second;
}

void OutboxStreams::ForEachRow(const std::function<void(OutboxMessage&, std::int32_t)>& visit) {
  for (const auto& [serial, key] : by_serial_) {
    for (OutboxMessage& row : streams_.at(key).group->messages) visit(row, key.partition);
  }
}

std::optional<MonotonicTime> OutboxStreams::NextDeadline() const {
  std::optional<MonotonicTime> next;
  for (const auto& [serial, key] : by_serial_) {
    const Group& group = *streams_.at(key).group;
    if (group.is_in_flight) continue;
    if (!next || group.not_before < *next) next = group.not_before;
  }
  return next;
}

bool OutboxStreams::HasRowsOf(std::int32_t bucket) const { return HasRows(bucket, false); }

bool OutboxStreams::HasFailingRowsOf(std::int32_t bucket) const { return HasRows(bucket, true); }

bool OutboxStreams::HasRows(std::int32_t bucket, bool is_failing_only) const {
  for (const auto& [serial, key] : by_serial_) {
    const Stream& stream = streams_.at(key);
    if (is_failing_only && !stream.failing_since) continue;
    const auto& rows = stream.group->messages;
    if (std::any_of(rows.begin(), rows.end(),
                    [bucket](const OutboxMessage& row) { return row.bucket == bucket; })) {
      return true;
    }
  }
  return false;
}

}  // namespace lanemq::core
