#include "client/src/admin/describe_failures.h"

#include <memory>
#include <utility>

#include "common/rpc/wire/errors.h"

namespace lanemq {
namespace {

std::vector<std::int64_t> ToMillis(const std::vector<std::chrono::milliseconds>& delays) {
  std::vector<std::int64_t> out;
  for (const auto delay : delays) out.push_back(delay.count());
  return out;
}

/// Fields that are absent keep their default.
RetryPolicy FromWire(const idl::RetryPolicy& policy) {
  RetryPolicy out;
  if (policy.__isset.max_attempts) out.max_attempts = policy.max_attempts;
  if (policy.__isset.first_delay_ms) {
    out.first_delay = std::chrono::milliseconds(policy.first_delay_ms);
  }
  if (policy.__isset.max_delay_ms) out.max_delay = std::chrono::milliseconds(policy.max_delay_ms);
  if (policy.__isset.multiplier) out.multiplier = policy.multiplier;
  for (const std::int64_t delay : policy.delays_ms) out.delays.emplace_back(delay);
  if (policy.__isset.jitter) out.jitter = policy.jitter;
  out.fatal_reasons = policy.fatal_reasons;
  out.retryable_reasons = policy.retryable_reasons;
  return out;
}

}  // namespace

DeadLetter Describe(idl::DeadLetter&& letter) {
  DeadLetter out;
  out.group = std::move(letter.id.group);
  ConsumedRecord& record = out.record;
  record.source = std::make_shared<const TopicPartition>(
      TopicPartition{std::move(letter.id.topic), letter.id.partition});
  record.offset = letter.id.offset;
  idl::StoredMessage& message = letter.message;
  record.timestamp_us = message.timestamp_us;
  if (message.__isset.key) record.key = std::move(message.key);
  if (message.__isset.body) record.body = std::move(message.body);
  for (idl::Header& header : message.headers) {
    record.headers.push_back({std::move(header.name), std::move(header.value)});
  }
  record.codec = message.codec;
  out.attempts = letter.attempts;
  out.reason = std::move(letter.reason);
  out.first_error = std::move(letter.first_error);
  out.last_error = std::move(letter.last_error);
  out.first_failed_at_us = letter.first_failed_at_us;
  out.last_failed_at_us = letter.last_failed_at_us;
  out.dead_at_us = letter.dead_at_us;
  return out;
}

Redrive Describe(const idl::Redrive& job) {
  Redrive out{.id = job.id,
              .group = job.group,
              .data_node = job.data_node,
              .state = job.state,
              .is_to_topic = job.target == idl::RedriveTarget::TOPIC,
              .moved = job.moved,
              .created_at_us = job.created_at_us,
              .finished_at_us = std::nullopt};
  if (job.__isset.finished_at_us) out.finished_at_us = job.finished_at_us;
  return out;
}

GroupRetryPolicy Describe(const idl::GroupPolicy& policy) {
  GroupRetryPolicy out;
  if (policy.__isset.topic) out.topic = policy.topic;
  out.policy = FromWire(policy.policy);
  out.node_id = policy.node_id;
  out.at_us = policy.at_us;
  out.requested_by = policy.requested_by;
  return out;
}

Result<CancelState> Describe(const idl::CancelOne& one) {
  if (one.__isset.error) return wire::FromWire(one.error).Wrap(one.handle);
  switch (one.state) {
    case idl::CancelState::CANCELLED:
      return CancelState::kCancelled;
    case idl::CancelState::DELIVERED:
      return CancelState::kDelivered;
    case idl::CancelState::NOT_FOUND:
      return CancelState::kNotFound;
  }
  return Error{ErrorCode::kUnknownServerError, "the broker's answer has a state we do not know"};
}

idl::DeadLetterFilter ToWire(const DeadLetterFilter& filter) {
  idl::DeadLetterFilter out;
  out.__set_group(filter.group);
  if (filter.topic) out.__set_topic(*filter.topic);
  if (filter.partition) out.__set_partition(*filter.partition);
  if (filter.reason) out.__set_reason(*filter.reason);
  if (filter.key) out.__set_key(*filter.key);
  if (filter.from_us) out.__set_from_us(*filter.from_us);
  if (filter.until_us) out.__set_until_us(*filter.until_us);
  std::vector<idl::DeadLetterId> ids;
  for (const DeadLetterId& id : filter.ids) {
    idl::DeadLetterId& one = ids.emplace_back();
    one.__set_group(id.group);
    one.__set_topic(id.partition.topic);
    one.__set_partition(id.partition.partition);
    one.__set_offset(id.offset);
  }
  if (!ids.empty()) out.__set_ids(ids);
  return out;
}

idl::RetryPolicy ToWire(const RetryPolicy& policy) {
  idl::RetryPolicy out;
  out.__set_max_attempts(policy.max_attempts);
  out.__set_first_delay_ms(policy.first_delay.count());
  out.__set_max_delay_ms(policy.max_delay.count());
  out.__set_multiplier(policy.multiplier);
  out.__set_delays_ms(ToMillis(policy.delays));
  out.__set_jitter(policy.jitter);
  out.__set_fatal_reasons(policy.fatal_reasons);
  out.__set_retryable_reasons(policy.retryable_reasons);
  return out;
}

}  // namespace lanemq
