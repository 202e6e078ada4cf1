#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <thread>

#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/core/store/lease_store.h"
#include "metaserver/oncall/facts.h"

namespace lanemq::metaserver {

/// Calls a function again and again on a thread of its own.
/// Thread safety: RequestStop() and is_done() from any thread; the rest from one owner.
class Repeater {
 public:
  /// `clock` outlives it. The first call is at once.
  Repeater(std::function<void()> call, std::chrono::milliseconds every, const Clock& clock);
  /// Waits for the call under way.
  ~Repeater();
  Repeater(const Repeater&) = delete;
  Repeater& operator=(const Repeater&) = delete;

  /// Does not wait.
  void RequestStop();
  /// After RequestStop(): the destructor does not wait any more.
  [[nodiscard]] bool is_done() const { return is_done_; }

 private:
  void Run();

  const std::function<void()> call_;
  const std::chrono::milliseconds every_;
  const Clock& clock_;
  std::atomic<bool> is_done_{false};
  Mutex mutex_;
  CondVar wake_;
  bool is_stopping_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::jthread thread_;
};

struct FactsTimes {
  std::chrono::milliseconds every{15'000};
  std::chrono::milliseconds slow_every{60'000};  ///< Used bytes and health.
  std::chrono::milliseconds timeout{3'000};      ///< Of each reading.
  core::NodeFactsQuery query;
};

/// Reads the facts of one data node. Thread safety: Tick() from one thread, Look() from any.
class NodeFactsReader {
 public:
  /// What is referred to outlives it.
  NodeFactsReader(FactsTimes times, core::NodeId node,
                  std::unique_ptr<core::NodeFactsSource> source, core::NodeAdmin& admin,
                  const SnapshotCache& cache, const Clock& clock);
  void Tick();
  [[nodiscard]] NodeFactsView Look() const;

 private:
  [[nodiscard]] Deadline ForCall() const { return Deadline::After(clock_, times_.timeout); }
  Result<core::NodeHealth> ReadHealth();

  const FactsTimes times_;
  const core::NodeId node_;
  const std::unique_ptr<core::NodeFactsSource> source_;
  core::NodeAdmin& admin_;
  const SnapshotCache& cache_;
  const Clock& clock_;
  MonotonicTime slow_due_;  // Of the one thread.
  mutable Mutex mutex_;
  NodeFactsView view_ LANEMQ_GUARDED_BY(mutex_);
};

/// Reads what the metadata database knows besides. Thread safety: as NodeFactsReader.
class ClusterFactsReader {
 public:
  ClusterFactsReader(FactsTimes times, core::LeaseStore& leases, core::CanaryRegistry& canaries,
                     const Clock& clock);
  void Tick();
  [[nodiscard]] ClusterFactsView Look() const;

 private:
  [[nodiscard]] Deadline ForCall() const { return Deadline::After(clock_, times_.timeout); }
  Result<SlotFacts> ReadLeases();

  const FactsTimes times_;
  core::LeaseStore& leases_;
  core::CanaryRegistry& canaries_;
  const Clock& clock_;
  mutable Mutex mutex_;
  ClusterFactsView view_ LANEMQ_GUARDED_BY(mutex_);
};

}  // namespace lanemq::metaserver
