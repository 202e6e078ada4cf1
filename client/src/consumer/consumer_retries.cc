#include <algorithm>
#include <utility>

#include "client/src/consumer/consumer_impl.h"
#include "client/src/consumer/partition_name.h"
#include "client/src/consumer/stored_message.h"
#include "common/rpc/wire/errors.h"
#include "common/rpc/wire/retry_policy.h"

// The group's retries: leased from brokers when due, handed out by Poll(); see consumer_impl.h.
namespace lanemq {
namespace {

using client::NameOf;
using client::PartitionReader;
using std::chrono::milliseconds;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr std::size_t kLeasedMax = 1'000;
constexpr milliseconds kRowsInterval = 1s;
constexpr std::int64_t kLogStart = -2;

std::optional<milliseconds> ToWait(bool is_set, std::int64_t ms) {
  return is_set ? std::optional(milliseconds(std::max<std::int64_t>(ms, 0))) : std::nullopt;
}

ConsumedRecord ToRecord(const std::shared_ptr<const TopicPartition>& source,
                        idl::RetryMessage& message) {
  ConsumedRecord record = client::ToRecord(source, message.message);
  record.is_from_retries = true;
  record.attempt = message.attempt;
  record.first_failed_at_us = message.first_failed_at_us;
  record.last_reason = std::move(message.reason);
  return record;
}

}  // namespace

// No more than Poll() hands out soon: each lease counts an attempt.
std::size_t Consumer::Impl::RoomForRetries() {
  const std::size_t most = std::clamp<std::size_t>(
      static_cast<std::size_t>(options_.max_poll_records) / 2, 1, kLeasedMax);
  std::size_t taken = 0;
  for (const auto& [broker, count] : retries_asked_) taken += count;
  // What a pause holds back must not hold back the others.
  for (const auto& [id, reader] : readers_) {
    if (!reader.IsPaused()) taken += reader.retries.leased();
  }
  return most - std::min(most, taken);
}

void Consumer::Impl::CollectRetries(MonotonicTime now, std::vector<Request>& out) {
  if (!options_.enable_retries || options_.group_id.empty()) return;
  const std::size_t room = RoomForRetries();
  if (room == 0) return;
  // All readers are a member's, or none is.
  const bool is_members = !readers_.empty() && readers_.begin()->second.is_members();
  const Owner owner = is_members ? group_->identity() : Owner();
  if (is_members && owner.generation.value == 0) return;
  std::map<core::BrokerId, Request> requests;
  // What is taken over comes first: those have waited for their former owner already.
  for (const bool take_over : {true, false}) {
    for (auto& [id, reader] : readers_) {
      if (reader.retries.must_take_over() != take_over || !reader.retries.Wants(now) ||
          reader.must_claim() || reader.IsPaused() || !reader.failures.HasRoom()) {
        continue;
      }
      const auto broker = cluster_.Route(id);
      if (!broker || retries_asked_.contains(broker->id)) continue;
      const auto known = requests.find(broker->id);
      if (known == requests.end() && requests.size() == room) continue;
      if (known != requests.end() && known->second.retries.take_over != take_over) continue;
      Request& request = requests[broker->id];
      request.kind = Kind::kRetries;
      request.broker = *broker;
      request.tokens.emplace_back(id, reader.serial());
      request.retries.__set_take_over(take_over);
      idl::TopicPartition& wanted = request.retries.partitions.emplace_back();
      wanted.topic = id.topic;
      wanted.partition = id.partition;
      reader.retries.BeginRequest();
    }
  }
  for (auto& [broker, request] : requests) {
    const std::size_t count = room / requests.size();
    retries_asked_[broker] = count;
    idl::FetchRetriesRequest& retries = request.retries;
    retries.group = options_.group_id;
    retries.__set_generation(owner.generation.value);
    if (!owner.member_id.empty()) retries.__set_member_id(owner.member_id);
    retries.__set_max_messages(static_cast<std::int32_t>(count));
    retries.__set_lease_ms(client::LeaseWithSlack(options_.retry_lease).count());
    out.push_back(std::move(request));
  }
}

void Consumer::Impl::OnRetries(const client::BrokerTarget& broker, const Tokens& tokens,
                               MonotonicTime sent_at, Result<idl::FetchRetriesResponse> reply) {
  (void)cluster_.Report(broker.id, reply.ok() ? std::nullopt : std::optional(reply.error()));
  {
    MutexLock lock(mutex_);
    retries_asked_.erase(broker.id);
    const MonotonicTime now = cluster_.clock().Now();
    std::map<TopicPartition, Error> errors;
    std::map<TopicPartition, std::vector<ConsumedRecord>> leased;
    std::optional<milliseconds> next;
    if (reply.ok()) {
      next = ToWait(reply->__isset.next_due_ms, reply->next_due_ms);
      for (const auto& error : reply->errors) {
        errors[{error.topic, error.partition}] = wire::FromWire(error.error);
      }
      for (idl::RetryMessage& message : reply->messages) {
        const auto reader = readers_.find({message.topic, message.partition});
        if (reader == readers_.end()) continue;
        leased[reader->first].push_back(ToRecord(reader->second.id(), message));
      }
    }
    for (const auto& [id, serial] : tokens) {
      const auto reader = readers_.find(id);
      // Given up meanwhile: the next owner takes its leases over.
      if (reader == readers_.end() || reader->second.serial() != serial) continue;
      if (!reply.ok()) errors.try_emplace(id, reply.error());
      if (const auto error = errors.find(id); error != errors.end()) {
        // Whether it is still ours, the membership and commits find out.
        const bool is_final = RetryOf(error->second.code) == Retry::kNever;
        reader->second.retries.OnFailure(is_final ? kRowsInterval : options_.retry_backoff_max,
                                         now);
        continue;
      }
      reader->second.retries.OnLeased(
          std::move(leased[id]), sent_at + client::LeaseWithSlack(options_.retry_lease), next, now);
    }
    news_.NotifyAll();
  }
  Pump();
}

std::size_t Consumer::Impl::ReadyRetries() {
  const MonotonicTime now = cluster_.clock().Now();
  std::size_t ready = 0;
  for (auto& [id, reader] : readers_) {
    reader.retries.Ripen(now);
    // Said at once: nobody else gets them before their leases end.
    for (const auto& late : reader.retries.TakeLate(now + options_.retry_lease)) {
      reader.failures.GiveBack(*late);
    }
    if (!reader.IsPaused()) ready += reader.retries.size();
  }
  return ready;
}

void Consumer::Impl::TakeRetries(std::size_t max, std::vector<ConsumedRecord>& records) {
  auto turn = last_retried_ ? readers_.upper_bound(*last_retried_) : readers_.begin();
  const std::size_t before = records.size();
  for (std::size_t looked = 0; looked < readers_.size() && records.size() - before < max;
       ++looked) {
    if (turn == readers_.end()) turn = readers_.begin();
    PartitionReader& reader = turn->second;
    const std::size_t from = records.size();
    if (!reader.IsPaused()) reader.retries.Take(max - (from - before), records);
    for (std::size_t i = from; i < records.size(); ++i) {
      reader.failures.OnRetry(records[i].offset, records[i].attempt);
    }
    if (records.size() > from) last_retried_ = turn->first;
    ++turn;
  }
}

// With a subscription the group's thread asks.
void Consumer::Impl::AskForRowsIfAssigned() {
  if (mode_ != Mode::kAssigned || options_.group_id.empty() || !options_.enable_retries) return;
  const MonotonicTime now = cluster_.clock().Now();
  if (now < next_rows_) return;
  next_rows_ = now + kRowsInterval;
  AskForRows();
}

void Consumer::Impl::LearnRetries(const TopicPartition& id, const Row* row) {
  readers_.at(id).retries.OnRow(
      row == nullptr ? std::nullopt : ToWait(row->__isset.next_retry_ms, row->next_retry_ms),
      cluster_.clock().Now());
}

void Consumer::Impl::LearnPolicies(const idl::FetchOffsetsResponse& reply) {
  knows_policies_ = true;
  policies_.clear();
  for (const idl::GroupPolicy& group : reply.policies) {
    policies_[group.__isset.topic ? std::optional(group.topic) : std::nullopt] =
        wire::FromWire(group.policy);
  }
}

std::optional<core::RetryPolicy> Consumer::Impl::PolicyOf(const std::string& topic) {
  MutexLock lock(mutex_);
  if (!knows_policies_) return std::nullopt;
  auto policy = policies_.find(topic);
  if (policy == policies_.end()) policy = policies_.find(std::nullopt);
  return policy == policies_.end() ? core::RetryPolicy() : policy->second;
}

std::optional<client::Prospects> Consumer::Impl::ProspectsOf(const TopicPartition& id) {
  MutexLock lock(mutex_);
  const auto reader = readers_.find(id);
  if (reader == readers_.end()) return std::nullopt;
  return client::Prospects{reader->second.claims, reader->second.log_end};
}

// A failed record has left the log before its failure was written: which ones?
void Consumer::Impl::CollectFailureChecks(std::vector<Request>& out) {
  for (auto& [id, reader] : readers_) {
    if (!reader.must_check_failures) continue;
    const auto broker = cluster_.Route(id);
    if (!broker) continue;
    reader.must_check_failures = false;
    Request& request = out.emplace_back();
    request.kind = Kind::kLogStart;
    request.broker = *broker;
    request.tokens.emplace_back(id, reader.serial());
    idl::ListOffsetsPartition& wanted = request.list.partitions.emplace_back();
    wanted.topic = id.topic;
    wanted.partition = id.partition;
    wanted.timestamp_us = kLogStart;
  }
}

void Consumer::Impl::OnLogStart(const Tokens& tokens,
                                const Result<idl::ListOffsetsResponse>& reply) {
  MutexLock lock(mutex_);
  const auto& [id, serial] = tokens.front();
  const auto reader = readers_.find(id);
  if (reader == readers_.end() || reader->second.serial() != serial) return;
  // Otherwise the next commit is refused, too, and asks again.
  if (!reply.ok() || reply->partitions.empty() || reply->partitions[0].__isset.error) return;
  for (const std::int64_t offset : reader->second.failures.DropBelow(reply->partitions[0].offset)) {
    events_.push_back(NameOf(id) + ": the failed record at offset " + std::to_string(offset) +
                      " is no longer in the log and cannot be tried again");
  }
  news_.NotifyAll();
}

}  // namespace lanemq
