#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>

#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/core/move/move_machine.h"
#include "common/core/store/message_store.h"
#include "common/core/store/move_store.h"
#include "common/core/store/partition_mover.h"

namespace lanemq::metaserver {

/// What moves have cost since the process started. Written by workers, read by anybody.
struct MoveCounters {
  std::atomic<std::int64_t> bytes_copied{0};
  std::atomic<std::int64_t> failures{0};  ///< Steps that were to be tried again, or gave up.
  std::atomic<std::int64_t> done{0};
  std::atomic<std::int64_t> taken_back{0};
  std::atomic<std::int64_t> last_pause_us{0};
  std::atomic<std::int64_t> longest_pause_us{0};
};

/// Takes the steps of one move, until it has ended or there is nothing to do for a while.
///
/// Thread safety: Run() on one thread, once; Stop() from any thread. Each step is bounded by
/// `step_timeout`, and so is the time from Stop() to the end of Run().
class MoveWorker {
 public:
  struct Options {
    core::MoveLimits limits;
    std::chrono::milliseconds call_timeout{3'000};   ///< Of the metadata database.
    std::chrono::milliseconds step_timeout{30'000};  ///< Of data nodes.
    std::chrono::milliseconds seal_timeout{5'000};
    /// A move that waits longer, and may (MoveMachine::MayYield), lets another one have its turn.
    std::chrono::milliseconds yield_after{500};
  };
  struct Parts {
    core::MoveStore& store;
    core::PartitionMover& mover;
    core::MessageStore& messages;
    MoveCounters& counters;
    /// What writes of the lease's holder carry; nullopt: it is not trusted any more.
    std::function<std::optional<core::Fence>()> fence;
    /// The catalogue has changed.
    std::function<void()> on_switched;
  };
  /// How Run() ended.
  struct End {
    bool is_finished = false;
    bool is_waiting = false;        ///< For another attempt, after failures.
    bool is_reload = false;         ///< Its record is not what it believed.
    bool is_about_to_seal = false;  ///< Is waiting for that, and nothing else.
  };

  MoveWorker(Options options, Parts parts, core::MoveRecord record, const Clock& clock);

  End Run();
  void Stop();

 private:
  Status Take(const core::MoveOrder& order);
  Status CopyLog(const core::PartitionMove& move);
  Status CopyAhead(const core::MoveOrder& order);
  Status CopyState(const core::MoveOrder& order);
  /// The next chunk waits until the rate allows these bytes.
  void CountCopied(std::int64_t bytes, std::int64_t bytes_of_rate);
  Status DropTopic(const core::PartitionMove& move);
  Status Advance(const core::MoveOrder& order);
  Status Switch();
  /// Of the machine's record: somebody could not use the partition for so long.
  void CountPause();
  /// For people, before others have their turn.
  void WriteDownFault();
  void Tell(const core::MoveOrder& order);
  [[nodiscard]] core::CopyLimits ChunkOf(core::MoveState state) const;
  /// False: told to stop.
  bool WaitUntil(MonotonicTime at);
  [[nodiscard]] Deadline After(std::chrono::milliseconds time) const {
    return Deadline::After(clock_, time);
  }

  const Options options_;
  const Parts parts_;
  const Clock& clock_;
  core::MoveMachine machine_;
  /// The copy keeps its rate by not beginning a chunk before this.
  MonotonicTime copy_at_;

  Mutex mutex_;
  CondVar wake_;
  bool is_stopping_ LANEMQ_GUARDED_BY(mutex_) = false;
};

}  // namespace lanemq::metaserver
