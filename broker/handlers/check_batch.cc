#include "broker/handlers/check_batch.h"

#include <cstdint>
#include <limits>

#include <fmt/format.h>

namespace lanemq::broker {
namespace {

Status CheckMessage(const idl::Message& message, std::size_t message_bytes_max,
                    const core::Limits& limits) {
  const auto too_large = [](const char* what, std::size_t bytes, std::size_t max) {
    return Error{ErrorCode::kMessageTooLarge,
                 fmt::format("{} of {} bytes; the limit is {}", what, bytes, max)};
  };
  if (message.body.size() > message_bytes_max) {
    return too_large("a body", message.body.size(), message_bytes_max);
  }
  if (message.key.size() > limits.key_bytes_max) {
    return too_large("a key", message.key.size(), limits.key_bytes_max);
  }
  if (message.headers.size() > limits.headers_max) {
    return Error{
        ErrorCode::kMessageTooLarge,
        fmt::format("{} headers; the limit is {}", message.headers.size(), limits.headers_max)};
  }
  std::size_t bytes = 0;
  for (const idl::Header& header : message.headers) {
    bytes += header.name.size() + header.value.size();
  }
  if (bytes > limits.headers_bytes_max) {
    return too_large("headers", bytes, limits.headers_bytes_max);
  }
  return {};
}

Status CheckCount(std::size_t count, const core::Limits& limits) {
  if (count == 0) return Error{ErrorCode::kInvalidRequest, "a batch without messages"};
  if (count <= limits.batch_records_max) return {};
  return Error{ErrorCode::kRecordListTooLarge,
               fmt::format("{} messages; the limit is {}", count, limits.batch_records_max)};
}

// What both kinds of batch say of their producer.
template <typename Batch>
Status CheckProducer(const Batch& batch) {
  const std::int64_t producer = batch.__isset.producer_id ? batch.producer_id : 0;
  if (producer < 0) return Error{ErrorCode::kInvalidRequest, "a negative producer_id"};
  if (producer == 0) return {};
  const auto count = static_cast<std::int64_t>(batch.messages.size());
  if (!batch.__isset.base_sequence || batch.base_sequence < 0 ||
      batch.base_sequence > std::numeric_limits<std::int64_t>::max() - count) {
    return Error{ErrorCode::kInvalidRequest, "a producer_id goes with a base_sequence from 0 on"};
  }
  return {};
}

}  // namespace

Status CheckBatch(const idl::ProducePartition& batch, std::size_t message_bytes_max,
                  const core::Limits& limits) {
  LANEMQ_RETURN_IF_ERROR(CheckCount(batch.messages.size(), limits));
  for (const idl::Message& message : batch.messages) {
    LANEMQ_RETURN_IF_ERROR(CheckMessage(message, message_bytes_max, limits));
  }
  return CheckProducer(batch);
}

Status CheckBatch(const idl::SchedulePartition& batch, std::size_t message_bytes_max,
                  const core::Limits& limits) {
  LANEMQ_RETURN_IF_ERROR(CheckCount(batch.messages.size(), limits));
  for (const idl::DelayedMessage& delayed : batch.messages) {
    LANEMQ_RETURN_IF_ERROR(CheckMessage(delayed.message, message_bytes_max, limits));
    if (delayed.due_us < 0) return Error{ErrorCode::kInvalidRequest, "a due time before 1970"};
  }
  return CheckProducer(batch);
}

Status CheckBatchBytes(std::size_t bytes, std::size_t records, const core::Limits& limits) {
  if (bytes <= limits.batch_bytes_max || records == 1) return {};
  return Error{ErrorCode::kRecordListTooLarge,
               fmt::format("{} bytes; the limit is {}", bytes, limits.batch_bytes_max)};
}

}  // namespace lanemq::broker
