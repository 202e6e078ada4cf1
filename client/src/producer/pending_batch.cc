#include "client/src/producer/pending_batch.h"

#include <utility>

#include "common/rpc/wire/errors.h"

namespace lanemq::client {
namespace {

idl::Message ToMessage(ProducerRecord&& record) {
  idl::Message message;
  if (record.key) {
    message.key = std::move(*record.key);
    message.__isset.key = true;
  }
  if (record.body) {
    message.body = std::move(*record.body);
    message.__isset.body = true;
  }
  if (record.codec != 0) message.__set_codec(record.codec);
  if (!record.headers.empty()) {
    message.__isset.headers = true;
    message.headers.resize(record.headers.size());
    for (std::size_t i = 0; i < record.headers.size(); ++i) {
      message.headers[i].name = std::move(record.headers[i].name);
      message.headers[i].value = std::move(record.headers[i].value);
    }
  }
  return message;
}

}  // namespace

PendingBatch::PendingBatch(const TopicPartition& of, bool is_delayed) : partition(of.partition) {
  if (is_delayed) request.emplace<idl::ScheduleRequest>();
  std::visit(
      [&](auto& r) {
        auto& out = r.partitions.emplace_back();
        out.topic = of.topic;
        out.partition = of.partition;
      },
      request);
}

void PendingBatch::Reserve(std::size_t records) {
  std::visit([&](auto& r) { r.partitions.front().messages.reserve(records); }, request);
  completions.reserve(records);
}

void PendingBatch::Add(ProducerRecord&& record, std::int64_t due_us) {
  if (auto* now = std::get_if<idl::ProduceRequest>(&request)) {
    now->partitions.front().messages.push_back(ToMessage(std::move(record)));
    return;
  }
  idl::DelayedMessage& out =
      std::get<idl::ScheduleRequest>(request).partitions.front().messages.emplace_back();
  out.message = ToMessage(std::move(record));
  out.due_us = due_us;
}

void PendingBatch::SetSequence(core::ProducerId producer, std::int64_t base_sequence) {
  std::visit(
      [&](auto& r) {
        r.partitions.front().__set_producer_id(producer.value);
        r.partitions.front().__set_base_sequence(base_sequence);
      },
      request);
}

std::optional<Error> PendingBatch::Take(idl::ProducePartitionResult& result) {
  if (result.__isset.error) return wire::FromWire(result.error);
  if (result.__isset.base_offset) base_offset = result.base_offset;
  if (result.__isset.timestamp_us) timestamp_us = result.timestamp_us;
  if (result.__isset.offsets) offsets = std::move(result.offsets);
  return std::nullopt;
}

std::optional<Error> PendingBatch::Take(idl::SchedulePartitionResult& result) {
  if (result.__isset.error) return wire::FromWire(result.error);
  if (result.handles.size() != completions.size()) {
    return Error{ErrorCode::kUnknownServerError, "the reply does not have a handle per record"};
  }
  handles = std::move(result.handles);
  return std::nullopt;
}

Result<RecordMetadata> PendingBatch::ResultOf(std::size_t index) const {
  if (error) return *error;
  RecordMetadata metadata;
  metadata.partition = partition;
  if (index < handles.size()) metadata.delayed_handle = handles[index];
  if (index < offsets.size()) {
    metadata.offset = offsets[index];
  } else if (base_offset >= 0) {
    metadata.offset = base_offset + static_cast<std::int64_t>(index);
  }
  if (metadata.offset >= 0) metadata.timestamp_us = timestamp_us;
  return metadata;
}

}  // namespace lanemq::client
