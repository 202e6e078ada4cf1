#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "broker/append/memory_budget.h"
#include "broker/data_loss.h"
#include "broker/fetch/log_view.h"
#include "broker/metrics.h"
#include "broker/node_workers.h"
#include "broker/timer.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/core/log/append_machine.h"
#include "common/core/store/message_store.h"

namespace lanemq::broker {

/// What every PartitionWriter of a broker shares. The members outlive the writers.
struct WriterContext {
  core::MessageStore& store;
  NodeWorkers& workers;
  Timer& timer;
  LogView& view;
  MemoryBudget& memory;
  DataLossAlarm& data_loss;
  Metrics& metrics;
  const Clock& clock;
  core::AppendMachineOptions machine;
  std::chrono::nanoseconds sql_timeout = std::chrono::seconds(10);  ///< Of one store call.
  /// Whose turns the topic's inserts take at its data node. Must not block. Empty: all are one
  /// party's.
  std::function<std::uint64_t(core::TopicId)> party_of = {};
};

/// Writes one partition: the shell round core::AppendMachine. Collects requests while an insert is
/// in flight; store calls run on the data node's threads, one at a time.
///
/// Thread safety: every method from any thread. Kept alive by its calls in flight.
class PartitionWriter : public std::enable_shared_from_this<PartitionWriter> {
 public:
  using Done = std::function<void(core::AppendOutcome)>;

  PartitionWriter(const WriterContext& context, core::PartitionLocation location,
                  core::ProducerId own_producer, std::uint64_t seed);

  /// Stores the request's records; its id is ignored. `done` is called exactly once, on any
  /// thread, possibly before this returns. kThrottled when the partition's queue or the broker's
  /// memory is full: nothing was done.
  void Append(core::AppendRequest request, Done done);

  [[nodiscard]] const core::PartitionLocation& location() const { return location_; }
  [[nodiscard]] bool is_idle() const;
  [[nodiscard]] std::size_t queue_requests() const;

 private:
  struct Waiting {
    Done done;
    std::size_t bytes = 0;
  };

  [[nodiscard]] core::AppendTimes Times() const;
  void Apply(core::AppendEvent event);
  void Tick();
  void ScheduleTick() LANEMQ_REQUIRES(mutex_);
  void Carry(std::vector<core::AppendEffect> effects);
  void Carry(core::AnswerEffect effect);
  void Carry(const core::StoredEffect& effect);
  void Carry(const core::ContentionEffect& effect);
  void Carry(core::SaveSnapshotEffect effect);
  /// Runs `call` on the node's threads, when it is its topic's turn, and applies the event it
  /// returns. `bytes`: what it writes.
  void Call(std::function<core::AppendEvent(Deadline)> call, core::AppendEvent when_refused,
            std::size_t bytes = 0);

  const WriterContext& context_;
  const core::PartitionLocation location_;
  NodeWorkers::Node& node_;
  mutable Mutex mutex_;
  core::AppendMachine machine_ LANEMQ_GUARDED_BY(mutex_);
  std::unordered_map<core::AppendRequestId, Waiting> waiting_ LANEMQ_GUARDED_BY(mutex_);
  std::uint64_t last_id_ LANEMQ_GUARDED_BY(mutex_) = 0;
  std::optional<MonotonicTime> tick_at_ LANEMQ_GUARDED_BY(mutex_);
  std::atomic<bool> is_saving_snapshot_{false};
};

}  // namespace lanemq::broker
