#include "lanemq/runner.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "client/src/runner/work_queue.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "lanemq/consumer.h"

namespace lanemq {

using client::WorkItem;
using client::WorkQueue;
using std::chrono::milliseconds;

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
  if (faults.empty()) return {};
  return Error{ErrorCode::kInvalidConfig, fmt::format("{}", fmt::join(faults, "; "))};
}

/// One mutex guards the queue; handlers run without it. The consumer is the polling thread's alone.
class Runner::Impl {
 public:
  Impl(RunnerOptions options, Handler handler, std::unique_ptr<Consumer> consumer)
      : options_(std::move(options)),
        handler_(std::move(handler)),
        consumer_(std::move(consumer)),
        queue_(options_.order) {}

  Status Run();
  void Stop() {
    {
      const MutexLock lock(mutex_);
      is_stopping_ = true;
    }
    consumer_->Wakeup();
  }
  RunnerStats Stats() const {
    const MutexLock lock(mutex_);
    RunnerStats stats = stats_;
    stats.unfinished = queue_.unfinished();
    return stats;
  }

 private:
  class Listener;

  void PollUntilStopped();
  void HoldBackOrGoOn();
  void CommitIfDue();
  void Commit(const Offsets& marks);
  void Work();
  Status Handle(const WorkItem& item);
  void Revoke(const std::vector<TopicPartition>& partitions);
  void Lose(const std::vector<TopicPartition>& partitions);
  void Drain();
  void Fail(Error error) LANEMQ_REQUIRES(mutex_) {
    if (!failure_) failure_ = std::move(error);
    is_stopping_ = true;
  }
  bool IsStopping() const {
    const MutexLock lock(mutex_);
    return is_stopping_;
  }
  /// Waits until no handler is inside a record of `partitions`, for at most drain_timeout.
  void AwaitHandlers(const std::vector<TopicPartition>& partitions) LANEMQ_REQUIRES(mutex_);

  const RunnerOptions options_;
  const Handler handler_;
  const Clock& clock_ = SystemClock::Instance();
  std::unique_ptr<Consumer> consumer_;

  // The polling thread's.
  std::set<TopicPartition> held_;
  bool is_held_back_ = false;
  MonotonicTime commit_due_;

  mutable Mutex mutex_;
  CondVar work_;      ///< Something to handle, or the end.
  CondVar finished_;  ///< A handler has come back.
  WorkQueue queue_ LANEMQ_GUARDED_BY(mutex_);
  bool is_stopping_ LANEMQ_GUARDED_BY(mutex_) = false;
  bool is_over_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::optional<Error> failure_ LANEMQ_GUARDED_BY(mutex_);
  RunnerStats stats_ LANEMQ_GUARDED_BY(mutex_);
};

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
  std::vector<std::jthread> threads;
  for (std::int32_t i = 0; i < options_.threads; ++i) {
    threads.emplace_back([this] { Work(); });
  }
  PollUntilStopped();
  Drain();
  {
    const MutexLock lock(mutex_);
    is_over_ = true;
    work_.NotifyAll();
  }
  threads.clear();
  // Leaves the group. A listener call in here finds an empty queue.
  const Status closed = consumer_->Close();
  const MutexLock lock(mutex_);
  if (failure_) return *failure_;
  return closed;
}

void Runner::Impl::PollUntilStopped() {
  while (!IsStopping()) {
    CommitIfDue();
    HoldBackOrGoOn();
    auto records = consumer_->Poll(std::min(options_.commit_interval, milliseconds(100)));
    const MutexLock lock(mutex_);
    if (!records.ok()) {
      Fail(records.error());
    } else if (!records->empty()) {
      queue_.Add(std::move(records).value());
      work_.NotifyAll();
    }
  }
}

// Polling goes on in any case: it is what keeps the partitions.
void Runner::Impl::HoldBackOrGoOn() {
  std::size_t unfinished = 0;
  {
    const MutexLock lock(mutex_);
    unfinished = queue_.unfinished();
  }
  const bool must_hold_back = is_held_back_ ? unfinished > options_.unfinished_max / 2
                                            : unfinished >= options_.unfinished_max;
  if (must_hold_back == is_held_back_) return;
  const std::vector<TopicPartition> all(held_.begin(), held_.end());
  const Status status = must_hold_back ? consumer_->Pause(all) : consumer_->Resume(all);
  if (status.ok()) is_held_back_ = must_hold_back;
}

void Runner::Impl::CommitIfDue() {
  if (clock_.Now() < commit_due_) return;
  commit_due_ = clock_.Now() + options_.commit_interval;
  Offsets marks;
  {
    const MutexLock lock(mutex_);
    marks = queue_.Uncommitted();
  }
  Commit(marks);
}

void Runner::Impl::Commit(const Offsets& marks) {
  if (marks.empty()) return;
  const Status status = consumer_->CommitSync(marks);
  const MutexLock lock(mutex_);
  if (status.ok()) {
    ++stats_.commits;
    queue_.MarkCommitted(marks);
  } else {
    // Partitions that went, or a reset: Poll() tells. Trouble: the next commit covers this one.
    ++stats_.commit_failures;
  }
}

Status Runner::Impl::Handle(const WorkItem& item) {
  try {
    return handler_(*item.record);
  } catch (const std::exception& e) {
    return Error{ErrorCode::kFailedPrecondition, fmt::format("the handler threw: {}", e.what())};
  }
}

void Runner::Impl::Work() {
  const MutexLock lock(mutex_);
  while (!is_over_) {
    const auto item = is_stopping_ ? std::nullopt : queue_.Take();
    if (!item) {
      work_.Wait(mutex_);
      continue;
    }
    mutex_.unlock();
    const Status status = Handle(*item);
    mutex_.lock();
    if (status.ok()) {
      queue_.Finish(*item);
      ++stats_.handled;
      work_.NotifyOne();  // Its lane may have more.
    } else {
      queue_.Abandon(*item);
      Fail(Error{status.error().code, fmt::format("{}-{}, offset {}: {}", item->record->topic(),
                                                  item->record->partition(), item->record->offset,
                                                  status.error().message)});
    }
    finished_.NotifyAll();
  }
}

void Runner::Impl::AwaitHandlers(const std::vector<TopicPartition>& partitions) {
  const Deadline deadline = Deadline::After(clock_, options_.drain_timeout);
  while (queue_.RunningOf(partitions) > 0 && !deadline.HasPassed(clock_)) {
    finished_.WaitFor(mutex_, deadline.Left(clock_));
  }
}

void Runner::Impl::Revoke(const std::vector<TopicPartition>& partitions) {
  Offsets marks;
  {
    const MutexLock lock(mutex_);
    queue_.DropWaiting(partitions);
    AwaitHandlers(partitions);
    marks = queue_.UncommittedOf(partitions);
  }
  Commit(marks);
  Lose(partitions);
}

void Runner::Impl::Lose(const std::vector<TopicPartition>& partitions) {
  for (const TopicPartition& partition : partitions) held_.erase(partition);
  const MutexLock lock(mutex_);
  queue_.Remove(partitions);
}

void Runner::Impl::Drain() {
  Offsets marks;
  {
    const MutexLock lock(mutex_);
    const std::vector<TopicPartition> all(held_.begin(), held_.end());
    queue_.DropWaiting(all);
    AwaitHandlers(all);
    marks = queue_.Uncommitted();
  }
  Commit(marks);
}

Result<std::unique_ptr<Runner>> Runner::Create(RunnerOptions options, Handler handler) {
  LANEMQ_RETURN_IF_ERROR(options.Validate());
  if (!handler) return Error{ErrorCode::kInvalidConfig, "handler: required"};
  options.consumer.enable_auto_commit = false;
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
