#include <algorithm>
#include <utility>

#include "client/src/consumer/consumer_impl.h"
#include "client/src/consumer/partition_name.h"
#include "common/rpc/wire/errors.h"

// Commits; see consumer_impl.h. They reach the group's rows in the order they were made: one is
// under way at a time.
namespace lanemq {
namespace {

using client::NameOf;
using client::PartitionReader;
using client::StartAt;

constexpr std::size_t kCommitsQueuedMax = 1'000;
// Attempts of one asynchronous commit; each goes to another broker.
constexpr int kAsyncAttemptsMax = 3;

}  // namespace

std::chrono::milliseconds Consumer::Impl::CommitPatience() const {
  return std::min<std::chrono::milliseconds>(options_.request_timeout, std::chrono::seconds(5));
}

Status Consumer::Impl::CheckGroup() const {
  if (!options_.group_id.empty()) return {};
  return Error{ErrorCode::kInvalidGroupId, "group.id is not set"};
}

// The row cannot tell a former owner from the present one at a newer generation, so what is not
// owned is refused here.
Result<Consumer::Impl::Owner> Consumer::Impl::OwnerOf(const Offsets& offsets) {
  if (mode_ != Mode::kSubscribed) return Owner();
  const Owner owner = group_->identity();
  if (owner.generation.value == 0) {
    return Error{ErrorCode::kIllegalGeneration, "it is not a member of the group at the moment"};
  }
  MutexLock lock(mutex_);
  for (const auto& [id, offset] : offsets) {
    const auto reader = readers_.find(id);
    if (reader == readers_.end()) {
      return Error{ErrorCode::kIllegalGeneration, NameOf(id) + " is not assigned to this consumer"};
    }
    // Its row would refuse this as it does a zombie's, which would cost all partitions.
    if (reader->second.must_claim()) {
      return Error{ErrorCode::kRebalanceInProgress, NameOf(id) + " is not claimed yet"};
    }
  }
  return owner;
}

Consumer::Impl::AsyncCommit Consumer::Impl::MakeCommit(const Offsets& offsets, const Owner& owner) {
  AsyncCommit made;
  idl::CommitOffsetsRequest& request = made.request;
  request.group = options_.group_id;
  request.__set_generation(owner.generation.value);
  if (!owner.member_id.empty()) request.__set_member_id(owner.member_id);
  cluster_.NameCluster(request);
  MutexLock lock(mutex_);
  for (const auto& [id, offset] : offsets) {
    idl::CommitPartition& commit = request.partitions.emplace_back();
    commit.topic = id.topic;
    commit.partition = id.partition;
    commit.offset = offset;
    const auto known = readers_.find(id);
    if (known == readers_.end()) continue;
    made.readers[id] = known->second.serial();
    if (const auto epoch = known->second.EpochFor(offset)) commit.__set_reset_epoch(*epoch);
    const client::Failures& failures = known->second.failures;
    if (failures.IsPassedBy(offset)) made.guarded[id] = failures.forgotten();
  }
  return made;
}

bool Consumer::Impl::IsPresent(const std::map<TopicPartition, Token>& readers,
                               const TopicPartition& id) {
  const auto reader = readers_.find(id);
  const auto serial = readers.find(id);
  return reader != readers_.end() && serial != readers.end() &&
         reader->second.serial() == serial->second;
}

Status Consumer::Impl::TakeCommitReply(const Settling& sent, const CommitReply& reply) {
  if (!reply.ok()) return reply.error();
  Status first = sent.refused;
  bool is_refused = false;
  {
    MutexLock lock(mutex_);
    for (const idl::CommitPartitionResult& result : reply->partitions) {
      const TopicPartition id{result.topic, result.partition};
      if (!result.__isset.error) {
        const auto offset = sent.offsets.find(id);
        if (offset != sent.offsets.end() && IsPresent(sent.readers, id)) {
          readers_.at(id).row_max = offset->second;
        }
        continue;
      }
      const Error error = wire::FromWire(result.error).Wrap(NameOf(id));
      // A later commit of ours was accepted. What a settle carried may not be written with it: that
      // stays, and its sender hears of it.
      if (error.code == ErrorCode::kFenced && !sent.is_settle) continue;
      if (first.ok() || error.code == ErrorCode::kIllegalGeneration) first = error;
      if (!IsPresent(sent.readers, id)) continue;  // Given up meanwhile, or given up and back.
      PartitionReader& reader = readers_.at(id);
      is_refused |= error.code == ErrorCode::kIllegalGeneration;
      if (error.code == ErrorCode::kNotFound) reader.must_check_failures = true;
      if (error.code != ErrorCode::kOffsetReset) continue;
      reader.ForgetEpoch();
      reader.SeekTo(StartAt::kCommitted, NameOf(id) + ": an operator moved the group's offset");
    }
    news_.NotifyAll();
  }
  if (is_refused && sent.commit.generation > 0) {
    group_->OnRefused({core::Generation{sent.commit.generation}, sent.commit.member_id, {}});
  }
  return first;
}

// A partition that was sought before its commit was ever read: its reset epoch is not known yet,
// and without it a commit could undo an operator's reset.
Status Consumer::Impl::LearnResetEpochs(const Offsets& offsets, Deadline deadline) {
  std::vector<TopicPartition> unknown;
  {
    MutexLock lock(mutex_);
    for (const auto& [id, offset] : offsets) {
      const auto reader = readers_.find(id);
      if (reader != readers_.end() && !reader->second.EpochFor(offset)) unknown.push_back(id);
    }
  }
  if (unknown.empty()) return {};
  LANEMQ_ASSIGN_OR_RETURN(const auto reply, FetchCommitted(unknown, deadline));
  std::map<TopicPartition, std::int64_t> epochs;
  for (const idl::FetchOffsetsPartitionResult& result : reply.partitions) {
    epochs[{result.topic, result.partition}] = result.reset_epoch;
  }
  MutexLock lock(mutex_);
  for (const TopicPartition& id : unknown) {
    const auto reader = readers_.find(id);
    if (reader != readers_.end()) reader->second.LearnEpoch(epochs[id]);
  }
  return {};
}

// So that commits reach the rows in the order in which they were made.
Status Consumer::Impl::WaitForQueue(Deadline deadline) {
  {
    MutexLock lock(mutex_);
    while (is_committing_ || !commits_.empty()) {
      if (deadline.HasPassed(cluster_.clock())) {
        return Error{ErrorCode::kRequestTimedOut, "earlier commits are not answered yet"};
      }
      news_.WaitFor(mutex_, deadline.Left(cluster_.clock()));
    }
  }
  RunCommitCallbacks();
  return {};
}

Status Consumer::Impl::WaitForClaims(const Offsets& offsets, Deadline deadline) {
  while (mode_ == Mode::kSubscribed && group_->identity().generation.value > 0) {
    Pump();
    MutexLock lock(mutex_);
    const PartitionReader* unclaimed = nullptr;
    for (const auto& [id, offset] : offsets) {
      const auto reader = readers_.find(id);
      if (reader != readers_.end() && reader->second.must_claim()) unclaimed = &reader->second;
    }
    if (unclaimed == nullptr) return {};
    if (const Error* failure = unclaimed->failure()) return *failure;
    if (deadline.HasPassed(cluster_.clock())) {
      return Error{ErrorCode::kRequestTimedOut, NameOf(*unclaimed->id()) + " is not claimed yet"};
    }
    WaitForNews(deadline);
  }
  return {};
}

Status Consumer::Impl::CommitSync(const Offsets& offsets, Deadline deadline) {
  return CommitNow(offsets, /*begins=*/false, deadline);
}

Status Consumer::Impl::CommitNow(const Offsets& offsets, bool begins, Deadline deadline) {
  LANEMQ_RETURN_IF_ERROR(CheckGroup());
  LANEMQ_RETURN_IF_ERROR(WaitForQueue(deadline));
  if (offsets.empty() && !HasOutcomes()) return {};
  LANEMQ_RETURN_IF_ERROR(WaitForClaims(offsets, deadline));
  LANEMQ_ASSIGN_OR_RETURN(const Owner owner, OwnerOf(offsets));
  LANEMQ_RETURN_IF_ERROR(LearnResetEpochs(offsets, deadline));
  AsyncCommit commit = MakeCommit(offsets, owner);
  commit.begins = begins;
  while (true) {
    const Settling sending = Prepare(commit);
    LANEMQ_RETURN_IF_ERROR(SendSync(sending, deadline));
    if (!sending.is_partial) return {};
  }
}

void Consumer::Impl::PostCommitResult(CommitCallback callback, Status status) {
  MutexLock lock(mutex_);
  done_commits_.emplace_back(std::move(callback), std::move(status));
  news_.NotifyAll();
}

void Consumer::Impl::CommitAsync(const Offsets& offsets, CommitCallback callback) {
  Status refused = CheckGroup();
  if (refused.ok() && offsets.empty() && !HasOutcomes()) {
    return PostCommitResult(std::move(callback), {});
  }
  AsyncCommit commit;
  if (refused.ok()) {
    const Result<Owner> owner = OwnerOf(offsets);
    if (owner.ok()) {
      commit = MakeCommit(offsets, *owner);
      commit.callback = callback;
    } else {
      refused = owner.error();
    }
  }
  {
    MutexLock lock(mutex_);
    if (refused.ok() && commits_.size() >= kCommitsQueuedMax) {
      refused = Error{ErrorCode::kQueueFull, "too many commits wait for their turn", 10};
    }
    if (refused.ok()) commits_.push_back(std::move(commit));
  }
  if (!refused.ok()) return PostCommitResult(std::move(callback), refused);
  SendNextCommit();
}

void Consumer::Impl::SendNextCommit() {
  AsyncCommit commit;
  {
    MutexLock lock(mutex_);
    if (is_committing_ || commits_.empty() || is_closing_) return;
    is_committing_ = true;
    commit = std::move(commits_.front());
    commits_.pop_front();
  }
  SendCommit(std::move(commit));
}

void Consumer::Impl::SendCommit(AsyncCommit commit) {
  auto sending = std::make_shared<const Settling>(Prepare(commit));
  SendSettling(std::move(commit), std::move(sending), 1);
}

void Consumer::Impl::SendSettling(AsyncCommit commit, std::shared_ptr<const Settling> sending,
                                  int attempt) {
  TopicPartition first;
  const auto& settled = sending->settle.partitions;
  const auto& committed = sending->commit.partitions;
  if (!settled.empty()) first = {settled[0].topic, settled[0].partition};
  if (!committed.empty()) first = {committed[0].topic, committed[0].partition};
  if (settled.empty() && committed.empty()) return OnCommitReply(commit, sending->refused);
  const auto broker = cluster_.Route(first);
  if (!broker) {
    return OnCommitReply(commit, Error{ErrorCode::kBrokerNotAvailable, "no live broker is known"});
  }
  const auto on_reply = [this, broker = *broker, commit = std::move(commit), sending,
                         attempt](const CommitReply& reply) {
    const bool has_failed =
        cluster_.Report(broker.id, reply.ok() ? std::nullopt : std::optional(reply.error()));
    // Repeating a commit is harmless as long as no later one was sent.
    if (has_failed && attempt < kAsyncAttemptsMax) {
      return SendSettling(commit, sending, attempt + 1);
    }
    Status status = TakeCommitReply(*sending, reply);
    if (status.ok() && sending->is_partial) return SendCommit(commit);
    OnCommitReply(commit, std::move(status));
  };
  if (!sending->is_settle) {
    cluster_.data_plane().CommitOffsets(broker->endpoint, sending->commit, RequestDeadline(),
                                        on_reply);
    return;
  }
  cluster_.data_plane().Settle(
      broker->endpoint, sending->settle, RequestDeadline(),
      [this, on_reply, sending](const auto& reply) { on_reply(TakeSettleReply(*sending, reply)); });
}

void Consumer::Impl::OnCommitReply(const AsyncCommit& commit, Status status) {
  {
    MutexLock lock(mutex_);
    is_committing_ = false;
    done_commits_.emplace_back(commit.callback, std::move(status));
    news_.NotifyAll();
  }
  SendNextCommit();
}

void Consumer::Impl::RunCommitCallbacks() {
  std::size_t due = 0;
  {
    MutexLock lock(mutex_);
    if (is_closing_) {
      for (AsyncCommit& commit : commits_) {
        done_commits_.emplace_back(std::move(commit.callback),
                                   Error{ErrorCode::kClosed, "the consumer was closed"});
      }
      commits_.clear();
    }
    due = done_commits_.size();
  }
  // One at a time: should one throw, the others are not forgotten.
  for (; due > 0; --due) {
    std::pair<CommitCallback, Status> done;
    {
      MutexLock lock(mutex_);
      if (done_commits_.empty()) return;
      done = std::move(done_commits_.front());
      done_commits_.pop_front();
    }
    if (done.first) done.first(done.second);
  }
}

void Consumer::Impl::CommitAutomatically() {
  const MonotonicTime now = cluster_.clock().Now();
  if (!options_.enable_auto_commit || now < next_auto_commit_) return;
  if (mode_ == Mode::kSubscribed && group_->identity().generation.value == 0) return;
  next_auto_commit_ = now + options_.auto_commit_interval;
  FinishRetries();
  const Offsets positions = Positions();
  if (positions.empty()) return;
  CommitAsync(positions, [this](const Status& status) {
    if (status.ok()) return;
    MutexLock lock(mutex_);
    events_.push_back("automatic commit: " + status.error().ToString());
  });
}

Result<idl::FetchOffsetsResponse> Consumer::Impl::FetchCommitted(
    const std::vector<TopicPartition>& partitions, Deadline deadline) {
  LANEMQ_RETURN_IF_ERROR(CheckGroup());
  idl::FetchOffsetsRequest request;
  request.group = options_.group_id;
  request.__isset.partitions = true;
  for (const TopicPartition& id : partitions) {
    LANEMQ_RETURN_IF_ERROR(cluster_.WaitForTopic(id.topic, deadline));
    idl::TopicPartition& wanted = request.partitions.emplace_back();
    wanted.topic = id.topic;
    wanted.partition = id.partition;
  }
  cluster_.NameCluster(request);
  return cluster_.CallAny<idl::FetchOffsetsResponse>(
      &client::Cluster::Brokers, deadline,
      [&](const rpc::Endpoint& broker, Deadline until) -> Result<idl::FetchOffsetsResponse> {
        auto response = cluster_.data_plane().FetchOffsetsSync(broker, request, until);
        if (!response.ok()) return response;
        // Half an answer would look like "nothing committed" and read the partition again.
        for (const idl::FetchOffsetsPartitionResult& result : response->partitions) {
          if (result.__isset.error) {
            return wire::FromWire(result.error).Wrap(NameOf({result.topic, result.partition}));
          }
        }
        return response;
      });
}

Result<Offsets> Consumer::Impl::Committed(const std::vector<TopicPartition>& partitions) {
  Offsets offsets;
  if (partitions.empty()) return offsets;
  LANEMQ_ASSIGN_OR_RETURN(const auto response, FetchCommitted(partitions, RequestDeadline()));
  for (const idl::FetchOffsetsPartitionResult& result : response.partitions) {
    if (result.__isset.offset && result.offset >= 0) {
      offsets[{result.topic, result.partition}] = result.offset;
    }
  }
  return offsets;
}

}  // namespace lanemq
