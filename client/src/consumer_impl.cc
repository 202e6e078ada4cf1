#include "client/src/consumer_impl.h"

#include <algorithm>

#include "common/rpc/wire/errors.h"

namespace lanemq {
namespace {

using std::chrono::milliseconds;

constexpr std::int64_t kLogStart = -2;
constexpr std::int64_t kLogEnd = -1;
// How often a waiting Poll() looks at metadata and retries.
constexpr milliseconds kHousekeepingPause{20};

std::string NameOf(const TopicPartition& id) {
  return id.topic + "/" + std::to_string(id.partition);
}

}  // namespace

Consumer::Impl::Impl(ConsumerOptions options) : options_(std::move(options)), cluster_(options_) {}

Consumer::Impl::~Impl() {
  {
    MutexLock lock(mutex_);
    is_closing_ = true;
  }
  cluster_.Close();
  RunCommitCallbacks();
}

Status Consumer::Impl::Assign(std::vector<TopicPartition> partitions) {
  MutexLock lock(mutex_);
  std::map<TopicPartition, Partition> assigned;
  for (TopicPartition& id : partitions) {
    auto kept = partitions_.extract(id);
    if (!kept.empty()) {
      assigned.insert(std::move(kept));
      continue;
    }
    Partition& partition = assigned[id];
    partition.id = std::make_shared<const TopicPartition>(std::move(id));
    partition.epoch = next_epoch_++;
  }
  for (auto& [id, partition] : partitions_) {
    for (const std::size_t bytes : partition.buffered_bytes) buffered_bytes_ -= bytes;
  }
  partitions_ = std::move(assigned);
  return {};
}

Result<std::vector<TopicPartition>> Consumer::Impl::PartitionsOf(const std::string& topic,
                                                                 milliseconds timeout) {
  LANEMQ_ASSIGN_OR_RETURN(const auto view,
                          cluster_.WaitForTopic(topic, Deadline::After(cluster_.clock(), timeout)));
  std::vector<TopicPartition> partitions;
  for (std::int32_t p = 0; p < view->PartitionsOf(topic); ++p) partitions.push_back({topic, p});
  return partitions;
}

Result<std::vector<ConsumedRecord>> Consumer::Impl::Poll(milliseconds timeout) {
  const Deadline deadline = Deadline::After(cluster_.clock(), timeout);
  RunCommitCallbacks();
  std::vector<ConsumedRecord> records;
  for (;;) {
    cluster_.RefreshIfOld();
    LANEMQ_RETURN_IF_ERROR(ResolvePositions(deadline));
    StartFetches();
    std::optional<std::pair<TopicPartition, Error>> failed;
    {
      MutexLock lock(mutex_);
      if (partitions_.empty()) {
        return Error{ErrorCode::kFailedPrecondition, "no partitions are assigned"};
      }
      if (TakeRecords(records)) break;
      failed = FirstError();
      if (!failed) {
        if (is_woken_.exchange(false) || deadline.HasPassed(cluster_.clock())) return records;
        arrived_.WaitFor(mutex_, std::min<std::chrono::nanoseconds>(
                                     kHousekeepingPause, deadline.Left(cluster_.clock())));
      }
    }
    if (failed) {
      if (failed->second.code != ErrorCode::kOffsetOutOfRange) return failed->second;
      LANEMQ_RETURN_IF_ERROR(ResetPosition(failed->first, failed->second, deadline));
    }
  }
  // What was taken made room.
  StartFetches();
  return records;
}

void Consumer::Impl::Wakeup() {
  is_woken_ = true;
  arrived_.NotifyAll();
}

bool Consumer::Impl::TakeRecords(std::vector<ConsumedRecord>& records) {
  const auto wanted = static_cast<std::size_t>(options_.max_poll_records);
  if (partitions_.empty()) return false;
  // Partitions take turns, beginning behind the one served last.
  auto turn = last_served_ ? partitions_.upper_bound(*last_served_) : partitions_.begin();
  for (std::size_t looked = 0; looked < partitions_.size() && records.size() < wanted; ++looked) {
    if (turn == partitions_.end()) turn = partitions_.begin();
    Partition& partition = turn->second;
    while (!partition.is_paused && !partition.buffered.empty() && records.size() < wanted) {
      std::vector<ConsumedRecord>& chunk = partition.buffered.front();
      if (partition.front_taken == 0 && records.empty() && chunk.size() <= wanted) {
        records = std::move(chunk);
        partition.front_taken = records.size();
        chunk.resize(partition.front_taken);
      } else {
        const std::size_t count =
            std::min(wanted - records.size(), chunk.size() - partition.front_taken);
        const auto from = chunk.begin() + static_cast<std::ptrdiff_t>(partition.front_taken);
        records.insert(records.end(), std::make_move_iterator(from),
                       std::make_move_iterator(from + static_cast<std::ptrdiff_t>(count)));
        partition.front_taken += count;
      }
      partition.position = records.back().offset + 1;
      last_served_ = turn->first;
      if (partition.front_taken < chunk.size()) break;
      partition.buffered.pop_front();
      partition.front_taken = 0;
      buffered_bytes_ -= partition.buffered_bytes.front();
      partition.buffered_bytes.pop_front();
    }
    ++turn;
  }
  return !records.empty();
}

std::optional<std::pair<TopicPartition, Error>> Consumer::Impl::FirstError() {
  for (const auto& [id, partition] : partitions_) {
    if (partition.error && !partition.is_paused) return std::pair(id, *partition.error);
  }
  return std::nullopt;
}

Status Consumer::Impl::ResolvePositions(Deadline deadline) {
  std::vector<TopicPartition> unresolved;
  {
    MutexLock lock(mutex_);
    for (const auto& [id, partition] : partitions_) {
      if (!partition.position) unresolved.push_back(id);
    }
  }
  if (unresolved.empty()) return {};
  Offsets found;
  if (!options_.group_id.empty()) {
    const auto committed = FetchCommitted(unresolved, deadline);
    if (!committed.ok()) {
      // Poll() finds it later; what retries cannot mend is for the application.
      if (IsServerTrouble(committed.error().code) ||
          committed.error().code == ErrorCode::kUnknownTopicOrPartition) {
        return {};
      }
      return committed.error();
    }
    MutexLock lock(mutex_);
    for (const auto& result : committed->partitions) {
      const TopicPartition id{result.topic, result.partition};
      if (result.__isset.error) continue;
      if (result.__isset.offset && result.offset >= 0) found[id] = result.offset;
      const auto partition = partitions_.find(id);
      if (partition != partitions_.end() && result.__isset.reset_epoch) {
        partition->second.reset_epoch = result.reset_epoch;
      }
    }
  }
  for (const TopicPartition& id : unresolved) {
    const auto at = found.find(id);
    if (at != found.end()) {
      LANEMQ_RETURN_IF_ERROR(Seek(id, at->second));
    } else {
      LANEMQ_RETURN_IF_ERROR(ResetPosition(
          id, {ErrorCode::kNotFound, NameOf(id) + ": no committed offset"}, deadline));
    }
  }
  return {};
}

Status Consumer::Impl::ResetPosition(const TopicPartition& partition, const Error& why,
                                     Deadline deadline) {
  if (options_.auto_offset_reset == OffsetReset::kError) {
    return Error{why.code, why.message + "; auto.offset.reset is 'error': seek first"};
  }
  const bool to_start = options_.auto_offset_reset == OffsetReset::kEarliest;
  const auto offsets = ListOffsets({{partition, to_start ? kLogStart : kLogEnd}});
  if (!offsets.ok()) {
    if (IsServerTrouble(offsets.error().code) || !deadline.HasPassed(cluster_.clock())) {
      cluster_.Pause(kHousekeepingPause, deadline);
      return {};
    }
    return offsets.error();
  }
  const std::int64_t offset = offsets->at(partition);
  if (options_.on_event) {
    options_.on_event(why.message + "; goes on at " + std::to_string(offset) +
                      (to_start ? " (log start)" : " (log end)"));
  }
  return Seek(partition, offset);
}

Offsets Consumer::Impl::Positions() {
  MutexLock lock(mutex_);
  Offsets positions;
  for (const auto& [id, partition] : partitions_) {
    if (partition.position) positions[id] = *partition.position;
  }
  return positions;
}

Result<std::int64_t> Consumer::Impl::Position(const TopicPartition& partition) {
  const Deadline deadline = RequestDeadline();
  for (;;) {
    LANEMQ_RETURN_IF_ERROR(ResolvePositions(deadline));
    MutexLock lock(mutex_);
    const auto found = partitions_.find(partition);
    if (found == partitions_.end()) {
      return Error{ErrorCode::kFailedPrecondition, NameOf(partition) + " is not assigned"};
    }
    if (found->second.position) return *found->second.position;
    if (deadline.HasPassed(cluster_.clock())) {
      return Error{ErrorCode::kBrokerNotAvailable, NameOf(partition) + ": position not known yet"};
    }
    arrived_.WaitFor(mutex_, kHousekeepingPause);
  }
}

void Consumer::Impl::DropBuffer(Partition& partition) {
  partition.buffered.clear();
  partition.buffered_bytes.clear();
  partition.front_taken = 0;
}

Status Consumer::Impl::Seek(const TopicPartition& id, std::int64_t offset) {
  if (offset < 0) {
    return Error{ErrorCode::kInvalidRequest, NameOf(id) + ": an offset is not negative"};
  }
  MutexLock lock(mutex_);
  const auto found = partitions_.find(id);
  if (found == partitions_.end()) {
    return Error{ErrorCode::kFailedPrecondition, NameOf(id) + " is not assigned"};
  }
  Partition& partition = found->second;
  for (const std::size_t bytes : partition.buffered_bytes) buffered_bytes_ -= bytes;
  DropBuffer(partition);
  partition.position = offset;
  partition.next_fetch = offset;
  partition.epoch = next_epoch_++;
  partition.is_fetching = false;
  partition.error.reset();
  partition.not_before = {};
  return {};
}

Status Consumer::Impl::SeekByTime(const std::vector<TopicPartition>& partitions,
                                  std::int64_t time) {
  std::map<TopicPartition, std::int64_t> times;
  for (const TopicPartition& id : partitions) times[id] = time;
  LANEMQ_ASSIGN_OR_RETURN(const Offsets offsets, ListOffsets(times));
  for (const auto& [id, offset] : offsets) LANEMQ_RETURN_IF_ERROR(Seek(id, offset));
  return {};
}

Result<Offsets> Consumer::Impl::ListOffsets(const std::map<TopicPartition, std::int64_t>& times) {
  const Deadline deadline = RequestDeadline();
  idl::ListOffsetsRequest request;
  for (const auto& [id, time] : times) {
    LANEMQ_RETURN_IF_ERROR(cluster_.WaitForTopic(id.topic, deadline));
    idl::ListOffsetsPartition& wanted = request.partitions.emplace_back();
    wanted.topic = id.topic;
    wanted.partition = id.partition;
    wanted.timestamp_us = time;
  }
  LANEMQ_ASSIGN_OR_RETURN(
      const auto response,
      cluster_.CallAny<idl::ListOffsetsResponse>(
          cluster_.Brokers(), deadline, [&](const rpc::Endpoint& broker, Deadline until) {
            return cluster_.data_plane().ListOffsetsSync(broker, request, until);
          }));
  Offsets offsets;
  for (const auto& result : response.partitions) {
    if (result.__isset.error) {
      return wire::FromWire(result.error).Wrap(NameOf({result.topic, result.partition}));
    }
    offsets[{result.topic, result.partition}] = result.offset;
  }
  for (const auto& [id, time] : times) {
    if (!offsets.contains(id)) {
      return Error{ErrorCode::kUnknownServerError, "the reply lacks " + NameOf(id)};
    }
  }
  return offsets;
}

Status Consumer::Impl::SetPaused(const std::vector<TopicPartition>& partitions, bool is_paused) {
  MutexLock lock(mutex_);
  for (const TopicPartition& id : partitions) {
    const auto found = partitions_.find(id);
    if (found == partitions_.end()) {
      return Error{ErrorCode::kFailedPrecondition, NameOf(id) + " is not assigned"};
    }
    found->second.is_paused = is_paused;
  }
  return {};
}

}  // namespace lanemq
