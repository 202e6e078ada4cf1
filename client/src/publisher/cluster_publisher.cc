#include "client/src/publisher/cluster_publisher.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "common/rpc/wire/errors.h"
#include "common/rpc/wire/messages.h"
#include "lanemq_types.h"

namespace lanemq::client {
namespace {

// A question that comes so long after the last one is a new one: what servers said then is old.
constexpr std::chrono::seconds kQuestionLasts{5};
// The metadata that is on its way when a question comes may be older than the question.
constexpr std::int64_t kRefreshesToBeSure = 2;
// Beyond, the oldest question is forgotten, and begins anew.
constexpr std::size_t kAbsentMax = 10'000;

template <typename Partition>
void SetIdentity(Partition& out, const core::OutboxGroup& group) {
  out.topic = group.topic;
  out.partition = group.partition;
  out.__set_producer_id(group.producer.value);
  out.__set_base_sequence(group.base_sequence);
}

idl::ProduceRequest ToProduce(const core::OutboxGroup& group,
                              const std::vector<core::OutboxMessage>& messages,
                              std::chrono::nanoseconds timeout) {
  idl::ProduceRequest request;
  idl::ProducePartition& out = request.partitions.emplace_back();
  SetIdentity(out, group);
  out.messages.reserve(messages.size());
  for (const core::OutboxMessage& message : messages) {
    out.messages.push_back(wire::ToWireMessage(*message.record));
  }
  request.__set_timeout_ms(static_cast<std::int32_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(timeout).count()));
  return request;
}

idl::ScheduleRequest ToSchedule(const core::OutboxGroup& group,
                                const std::vector<core::OutboxMessage>& messages) {
  idl::ScheduleRequest request;
  idl::SchedulePartition& out = request.partitions.emplace_back();
  SetIdentity(out, group);
  out.messages.reserve(messages.size());
  for (const core::OutboxMessage& message : messages) {
    idl::DelayedMessage& delayed = out.messages.emplace_back();
    delayed.message = wire::ToWireMessage(*message.record);
    delayed.due_us = message.due ? message.due->micros : 0;
  }
  return request;
}

std::int64_t DuplicatesIn(const idl::ProducePartitionResult& result, std::int64_t messages) {
  return result.__isset.is_duplicate && result.is_duplicate ? messages : 0;
}

std::int64_t DuplicatesIn(const idl::SchedulePartitionResult& result, std::int64_t messages) {
  return result.__isset.duplicates ? std::clamp<std::int64_t>(result.duplicates, 0, messages) : 0;
}

}  // namespace

ClusterPublisher::ClusterPublisher(Cluster& cluster, Options options)
    : cluster_(cluster), options_(std::move(options)) {
  cluster_.SetListener([this] { OnMetadata(); });
}

ClusterPublisher::~ClusterPublisher() { cluster_.SetListener(nullptr); }

void ClusterPublisher::SetListener(std::function<void()> on_change) {
  MutexLock lock(mutex_);
  listener_ = std::move(on_change);
}

PublishCounts ClusterPublisher::Counts() const {
  MutexLock lock(mutex_);
  return counts_;
}

Result<std::int32_t> ClusterPublisher::PartitionsOf(const std::string& topic) {
  const MetadataPtr view = cluster_.View();
  const TopicView* found = view->FindTopic(topic);
  if (found != nullptr && found->IsUsable()) {
    MutexLock lock(mutex_);
    absent_.erase(topic);
    return found->partitions();
  }
  cluster_.AddInterest(topic);
  const bool is_coming = found != nullptr && found->state != core::TopicState::kDeleting;
  if (is_coming || !view->Covers({topic})) {
    if (auto refused = cluster_.Refused()) return *std::move(refused);
    return view->version < 0
               ? Error{ErrorCode::kBrokerNotAvailable, "no server of the cluster has answered yet"}
               : Error{ErrorCode::kMetadataUnavailable, "topic '" + topic + "' is not known yet"};
  }
  const MonotonicTime now = cluster_.clock().Now();
  bool is_sure = false;
  {
    MutexLock lock(mutex_);
    if (absent_.size() >= kAbsentMax && !absent_.contains(topic)) {
      absent_.erase(std::min_element(
          absent_.begin(), absent_.end(),
          [](const auto& a, const auto& b) { return a.second.asked < b.second.asked; }));
    }
    const auto [entry, is_new] = absent_.try_emplace(topic, Absence{now, now, refreshes_});
    Absence& absence = entry->second;
    if (!is_new && now - absence.asked > kQuestionLasts) absence = {now, now, refreshes_};
    absence.asked = now;
    is_sure = now - absence.since >= options_.topic_patience &&
              refreshes_ - absence.refreshes >= kRefreshesToBeSure;
  }
  cluster_.RequestRefresh();
  if (is_sure) {
    return Error{ErrorCode::kUnknownTopicOrPartition, "there is no topic '" + topic + "'"};
  }
  return Error{ErrorCode::kMetadataUnavailable, "servers are asked for topic '" + topic + "'"};
}

void ClusterPublisher::Publish(const core::OutboxGroup& group,
                               const std::vector<core::OutboxMessage>& messages, Deadline deadline,
                               Done done) {
  Call call{core::BrokerId{0}, static_cast<std::int64_t>(messages.size()), std::move(done)};
  const auto target = cluster_.Route({group.topic, group.partition});
  if (!target) {
    Finish(std::move(call), Error{ErrorCode::kBrokerNotAvailable, "no live broker is known"}, 0);
    return;
  }
  call.broker = target->id;
  std::size_t bytes = 0;
  for (const core::OutboxMessage& message : messages) bytes += core::SizeOf(*message.record);
  std::int64_t serial = 0;
  {
    MutexLock lock(mutex_);
    ++counts_.requests;
    counts_.messages += call.messages;
    counts_.bytes += static_cast<std::int64_t>(bytes);
    serial = next_serial_++;
    calls_.emplace(serial, std::move(call));
  }
  if (group.is_delayed) {
    Send(ToSchedule(group, messages), group, *target, serial, deadline);
  } else {
    Send(ToProduce(group, messages, deadline.Left(cluster_.clock())), group, *target, serial,
         deadline);
  }
}

template <typename Request>
void ClusterPublisher::Send(Request request, const core::OutboxGroup& group,
                            const BrokerTarget& target, std::int64_t serial, Deadline deadline) {
  request.__set_client_id(cluster_.options().client_id);
  cluster_.NameCluster(request);
  const auto messages = static_cast<std::int64_t>(request.partitions.front().messages.size());
  auto then = [this, partition = TopicPartition{group.topic, group.partition}, serial, messages](
                  auto reply) { OnAnswer(partition, serial, Read(std::move(reply), messages)); };
  if constexpr (std::is_same_v<Request, idl::ProduceRequest>) {
    cluster_.data_plane().Produce(target.endpoint, request, deadline, std::move(then));
  } else {
    cluster_.data_plane().Schedule(target.endpoint, request, deadline, std::move(then));
  }
}

template <typename Response>
ClusterPublisher::Answer ClusterPublisher::Read(Result<Response> reply, std::int64_t messages) {
  Answer answer;
  if (!reply.ok()) {
    answer.error = reply.error();
    return answer;
  }
  if (reply->partitions.size() != 1) {
    // It may be stored, and may be sent again: as if there had been no reply.
    answer.error =
        Error{ErrorCode::kNetworkException, "the reply is not about the partition asked for"};
    return answer;
  }
  const auto& result = reply->partitions.front();
  answer.is_from_broker = true;
  answer.duplicates = DuplicatesIn(result, messages);
  if constexpr (std::is_same_v<Response, idl::ProduceResponse>) {
    if (result.__isset.preferred_broker_id) {
      answer.preferred = core::BrokerId{result.preferred_broker_id};
    }
  }
  if (!result.__isset.error) return answer;
  answer.error = wire::FromWire(result.error);
  if (answer.error->code == ErrorCode::kDuplicateSequence) {
    answer.error.reset();
    answer.duplicates = messages;
  }
  // One that drains refuses by partition as well.
  if (answer.error) answer.is_from_broker = answer.error->code != ErrorCode::kShuttingDown;
  return answer;
}

void ClusterPublisher::OnAnswer(const TopicPartition& partition, std::int64_t serial,
                                Answer answer) {
  std::optional<Call> call;
  {
    MutexLock lock(mutex_);
    const auto found = calls_.find(serial);
    if (found == calls_.end()) return;  // Its broker was declared dead meanwhile.
    call = std::move(found->second);
    calls_.erase(found);
  }
  (void)cluster_.Report(call->broker, answer.is_from_broker ? std::nullopt : answer.error);
  if (answer.preferred) cluster_.SetHint(partition, *answer.preferred);
  if (answer.error) {
    if (RetryOf(answer.error->code) == Retry::kAfterRefresh) cluster_.RequestRefresh();
    answer.error = WithAdvice(answer.error->Wrap("broker " + std::to_string(call->broker.value)),
                              cluster_.options());
  }
  Finish(std::move(*call), answer.error, answer.duplicates);
}

void ClusterPublisher::Finish(Call call, const std::optional<Error>& error,
                              std::int64_t duplicates) {
  {
    MutexLock lock(mutex_);
    if (error) {
      ++counts_.failures;
    } else {
      counts_.stored += call.messages;
      counts_.duplicates += duplicates;
    }
  }
  call.done(error);
}

void ClusterPublisher::OnMetadata() {
  const MetadataPtr view = cluster_.View();
  std::vector<Call> stranded;
  std::function<void()> listener;
  {
    MutexLock lock(mutex_);
    ++refreshes_;
    for (auto call = calls_.begin(); call != calls_.end();) {
      if (view->FindBroker(call->second.broker) != nullptr) {
        ++call;
        continue;
      }
      stranded.push_back(std::move(call->second));
      call = calls_.erase(call);
    }
    listener = listener_;
  }
  for (Call& call : stranded) {
    // It may have stored the batch; the attempt elsewhere is recognised by its sequences.
    const std::string broker = "broker " + std::to_string(call.broker.value);
    Finish(std::move(call), Error{ErrorCode::kNetworkException, broker + " is gone"}, 0);
  }
  if (listener) listener();
}

}  // namespace lanemq::client
