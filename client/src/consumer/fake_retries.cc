// The fake broker's rows, commits, failures and retries.
#include <algorithm>

#include "client/src/consumer/fake_group_servers.h"
#include "common/base/clock.h"
#include "common/rpc/wire/errors.h"

namespace lanemq::client {
namespace {

using std::chrono::milliseconds;

MonotonicTime Now() { return SystemClock::Instance().Now(); }

std::int64_t LeftMs(MonotonicTime due) {
  return std::max<std::int64_t>(0, std::chrono::ceil<milliseconds>(due - Now()).count());
}

std::optional<MonotonicTime> NextDue(const FakeCluster::Row& row) {
  std::optional<MonotonicTime> next;
  for (const auto& [offset, retry] : row.retries) {
    next = next ? std::min(*next, retry.due) : retry.due;
  }
  return next;
}

std::optional<Error> CheckOwner(const FakeCluster::Row& row, std::int64_t generation,
                                const std::string& member) {
  const bool is_there = row.offset >= 0 || row.generation > 0;
  if (!is_there || (generation >= row.generation && member == row.member)) return std::nullopt;
  return Error{ErrorCode::kIllegalGeneration, "old"};
}

void AddKept(std::int64_t offset, std::int32_t attempt, milliseconds delay,
             idl::SettlePartitionResult& result) {
  result.__isset.kept = true;
  idl::KeptRetry& kept = result.kept.emplace_back();
  kept.offset = offset;
  kept.attempt = attempt;
  kept.due_in_ms = delay.count();
  kept.first_failed_at_us = 1;
}

// The fake's policy: what is not fatal is tried again after its delay, or at once. LogFailure and
// RetryOutcome name what they share alike.
template <typename Failed>
void Decide(const idl::SettleRequest& request, const Failed& failed, std::int32_t attempts,
            FakeCluster::Row& row, idl::SettlePartitionResult& result) {
  if (failed.is_fatal) {
    row.retries.erase(failed.offset);
    row.dead[failed.offset] = failed.note.reason;
    result.__set_dead(result.dead + 1);
    return;
  }
  const milliseconds delay(failed.__isset.delay_ms ? failed.delay_ms : 0);
  result.__set_retried(result.retried + 1);
  if (failed.keep && request.__isset.lease_ms) {
    row.retries[failed.offset] = {attempts + 1, Now() + delay + milliseconds(request.lease_ms),
                                  failed.note.reason, true, request.member_id};
    return AddKept(failed.offset, attempts + 1, delay, result);
  }
  row.retries[failed.offset] = {attempts, Now() + delay, failed.note.reason, false, ""};
  result.__set_next_due_ms(result.__isset.next_due_ms
                               ? std::min<std::int64_t>(result.next_due_ms, delay.count())
                               : delay.count());
}

}  // namespace

idl::FetchOffsetsPartitionResult FakeCluster::ToWire(const TopicPartition& id, const Row& row) {
  idl::FetchOffsetsPartitionResult result;
  result.topic = id.topic;
  result.partition = id.partition;
  result.__set_offset(row.offset);
  result.__set_generation(row.generation);
  result.__set_reset_epoch(row.epoch);
  if (row.is_paused) result.__set_paused_until_us(-1);
  if (const auto due = NextDue(row)) result.__set_next_retry_ms(LeftMs(*due));
  result.__set_claims(row.claims_told);
  if (row.attempts > 0) {
    result.__set_attempt_offset(row.attempt_offset);
    result.__set_attempts(row.attempts);
  }
  return result;
}

std::optional<Error> FakeBroker::Check(const FakeCluster::Row& row, const Sender& sender) {
  const auto refused = CheckOwner(row, sender.generation, sender.member);
  if (refused || sender.commit_sequence == 0 || sender.generation != row.generation) return refused;
  if (sender.commit_sequence >= row.commit_sequence) return std::nullopt;
  return Error{ErrorCode::kFenced, "late"};
}

void FakeBroker::Commit(const idl::CommitPartition& commit, const Sender& sender,
                        FakeCluster::Row& row, std::optional<Error>& error) {
  error = Check(row, sender);
  if (error) return;
  if (commit.__isset.reset_epoch && commit.reset_epoch < row.epoch) {
    error = Error{ErrorCode::kOffsetReset, "moved"};
    return;
  }
  row.offset = commit.offset;
  if (row.generation < sender.generation) row.commit_sequence = 0;
  row.commit_sequence = std::max(row.commit_sequence, sender.commit_sequence);
  row.generation = sender.generation;
  row.member = sender.member;
  ++row.commits;
}

void FakeBroker::Settle(const idl::SettleRequest& request, const idl::SettlePartition& wanted,
                        FakeCluster::Row& row, idl::SettlePartitionResult& result) {
  for (const idl::LogFailure& failure : wanted.failures) {
    Decide(request, failure, failure.attempts, row, result);
  }
  for (const idl::RetryOutcome& outcome : wanted.retries) {
    const auto retry = row.retries.find(outcome.offset);
    if (retry == row.retries.end() || retry->second.attempts != outcome.attempt) {
      result.__isset.stale = true;
      result.stale.push_back(outcome.offset);
    } else if (outcome.is_ok) {
      row.retries.erase(retry);
    } else {
      Decide(request, outcome, outcome.attempt, row, result);
    }
  }
  if (!wanted.__isset.begins_offset) return;
  if (row.attempt_offset != wanted.begins_offset) row.attempts = 0;
  row.attempt_offset = wanted.begins_offset;
  result.__set_attempts(++row.attempts);
}

void FakeBroker::settle(Cob<idl::SettleResponse> cob, ExnCob exn,
                        const idl::SettleRequest& request) {
  const rpc::Responder<idl::SettleResponse> responder(std::move(cob), std::move(exn));
  ++settles;
  idl::SettleResponse response;
  const Sender sender{request.generation, request.member_id, request.commit_sequence};
  for (idl::SettlePartition wanted : request.partitions) {
    const TopicPartition id{wanted.topic, wanted.partition};
    idl::SettlePartitionResult& result = response.partitions.emplace_back();
    result.topic = id.topic;
    result.partition = id.partition;
    cluster_.Change(id, [&](FakeCluster::Row& row) {
      row.sequences.push_back(request.commit_sequence);
      std::optional<Error> error = Check(row, sender);
      std::erase_if(wanted.failures, [&](const auto& f) {
        if (f.offset >= row.offset) return false;
        const auto known = row.retries.find(f.offset);
        const bool is_repeated = known != row.retries.end() && known->second.is_leased &&
                                 known->second.holder == request.member_id &&
                                 known->second.attempts == f.attempts + 1;
        if (f.keep && is_repeated) AddKept(f.offset, f.attempts + 1, milliseconds(0), result);
        return true;
      });
      for (const idl::LogFailure& failure : wanted.failures) {
        if (!wanted.__isset.commit || failure.offset >= wanted.commit.offset) {
          error = Error{ErrorCode::kInvalidRequest, "a failure that no commit passes"};
        }
        if (row.gone.contains(failure.offset)) error = Error{ErrorCode::kNotFound, "expired"};
      }
      if (!error && wanted.__isset.commit) {
        Commit(wanted.commit, sender, row, error);
      } else if (!error && row.generation == sender.generation) {
        row.commit_sequence = std::max(row.commit_sequence, sender.commit_sequence);
      }
      if (!error) Settle(request, wanted, row, result);
      if (error) result.__set_error(wire::ToWire(*error));
    });
  }
  if (settle_replies_lost > 0) {
    --settle_replies_lost;
    return responder.Fail({ErrorCode::kOutcomeUnknown, "the reply is lost"});
  }
  if (!holds_settles) return responder.Respond(response);
  MutexLock lock(mutex_);
  parked_settles_.push_back([responder, response] { responder.Respond(response); });
}

void FakeBroker::fetchRetries(Cob<idl::FetchRetriesResponse> cob, ExnCob,
                              const idl::FetchRetriesRequest& request) {
  ++retry_fetches;
  if (request.take_over) ++take_overs;
  idl::FetchRetriesResponse response;
  const auto limit = static_cast<std::size_t>(request.max_messages);
  std::optional<MonotonicTime> next;
  int leased = 0;
  for (const idl::TopicPartition& wanted : request.partitions) {
    const TopicPartition id{wanted.topic, wanted.partition};
    cluster_.Change(id, [&](FakeCluster::Row& row) {
      if (const auto error = CheckOwner(row, request.generation, request.member_id)) {
        idl::SettlePartitionResult refused;
        refused.topic = id.topic;
        refused.partition = id.partition;
        refused.__set_error(wire::ToWire(*error));
        response.__isset.errors = true;
        response.errors.push_back(std::move(refused));
        return;
      }
      for (auto& [offset, retry] : row.retries) {
        if (request.take_over && retry.is_leased && retry.holder != request.member_id) {
          retry.due = Now();
          retry.is_leased = false;
        }
        if (response.messages.size() < limit && retry.due <= Now()) {
          retry.is_leased = true;
          retry.holder = request.member_id;
          retry.due = Now() + milliseconds(request.lease_ms);
          idl::RetryMessage& message = response.messages.emplace_back();
          message.topic = id.topic;
          message.partition = id.partition;
          message.message.offset = offset;
          message.attempt = ++retry.attempts;
          message.__set_first_failed_at_us(1);
          message.__set_reason(retry.reason);
        }
        leased += retry.is_leased ? 1 : 0;
        next = next ? std::min(*next, retry.due) : retry.due;
      }
    });
  }
  if (leased > retries_leased_most) retries_leased_most = leased;
  if (next) response.__set_next_due_ms(LeftMs(*next));
  cob(response);
}

}  // namespace lanemq::client
