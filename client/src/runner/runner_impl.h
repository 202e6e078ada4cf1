#pragma once

#include <atomic>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "client/src/consumer/consumer_access.h"
#include "client/src/runner/careful.h"
#include "client/src/runner/work_queue.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/base/random.h"
#include "lanemq/runner.h"

namespace lanemq {

/// One mutex guards the queue; handlers run without it. The consumer is the polling thread's alone,
/// but for Fail() and Done(), which the handlers' threads call under the mutex: a failure is
/// recorded before its record counts as finished, so the commit that passes it carries it.
///
/// Lock order: mutex_, then the consumer's.
class Runner::Impl {
 public:
  Impl(RunnerOptions options, Handler handler, std::unique_ptr<Consumer> consumer);

  Status Run();
  void Stop();
  RunnerStats Stats() const;

 private:
  class Listener;
  /// A handler's call. The thread in it and the one that gives it up agree by `state`; after
  /// kGivenUp the thread touches nothing else of the runner.
  struct Call {
    enum class State { kRunning, kReturned, kGivenUp };
    client::WorkItem item;
    std::atomic<State> state{State::kRunning};
    MonotonicTime began;
    int thread = 0;
  };
  /// A record whose lane waits in place.
  struct Deferred {
    client::WorkItem item;
    Failure failure;
    MonotonicTime failed_at;
    MonotonicTime due;
  };

  // The polling thread (runner.cc).
  void PollUntilStopped();
  void Add(std::vector<ConsumedRecord> records) LANEMQ_REQUIRES(mutex_);
  void HoldBackOrGoOn();
  /// When the handler's call began that has run the longest; nullopt: none runs.
  std::optional<MonotonicTime> OldestCall() const;
  void CommitIfDue();
  void Commit(const Offsets& marks);
  void OnCommitted(const Offsets& marks, const Status& status);
  void Revoke(const std::vector<TopicPartition>& partitions);
  void Lose(const std::vector<TopicPartition>& partitions);
  /// What waits in place or to be recorded is not handled.
  void AbandonWaiting(const std::vector<TopicPartition>& partitions) LANEMQ_REQUIRES(mutex_);
  /// Of these partitions: nothing waits any more; marks stay.
  void DropWaiting(const std::vector<TopicPartition>& partitions) LANEMQ_REQUIRES(mutex_);
  void Drain();
  void EndThreads();
  void Fail(Error error) LANEMQ_REQUIRES(mutex_) {
    if (!failure_) failure_ = std::move(error);
    is_stopping_ = true;
  }
  bool IsStopping() const {
    const MutexLock lock(mutex_);
    return is_stopping_;
  }
  /// Waits until no handler is inside a record of `partitions`, for at most drain_timeout. What
  /// waits in place is not waited for.
  void AwaitHandlers(const std::vector<TopicPartition>& partitions) LANEMQ_REQUIRES(mutex_);
  /// Lets the next records of careful partitions through, each counted before.
  void BeginCarefully();

  // Handlers (runner_work.cc).
  void StartThread() LANEMQ_REQUIRES(mutex_);
  void Work(int thread);
  /// The next to handle; nullopt: none at the moment.
  std::optional<client::WorkItem> NextItem() LANEMQ_REQUIRES(mutex_);
  void WaitForItems() LANEMQ_REQUIRES(mutex_);
  static Outcome Handle(const Handler& handler, const ConsumedRecord& record);
  void Conclude(const client::WorkItem& item, const Outcome& outcome) LANEMQ_REQUIRES(mutex_);
  void OnFailed(const client::WorkItem& item, Failure failure) LANEMQ_REQUIRES(mutex_);
  /// Waits in place, or says that its attempts are used up.
  bool Defer(const client::WorkItem& item, Failure& failure, MonotonicTime failed_at)
      LANEMQ_REQUIRES(mutex_);
  void Record(const client::WorkItem& item, Failure failure) LANEMQ_REQUIRES(mutex_);
  void End(const client::WorkItem& item, bool is_finished) LANEMQ_REQUIRES(mutex_);
  /// Gives up handlers that take too long, tries again what could not be recorded, follows changes
  /// of the policy.
  void LookAfter() LANEMQ_REQUIRES(mutex_);
  void GiveUp(const std::shared_ptr<Call>& call) LANEMQ_REQUIRES(mutex_);
  void Redecide() LANEMQ_REQUIRES(mutex_);
  core::RetryPolicy PolicyOf(const std::string& topic);
  client::ConsumerAccess::Impl& consumer_impl() { return client::ConsumerAccess::Of(*consumer_); }

  const RunnerOptions options_;
  // Threads that are given up hold it, too.
  const std::shared_ptr<const Handler> handler_;
  const Clock& clock_ = SystemClock::Instance();
  std::unique_ptr<Consumer> consumer_;

  // The polling thread's.
  std::set<TopicPartition> held_;
  std::set<TopicPartition> known_;  // Whose claims were looked at.
  bool is_held_back_ = false;
  MonotonicTime commit_due_;
  bool is_committing_ = false;  // Asynchronously.

  mutable Mutex mutex_;
  CondVar work_;      ///< Something to handle, or the end.
  CondVar finished_;  ///< A handler has come back.
  client::WorkQueue queue_ LANEMQ_GUARDED_BY(mutex_);
  client::CarefulPartitions careful_ LANEMQ_GUARDED_BY(mutex_);
  std::set<std::pair<TopicPartition, std::int64_t>> lost_ LANEMQ_GUARDED_BY(mutex_);
  std::list<Deferred> deferred_ LANEMQ_GUARDED_BY(mutex_);
  std::list<Deferred> unrecorded_ LANEMQ_GUARDED_BY(mutex_);
  std::map<std::string, core::RetryPolicy> policies_ LANEMQ_GUARDED_BY(mutex_);  // Decided by.
  std::set<std::shared_ptr<Call>> calls_ LANEMQ_GUARDED_BY(mutex_);
  std::map<int, std::thread> threads_ LANEMQ_GUARDED_BY(mutex_);
  int threads_started_ LANEMQ_GUARDED_BY(mutex_) = 0;
  Random random_ LANEMQ_GUARDED_BY(mutex_) = Random::FromSystem();
  bool is_stopping_ LANEMQ_GUARDED_BY(mutex_) = false;
  bool is_over_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::optional<Error> failure_ LANEMQ_GUARDED_BY(mutex_);
  RunnerStats stats_ LANEMQ_GUARDED_BY(mutex_);
};

}  // namespace lanemq
