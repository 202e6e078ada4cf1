#include <algorithm>
#include <utility>

#include "client/src/consumer/consumer_impl.h"
#include "client/src/consumer/partition_name.h"
#include "common/rpc/wire/errors.h"

// The group's rows on the data nodes: claims of new owners, operators' resets and pauses; see
// consumer_impl.h.
namespace lanemq {
namespace {

using client::NameOf;
using client::PartitionReader;

using RowsById = std::map<TopicPartition, const idl::FetchOffsetsPartitionResult*>;

RowsById ById(const std::vector<idl::FetchOffsetsPartitionResult>& results) {
  RowsById rows;
  for (const auto& result : results) rows[{result.topic, result.partition}] = &result;
  return rows;
}

const idl::FetchOffsetsPartitionResult* Find(const RowsById& rows, const TopicPartition& id) {
  const auto found = rows.find(id);
  return found == rows.end() ? nullptr : found->second;
}

std::optional<std::int64_t> CommittedOf(const idl::FetchOffsetsPartitionResult& row) {
  if (!row.__isset.offset || row.offset < 0) return std::nullopt;
  return row.offset;
}

idl::TopicPartition ToWire(const TopicPartition& id) {
  idl::TopicPartition wire;
  wire.topic = id.topic;
  wire.partition = id.partition;
  return wire;
}

}  // namespace

void Consumer::Impl::CollectClaims(MonotonicTime now, std::vector<Request>& out) {
  if (!group_ || std::none_of(readers_.begin(), readers_.end(),
                              [&](const auto& item) { return item.second.WantsClaim(now); })) {
    return;
  }
  const Owner owner = group_->identity();
  if (owner.generation.value == 0) return;  // They are lost; the application does not know yet.
  std::map<core::BrokerId, Request> claims;
  for (auto& [id, reader] : readers_) {
    if (!reader.WantsClaim(now)) continue;
    const auto broker = cluster_.Route(id);
    if (!broker) continue;
    Request& request = claims[broker->id];
    request.kind = Kind::kClaim;
    request.broker = *broker;
    request.tokens.emplace_back(id, reader.BeginRequest());
    request.claim.group = options_.group_id;
    request.claim.generation = owner.generation.value;
    request.claim.member_id = owner.member_id;
    request.claim.partitions.push_back(ToWire(id));
  }
  for (auto& [broker, request] : claims) out.push_back(std::move(request));
}

void Consumer::Impl::OnClaimed(const client::BrokerTarget& broker, const Tokens& tokens,
                               const Owner& owner,
                               const Result<idl::ClaimPartitionsResponse>& reply) {
  const bool is_all_refused = !reply.ok() && reply.error().code == ErrorCode::kIllegalGeneration;
  // By partitions that wait for this very claim: an older one's refusal says nothing of them.
  std::optional<core::Generation> refused;
  {
    MutexLock lock(mutex_);
    if (!reply.ok() && !is_all_refused) {
      OnFailure(broker, tokens, reply.error());
    } else {
      (void)cluster_.Report(broker.id, std::nullopt);
      const RowsById rows = reply.ok() ? ById(reply->partitions) : RowsById();
      for (const auto& [id, token] : tokens) {
        PartitionReader* const reader = EndRequest(id, token);
        if (reader == nullptr) continue;
        if (!reply.ok()) {
          WaitForGroup(*reader, reply.error());
          refused = core::Generation{};
        } else {
          refused = std::max(refused, TakeClaim(*reader, Find(rows, id)));
        }
      }
    }
    news_.NotifyAll();
  }
  if (refused) group_->OnRefused({owner.generation, owner.member_id, *refused});
  Pump();
}

std::optional<core::Generation> Consumer::Impl::TakeClaim(
    PartitionReader& reader, const idl::FetchOffsetsPartitionResult* result) {
  if (result == nullptr) {
    OnPartitionError(reader, {ErrorCode::kUnknownServerError, "the reply lacks it"});
    return std::nullopt;
  }
  if (result->__isset.error) {
    const Error error = wire::FromWire(result->error);
    if (error.code == ErrorCode::kIllegalGeneration) {
      WaitForGroup(reader, error);
      return core::Generation{result->__isset.generation ? result->generation : 0};
    }
    OnPartitionError(reader, error);
    return std::nullopt;
  }
  reader.is_paused_by_operator = result->__isset.paused_until_us;
  reader.retries.Begin(cluster_.clock().Now());
  reader.claims = result->__isset.claims ? result->claims : 0;
  const std::int64_t epoch = result->__isset.reset_epoch ? result->reset_epoch : 0;
  if (!reader.OnClaimed(CommittedOf(*result), epoch)) {
    ApplyResetPolicy(reader,
                     {ErrorCode::kNotFound, NameOf(*reader.id()) + ": group '" + options_.group_id +
                                                "' has no committed offset"});
  }
  return std::nullopt;
}

// The membership decides what becomes of it; the claim is repeated at leisure.
void Consumer::Impl::WaitForGroup(PartitionReader& reader, const Error& why) {
  reader.Retry(why, cluster_.clock().Now(), options_.retry_backoff_max, std::chrono::hours(1));
}

void Consumer::Impl::AskForRows() {
  struct Question {
    client::BrokerTarget broker;
    std::vector<TopicPartition> partitions;
    idl::FetchOffsetsRequest request;
  };
  std::map<core::BrokerId, Question> questions;
  {
    MutexLock lock(mutex_);
    if (is_closing_) return;
    for (const auto& [id, reader] : readers_) {
      const auto broker = cluster_.Route(id);
      if (!broker || rows_asked_.contains(broker->id)) continue;
      Question& question = questions[broker->id];
      question.broker = *broker;
      question.partitions.push_back(id);
      question.request.group = options_.group_id;
      question.request.__isset.partitions = true;
      question.request.partitions.push_back(ToWire(id));
    }
    for (const auto& [broker, question] : questions) rows_asked_.insert(broker);
  }
  for (auto& [id, question] : questions) {
    cluster_.NameCluster(question.request);
    cluster_.data_plane().FetchOffsets(
        question.broker.endpoint, question.request, RequestDeadline(),
        [this, broker = question.broker, partitions = std::move(question.partitions)](
            const auto& reply) { OnRows(broker, partitions, reply); });
  }
}

void Consumer::Impl::OnRows(const client::BrokerTarget& broker,
                            const std::vector<TopicPartition>& partitions,
                            const Result<idl::FetchOffsetsResponse>& reply) {
  (void)cluster_.Report(broker.id, reply.ok() ? std::nullopt : std::optional(reply.error()));
  {
    MutexLock lock(mutex_);
    rows_asked_.erase(broker.id);
    if (!reply.ok()) return;
    LearnPolicies(*reply);
    const RowsById rows = ById(reply->partitions);
    for (const TopicPartition& id : partitions) {
      const auto reader = readers_.find(id);
      const auto* const row = Find(rows, id);
      if (reader == readers_.end() || (row != nullptr && row->__isset.error)) continue;
      LearnRetries(id, row);
      if (!reader->second.is_members()) continue;
      reader->second.is_paused_by_operator = row != nullptr && row->__isset.paused_until_us;
      if (row == nullptr || !reader->second.OnRow(CommittedOf(*row), row->reset_epoch)) continue;
      events_.push_back(NameOf(id) + ": an operator moved the group's offset; goes on at " +
                        std::to_string(row->offset));
    }
    news_.NotifyAll();
  }
  Pump();
}

}  // namespace lanemq
