#include "client/src/consumer/consumer_impl.h"

#include <algorithm>
#include <utility>

#include "client/src/consumer/partition_name.h"
#include "common/rpc/wire/errors.h"

namespace lanemq {

using client::NameOf;
using client::PartitionReader;
using client::StartAt;
using std::chrono_literals::operator""s;

namespace {

constexpr std::chrono::milliseconds kPollPulseMax = 1s;
// Of a destructor.
constexpr std::chrono::milliseconds kLeavePatience = 1s;

}  // namespace

Consumer::Impl::Impl(ConsumerOptions options, client::Security security)
    : options_(std::move(options)),
      next_auto_commit_(SystemClock::Instance().Now() + options_.auto_commit_interval),
      group_(options_.group_id.empty()
                 ? nullptr
                 : std::make_unique<client::GroupSession>(
                       options_, cluster_,
                       client::GroupSession::Callbacks{.on_news = [this] { OnGroupNews(); },
                                                       .on_second = [this] { AskForRows(); }})),
      cluster_(options_, std::move(security), "consumer") {
  cluster_.SetListener([this] {
    if (group_) group_->OnMetadata();
    OnMetadata();
  });
}

Consumer::Impl::~Impl() {
  // After Unsubscribe() its last word to the coordinator may be under way.
  if (!usage_.is_closed && group_ && (mode_ == Mode::kSubscribed || !group_->IsGone())) {
    group_->Close();
    (void)FinishGroup(/*is_silent=*/true, Deadline::After(cluster_.clock(), kLeavePatience),
                      [this] { return group_->IsGone(); });
  } else if (!usage_.is_closed && options_.enable_auto_commit) {
    FinishRetries();
    (void)CommitSync(Positions(), Deadline::After(cluster_.clock(), CommitPatience()));
  }
  ShutDown();
}

PartitionReader Consumer::Impl::MakeReader(const TopicPartition& id) {
  // No reader makes so many requests that it comes near the next one's.
  const Token last_token = ++last_reader_ << 32u;
  return {std::make_shared<const TopicPartition>(id), StartAt::kCommitted, last_token};
}

Status Consumer::Impl::Assign(std::vector<TopicPartition> partitions) {
  if (mode_ == Mode::kSubscribed) {
    return Error{ErrorCode::kFailedPrecondition, "it is subscribed: Unsubscribe() first"};
  }
  for (const TopicPartition& id : partitions) {
    if (id.topic.empty() || id.partition < 0) {
      return Error{ErrorCode::kInvalidRequest, "'" + NameOf(id) + "' is no partition"};
    }
    cluster_.AddInterest(id.topic);
  }
  {
    MutexLock lock(mutex_);
    std::map<TopicPartition, PartitionReader> assigned;
    for (TopicPartition& id : partitions) {
      if (auto kept = readers_.extract(id); !kept.empty()) {
        assigned.insert(std::move(kept));
        continue;
      }
      const auto added = assigned.emplace(id, MakeReader(id)).first;
      added->second.retries.Begin(cluster_.clock().Now());
    }
    readers_ = std::move(assigned);
    mode_ = readers_.empty() ? Mode::kNone : Mode::kAssigned;
  }
  Pump();
  return {};
}

Result<std::vector<TopicPartition>> Consumer::Impl::PartitionsOf(
    const std::string& topic, std::chrono::milliseconds timeout) {
  LANEMQ_ASSIGN_OR_RETURN(const client::MetadataPtr view,
                          cluster_.WaitForTopic(topic, Deadline::After(cluster_.clock(), timeout)));
  std::vector<TopicPartition> partitions;
  const std::int32_t count = view->FindTopic(topic)->partitions();
  for (std::int32_t p = 0; p < count; ++p) partitions.push_back({topic, p});
  return partitions;
}

Result<std::vector<ConsumedRecord>> Consumer::Impl::Poll(std::chrono::milliseconds timeout) {
  const Deadline deadline = Deadline::After(cluster_.clock(), timeout);
  RunCommitCallbacks();
  CommitAutomatically();
  std::vector<ConsumedRecord> records;
  while (true) {
    if (mode_ == Mode::kSubscribed) LANEMQ_RETURN_IF_ERROR(RunGroup());
    AskForRowsIfAssigned();
    Pump();
    RunEvents();
    MutexLock lock(mutex_);
    if (mode_ == Mode::kNone) {
      return Error{ErrorCode::kFailedPrecondition, "nothing is subscribed to or assigned"};
    }
    if (const Error* failure = FindFailure(/*is_idle=*/false)) return *failure;
    if (TakeRecords(records)) break;
    if (const Error* failure = FindFailure(/*is_idle=*/true)) return *failure;
    if (auto refused = cluster_.Refused()) return *std::move(refused);
    if (is_woken_.exchange(false) || deadline.HasPassed(cluster_.clock())) return records;
    if (events_.empty() && !std::exchange(is_group_news_, false)) WaitForNews(deadline);
  }
  Pump();  // What was taken made room.
  return records;
}

void Consumer::Impl::Wakeup() {
  MutexLock lock(mutex_);
  is_woken_ = true;
  news_.NotifyAll();
}

void Consumer::Impl::WaitForNews(Deadline deadline) {
  const MonotonicTime now = cluster_.clock().Now();
  MonotonicTime until = deadline.at;
  // Waiting in Poll() is polling.
  if (mode_ == Mode::kSubscribed) {
    until = std::min(until, now + std::min(kPollPulseMax, options_.max_poll_interval / 2));
  }
  if (mode_ == Mode::kAssigned && next_rows_ > now) until = std::min(until, next_rows_);
  for (const auto& [id, reader] : readers_) {
    if (reader.not_before() > now) until = std::min(until, reader.not_before());
    if (const auto due = reader.retries.due(); due && *due > now) until = std::min(until, *due);
  }
  if (until > now) news_.WaitFor(mutex_, until - now);
}

bool Consumer::Impl::TakeRecords(std::vector<ConsumedRecord>& records) {
  const auto most = static_cast<std::size_t>(options_.max_poll_records);
  const bool has_new = std::any_of(readers_.begin(), readers_.end(),
                                   [](const auto& item) { return item.second.HasRecords(); });
  const std::size_t retries = std::min(ReadyRetries(), has_new ? retry_share_.Of(most) : most);
  const std::size_t wanted = most - (has_new ? retries : 0);
  // Partitions take turns, beginning behind the one served last.
  auto turn = last_served_ ? readers_.upper_bound(*last_served_) : readers_.begin();
  for (std::size_t looked = 0; looked < readers_.size() && records.size() < wanted; ++looked) {
    if (turn == readers_.end()) turn = readers_.begin();
    if (turn->second.HasRecords()) {
      turn->second.Take(wanted - records.size(), records);
      last_served_ = turn->first;
    }
    ++turn;
  }
  const std::size_t before = records.size();
  if (retries > 0) TakeRetries(retries, records);
  if (!records.empty()) {
    retry_share_.OnPoll(records.size() > before);
    kept_.OnPolled(records.size(), cluster_.clock().Now());
  }
  return !records.empty();
}

const Error* Consumer::Impl::FindFailure(bool is_idle) {
  for (auto& [id, reader] : readers_) {
    const Error* failure = reader.failure();
    if (failure == nullptr || reader.is_paused) continue;
    if (!is_idle && reader.is_failure_told) continue;
    reader.is_failure_told = true;
    return failure;
  }
  return nullptr;
}

void Consumer::Impl::RunEvents() {
  std::vector<std::string> events;
  {
    MutexLock lock(mutex_);
    events.swap(events_);
  }
  if (!options_.on_event) return;
  for (const std::string& event : events) options_.on_event(event);
}

Result<PartitionReader*> Consumer::Impl::FindReader(const TopicPartition& id) {
  const auto found = readers_.find(id);
  if (found == readers_.end()) {
    return Error{ErrorCode::kFailedPrecondition, NameOf(id) + " is not assigned"};
  }
  return &found->second;
}

Offsets Consumer::Impl::Positions(bool with_unclaimed) {
  MutexLock lock(mutex_);
  Offsets positions;
  for (const auto& [id, reader] : readers_) {
    if (reader.must_claim() && !with_unclaimed) continue;
    if (const auto position = reader.position()) positions[id] = *position;
  }
  return positions;
}

Result<std::int64_t> Consumer::Impl::Position(const TopicPartition& partition) {
  const Deadline deadline = RequestDeadline();
  while (true) {
    Pump();
    RunEvents();
    MutexLock lock(mutex_);
    LANEMQ_ASSIGN_OR_RETURN(PartitionReader* const reader, FindReader(partition));
    if (const auto position = reader->position()) return *position;
    if (const Error* failure = reader->failure()) return *failure;
    if (deadline.HasPassed(cluster_.clock())) {
      return Error{ErrorCode::kRequestTimedOut,
                   NameOf(partition) + ": where to start is not known yet"};
    }
    WaitForNews(deadline);
  }
}

Status Consumer::Impl::Seek(const TopicPartition& partition, std::int64_t offset) {
  if (offset < 0) {
    return Error{ErrorCode::kInvalidRequest, NameOf(partition) + ": an offset is not negative"};
  }
  {
    MutexLock lock(mutex_);
    LANEMQ_ASSIGN_OR_RETURN(PartitionReader* const reader, FindReader(partition));
    reader->Seek(offset);
  }
  Pump();
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
  if (times.empty()) return Offsets();
  const Deadline deadline = RequestDeadline();
  idl::ListOffsetsRequest request;
  for (const auto& [id, time] : times) {
    LANEMQ_RETURN_IF_ERROR(cluster_.WaitForTopic(id.topic, deadline));
    idl::ListOffsetsPartition& wanted = request.partitions.emplace_back();
    wanted.topic = id.topic;
    wanted.partition = id.partition;
    wanted.timestamp_us = time;
  }
  cluster_.NameCluster(request);
  Offsets offsets;
  const auto reply = cluster_.CallAny<idl::ListOffsetsResponse>(
      &client::Cluster::Brokers, deadline,
      [&](const rpc::Endpoint& broker, Deadline until) -> Result<idl::ListOffsetsResponse> {
        auto response = cluster_.data_plane().ListOffsetsSync(broker, request, until);
        if (!response.ok()) return response;
        for (const idl::ListOffsetsPartitionResult& result : response->partitions) {
          const TopicPartition id{result.topic, result.partition};
          if (result.__isset.error) return wire::FromWire(result.error).Wrap(NameOf(id));
          offsets[id] = result.offset;
        }
        return response;
      });
  LANEMQ_RETURN_IF_ERROR(reply);
  for (const auto& [id, time] : times) {
    if (!offsets.contains(id)) {
      return Error{ErrorCode::kUnknownServerError, "the reply lacks " + NameOf(id)};
    }
  }
  return offsets;
}

Status Consumer::Impl::SetPaused(const std::vector<TopicPartition>& partitions, bool is_paused) {
  {
    MutexLock lock(mutex_);
    for (const TopicPartition& id : partitions) {
      LANEMQ_ASSIGN_OR_RETURN(PartitionReader* const reader, FindReader(id));
      reader->is_paused = is_paused;
    }
  }
  Pump();
  return {};
}

}  // namespace lanemq
