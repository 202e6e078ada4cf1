#include <algorithm>

#include "client/src/consumer_impl.h"
#include "common/rpc/wire/errors.h"

namespace lanemq {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kOverheadPerRecord = 120;

ConsumedRecord ToRecord(const std::shared_ptr<const TopicPartition>& source,
                        idl::StoredMessage& message) {
  ConsumedRecord record;
  record.source = source;
  record.offset = message.offset;
  record.timestamp_us = message.timestamp_us;
  if (message.__isset.key) record.key = std::move(message.key);
  if (message.__isset.body) record.body = std::move(message.body);
  if (message.__isset.codec) record.codec = message.codec;
  if (message.__isset.headers) {
    record.headers.reserve(message.headers.size());
    for (idl::Header& header : message.headers) {
      record.headers.push_back({std::move(header.name), std::move(header.value)});
    }
  }
  return record;
}

std::size_t SizeOf(const ConsumedRecord& record) {
  return kOverheadPerRecord + (record.key ? record.key->size() : 0) +
         (record.body ? record.body->size() : 0);
}

}  // namespace

void Consumer::Impl::StartFetches() {
  std::vector<Fetch> fetches;
  {
    MutexLock lock(mutex_);
    if (is_closing_) return;
    fetches = CollectFetches();
  }
  for (Fetch& fetch : fetches) SendFetch(std::move(fetch));
}

std::vector<Consumer::Impl::Fetch> Consumer::Impl::CollectFetches() {
  std::map<rpc::Endpoint, Fetch> by_broker;
  if (buffered_bytes_ >= options_.prefetch_bytes_max) return {};
  const MonotonicTime now = cluster_.clock().Now();
  for (auto& [id, partition] : partitions_) {
    if (!partition.position || partition.is_paused || partition.is_fetching || partition.error ||
        now < partition.not_before) {
      continue;
    }
    const auto broker = cluster_.BrokerFor(id.topic, id.partition);
    if (!broker || busy_brokers_.contains(*broker)) continue;
    Fetch& fetch = by_broker[*broker];
    fetch.broker = *broker;
    idl::FetchPartition& wanted = fetch.request.partitions.emplace_back();
    wanted.topic = id.topic;
    wanted.partition = id.partition;
    wanted.offset = partition.next_fetch;
    wanted.__set_max_bytes(options_.max_partition_fetch_bytes);
    fetch.epochs.emplace_back(id, partition.epoch);
    partition.is_fetching = true;
  }
  std::vector<Fetch> fetches;
  for (auto& [broker, fetch] : by_broker) {
    busy_brokers_.insert(broker);
    fetch.request.__set_max_wait_ms(static_cast<std::int32_t>(options_.fetch_max_wait.count()));
    fetch.request.__set_min_bytes(options_.fetch_min_bytes);
    fetch.request.__set_max_bytes(options_.fetch_max_bytes);
    fetch.request.__set_client_id(options_.client_id);
    if (!options_.group_id.empty()) fetch.request.__set_group(options_.group_id);
    fetches.push_back(std::move(fetch));
  }
  return fetches;
}

void Consumer::Impl::SendFetch(Fetch fetch) {
  const Deadline deadline =
      Deadline::After(cluster_.clock(), options_.fetch_max_wait + options_.request_timeout);
  auto shared = std::make_shared<Fetch>(std::move(fetch));
  cluster_.data_plane().Fetch(
      shared->broker, shared->request, deadline,
      [this, shared](Result<idl::FetchResponse> reply) { OnFetched(*shared, std::move(reply)); });
}

void Consumer::Impl::OnFetched(const Fetch& fetch, Result<idl::FetchResponse> reply) {
  if (reply.ok()) {
    cluster_.OnSuccess(fetch.broker);
  } else {
    cluster_.OnError(fetch.broker, reply.error());
  }
  {
    MutexLock lock(mutex_);
    busy_brokers_.erase(fetch.broker);
    const MonotonicTime now = cluster_.clock().Now();
    std::map<TopicPartition, std::int64_t> epochs(fetch.epochs.begin(), fetch.epochs.end());
    for (const auto& [id, epoch] : epochs) {
      const auto found = partitions_.find(id);
      if (found == partitions_.end() || found->second.epoch != epoch) continue;
      found->second.is_fetching = false;
      if (!reply.ok()) {
        found->second.not_before =
            now + std::max(std::chrono::nanoseconds(options_.retry_backoff),
                           std::chrono::nanoseconds(milliseconds(reply.error().retry_after_ms)));
      }
    }
    if (reply.ok()) {
      for (idl::FetchPartitionResult& result : reply->partitions) {
        const auto epoch = epochs.find({result.topic, result.partition});
        if (epoch != epochs.end()) TakeResult(result, epoch->second, fetch.broker);
      }
    }
    arrived_.NotifyAll();
  }
  StartFetches();
}

void Consumer::Impl::TakeResult(idl::FetchPartitionResult& result, std::int64_t epoch,
                                const rpc::Endpoint& broker) {
  const auto found = partitions_.find({result.topic, result.partition});
  if (found == partitions_.end() || found->second.epoch != epoch) return;
  Partition& partition = found->second;
  if (result.__isset.error) {
    OnPartitionError(partition, wire::FromWire(result.error), broker);
    return;
  }
  if (result.messages.empty()) return;
  std::vector<ConsumedRecord> records;
  records.reserve(result.messages.size());
  std::size_t bytes = 0;
  for (idl::StoredMessage& message : result.messages) {
    if (message.offset != partition.next_fetch) {
      partition.error = Error{ErrorCode::kDataLossDetected,
                              result.topic + "/" + std::to_string(result.partition) + ": offset " +
                                  std::to_string(partition.next_fetch) + " was followed by " +
                                  std::to_string(message.offset)};
      break;
    }
    ++partition.next_fetch;
    records.push_back(ToRecord(partition.id, message));
    bytes += SizeOf(records.back());
  }
  if (records.empty()) return;
  partition.buffered.push_back(std::move(records));
  partition.buffered_bytes.push_back(bytes);
  buffered_bytes_ += bytes;
}

void Consumer::Impl::OnPartitionError(Partition& partition, const Error& error,
                                      const rpc::Endpoint& broker) {
  const auto pause = std::max(std::chrono::nanoseconds(options_.retry_backoff),
                              std::chrono::nanoseconds(milliseconds(error.retry_after_ms)));
  partition.not_before = cluster_.clock().Now() + pause;
  if (error.code == ErrorCode::kUnknownTopicOrPartition || IsServerTrouble(error.code)) {
    cluster_.OnError(broker, error);
    return;
  }
  partition.error = error.Wrap(partition.id->topic + "/" + std::to_string(partition.id->partition));
}

}  // namespace lanemq
