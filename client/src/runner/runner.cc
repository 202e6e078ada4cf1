#include "lanemq/runner.h"

#include <algorithm>
#include <map>
#include <optional>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "client/src/runner/runner_impl.h"
#include "lanemq/consumer.h"

namespace lanemq {

using std::chrono::milliseconds;

namespace {

constexpr milliseconds kPulse(100);
// The third time that somebody begins where others began before.
constexpr std::int32_t kClaimsToBeCareful = 3;

}  // namespace

Status RunnerOptions::Validate() const {
  std::vector<std::string> faults;
  if (const Status status = consumer.Validate(); !status.ok()) {
    faults.push_back(status.error().message);
  }
  if (consumer.group_id.empty()) faults.emplace_back("consumer.group_id: required");
  if (topics.empty()) faults.emplace_back("topics: at least one");
  if (threads < 1 || threads > 1'024) faults.emplace_back("threads: 1 to 1,024");
  if (unfinished_max < 1 || unfinished_max > 1'000'000) {
    faults.emplace_back("unfinished_max: 1 to 1,000,000");
  }
  if (commit_interval < milliseconds(10) || commit_interval > std::chrono::hours(1)) {
    faults.emplace_back("commit_interval: 10 ms to 1 h");
  }
  if (drain_timeout < milliseconds(0) || drain_timeout > std::chrono::hours(1)) {
    faults.emplace_back("drain_timeout: 0 to 1 h");
  }
  if (handler_timeout < milliseconds(0) || handler_timeout > std::chrono::hours(5)) {
    faults.emplace_back("handler_timeout: 0 to 5 h");
  }
  if (faults.empty()) return {};
  return Error{ErrorCode::kInvalidConfig, fmt::format("{}", fmt::join(faults, "; "))};
}

Runner::Impl::Impl(RunnerOptions options, Handler handler, std::unique_ptr<Consumer> consumer)
    : options_(std::move(options)),
      handler_(std::make_shared<const Handler>(std::move(handler))),
      consumer_(std::move(consumer)),
      queue_(options_.order) {}

void Runner::Impl::Stop() {
  {
    const MutexLock lock(mutex_);
    is_stopping_ = true;
  }
  consumer_->Wakeup();
}

RunnerStats Runner::Impl::Stats() const {
  const MutexLock lock(mutex_);
  RunnerStats stats = stats_;
  stats.unfinished = queue_.unfinished() + careful_.size();
  return stats;
}

class Runner::Impl::Listener : public RebalanceListener {
 public:
  explicit Listener(Impl& runner) : runner_(runner) {}
  void OnAssigned(const std::vector<TopicPartition>& partitions) override {
    runner_.held_.insert(partitions.begin(), partitions.end());
    runner_.is_held_back_ = false;  // What is new is not paused: decide again.
  }
  void OnRevoked(const std::vector<TopicPartition>& partitions) override {
    runner_.Revoke(partitions);
  }
  void OnLost(const std::vector<TopicPartition>& partitions) override { runner_.Lose(partitions); }

 private:
  Impl& runner_;
};

Status Runner::Impl::Run() {
  LANEMQ_RETURN_IF_ERROR(consumer_->Subscribe(options_.topics, std::make_shared<Listener>(*this)));
  commit_due_ = clock_.Now() + options_.commit_interval;
  {
    const MutexLock lock(mutex_);
    for (std::int32_t i = 0; i < options_.threads; ++i) StartThread();
  }
  PollUntilStopped();
  Drain();
  EndThreads();
  // Leaves the group. A listener call in here finds an empty queue.
  const Status closed = consumer_->Close();
  const MutexLock lock(mutex_);
  if (failure_) return *failure_;
  return closed;
}

void Runner::Impl::EndThreads() {
  std::map<int, std::thread> threads;
  {
    const MutexLock lock(mutex_);
    is_over_ = true;
    work_.NotifyAll();
    while (!calls_.empty()) {
      finished_.WaitFor(mutex_, kPulse);
      LookAfter();
    }
    threads.swap(threads_);
  }
  for (auto& [number, thread] : threads) thread.join();
}

void Runner::Impl::PollUntilStopped() {
  while (!IsStopping()) {
    CommitIfDue();
    BeginCarefully();
    HoldBackOrGoOn();
    consumer_impl().OnHandlers(OldestCall());
    auto records = consumer_->Poll(std::min(options_.commit_interval, kPulse));
    const MutexLock lock(mutex_);
    LookAfter();
    if (!records.ok()) {
      Fail(records.error());
    } else if (!records->empty()) {
      Add(std::move(records).value());
      work_.NotifyAll();
    }
  }
}

std::optional<MonotonicTime> Runner::Impl::OldestCall() const {
  const MutexLock lock(mutex_);
  std::optional<MonotonicTime> oldest;
  for (const auto& call : calls_) oldest = std::min(oldest.value_or(call->began), call->began);
  return oldest;
}

void Runner::Impl::Add(std::vector<ConsumedRecord> records) {
  std::vector<ConsumedRecord> at_once;
  at_once.reserve(records.size());
  for (ConsumedRecord& record : records) {
    const TopicPartition& id = *record.source;
    if (record.is_retry()) {
      at_once.push_back(std::move(record));
      continue;
    }
    const auto prospects = consumer_impl().ProspectsOf(id);
    if (known_.insert(id).second && prospects && prospects->claims >= kClaimsToBeCareful) {
      careful_.Start(id, 2 * options_.unfinished_max);
    }
    if (careful_.Has(id)) {
      careful_.Add(std::move(record), prospects ? prospects->log_end : 0);
    } else {
      at_once.push_back(std::move(record));
    }
  }
  queue_.Add(std::move(at_once));
}

void Runner::Impl::BeginCarefully() {
  std::map<TopicPartition, std::int64_t> next;
  {
    const MutexLock lock(mutex_);
    queue_.Add(careful_.TakeFinished());
    for (const TopicPartition& id : careful_.Ready()) next[id] = careful_.Next(id).offset;
    work_.NotifyAll();
  }
  for (const auto& [id, offset] : next) {
    // Whether its attempts are used up must be known first.
    const auto policy = consumer_impl().PolicyOf(id.topic);
    if (!policy || IsStopping()) return;
    const Result<std::int32_t> attempts = consumer_impl().BeginRecord(id, offset);
    const MutexLock lock(mutex_);
    if (!attempts.ok()) {
      // Poll() tells of what is final; otherwise the next turn tries again.
      ++stats_.commit_failures;
      continue;
    }
    ConsumedRecord record = careful_.Begin(id);
    record.attempt = *attempts;
    if (*attempts > policy->max_attempts) {
      --record.attempt;  // The handler is not called for it any more.
      lost_.insert({id, offset});
    }
    std::vector<ConsumedRecord> one;
    one.push_back(std::move(record));
    queue_.Add(std::move(one));
    queue_.MarkCommitted({{id, offset}});
    work_.NotifyAll();
  }
}

// Polling goes on in any case: it is what keeps the partitions.
void Runner::Impl::HoldBackOrGoOn() {
  std::size_t unfinished = 0;
  {
    const MutexLock lock(mutex_);
    unfinished = queue_.unfinished() + careful_.size();
  }
  const bool must_hold_back = is_held_back_ ? unfinished > options_.unfinished_max / 2
                                            : unfinished >= options_.unfinished_max;
  if (must_hold_back == is_held_back_) return;
  const std::vector<TopicPartition> all(held_.begin(), held_.end());
  const Status status = must_hold_back ? consumer_->Pause(all) : consumer_->Resume(all);
  if (status.ok()) is_held_back_ = must_hold_back;
}

void Runner::Impl::CommitIfDue() {
  if (is_committing_ || clock_.Now() < commit_due_) return;
  commit_due_ = clock_.Now() + options_.commit_interval;
  Offsets marks;
  {
    const MutexLock lock(mutex_);
    marks = queue_.Uncommitted();
  }
  // Nobody waits for it: the handlers have work meanwhile. Poll() makes the call.
  is_committing_ = true;
  consumer_->CommitAsync(marks, [this, marks](const Status& status) {
    is_committing_ = false;
    OnCommitted(marks, status);
  });
}

void Runner::Impl::Commit(const Offsets& marks) {
  // Without marks, too: retries may have ended.
  OnCommitted(marks, consumer_->CommitSync(marks));
}

void Runner::Impl::OnCommitted(const Offsets& marks, const Status& status) {
  const MutexLock lock(mutex_);
  if (status.ok()) {
    if (!marks.empty()) ++stats_.commits;
    queue_.MarkCommitted(marks);
  } else {
    // Partitions that went, or a reset: Poll() tells. Trouble: the next commit covers this one.
    ++stats_.commit_failures;
  }
}

void Runner::Impl::AwaitHandlers(const std::vector<TopicPartition>& partitions) {
  const Deadline deadline = Deadline::After(clock_, options_.drain_timeout);
  while (queue_.RunningOf(partitions) > 0 && !deadline.HasPassed(clock_)) {
    finished_.WaitFor(mutex_, std::min<std::chrono::nanoseconds>(deadline.Left(clock_), kPulse));
    LookAfter();
    AbandonWaiting(partitions);
  }
}

void Runner::Impl::AbandonWaiting(const std::vector<TopicPartition>& partitions) {
  for (auto* const waiting : {&deferred_, &unrecorded_}) {
    for (auto it = waiting->begin(); it != waiting->end();) {
      const TopicPartition& id = *it->item.record->source;
      if (std::find(partitions.begin(), partitions.end(), id) == partitions.end()) {
        ++it;
        continue;
      }
      queue_.Abandon(it->item);
      it = waiting->erase(it);
    }
  }
}

void Runner::Impl::DropWaiting(const std::vector<TopicPartition>& partitions) {
  queue_.DropWaiting(partitions);
  careful_.Remove(partitions);
  AbandonWaiting(partitions);
}

void Runner::Impl::Revoke(const std::vector<TopicPartition>& partitions) {
  Offsets marks;
  {
    const MutexLock lock(mutex_);
    DropWaiting(partitions);
    AwaitHandlers(partitions);
    marks = queue_.UncommittedOf(partitions);
  }
  Commit(marks);
  Lose(partitions);
}

void Runner::Impl::Lose(const std::vector<TopicPartition>& partitions) {
  const MutexLock lock(mutex_);
  DropWaiting(partitions);
  queue_.Remove(partitions);
  for (const TopicPartition& partition : partitions) {
    held_.erase(partition);
    known_.erase(partition);
    std::erase_if(lost_, [&](const auto& lost) { return lost.first == partition; });
  }
}

void Runner::Impl::Drain() {
  Offsets marks;
  {
    const MutexLock lock(mutex_);
    const std::vector<TopicPartition> all(held_.begin(), held_.end());
    DropWaiting(all);
    AwaitHandlers(all);
    marks = queue_.Uncommitted();
  }
  Commit(marks);
}

Result<std::unique_ptr<Runner>> Runner::Create(RunnerOptions options, Handler handler) {
  LANEMQ_RETURN_IF_ERROR(options.Validate());
  if (!handler) return Error{ErrorCode::kInvalidConfig, "handler: required"};
  options.consumer.enable_auto_commit = false;
  // A retry may wait for its lane first.
  options.consumer.retry_lease =
      std::max(options.consumer.retry_lease, 2 * options.handler_timeout);
  LANEMQ_ASSIGN_OR_RETURN(auto consumer, Consumer::Create(options.consumer));
  return std::unique_ptr<Runner>(new Runner(
      std::make_unique<Impl>(std::move(options), std::move(handler), std::move(consumer))));
}

Runner::Runner(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Runner::~Runner() = default;
Status Runner::Run() { return impl_->Run(); }
void Runner::Stop() { impl_->Stop(); }
RunnerStats Runner::Stats() const { return impl_->Stats(); }

}  // namespace lanemq
