#pragma once

#include <chrono>
#include <map>
#include <memory>

#include "broker/fetch/log_reader.h"
#include "broker/fetch/parked_fetches.h"
#include "broker/node_workers.h"
#include "broker/timer.h"

namespace lanemq::broker {

struct EndPollerOptions {
  /// The wait between two polls of a node: the shortest after news, then half as much again each
  /// time without, up to the longest. It bounds how late a reader learns what another broker wrote.
  std::chrono::nanoseconds interval_min = std::chrono::milliseconds(10);
  std::chrono::nanoseconds interval_max = std::chrono::milliseconds(200);
};

/// Asks each data node, in one grouped statement, for the ends of the partitions that parked
/// fetches wait on; the partitions that others have written wake their readers through LogView.
/// Costs nothing while nothing is parked. Thread safety: every method from any thread.
class EndPoller : public std::enable_shared_from_this<EndPoller> {
 public:
  EndPoller(EndPollerOptions options, core::MessageStore& store, LogView& view, LogReader& reader,
            ParkedFetches& parked, NodeWorkers& workers, Timer& timer, Metrics& metrics,
            const Clock& clock, std::chrono::nanoseconds sql_timeout);

  /// A fetch was parked on this node: polls until none is.
  void Watch(core::NodeId node);

 private:
  struct Node {
    std::chrono::nanoseconds interval{};
  };

  void ScheduleNext(core::NodeId node, std::chrono::nanoseconds wait);
  void Poll(core::NodeId node);
  bool Ask(std::span<const core::PartitionLocation> partitions);

  const EndPollerOptions options_;
  core::MessageStore& store_;
  LogView& view_;
  LogReader& reader_;
  ParkedFetches& parked_;
  NodeWorkers& workers_;
  Timer& timer_;
  Metrics& metrics_;
  const Clock& clock_;
  const std::chrono::nanoseconds sql_timeout_;
  Mutex mutex_;
  std::map<core::NodeId, Node> active_ LANEMQ_GUARDED_BY(mutex_);
};

}  // namespace lanemq::broker
