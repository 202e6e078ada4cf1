#include "client/src/producer_impl.h"

#include <algorithm>

#include "common/core/partition/partitioner.h"
#include "common/core/types/limits.h"
#include "common/rpc/wire/errors.h"

namespace lanemq {
namespace {

using std::chrono::milliseconds;

// Also the bound on how late the sender notices old metadata.
constexpr milliseconds kSenderPauseMax{100};
constexpr std::size_t kOverheadPerRecord = 64;

core::PartitionQueue::Options QueueOptions(const ProducerOptions& options) {
  return {.max_in_flight = options.max_in_flight,
          .batch_records = options.batch_num_messages,
          .batch_bytes = options.batch_size,
          .linger = options.linger,
          .delivery_timeout = options.delivery_timeout,
          .retry_backoff = options.retry_backoff,
          .retry_backoff_max = options.retry_backoff_max,
          .is_idempotent = options.enable_idempotence};
}

std::size_t SizeOf(const ProducerRecord& record) {
  std::size_t bytes = kOverheadPerRecord;
  if (record.key) bytes += record.key->size();
  if (record.body) bytes += record.body->size();
  for (const RecordHeader& h : record.headers) bytes += h.name.size() + h.value.size() + 16;
  return bytes;
}

idl::Message ToMessage(ProducerRecord&& record) {
  idl::Message message;
  if (record.key) message.__set_key(std::move(*record.key));
  if (record.body) message.__set_body(std::move(*record.body));
  if (record.codec != 0) message.__set_codec(record.codec);
  if (!record.headers.empty()) {
    message.__isset.headers = true;
    message.headers.reserve(record.headers.size());
    for (RecordHeader& header : record.headers) {
      idl::Header& out = message.headers.emplace_back();
      out.name = std::move(header.name);
      out.value = std::move(header.value);
    }
  }
  return message;
}

}  // namespace

Producer::Impl::Impl(ProducerOptions options)
    : options_(std::move(options)), cluster_(options_), sender_([this] { RunSender(); }) {}

Producer::Impl::~Impl() {
  (void)Close(std::min<milliseconds>(options_.delivery_timeout, milliseconds(5'000)));
}

Status Producer::Impl::WaitForRoom(std::size_t bytes, Deadline deadline) {
  while (buffered_ + bytes > options_.buffer_memory && buffered_ > 0) {
    if (is_closing_) return Error{ErrorCode::kClosed, "the producer is closed"};
    if (deadline.HasPassed(cluster_.clock())) {
      return Error{ErrorCode::kQueueFull,
                   "buffer.memory (" + std::to_string(options_.buffer_memory) +
                       " bytes) stayed full for max.block.ms",
                   10};
    }
    settled_.WaitFor(mutex_, deadline.Left(cluster_.clock()));
  }
  return {};
}

Status Producer::Impl::Send(ProducerRecord record, Callback callback, bool is_urgent) {
  const std::size_t bytes = SizeOf(record);
  if (bytes > core::kMessageBytesHardMax) {
    return Error{ErrorCode::kMessageTooLarge, "a record of " + std::to_string(bytes) +
                                                  " bytes; at most " +
                                                  std::to_string(core::kMessageBytesHardMax)};
  }
  // A callback that waited here would wait for itself.
  const milliseconds patience = callbacks_.IsThisThread() ? milliseconds(0) : options_.max_block;
  const Deadline deadline = Deadline::After(cluster_.clock(), patience);
  std::int32_t partitions = cluster_.View()->PartitionsOf(record.topic);
  if (partitions == 0) {
    LANEMQ_ASSIGN_OR_RETURN(const auto view, cluster_.WaitForTopic(record.topic, deadline));
    partitions = view->PartitionsOf(record.topic);
  }
  MutexLock lock(mutex_);
  if (is_closing_) return Error{ErrorCode::kClosed, "the producer is closed"};
  LANEMQ_RETURN_IF_ERROR(WaitForRoom(bytes, deadline));
  if (is_closing_) return Error{ErrorCode::kClosed, "the producer is closed"};
  LANEMQ_ASSIGN_OR_RETURN(const std::int32_t index, ChoosePartition(record, bytes, partitions));
  Partition& partition = PartitionOf(record.topic, index);
  const MonotonicTime now = cluster_.clock().Now();
  const bool was_empty = partition.queue.IsEmpty();
  const std::int64_t serial = partition.queue.Append(bytes, now);
  Payload& payload = partition.payloads[serial];
  const bool is_new_batch = !payload.messages;
  if (is_new_batch) payload.messages = std::make_shared<std::vector<idl::Message>>();
  payload.messages->push_back(ToMessage(std::move(record)));
  payload.callbacks.push_back(std::move(callback));
  payload.bytes += bytes;
  buffered_ += bytes;
  ++unsettled_;
  if (is_urgent) partition.queue.SealAll();
  // The sender knows of lingering batches; it must look when one begins or is full.
  if (was_empty || is_new_batch || is_urgent ||
      payload.messages->size() >= static_cast<std::size_t>(options_.batch_num_messages) ||
      payload.bytes >= options_.batch_size) {
    has_work_ = true;
    wake_sender_.NotifyOne();
  }
  return {};
}

Result<std::int32_t> Producer::Impl::ChoosePartition(const ProducerRecord& record,
                                                     std::size_t bytes, std::int32_t partitions) {
  if (record.partition) {
    if (*record.partition >= 0 && *record.partition < partitions) return *record.partition;
    return Error{ErrorCode::kUnknownTopicOrPartition,
                 record.topic + " has no partition " + std::to_string(*record.partition)};
  }
  if (record.key) return core::PartitionForKey(*record.key, partitions);
  Topic& topic = topics_[record.topic];
  if (!topic.sticky) {
    topic.sticky = std::make_unique<core::StickyPartitioner>(
        core::StickyPartitioner::Options{.batch_bytes = options_.batch_size},
        Random(static_cast<std::uint64_t>(random_.PositiveId())));
  }
  return topic.sticky->Next(partitions, bytes, cluster_.clock().Now());
}

Producer::Impl::Partition& Producer::Impl::PartitionOf(const std::string& topic,
                                                       std::int32_t partition) {
  std::unique_ptr<Partition>& found = topics_[topic].partitions[partition];
  if (!found) {
    found = std::make_unique<Partition>(TopicPartition{topic, partition}, QueueOptions(options_),
                                        Random(static_cast<std::uint64_t>(random_.PositiveId())));
  }
  return *found;
}

void Producer::Impl::RunSender() {
  for (;;) {
    cluster_.RefreshIfOld();
    std::vector<Attempt> attempts;
    {
      MutexLock lock(mutex_);
      if (is_stopping_) return;
      const MonotonicTime now = cluster_.clock().Now();
      has_work_ = false;
      attempts = CollectAttempts(now);
      if (attempts.empty() && !has_work_) {
        const auto pause = UntilNextDeadline(now);
        if (pause.count() > 0) wake_sender_.WaitFor(mutex_, pause);
        continue;
      }
    }
    for (Attempt& attempt : attempts) Transmit(std::move(attempt));
  }
}

std::vector<Producer::Impl::Attempt> Producer::Impl::CollectAttempts(MonotonicTime now) {
  std::vector<Attempt> attempts;
  for (auto& [name, topic] : topics_) {
    for (auto& [index, partition] : topic.partitions) {
      if (partition->queue.IsEmpty()) continue;
      Settle(*partition, partition->queue.Expire(now), nullptr);
      while (const auto* batch = partition->queue.NextToSend(now)) {
        Attempt attempt;
        attempt.partition = partition.get();
        attempt.serial = batch->serial;
        attempt.messages = partition->payloads.at(batch->serial).messages;
        attempt.producer = batch->producer;
        attempt.base_sequence = batch->base_sequence;
        attempt.deadline = {
            std::min(now + std::chrono::nanoseconds(options_.request_timeout),
                     batch->created + std::chrono::nanoseconds(options_.delivery_timeout))};
        ++stats_.batches_sent;
        if (batch->attempts > 1) ++stats_.batches_retried;
        ++in_flight_;
        attempts.push_back(std::move(attempt));
      }
    }
  }
  return attempts;
}

std::chrono::nanoseconds Producer::Impl::UntilNextDeadline(MonotonicTime now) {
  std::chrono::nanoseconds pause = kSenderPauseMax;
  for (const auto& [name, topic] : topics_) {
    for (const auto& [index, partition] : topic.partitions) {
      if (const auto next = partition->queue.NextDeadline(now)) {
        pause = std::min(pause, *next - now);
      }
    }
  }
  return pause;
}

void Producer::Impl::Transmit(Attempt attempt) {
  const TopicPartition& target = attempt.partition->id;
  const auto broker = cluster_.BrokerFor(target.topic, target.partition);
  if (!broker) {
    cluster_.RequestRefresh();
    OnReply(attempt, Error{ErrorCode::kBrokerNotAvailable, "no broker is known"});
    return;
  }
  attempt.broker = *broker;
  idl::ProduceRequest request;
  idl::ProducePartition& part = request.partitions.emplace_back();
  part.topic = target.topic;
  part.partition = target.partition;
  if (attempt.producer != core::kNoProducer) {
    part.__set_producer_id(attempt.producer.value);
    part.__set_base_sequence(attempt.base_sequence);
  }
  // Lent to the request for the time of its encoding; a retry, by this same thread, needs them
  // again.
  part.messages.swap(*attempt.messages);
  const auto left = std::chrono::ceil<milliseconds>(attempt.deadline.Left(cluster_.clock()));
  request.__set_timeout_ms(static_cast<std::int32_t>(left.count()));
  request.__set_client_id(options_.client_id);
  const std::shared_ptr<std::vector<idl::Message>> messages = attempt.messages;
  const Deadline deadline = attempt.deadline;
  cluster_.data_plane().Produce(
      *broker, request, deadline,
      [this, attempt = std::move(attempt)](auto result) { OnReply(attempt, std::move(result)); });
  messages->swap(part.messages);
}

void Producer::Impl::OnReply(const Attempt& attempt, Result<idl::ProduceResponse> reply) {
  std::optional<Error> error;
  const idl::ProducePartitionResult* result = nullptr;
  if (!reply.ok()) {
    error = reply.error();
  } else if (reply->partitions.size() != 1) {
    error = Error{ErrorCode::kUnknownServerError, "the reply does not match the request"};
  } else {
    result = &reply->partitions.front();
    if (result->__isset.error) error = wire::FromWire(result->error);
  }
  if (error) {
    cluster_.OnError(attempt.broker, *error);
  } else {
    cluster_.OnSuccess(attempt.broker);
  }
  MutexLock lock(mutex_);
  --in_flight_;
  Partition& partition = *attempt.partition;
  const MonotonicTime now = cluster_.clock().Now();
  Topic& topic = topics_[partition.id.topic];
  if (topic.sticky) {
    if (error && IsServerTrouble(error->code)) {
      topic.sticky->MarkFailed(partition.id.partition, now);
    } else if (!error) {
      topic.sticky->MarkWorking(partition.id.partition);
    }
  }
  Settle(partition, partition.queue.OnReply(attempt.serial, error, now), error ? nullptr : result);
  has_work_ = true;
  wake_sender_.NotifyOne();
}

void Producer::Impl::Settle(Partition& partition,
                            const std::vector<core::PartitionQueue::Finished>& finished,
                            const idl::ProducePartitionResult* stored) {
  for (const auto& done : finished) {
    auto found = partition.payloads.extract(done.serial);
    if (found.empty()) continue;
    Payload payload = std::move(found.mapped());
    const std::size_t records = payload.callbacks.size();
    buffered_ -= payload.bytes;
    (done.error ? stats_.records_failed : stats_.records_sent) +=
        static_cast<std::int64_t>(records);
    RecordMetadata base{partition.id.partition, -1, 0};
    std::vector<std::int64_t> offsets;
    if (!done.error && stored != nullptr) {
      base.offset = stored->__isset.base_offset ? stored->base_offset : -1;
      base.timestamp_us = stored->__isset.timestamp_us ? stored->timestamp_us : 0;
      if (stored->__isset.offsets) offsets = stored->offsets;
    }
    callbacks_.Post([this, records, base, error = done.error, offsets = std::move(offsets),
                     callbacks = std::move(payload.callbacks)]() mutable {
      for (std::size_t i = 0; i < callbacks.size(); ++i) {
        if (!callbacks[i]) continue;
        if (error) {
          callbacks[i](*error);
          continue;
        }
        RecordMetadata metadata = base;
        if (i < offsets.size()) {
          metadata.offset = offsets[i];
        } else if (base.offset >= 0) {
          metadata.offset = base.offset + static_cast<std::int64_t>(i);
        }
        callbacks[i](metadata);
      }
      MutexLock lock(mutex_);
      unsettled_ -= records;
      settled_.NotifyAll();
    });
  }
  if (!finished.empty()) settled_.NotifyAll();
}

Status Producer::Impl::Flush(milliseconds timeout) {
  const Deadline deadline = Deadline::After(cluster_.clock(), timeout);
  MutexLock lock(mutex_);
  for (auto& [name, topic] : topics_) {
    for (auto& [index, partition] : topic.partitions) partition->queue.SealAll();
  }
  has_work_ = true;
  wake_sender_.NotifyOne();
  while (unsettled_ > 0) {
    if (deadline.HasPassed(cluster_.clock())) {
      return Error{ErrorCode::kRequestTimedOut,
                   std::to_string(unsettled_) + " records are not answered yet"};
    }
    settled_.WaitFor(mutex_, deadline.Left(cluster_.clock()));
  }
  return {};
}

Status Producer::Impl::Close(milliseconds timeout) {
  {
    MutexLock lock(mutex_);
    if (is_stopping_) return {};
    is_closing_ = true;
    settled_.NotifyAll();
  }
  const Status flushed = Flush(timeout);
  {
    MutexLock lock(mutex_);
    for (auto& [name, topic] : topics_) {
      for (auto& [index, partition] : topic.partitions) {
        Settle(*partition,
               partition->queue.Abandon({ErrorCode::kClosed, "the producer was closed"}), nullptr);
      }
    }
    is_stopping_ = true;
    wake_sender_.NotifyAll();
  }
  if (sender_.joinable()) sender_.join();
  cluster_.Close();
  callbacks_.Stop();
  return flushed;
}

ProducerStats Producer::Impl::Stats() const {
  MutexLock lock(mutex_);
  ProducerStats stats = stats_;
  stats.buffered_bytes = buffered_;
  return stats;
}

}  // namespace lanemq
