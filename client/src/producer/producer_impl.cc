#include "client/src/producer/producer_impl.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "client/src/producer/due_time.h"
#include "client/src/trace/add_trace.h"
#include "common/core/partition/partitioner.h"

namespace lanemq {
namespace {

// Bytes of a record in the buffer: payload plus what we keep of each.
constexpr std::size_t kRecordOverhead = 64;

std::size_t PayloadOf(const ProducerRecord& record) {
  std::size_t bytes = 0;
  if (record.key) bytes += record.key->size();
  if (record.body) bytes += record.body->size();
  for (const RecordHeader& header : record.headers) {
    bytes += header.name.size() + header.value.size();
  }
  return bytes;
}

core::PartitionQueue::Options QueueOptions(const ProducerOptions& options, bool is_delayed) {
  core::PartitionQueue::Options out;
  // Brokers store batches of delayed records side by side: the second would often come first, and
  // be refused for a gap.
  out.max_in_flight = is_delayed ? 1 : options.max_in_flight;
  out.batch_records = options.batch_num_messages;
  out.batch_bytes = options.batch_size;
  out.linger = options.linger;
  out.delivery_timeout = options.delivery_timeout;
  out.retry_backoff = options.retry_backoff;
  out.retry_backoff_max = options.retry_backoff_max;
  out.is_idempotent = options.enable_idempotence;
  return out;
}

}  // namespace

Producer::Impl::Impl(ProducerOptions options, client::Security security)
    : options_(std::move(options)),
      clock_(SystemClock::Instance()),
      cluster_(options_, std::move(security), "producer"),
      sender_([this] { RunSender(); }) {
  cluster_.SetListener([this] { OnMetadata(); });
}

Producer::Impl::~Impl() {
  const auto patience =
      std::min<std::chrono::milliseconds>(options_.delivery_timeout, std::chrono::seconds(5));
  (void)Close(patience);
}

Status Producer::Impl::CheckRecord(const ProducerRecord& record, std::size_t bytes) const {
  if (record.topic.empty()) return Error{ErrorCode::kInvalidRequest, "the record has no topic"};
  if (bytes > options_.max_request_size) {
    return Error{ErrorCode::kMessageTooLarge, "the record has " + std::to_string(bytes) +
                                                  " bytes; max.request.size is " +
                                                  std::to_string(options_.max_request_size)};
  }
  return {};
}

Result<Producer::Impl::Topic*> Producer::Impl::FindTopic(const std::string& name,
                                                         Deadline deadline) {
  const client::MetadataPtr view = cluster_.View();
  const client::TopicView* known = view->FindTopic(name);
  client::MetadataPtr waited;
  if (known == nullptr || !known->IsUsable()) {
    LANEMQ_ASSIGN_OR_RETURN(waited, cluster_.WaitForTopic(name, deadline));
    known = waited->FindTopic(name);
  }
  const std::int64_t version = waited ? waited->version : view->version;
  MutexLock lock(mutex_);
  std::unique_ptr<Topic>& topic = topics_[name];
  if (!topic) {
    topic = std::make_unique<Topic>(
        core::StickyPartitioner({.batch_bytes = options_.batch_size}, Random::FromSystem()));
  }
  if (topic->metadata_version <= version) {
    topic->metadata_version = version;
    topic->partition_count = known->partitions();
  }
  return topic.get();
}

Result<std::int32_t> Producer::Impl::ChoosePartition(Topic& topic, const ProducerRecord& record,
                                                     std::size_t bytes) {
  if (record.partition) {
    if (*record.partition >= 0 && *record.partition < topic.partition_count) {
      return *record.partition;
    }
    return Error{ErrorCode::kUnknownTopicOrPartition,
                 "topic '" + record.topic + "' has " + std::to_string(topic.partition_count) +
                     " partitions; there is no partition " + std::to_string(*record.partition)};
  }
  if (record.key) return core::PartitionForKey(*record.key, topic.partition_count);
  return topic.sticky.Next(topic.partition_count, bytes, clock_.Now());
}

Status Producer::Impl::WaitForRoom(std::size_t bytes, Deadline deadline) {
  while (state_ == State::kOpen && buffered_bytes_ + bytes > options_.buffer_memory) {
    const MonotonicTime now = clock_.Now();
    if (now >= deadline.at) {
      return Error{ErrorCode::kQueueFull, std::to_string(buffered_bytes_) +
                                              " bytes wait for their answer; buffer.memory is " +
                                              std::to_string(options_.buffer_memory)};
    }
    has_room_.WaitFor(mutex_, deadline.at - now);
  }
  if (state_ != State::kOpen) return Error{ErrorCode::kClosed, "the producer was closed"};
  return {};
}

Producer::Impl::Partition& Producer::Impl::PartitionOf(Topic& topic, const std::string& name,
                                                       std::int32_t index, bool is_delayed) {
  auto& partitions = is_delayed ? topic.delayed : topic.partitions;
  const auto at = static_cast<std::size_t>(index);
  if (partitions.size() <= at) partitions.resize(at + 1);
  if (!partitions[at]) {
    partitions[at] = std::make_unique<Partition>(
        &topic, TopicPartition{name, index}, is_delayed,
        core::PartitionQueue(QueueOptions(options_, is_delayed), Random::FromSystem()));
  }
  return *partitions[at];
}

Status Producer::Impl::Send(ProducerRecord record, client::Completion& completion, bool is_urgent) {
  std::size_t payload = PayloadOf(record);
  LANEMQ_RETURN_IF_ERROR(CheckRecord(record, payload));
  const std::size_t headers = record.headers.size();
  client::AddTrace(options_.trace, record.headers);
  if (record.headers.size() > headers) {
    // A trace is not worth the record.
    if (PayloadOf(record) > options_.max_request_size) record.headers.resize(headers);
    payload = PayloadOf(record);
  }
  LANEMQ_ASSIGN_OR_RETURN(const std::optional<std::int64_t> due,
                          client::DueTimeOf(record, clock_.WallNow()));
  const std::size_t bytes = payload + kRecordOverhead;
  // The callback thread is what makes room: it must not wait for it.
  const auto patience = IsCallbackThread() ? std::chrono::milliseconds(0) : options_.max_block;
  const Deadline deadline = Deadline::After(clock_, patience);
  if (spool_ != nullptr) return SendToSpool(std::move(record), due, completion, deadline);
  LANEMQ_ASSIGN_OR_RETURN(Topic* const topic, FindTopic(record.topic, deadline));
  {
    MutexLock lock(mutex_);
    LANEMQ_RETURN_IF_ERROR(WaitForRoom(bytes, deadline));
    LANEMQ_ASSIGN_OR_RETURN(const std::int32_t index, ChoosePartition(*topic, record, bytes));
    Partition& partition = PartitionOf(*topic, record.topic, index, due.has_value());
    Append(partition, std::move(record), due.value_or(0), bytes, completion, is_urgent);
  }
  if (is_urgent) Pump();
  return {};
}

void Producer::Impl::Append(Partition& partition, ProducerRecord record, std::int64_t due_us,
                            std::size_t bytes, client::Completion& completion, bool is_urgent) {
  const MonotonicTime now = clock_.Now();
  const auto appended = partition.queue.Append(bytes, now);
  BatchPtr& batch = partition.batches[appended.serial];
  if (appended.is_new) {
    batch = std::make_shared<client::PendingBatch>(partition.id, partition.is_delayed);
    batch->serial = appended.serial;
    batch->epoch = epoch_;
    ++unfinished_[epoch_];
    if (!is_urgent) {
      batch->Reserve(std::min<std::size_t>(static_cast<std::size_t>(options_.batch_num_messages),
                                           options_.batch_size / bytes + 1));
    }
    if (!partition.is_active) {
      partition.is_active = true;
      active_.push_back(&partition);
    }
  }
  batch->Add(std::move(record), due_us);
  batch->has_callbacks = batch->has_callbacks || completion.index() == 1;
  batch->completions.push_back(std::move(completion));
  batch->bytes += bytes;
  buffered_bytes_ += bytes;
  if (is_urgent) {
    partition.queue.SealAll();
  } else if (appended.is_sealed) {
    WakeSenderBy(now);
  } else if (appended.is_new) {
    // The batch before it is sealed now, and may be due.
    WakeSenderBy(partition.batches.size() > 1 ? now : now + options_.linger);
  }
}

void Producer::Impl::WakeSenderBy(MonotonicTime at) {
  const MonotonicTime now = clock_.Now();
  if (at <= now) has_work_ = true;
  if (sender_wakes_at_ && at < *sender_wakes_at_) wake_sender_.NotifyOne();
}

std::string Producer::Impl::WhatIsOpen() const {
  std::size_t records = 0;
  std::string oldest;
  for (const Partition* partition : active_) {
    for (const auto& [serial, batch] : partition->batches) records += batch->completions.size();
    if (!oldest.empty() || partition->batches.empty()) continue;
    const client::PendingBatch& batch = *partition->batches.begin()->second;
    oldest = fmt::format("; one batch is of {}/{}, sent {} times, {}", partition->id.topic,
                         partition->id.partition, batch.attempts,
                         batch.attempt == 0 ? "waiting to be sent"
                                            : fmt::format("now at broker {}", batch.broker.value));
  }
  return fmt::format("{} records are still without an answer{}", records, oldest);
}

Status Producer::Impl::Flush(std::chrono::milliseconds timeout) {
  if (IsCallbackThread()) {
    return Error{ErrorCode::kFailedPrecondition,
                 "Flush() on the callback thread would wait for itself"};
  }
  const Deadline deadline = Deadline::After(clock_, timeout);
  if (spool_ != nullptr) return spool_->Flush(deadline);
  MutexLock lock(mutex_);
  for (Partition* partition : active_) partition->queue.SealAll();
  const std::uint64_t last = epoch_++;
  has_work_ = true;
  wake_sender_.NotifyOne();
  while (!unfinished_.empty() && unfinished_.begin()->first <= last) {
    const MonotonicTime now = clock_.Now();
    if (now >= deadline.at) {
      return Error{ErrorCode::kRequestTimedOut, WhatIsOpen()};
    }
    is_done_.WaitFor(mutex_, deadline.at - now);
  }
  return {};
}

Status Producer::Impl::Close(std::chrono::milliseconds timeout) {
  if (IsCallbackThread()) {
    return Error{ErrorCode::kFailedPrecondition,
                 "Close() on the callback thread would wait for itself"};
  }
  {
    MutexLock lock(mutex_);
    if (state_ != State::kOpen) {
      while (state_ != State::kClosed) is_done_.Wait(mutex_);
      return {};
    }
    state_ = State::kClosing;
    has_room_.NotifyAll();
  }
  if (spool_ != nullptr) spool_->Close();
  const Status flushed = spool_ == nullptr ? Flush(timeout) : Status();
  AbandonAll({ErrorCode::kClosed, "the producer was closed before the record was sent"});
  {
    MutexLock lock(mutex_);
    is_stopping_ = true;
    wake_sender_.NotifyAll();
  }
  sender_.join();
  cluster_.Close();
  callbacks_.Stop();
  MutexLock lock(mutex_);
  state_ = State::kClosed;
  is_done_.NotifyAll();
  return flushed;
}

void Producer::Impl::AbandonAll(const Error& why) {
  std::vector<BatchPtr> delivered;
  {
    MutexLock lock(mutex_);
    for (Partition* partition : active_) {
      Finish(*partition, partition->queue.Abandon(why), delivered);
      partition->is_active = false;
    }
    active_.clear();
  }
  Complete(delivered);
}

void Producer::Impl::Deliver(Partition& partition, std::vector<BatchPtr>& delivered) {
  while (!partition.batches.empty() && partition.batches.begin()->second->is_finished) {
    BatchPtr batch = std::move(partition.batches.begin()->second);
    partition.batches.erase(partition.batches.begin());
    const auto records = static_cast<std::int64_t>(batch->completions.size());
    (batch->error ? stats_.records_failed : stats_.records_sent) += records;
    // Under the lock, so that callbacks of a partition are posted in order.
    if (batch->has_callbacks) callbacks_.Post([this, batch] { RunCallbacks(*batch); });
    delivered.push_back(std::move(batch));
  }
}

void Producer::Impl::Complete(const std::vector<BatchPtr>& delivered) {
  if (delivered.empty()) return;
  for (const BatchPtr& batch : delivered) {
    for (std::size_t i = 0; i < batch->completions.size(); ++i) {
      if (auto* promise = std::get_if<2>(&batch->completions[i])) {
        promise->set_value(batch->ResultOf(i));
      }
    }
  }
  MutexLock lock(mutex_);
  for (const BatchPtr& batch : delivered) {
    if (batch->has_callbacks) continue;  // RunCallbacks() does it.
    buffered_bytes_ -= batch->bytes;
    if (--unfinished_[batch->epoch] == 0) unfinished_.erase(batch->epoch);
  }
  has_room_.NotifyAll();
  is_done_.NotifyAll();
}

void Producer::Impl::RunCallbacks(client::PendingBatch& batch) {
  {
    // First, so that callbacks that send again find room.
    MutexLock lock(mutex_);
    buffered_bytes_ -= batch.bytes;
    has_room_.NotifyAll();
  }
  for (std::size_t i = 0; i < batch.completions.size(); ++i) {
    if (auto* callback = std::get_if<1>(&batch.completions[i])) (*callback)(batch.ResultOf(i));
  }
  MutexLock lock(mutex_);
  if (--unfinished_[batch.epoch] == 0) unfinished_.erase(batch.epoch);
  is_done_.NotifyAll();
}

ProducerStats Producer::Impl::Stats() const {
  MutexLock lock(mutex_);
  ProducerStats stats = stats_;
  stats.buffered_bytes = buffered_bytes_;
  if (spool_ != nullptr) AddSpoolStats(stats);
  return stats;
}

}  // namespace lanemq
