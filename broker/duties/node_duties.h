#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "broker/duties/duty_metrics.h"
#include "broker/duties/duty_options.h"
#include "broker/duties/move_plan.h"
#include "broker/duties/redrive_pace.h"
#include "broker/stores.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/base/thread_pool.h"
#include "common/core/types/catalog.h"

namespace lanemq::broker {

/// What the duties of all nodes share. The members outlive them.
struct DutyContext {
  Stores& stores;
  /// Where a partition is; nullopt: the catalogue does not have it (any more).
  std::function<std::optional<core::PartitionLocation>(const core::PartitionKey&)> locate;
  /// A partition's log ends there now. Called from any thread.
  std::function<void(const core::PartitionKey&, core::Offset end)> on_appended;
  DutyMetrics& metrics;
  const Clock& clock;
  std::string owner;  ///< Of leases: this incarnation of this process.
  DutyOptions options;
};

/// The duties of one data node: a thread that keeps asking for their lease, and, while it has it,
/// moves what is due, drives redrives on and removes what is too old.
///
/// Every step is fenced by the lease's term, so a thread that was asleep while another broker took
/// over changes nothing. Thread safety: every method from any thread; the destructor joins, which
/// takes as long as the database call under way.
class NodeDuties {
 public:
  NodeDuties(const DutyContext& context, core::DataNode node);
  ~NodeDuties();
  NodeDuties(const NodeDuties&) = delete;
  NodeDuties& operator=(const NodeDuties&) = delete;

  /// A message with this due time was stored: looks at once if it is due before the next look.
  void OnScheduled(WallTime due);
  /// Begins to end, without waiting for it. The lease is given up.
  void RequestStop();
  [[nodiscard]] bool has_ended() const { return has_ended_; }
  [[nodiscard]] const core::DataNode& node() const { return node_; }

 private:
  void Run();
  void WaitUntil(MonotonicTime at);
  [[nodiscard]] bool IsStopping();
  [[nodiscard]] MonotonicTime NextAt(MonotonicTime now) const;
  [[nodiscard]] Deadline NewDeadline() const;

  void KeepLease();
  void GiveUp();
  void Release();
  /// The term to write under; nullopt: not ours.
  [[nodiscard]] std::optional<core::Fence> Term() const;

  // Steps; each may find that the term is over.
  void Look();
  void MoveDue();
  /// nullopt: the catalogue does not have the partition on this node.
  [[nodiscard]] std::optional<core::PartitionLocation> PlaceOf(const core::PartitionKey& key) const;
  Result<core::DelayedMove> MoveOne(const core::DelayedFront& front, const core::Fence& fence);
  void OnMoved(const core::DelayedFront& front, const Result<core::DelayedMove>& move);
  void LookForRedrives();
  void DriveOn();
  void Expire();
  /// Counts and logs a failure; gives up when it is that the term is over.
  void OnFailure(std::string_view step, const Error& error);
  void ShowGauges();

  const DutyContext& context_;
  const core::DataNode node_;
  const std::unique_ptr<core::LeaseStore> leases_;
  const std::unique_ptr<core::DelayedStore> delayed_;     ///< May be null, as
  const std::unique_ptr<core::DeadLetterStore> letters_;  ///< may this.
  DutyMetrics::OfNode gauges_;

  // Of the thread alone.
  core::LeaseTrust trust_;
  std::optional<core::Lease> lease_;
  Rhythm acquiring_;
  Rhythm looking_;
  Rhythm finding_redrives_;
  Rhythm expiring_;
  MovePlan plan_;
  RedrivePace pace_;
  MonotonicTime looked_at_{};
  std::unique_ptr<ThreadPool> movers_;  ///< While the lease is held.

  /// Messages that are due before this database time are worth a look; INT64_MIN: none are.
  std::atomic<std::int64_t> look_covers_us_;
  Mutex mutex_;
  CondVar wake_;
  bool is_stopping_ LANEMQ_GUARDED_BY(mutex_) = false;
  bool is_woken_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::atomic<bool> has_ended_{false};
  std::jthread thread_;
};

}  // namespace lanemq::broker
