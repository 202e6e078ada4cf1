#include <algorithm>

#include "client/src/consumer_impl.h"
#include "common/rpc/wire/errors.h"

namespace lanemq {
namespace {

constexpr std::size_t kCommitsInFlightMax = 1'000;

}  // namespace

Status Consumer::Impl::CheckGroup() const {
  if (!options_.group_id.empty()) return {};
  return Error{ErrorCode::kInvalidGroupId, "group.id is not set"};
}

idl::CommitOffsetsRequest Consumer::Impl::CommitRequest(const Offsets& offsets) {
  idl::CommitOffsetsRequest request;
  request.group = options_.group_id;
  request.__set_generation(0);
  MutexLock lock(mutex_);
  for (const auto& [id, offset] : offsets) {
    idl::CommitPartition& commit = request.partitions.emplace_back();
    commit.topic = id.topic;
    commit.partition = id.partition;
    commit.offset = offset;
    const auto known = partitions_.find(id);
    if (known != partitions_.end() && known->second.reset_epoch) {
      commit.__set_reset_epoch(*known->second.reset_epoch);
    }
  }
  return request;
}

Status Consumer::Impl::FirstCommitError(const idl::CommitOffsetsResponse& response,
                                        std::vector<TopicPartition>* was_reset) {
  Status first;
  for (const auto& result : response.partitions) {
    if (!result.__isset.error) continue;
    const Error error =
        wire::FromWire(result.error).Wrap(result.topic + "/" + std::to_string(result.partition));
    if (error.code == ErrorCode::kOffsetReset)
      was_reset->push_back({result.topic, result.partition});
    if (first.ok()) first = error;
  }
  return first;
}

// Somebody moved the group: forget the position, so that the next Poll() reads it anew.
Status Consumer::Impl::FollowReset(const TopicPartition& id) {
  MutexLock lock(mutex_);
  const auto found = partitions_.find(id);
  if (found == partitions_.end()) return {};
  Partition& partition = found->second;
  for (const std::size_t bytes : partition.buffered_bytes) buffered_bytes_ -= bytes;
  DropBuffer(partition);
  partition.position.reset();
  partition.reset_epoch.reset();
  partition.epoch = next_epoch_++;
  partition.is_fetching = false;
  partition.error.reset();
  return {};
}

Status Consumer::Impl::CommitSync(const Offsets& offsets) {
  RunCommitCallbacks();
  LANEMQ_RETURN_IF_ERROR(CheckGroup());
  if (offsets.empty()) return {};
  const idl::CommitOffsetsRequest request = CommitRequest(offsets);
  const Deadline deadline = RequestDeadline();
  std::vector<TopicPartition> was_reset;
  const auto result = cluster_.CallAny<idl::CommitOffsetsResponse>(
      cluster_.Brokers(), deadline,
      [&](const rpc::Endpoint& broker, Deadline until) -> Result<idl::CommitOffsetsResponse> {
        auto response = cluster_.data_plane().CommitOffsetsSync(broker, request, until);
        if (!response.ok()) return response;
        was_reset.clear();
        if (const Status status = FirstCommitError(*response, &was_reset); !status.ok()) {
          return status.error();
        }
        return response;
      });
  for (const TopicPartition& id : was_reset) LANEMQ_RETURN_IF_ERROR(FollowReset(id));
  LANEMQ_RETURN_IF_ERROR(result);
  return {};
}

void Consumer::Impl::CommitAsync(const Offsets& offsets, CommitCallback callback) {
  RunCommitCallbacks();
  Status refused = CheckGroup();
  const auto brokers = cluster_.Brokers();
  if (refused.ok() && brokers.empty()) {
    refused = Error{ErrorCode::kBrokerNotAvailable, "no broker is known"};
  }
  {
    MutexLock lock(mutex_);
    if (refused.ok() && commits_in_flight_ >= kCommitsInFlightMax) {
      refused = Error{ErrorCode::kQueueFull, "too many commits in flight", 10};
    }
    if (!refused.ok()) {
      done_commits_.emplace_back(std::move(callback), refused);
      return;
    }
    ++commits_in_flight_;
  }
  cluster_.data_plane().CommitOffsets(
      brokers.front(), CommitRequest(offsets), RequestDeadline(),
      [this, broker = brokers.front(),
       callback = std::move(callback)](Result<idl::CommitOffsetsResponse> response) {
        std::vector<TopicPartition> was_reset;
        Status status;
        if (response.ok()) {
          status = FirstCommitError(*response, &was_reset);
        } else {
          status = response.error();
          cluster_.OnError(broker, response.error());
        }
        for (const TopicPartition& id : was_reset) (void)FollowReset(id);
        MutexLock lock(mutex_);
        --commits_in_flight_;
        done_commits_.emplace_back(callback, status);
      });
}

void Consumer::Impl::RunCommitCallbacks() {
  std::vector<std::pair<CommitCallback, Status>> done;
  {
    MutexLock lock(mutex_);
    done.swap(done_commits_);
  }
  for (const auto& [callback, status] : done) {
    if (callback) callback(status);
  }
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
  return cluster_.CallAny<idl::FetchOffsetsResponse>(
      cluster_.Brokers(), deadline,
      [&](const rpc::Endpoint& broker, Deadline until) -> Result<idl::FetchOffsetsResponse> {
        auto response = cluster_.data_plane().FetchOffsetsSync(broker, request, until);
        if (!response.ok()) return response;
        // Half an answer would look like "nothing committed" and read the partition again.
        for (const auto& result : response->partitions) {
          if (result.__isset.error) return wire::FromWire(result.error);
        }
        return response;
      });
}

Result<Offsets> Consumer::Impl::Committed(const std::vector<TopicPartition>& partitions) {
  LANEMQ_ASSIGN_OR_RETURN(const auto response, FetchCommitted(partitions, RequestDeadline()));
  Offsets offsets;
  for (const auto& result : response.partitions) {
    if (result.__isset.offset && result.offset >= 0) {
      offsets[{result.topic, result.partition}] = result.offset;
    }
  }
  return offsets;
}

}  // namespace lanemq
