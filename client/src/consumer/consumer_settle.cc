#include <algorithm>
#include <utility>

#include "client/src/consumer/consumer_impl.h"
#include "client/src/consumer/partition_name.h"
#include "common/rpc/wire/errors.h"

// Failures and ended retries, and the commits that carry them; see consumer_impl.h.
namespace lanemq {
namespace {

using client::Failures;
using client::NameOf;
using client::PartitionReader;

// Of one message, all partitions together.
constexpr std::size_t kEntriesPerMessageMax = 4 * Failures::kPerSettleMax;

idl::FailureNote ToWire(const Failure& failure) {
  idl::FailureNote note;
  note.reason = failure.reason;
  if (!failure.error.empty()) note.__set_error(failure.error);
  return note;
}

idl::LogFailure ToWire(std::int64_t offset, const Failures::LogEntry& entry) {
  idl::LogFailure wire;
  wire.offset = offset;
  wire.attempts = entry.attempts;
  wire.is_fatal = entry.failure.is_fatal;
  if (entry.failure.delay) wire.__set_delay_ms(entry.failure.delay->count());
  wire.note = ToWire(entry.failure);
  if (entry.record) wire.__set_keep(true);
  return wire;
}

idl::RetryOutcome ToWire(std::int64_t offset, const Failures::RetryEntry& entry) {
  idl::RetryOutcome wire;
  wire.offset = offset;
  wire.attempt = entry.attempt;
  wire.is_ok = !entry.failure;
  if (!entry.failure) return wire;
  wire.__set_is_fatal(entry.failure->is_fatal);
  if (entry.failure->delay) wire.__set_delay_ms(entry.failure->delay->count());
  wire.__set_note(ToWire(*entry.failure));
  if (entry.record) wire.__set_keep(true);
  return wire;
}

// What the data node has made ours waits in the reader until it is due.
void TakeKept(const idl::SettlePartitionResult& result, const Failures::Batch& batch,
              MonotonicTime now, MonotonicTime lease_end, PartitionReader& reader) {
  for (const idl::KeptRetry& kept : result.kept) {
    auto record = reader.failures.TakeKept(batch, kept.offset, kept.attempt);
    if (!record) continue;
    record->first_failed_at_us = kept.first_failed_at_us;
    const std::chrono::milliseconds wait(kept.due_in_ms);
    reader.retries.Keep(std::move(record), now + wait, lease_end + wait);
  }
}

}  // namespace

Status Consumer::Impl::Fail(const ConsumedRecord& record, Failure failure) {
  LANEMQ_RETURN_IF_ERROR(CheckGroup());
  LANEMQ_RETURN_IF_ERROR(Failures::Check(failure));
  MutexLock lock(mutex_);
  LANEMQ_ASSIGN_OR_RETURN(PartitionReader* const reader, FindReader(*record.source));
  // What an explicit assignment kept would have no next owner to take it over.
  client::KeptRecords::Record kept;
  const bool has_room = record.is_retry() || reader->failures.HasRoomFor(record.offset);
  if (options_.enable_retries && !failure.is_fatal && reader->is_members() && has_room) {
    kept = kept_.Keep(record, cluster_.clock().Now());
  }
  LANEMQ_RETURN_IF_ERROR(reader->failures.Fail(record, std::move(failure), std::move(kept)));
  if (record.is_retry()) return {};
  for (AsyncCommit& queued : commits_) {
    for (const idl::CommitPartition& commit : queued.request.partitions) {
      if (commit.offset <= record.offset || commit.partition != record.partition() ||
          commit.topic != record.topic()) {
        continue;
      }
      queued.guarded.emplace(*record.source, reader->failures.forgotten());
    }
  }
  return {};
}

Status Consumer::Impl::Done(const ConsumedRecord& retry) {
  LANEMQ_RETURN_IF_ERROR(CheckGroup());
  if (!retry.is_retry()) {
    return Error{ErrorCode::kInvalidRequest, "a record of the log is done by a commit beyond it"};
  }
  MutexLock lock(mutex_);
  LANEMQ_ASSIGN_OR_RETURN(PartitionReader* const reader, FindReader(*retry.source));
  return reader->failures.Done(retry);
}

void Consumer::Impl::FinishRetries() {
  MutexLock lock(mutex_);
  for (auto& [id, reader] : readers_) reader.failures.FinishRetries();
}

bool Consumer::Impl::HasOutcomes() {
  MutexLock lock(mutex_);
  for (const auto& [id, reader] : readers_) {
    if (reader.failures.HasOutcomes()) return true;
  }
  return false;
}

Consumer::Impl::Settling Consumer::Impl::Prepare(AsyncCommit& commit) {
  Settling out;
  out.readers = commit.readers;
  out.commit = commit.request;
  out.commit.partitions.clear();
  out.settle.group = commit.request.group;
  out.settle.__set_generation(commit.request.generation);
  if (commit.request.__isset.member_id) out.settle.__set_member_id(commit.request.member_id);
  cluster_.NameCluster(out.settle);
  out.settle.__set_lease_ms(client::LeaseWithSlack(options_.retry_lease).count());
  out.made_at = cluster_.clock().Now();
  const Owner owner = group_ ? group_->identity() : Owner();
  std::size_t left = kEntriesPerMessageMax;
  MutexLock lock(mutex_);
  // So that a data node refuses what was given up and arrives after this. Explicit assignments are
  // of several processes, and none counts for the others.
  if (commit.request.__isset.member_id) {
    out.commit.__set_commit_sequence(++last_commit_sequence_);
    out.settle.__set_commit_sequence(last_commit_sequence_);
  }
  // Of another generation than the commit's: with the next one.
  const auto is_owners = [&](const PartitionReader& reader) {
    if (!reader.is_members()) return commit.request.generation == 0;
    return !reader.must_claim() && commit.request.generation == owner.generation.value &&
           commit.request.member_id == owner.member_id;
  };
  std::set<TopicPartition> committed;
  for (const idl::CommitPartition& wanted : commit.request.partitions) {
    const TopicPartition id{wanted.topic, wanted.partition};
    committed.insert(id);
    PartitionReader* const reader = IsPresent(commit.readers, id) ? &readers_.at(id) : nullptr;
    const auto guarded = commit.guarded.find(id);
    if (guarded != commit.guarded.end() &&
        (reader == nullptr || reader->failures.forgotten() != guarded->second)) {
      // It would pass records that failed, and nobody knows of it any more.
      out.refused = Error{ErrorCode::kIllegalGeneration,
                          NameOf(id) + " was given up or moved, and its failures with it"};
      continue;
    }
    if (reader == nullptr) {
      out.commit.partitions.push_back(wanted);
      continue;
    }
    // Those that do not fit must not be passed by what follows, either.
    if (AddToSettling(id, &wanted, *reader, is_owners(*reader), left, out)) {
      commit.guarded[id] = reader->failures.forgotten();
    }
  }
  for (auto& [id, reader] : readers_) {
    if (committed.contains(id) || !reader.failures.HasOutcomes() || !is_owners(reader)) continue;
    out.readers[id] = reader.serial();
    (void)AddToSettling(id, nullptr, reader, /*with_retries=*/true, left, out);
  }
  out.is_settle |= commit.begins;
  if (!out.is_settle) return out;
  for (const idl::CommitPartition& plain : out.commit.partitions) {
    idl::SettlePartition& wire = out.settle.partitions.emplace_back();
    wire.topic = plain.topic;
    wire.partition = plain.partition;
    wire.__set_commit(plain);
  }
  out.commit.partitions.clear();
  if (commit.begins && !out.is_partial) {
    for (idl::SettlePartition& wire : out.settle.partitions) {
      if (wire.__isset.commit) wire.__set_begins_offset(wire.commit.offset);
    }
  }
  return out;
}

Result<std::int32_t> Consumer::Impl::BeginRecord(const TopicPartition& id, std::int64_t offset) {
  LANEMQ_RETURN_IF_ERROR(CommitNow({{id, offset}}, /*begins=*/true, RequestDeadline()));
  MutexLock lock(mutex_);
  LANEMQ_ASSIGN_OR_RETURN(PartitionReader* const reader, FindReader(id));
  return reader->attempts;
}

// True: not all of it fit.
bool Consumer::Impl::AddToSettling(const TopicPartition& id, const idl::CommitPartition* commit,
                                   PartitionReader& reader, bool with_retries, std::size_t& left,
                                   Settling& out) {
  std::optional<std::int64_t> target;
  if (commit != nullptr) target = commit->offset;
  bool is_partial = false;
  // A data node takes failures below its row's offset for repeated ones. After a seek back they are
  // not: the row goes back first.
  if (target) {
    const std::int64_t row_max = reader.row_max.value_or(*target);
    const auto first = reader.failures.FirstUnsent(std::min(*target, row_max));
    if (first) target = first;
    is_partial = first.has_value();
  }
  Failures::Batch batch =
      reader.failures.Collect(target, with_retries, std::min(left, Failures::kPerSettleMax));
  is_partial |= batch.is_partial;
  out.is_partial |= is_partial;
  reader.failures.OnSent(batch);
  if (batch.commit) {
    out.offsets[id] = *batch.commit;
    if (reader.row_max) reader.row_max = std::max(*reader.row_max, *batch.commit);
  }
  if (batch.size() == 0) {
    if (batch.commit) out.commit.partitions.emplace_back(*commit).offset = *batch.commit;
    return is_partial;
  }
  left -= batch.size();
  out.is_settle = true;
  idl::SettlePartition& wire = out.settle.partitions.emplace_back();
  wire.topic = id.topic;
  wire.partition = id.partition;
  if (batch.commit) {
    wire.__set_commit(*commit);
    wire.commit.offset = *batch.commit;
  }
  if (!batch.log.empty()) wire.__isset.failures = true;
  for (const auto& [offset, entry] : batch.log) wire.failures.push_back(ToWire(offset, entry));
  if (!batch.retries.empty()) wire.__isset.retries = true;
  for (const auto& [offset, entry] : batch.retries) wire.retries.push_back(ToWire(offset, entry));
  out.batches[id] = std::move(batch);
  return is_partial;
}

Consumer::Impl::CommitReply Consumer::Impl::TakeSettleReply(
    const Settling& sent, const Result<idl::SettleResponse>& reply) {
  if (!reply.ok()) return reply.error();
  idl::CommitOffsetsResponse answers;
  // Counted from before it was sent.
  const MonotonicTime lease_end = sent.made_at + client::LeaseWithSlack(options_.retry_lease);
  MutexLock lock(mutex_);
  for (const idl::SettlePartitionResult& result : reply->partitions) {
    const TopicPartition id{result.topic, result.partition};
    idl::CommitPartitionResult& answer = answers.partitions.emplace_back();
    answer.topic = result.topic;
    answer.partition = result.partition;
    if (result.__isset.error) {
      answer.__set_error(result.error);
      continue;
    }
    const auto batch = sent.batches.find(id);
    if (!IsPresent(sent.readers, id)) continue;
    PartitionReader& reader = readers_.at(id);
    if (result.__isset.attempts) reader.attempts = result.attempts;
    if (batch == sent.batches.end()) continue;
    TakeKept(result, batch->second, cluster_.clock().Now(), lease_end, reader);
    reader.failures.Acknowledge(batch->second);
    if (result.__isset.next_due_ms) {
      reader.retries.OnDue(std::chrono::milliseconds(result.next_due_ms), cluster_.clock().Now());
    }
  }
  // What is not answered is not known to be written.
  if (reply->partitions.size() < sent.settle.partitions.size()) {
    return Error{ErrorCode::kUnknownServerError, "the reply to a settle is too short"};
  }
  return answers;
}

Status Consumer::Impl::SendSync(const Settling& sending, Deadline deadline) {
  if (sending.settle.partitions.empty() && sending.commit.partitions.empty()) {
    return sending.refused;
  }
  const auto reply = cluster_.CallAny<idl::CommitOffsetsResponse>(
      &client::Cluster::Brokers, deadline,
      [&](const rpc::Endpoint& broker, Deadline until) -> CommitReply {
        CommitReply response =
            sending.is_settle
                ? TakeSettleReply(sending,
                                  cluster_.data_plane().SettleSync(broker, sending.settle, until))
                : cluster_.data_plane().CommitOffsetsSync(broker, sending.commit, until);
        const Status status = TakeCommitReply(sending, response);
        if (!status.ok()) return status.error();
        return response;
      });
  return reply.ok() ? Status() : Status(reply.error());
}

}  // namespace lanemq
