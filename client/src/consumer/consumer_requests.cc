#include <algorithm>
#include <utility>

#include "client/src/consumer/consumer_impl.h"
#include "client/src/consumer/partition_name.h"

// What the consumer asks for; see consumer_impl.h.
namespace lanemq {
namespace {

using client::PartitionReader;
using client::StartAt;

constexpr std::int64_t kLogStart = -2;
constexpr std::int64_t kLogEnd = -1;
// One is mostly enough; the others serve partitions that seek, resume or get room while it waits.
constexpr int kFetchesPerBroker = 4;
constexpr std::size_t kBufferPerPartitionMin = 64u << 10;
constexpr std::int32_t kFetchMessagesMin = 5'000;
constexpr std::int32_t kFetchMessagesMax = 50'000;

}  // namespace

void Consumer::Impl::Pump() {
  std::vector<Request> requests;
  {
    MutexLock lock(mutex_);
    if (is_closing_) return;
    requests = CollectRequests();
  }
  for (Request& request : requests) Send(std::move(request));
}

std::vector<Consumer::Impl::Request> Consumer::Impl::CollectRequests() {
  std::vector<Request> requests;
  const MonotonicTime now = cluster_.clock().Now();
  CollectClaims(now, requests);
  CollectStarts(now, requests);
  CollectFetches(now, requests);
  for (const Request& request : requests) {
    for (const auto& [id, token] : request.tokens) asked_[id] = request.broker.id;
  }
  CollectRetries(now, requests);
  CollectFailureChecks(requests);
  return requests;
}

void Consumer::Impl::CollectStarts(MonotonicTime now, std::vector<Request>& out) {
  std::map<core::BrokerId, Request> lists;
  std::map<core::BrokerId, Request> commits;
  for (auto& [id, reader] : readers_) {
    if (!reader.WantsStart(now)) continue;
    if (reader.start() == StartAt::kCommitted && options_.group_id.empty()) {
      ApplyResetPolicy(reader, {ErrorCode::kNotFound, client::NameOf(id) + ": no start was given"});
      if (!reader.WantsStart(now)) continue;
    }
    const auto broker = cluster_.Route(id);
    if (!broker) continue;
    const bool is_commit = reader.start() == StartAt::kCommitted;
    Request& request = (is_commit ? commits : lists)[broker->id];
    request.kind = is_commit ? Kind::kCommitted : Kind::kStartOffsets;
    request.broker = *broker;
    request.tokens.emplace_back(id, reader.BeginRequest());
    if (is_commit) {
      request.committed.group = options_.group_id;
      request.committed.__isset.partitions = true;
      idl::TopicPartition& wanted = request.committed.partitions.emplace_back();
      wanted.topic = id.topic;
      wanted.partition = id.partition;
    } else {
      idl::ListOffsetsPartition& wanted = request.list.partitions.emplace_back();
      wanted.topic = id.topic;
      wanted.partition = id.partition;
      wanted.timestamp_us = reader.start() == StartAt::kLogStart ? kLogStart : kLogEnd;
    }
  }
  for (auto* requests : {&lists, &commits}) {
    for (auto& [broker, request] : *requests) out.push_back(std::move(request));
  }
}

void Consumer::Impl::CollectFetches(MonotonicTime now, std::vector<Request>& out) {
  if (readers_.empty()) return;
  const std::size_t share =
      std::max(options_.prefetch_bytes_max / readers_.size(), kBufferPerPartitionMin);
  struct Wanted {
    client::BrokerTarget broker;
    Tokens busy;
    Tokens quiet;
  };
  std::map<core::BrokerId, Wanted> by_broker;
  for (auto& [id, reader] : readers_) {
    if (!reader.WantsFetch(now, share)) continue;
    const auto broker = cluster_.Route(id);
    if (!broker) continue;
    if (fetches_[broker->id] >= kFetchesPerBroker) continue;
    Wanted& wanted = by_broker[broker->id];
    wanted.broker = *broker;
    (reader.is_busy ? wanted.busy : wanted.quiet).emplace_back(id, reader.BeginRequest());
  }
  for (auto& [id, wanted] : by_broker) {
    // Busy partitions in two halves: the broker prepares one while we read the other.
    const bool is_split = fetches_[id] == 0 && wanted.busy.size() >= 2;
    std::vector<Tokens> parts(is_split ? 2 : 1);
    for (std::size_t i = 0; i < wanted.busy.size(); ++i) {
      parts[i % parts.size()].push_back(std::move(wanted.busy[i]));
    }
    parts.back().insert(parts.back().end(), wanted.quiet.begin(), wanted.quiet.end());
    for (Tokens& tokens : parts) {
      Request request;
      request.broker = wanted.broker;
      request.tokens = std::move(tokens);
      FillFetch(request);
      ++fetches_[id];
      out.push_back(std::move(request));
    }
  }
}

void Consumer::Impl::FillFetch(Request& request) {
  idl::FetchRequest& fetch = request.fetch;
  for (const auto& [id, token] : request.tokens) {
    idl::FetchPartition& wanted = fetch.partitions.emplace_back();
    wanted.topic = id.topic;
    wanted.partition = id.partition;
    wanted.offset = readers_.at(id).fetch_offset();
    wanted.__set_max_bytes(options_.max_partition_fetch_bytes);
  }
  fetch.__set_max_wait_ms(static_cast<std::int32_t>(options_.fetch_max_wait.count()));
  fetch.__set_min_bytes(options_.fetch_min_bytes);
  fetch.__set_max_bytes(options_.fetch_max_bytes);
  fetch.__set_max_messages(
      std::clamp(options_.max_poll_records * 2, kFetchMessagesMin, kFetchMessagesMax));
  fetch.__set_client_id(options_.client_id);
  if (!options_.group_id.empty()) fetch.__set_group(options_.group_id);
}

void Consumer::Impl::Send(Request request) {
  const client::BrokerTarget broker = request.broker;
  rpc::DataPlaneClient& data = cluster_.data_plane();
  switch (request.kind) {
    case Kind::kFetch:
      cluster_.NameCluster(request.fetch);
      data.Fetch(
          broker.endpoint, request.fetch,
          Deadline::After(cluster_.clock(), options_.fetch_max_wait + options_.request_timeout),
          [this, broker, tokens = std::move(request.tokens)](auto reply) {
            OnFetched(broker, tokens, std::move(reply));
          });
      return;
    case Kind::kStartOffsets:
      cluster_.NameCluster(request.list);
      data.ListOffsets(broker.endpoint, request.list, RequestDeadline(),
                       [this, broker, tokens = std::move(request.tokens)](auto reply) {
                         OnStartOffsets(broker, tokens, reply);
                       });
      return;
    case Kind::kCommitted:
      cluster_.NameCluster(request.committed);
      data.FetchOffsets(broker.endpoint, request.committed, RequestDeadline(),
                        [this, broker, tokens = std::move(request.tokens)](auto reply) {
                          OnCommitted(broker, tokens, reply);
                        });
      return;
    case Kind::kClaim:
      cluster_.NameCluster(request.claim);
      data.ClaimPartitions(
          broker.endpoint, request.claim, RequestDeadline(),
          [this, broker, tokens = std::move(request.tokens),
           owner = Owner{core::Generation{request.claim.generation}, request.claim.member_id}](
              const auto& reply) { OnClaimed(broker, tokens, owner, reply); });
      return;
    case Kind::kRetries:
      cluster_.NameCluster(request.retries);
      data.FetchRetries(
          broker.endpoint, request.retries, RequestDeadline(),
          [this, broker, tokens = std::move(request.tokens), sent_at = cluster_.clock().Now()](
              auto reply) { OnRetries(broker, tokens, sent_at, std::move(reply)); });
      return;
    case Kind::kLogStart:
      cluster_.NameCluster(request.list);
      data.ListOffsets(broker.endpoint, request.list, RequestDeadline(),
                       [this, tokens = std::move(request.tokens)](const auto& reply) {
                         OnLogStart(tokens, reply);
                       });
      return;
  }
}

}  // namespace lanemq
