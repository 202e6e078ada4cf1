#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/core/move/move_schedule.h"
#include "common/core/store/lease_store.h"
#include "metaserver/jobs/lease_holder.h"
#include "metaserver/moves/move_worker.h"

namespace lanemq::metaserver {

/// For metrics.
struct MoveFacts {
  bool is_runner = false;                        ///< Holds the lease.
  std::map<std::string, std::int64_t> by_state;  ///< Unfinished ones, where the lease is held.
  std::int64_t running = 0;
  std::int64_t bytes_copied = 0;  ///< This and the rest: by this process, since it started.
  std::int64_t failures = 0;
  std::int64_t done = 0;
  std::int64_t taken_back = 0;
  std::int64_t last_pause_us = 0;
  std::int64_t longest_pause_us = 0;
  /// Partitions that nobody can use, by the record, and since when the first of them; where the
  /// lease is held.
  std::int64_t shut = 0;
  std::int64_t shut_us = 0;
};

/// Carries out moves of partitions on the one metaserver that holds the lease `partition-moves`.
/// One thread holds the lease and chooses; each move that runs has one of its own.
///
/// Thread safety: Wake() and Facts() from any thread; Start() and Stop() from one owner.
class MoveRunner {
 public:
  static constexpr std::string_view kLeaseName = "partition-moves";

  struct Options {
    std::string owner;  ///< Of the lease; names this start of this process.
    std::chrono::milliseconds tick{250};
    std::chrono::milliseconds look_every{1'000};  ///< For moves that others have begun.
    core::LeaseTrust::Options lease;
    std::chrono::milliseconds call_timeout{3'000};
    core::MoveSlots slots;
    MoveWorker::Options worker;
    /// After an attempt that failed, doubling; the move's turn is another one's meanwhile.
    std::chrono::milliseconds wait_min{1'000};
    std::chrono::milliseconds wait_max{30'000};
    /// Instead of both, for what has shut its partition.
    std::chrono::milliseconds wait_shut{250};
    std::chrono::hours keep_finished{std::chrono::days{30}};
    std::chrono::milliseconds expire_every{600'000};
  };
  struct Stores {
    core::LeaseStore& leases;
    core::MoveStore& moves;
    core::PartitionMover& mover;
    core::MessageStore& messages;
  };

  /// `on_switched`: the catalogue has changed; from any thread.
  MoveRunner(Options options, Stores stores, std::function<void()> on_switched, const Clock& clock);
  ~MoveRunner() { Stop(); }
  MoveRunner(const MoveRunner&) = delete;
  MoveRunner& operator=(const MoveRunner&) = delete;

  void Start();
  /// Waits for the running steps, gives the lease back. Idempotent.
  void Stop();
  /// Looks now, instead of at the next tick.
  void Wake();
  [[nodiscard]] MoveFacts Facts() const;

 private:
  struct Running {
    std::unique_ptr<MoveWorker> worker;
    std::atomic<bool> has_ended{false};
    MoveWorker::End end;  ///< Once it has ended.
    std::jthread thread;
  };
  struct Waiting {
    MonotonicTime since, until;
    int times = 0;
    bool is_soon = false;  ///< It is about to seal.
  };

  void Run();
  void Tick();
  void Look();
  void Begin(const core::MoveRecord& record);
  /// Joins those that have ended; with `all` waits for every one.
  void Collect(bool all);
  void StopWorkers();
  void Expire();
  [[nodiscard]] std::optional<core::Fence> CurrentFence() const;
  [[nodiscard]] Deadline ForCall() const { return Deadline::After(clock_, options_.call_timeout); }

  const Options options_;
  const Stores stores_;
  const std::function<void()> on_switched_;
  const Clock& clock_;
  MoveCounters counters_;

  // The thread's own, but for LeaseHolder::Token().
  LeaseHolder lease_;
  std::map<std::int64_t, std::unique_ptr<Running>> running_;
  std::map<std::int64_t, Waiting> waiting_;
  MonotonicTime look_due_, expire_due_;

  mutable Mutex mutex_;
  CondVar wake_;
  bool is_stopping_ LANEMQ_GUARDED_BY(mutex_) = false;
  bool is_woken_ LANEMQ_GUARDED_BY(mutex_) = false;
  MoveFacts facts_ LANEMQ_GUARDED_BY(mutex_);
  std::optional<MonotonicTime> shut_since_ LANEMQ_GUARDED_BY(mutex_);
  std::jthread thread_;
};

}  // namespace lanemq::metaserver
