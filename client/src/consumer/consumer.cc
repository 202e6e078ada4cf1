#include "lanemq/consumer.h"

#include "client/src/consumer/consumer_impl.h"

namespace lanemq {
namespace {

constexpr std::int64_t kLogStart = -2;
constexpr std::int64_t kLogEnd = -1;

std::map<TopicPartition, std::int64_t> AllAt(const std::vector<TopicPartition>& partitions,
                                             std::int64_t time) {
  std::map<TopicPartition, std::int64_t> times;
  for (const TopicPartition& id : partitions) times[id] = time;
  return times;
}

}  // namespace

#define LANEMQ_CONSUMER_USE()            \
  const client::Use use(impl_->usage()); \
  LANEMQ_RETURN_IF_ERROR(use.Check())
// What a rebalance listener must not do.
#define LANEMQ_CONSUMER_USE_OUTSIDE()                        \
  const client::Use use(impl_->usage(), /*may_nest=*/false); \
  LANEMQ_RETURN_IF_ERROR(use.Check())

Consumer::Consumer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Consumer::~Consumer() = default;

Result<std::unique_ptr<Consumer>> Consumer::Create(ConsumerOptions options) {
  LANEMQ_RETURN_IF_ERROR(options.Validate());
  LANEMQ_ASSIGN_OR_RETURN(client::Security security, client::MakeSecurity(options));
  return std::unique_ptr<Consumer>(
      new Consumer(std::make_unique<Impl>(std::move(options), std::move(security))));
}

Status Consumer::Subscribe(std::vector<std::string> topics,
                           std::shared_ptr<RebalanceListener> listener) {
  LANEMQ_CONSUMER_USE_OUTSIDE();
  if (topics.empty()) return impl_->Unsubscribe();
  return impl_->Subscribe({topics.begin(), topics.end()}, std::move(listener));
}

Status Consumer::SubscribePattern(const std::string& regex,
                                  std::shared_ptr<RebalanceListener> listener) {
  LANEMQ_CONSUMER_USE_OUTSIDE();
  return impl_->SubscribePattern(regex, std::move(listener));
}

Status Consumer::Unsubscribe() {
  LANEMQ_CONSUMER_USE_OUTSIDE();
  return impl_->Unsubscribe();
}

Status Consumer::Close(std::chrono::milliseconds timeout) {
  const client::Use use(impl_->usage(), /*may_nest=*/false);
  const Status status = use.Check();
  if (!status.ok()) return status.error().code == ErrorCode::kClosed ? Status() : status;
  return impl_->Close(timeout);
}

GroupStatus Consumer::Group() const { return impl_->Group(); }

Status Consumer::Assign(std::vector<TopicPartition> partitions) {
  LANEMQ_CONSUMER_USE_OUTSIDE();
  return impl_->Assign(std::move(partitions));
}

Result<std::vector<TopicPartition>> Consumer::PartitionsOf(const std::string& topic,
                                                           std::chrono::milliseconds timeout) {
  LANEMQ_CONSUMER_USE();
  return impl_->PartitionsOf(topic, timeout);
}

Result<std::vector<ConsumedRecord>> Consumer::Poll(std::chrono::milliseconds timeout) {
  LANEMQ_CONSUMER_USE_OUTSIDE();
  return impl_->Poll(timeout);
}

void Consumer::Wakeup() { impl_->Wakeup(); }

Status Consumer::Fail(const ConsumedRecord& record, Failure failure) {
  return impl_->Fail(record, std::move(failure));
}

Status Consumer::Done(const ConsumedRecord& retry) { return impl_->Done(retry); }

Status Consumer::CommitSync() {
  LANEMQ_CONSUMER_USE();
  impl_->FinishRetries();
  return impl_->CommitSync(impl_->Positions(/*with_unclaimed=*/true), impl_->RequestDeadline());
}

Status Consumer::CommitSync(const Offsets& offsets) {
  LANEMQ_CONSUMER_USE();
  return impl_->CommitSync(offsets, impl_->RequestDeadline());
}

void Consumer::CommitAsync(CommitCallback callback) {
  const client::Use use(impl_->usage());
  if (const Status misuse = use.Check(); !misuse.ok()) {
    return impl_->PostCommitResult(std::move(callback), misuse);
  }
  impl_->FinishRetries();
  impl_->CommitAsync(impl_->Positions(), std::move(callback));
}

void Consumer::CommitAsync(const Offsets& offsets, CommitCallback callback) {
  const client::Use use(impl_->usage());
  if (const Status misuse = use.Check(); !misuse.ok()) {
    return impl_->PostCommitResult(std::move(callback), misuse);
  }
  impl_->CommitAsync(offsets, std::move(callback));
}

Result<Offsets> Consumer::Committed(const std::vector<TopicPartition>& partitions) {
  LANEMQ_CONSUMER_USE();
  return impl_->Committed(partitions);
}

Result<std::int64_t> Consumer::Position(const TopicPartition& partition) {
  LANEMQ_CONSUMER_USE();
  return impl_->Position(partition);
}

Status Consumer::Seek(const TopicPartition& partition, std::int64_t offset) {
  LANEMQ_CONSUMER_USE();
  return impl_->Seek(partition, offset);
}

Status Consumer::SeekToBeginning(const std::vector<TopicPartition>& partitions) {
  LANEMQ_CONSUMER_USE();
  return impl_->SeekByTime(partitions, kLogStart);
}

Status Consumer::SeekToEnd(const std::vector<TopicPartition>& partitions) {
  LANEMQ_CONSUMER_USE();
  return impl_->SeekByTime(partitions, kLogEnd);
}

Result<Offsets> Consumer::BeginningOffsets(const std::vector<TopicPartition>& partitions) {
  LANEMQ_CONSUMER_USE();
  return impl_->ListOffsets(AllAt(partitions, kLogStart));
}

Result<Offsets> Consumer::EndOffsets(const std::vector<TopicPartition>& partitions) {
  LANEMQ_CONSUMER_USE();
  return impl_->ListOffsets(AllAt(partitions, kLogEnd));
}

Result<Offsets> Consumer::OffsetsForTimes(
    const std::map<TopicPartition, std::int64_t>& timestamps_us) {
  LANEMQ_CONSUMER_USE();
  for (const auto& [id, time] : timestamps_us) {
    if (time < 0) return Error{ErrorCode::kInvalidRequest, "a time is not negative"};
  }
  return impl_->ListOffsets(timestamps_us);
}

Status Consumer::Pause(const std::vector<TopicPartition>& partitions) {
  LANEMQ_CONSUMER_USE();
  return impl_->SetPaused(partitions, true);
}

Status Consumer::Resume(const std::vector<TopicPartition>& partitions) {
  LANEMQ_CONSUMER_USE();
  return impl_->SetPaused(partitions, false);
}

#undef LANEMQ_CONSUMER_USE_OUTSIDE
#undef LANEMQ_CONSUMER_USE

}  // namespace lanemq
