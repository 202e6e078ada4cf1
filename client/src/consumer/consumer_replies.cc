#include <algorithm>
#include <utility>

#include "client/src/consumer/consumer_impl.h"
#include "client/src/consumer/partition_name.h"
#include "client/src/consumer/stored_message.h"
#include "common/rpc/wire/errors.h"

// What comes back to the consumer; see consumer_impl.h.
namespace lanemq {
namespace {

using client::NameOf;
using client::PartitionReader;
using client::StartAt;
using std::chrono_literals::operator""s;

// A topic that was just created may be unknown to some brokers for this long.
constexpr std::chrono::seconds kUnknownMax = 5s;
// When a subscribed topic is deleted, a rebalance takes its partitions away.
constexpr std::chrono::seconds kUnknownMaxOfMember = 60s;
// What a record costs beside its payload.
constexpr std::size_t kRecordOverhead = 160;

struct Chunks {
  std::vector<std::vector<ConsumedRecord>> chunks;
  std::size_t bytes = 0;
};

// In portions of one Poll(), so that Poll() passes them on as they are.
Chunks ToChunks(const TopicPartition& id, std::vector<idl::StoredMessage>& messages,
                std::size_t chunk_max) {
  Chunks out;
  const auto source = std::make_shared<const TopicPartition>(id);
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (i % chunk_max == 0) {
      out.chunks.emplace_back().reserve(std::min(chunk_max, messages.size() - i));
    }
    ConsumedRecord& record = out.chunks.back().emplace_back(client::ToRecord(source, messages[i]));
    out.bytes += kRecordOverhead + (record.key ? record.key->size() : 0) +
                 (record.body ? record.body->size() : 0);
  }
  return out;
}

}  // namespace

void Consumer::Impl::OnFetched(const client::BrokerTarget& broker, const Tokens& tokens,
                               Result<idl::FetchResponse> reply) {
  std::map<TopicPartition, Chunks> arrived;
  std::map<TopicPartition, std::int64_t> log_ends;
  if (reply.ok()) {
    (void)cluster_.Report(broker.id, std::nullopt);
    for (idl::FetchPartitionResult& result : reply->partitions) {
      const TopicPartition id{result.topic, result.partition};
      if (result.__isset.preferred_broker_id) {
        cluster_.SetHint(id, core::BrokerId{result.preferred_broker_id});
      }
      if (result.__isset.log_end_offset) log_ends[id] = result.log_end_offset;
      if (result.messages.empty() || result.is_hidden) continue;
      arrived[id] =
          ToChunks(id, result.messages, static_cast<std::size_t>(options_.max_poll_records));
    }
  }
  {
    MutexLock lock(mutex_);
    --fetches_[broker.id];
    if (!reply.ok()) {
      OnFailure(broker, tokens, reply.error());
    } else {
      std::map<TopicPartition, Error> errors;
      for (const idl::FetchPartitionResult& result : reply->partitions) {
        const TopicPartition id{result.topic, result.partition};
        if (result.__isset.error) {
          errors[id] = wire::FromWire(result.error);
        } else if (result.is_hidden) {  // Empty records would look like what was produced.
          errors[id] = Error{ErrorCode::kTopicAuthorizationFailed,
                             "the contents of topic '" + result.topic +
                                 "' are hidden from people who may not peek into it"};
        }
      }
      for (const auto& [id, token] : tokens) {
        PartitionReader* const reader = EndRequest(id, token);
        if (reader == nullptr) continue;
        Chunks& chunks = arrived[id];
        reader->Add(std::move(chunks.chunks), chunks.bytes);
        if (const auto end = log_ends.find(id); end != log_ends.end())
          reader->log_end = end->second;
        if (const auto error = errors.find(id); error != errors.end()) {
          OnPartitionError(*reader, error->second);
        }
      }
    }
    news_.NotifyAll();
  }
  Pump();
}

void Consumer::Impl::OnStartOffsets(const client::BrokerTarget& broker, const Tokens& tokens,
                                    const Result<idl::ListOffsetsResponse>& reply) {
  {
    MutexLock lock(mutex_);
    if (!reply.ok()) {
      OnFailure(broker, tokens, reply.error());
    } else {
      (void)cluster_.Report(broker.id, std::nullopt);
      for (std::size_t i = 0; i < tokens.size(); ++i) {
        PartitionReader* const reader = EndRequest(tokens[i].first, tokens[i].second);
        if (reader == nullptr) continue;
        if (i >= reply->partitions.size()) {
          OnPartitionError(*reader, {ErrorCode::kUnknownServerError, "the reply is too short"});
          continue;
        }
        const idl::ListOffsetsPartitionResult& result = reply->partitions[i];
        if (result.__isset.error) {
          OnPartitionError(*reader, wire::FromWire(result.error));
          continue;
        }
        const bool is_start = reader->start() == StartAt::kLogStart;
        events_.push_back(reader->why() + "; goes on at " + std::to_string(result.offset) +
                          (is_start ? " (log start)" : " (log end)"));
        reader->Seek(result.offset);
      }
    }
    news_.NotifyAll();
  }
  Pump();
}

void Consumer::Impl::OnCommitted(const client::BrokerTarget& broker, const Tokens& tokens,
                                 const Result<idl::FetchOffsetsResponse>& reply) {
  {
    MutexLock lock(mutex_);
    if (!reply.ok()) {
      OnFailure(broker, tokens, reply.error());
    } else {
      (void)cluster_.Report(broker.id, std::nullopt);
      std::map<TopicPartition, const idl::FetchOffsetsPartitionResult*> results;
      for (const auto& result : reply->partitions) {
        results[{result.topic, result.partition}] = &result;
      }
      for (const auto& [id, token] : tokens) {
        PartitionReader* const reader = EndRequest(id, token);
        if (reader == nullptr) continue;
        const auto found = results.find(id);
        const auto* const result = found == results.end() ? nullptr : found->second;
        if (result != nullptr && result->__isset.error) {
          OnPartitionError(*reader, wire::FromWire(result->error));
          continue;
        }
        reader->LearnEpoch(result != nullptr ? result->reset_epoch : 0);
        if (result == nullptr || !result->__isset.offset || result->offset < 0) {
          reader->row_max = 0;
          ApplyResetPolicy(*reader,
                           {ErrorCode::kNotFound, NameOf(id) + ": group '" + options_.group_id +
                                                      "' has no committed offset"});
          continue;
        }
        if (!reader->why().empty()) {
          events_.push_back(reader->why() + "; goes on at " + std::to_string(result->offset));
        }
        reader->OnCommitted(result->offset);
      }
    }
    news_.NotifyAll();
  }
  Pump();
}

PartitionReader* Consumer::Impl::EndRequest(const TopicPartition& id, Token token) {
  const auto found = readers_.find(id);
  if (found == readers_.end() || !found->second.IsCurrent(token)) return nullptr;
  found->second.EndRequest();
  asked_.erase(id);
  return &found->second;
}

void Consumer::Impl::OnFailure(const client::BrokerTarget& broker, const Tokens& tokens,
                               const Error& error) {
  const bool can_go_elsewhere = cluster_.Report(broker.id, error);
  for (const auto& [id, token] : tokens) {
    PartitionReader* const reader = EndRequest(id, token);
    if (reader != nullptr && !can_go_elsewhere) OnPartitionError(*reader, error);
  }
}

void Consumer::Impl::OnPartitionError(PartitionReader& reader, const Error& error) {
  const Error named = error.Wrap(NameOf(*reader.id()));
  if (error.code == ErrorCode::kOffsetOutOfRange) {
    ApplyResetPolicy(reader, named);
    return;
  }
  if (error.code == ErrorCode::kAuthenticationFailed) {
    // A new token may come, and reading goes on. Poll() tells when the metadata is refused, too.
    cluster_.RequestRefresh();
    reader.Retry(named, cluster_.clock().Now(), options_.retry_backoff_max, kUnknownMax);
    return;
  }
  if (RetryOf(error.code) == Retry::kNever && error.code != ErrorCode::kUnknownServerError) {
    reader.Fail(named);
    return;
  }
  if (RetryOf(error.code) == Retry::kAfterRefresh) cluster_.RequestRefresh();
  const std::chrono::nanoseconds asked = std::chrono::milliseconds(error.retry_after_ms);
  reader.Retry(named, cluster_.clock().Now(),
               std::max(asked, std::chrono::nanoseconds(options_.retry_backoff)),
               reader.is_members() ? kUnknownMaxOfMember : kUnknownMax);
}

void Consumer::Impl::ApplyResetPolicy(PartitionReader& reader, const Error& why) {
  switch (options_.auto_offset_reset) {
    case OffsetReset::kError:
      reader.Fail({why.code, why.message + "; auto.offset.reset is 'error': Seek() first"});
      return;
    case OffsetReset::kEarliest:
      reader.SeekTo(StartAt::kLogStart, why.message);
      return;
    case OffsetReset::kLatest:
      reader.SeekTo(StartAt::kLogEnd, why.message);
      return;
  }
}

void Consumer::Impl::OnMetadata() {
  {
    const client::MetadataPtr view = cluster_.View();
    MutexLock lock(mutex_);
    // A broker that is gone does not answer: ask another one. A late reply is stale.
    for (auto asked = asked_.begin(); asked != asked_.end();) {
      const auto reader = readers_.find(asked->first);
      if (reader == readers_.end()) {
        asked = asked_.erase(asked);
      } else if (view->FindBroker(asked->second) == nullptr) {
        reader->second.EndRequest();
        asked = asked_.erase(asked);
      } else {
        ++asked;
      }
    }
    news_.NotifyAll();
  }
  Pump();
}

}  // namespace lanemq
