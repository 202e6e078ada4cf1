#pragma once

#include <cstddef>
#include <map>
#include <memory>

#include "broker/quota/turn_pool.h"
#include "common/base/mutex.h"
#include "common/base/thread_pool.h"
#include "common/core/types/ids.h"

namespace lanemq::broker {

/// The threads that wait for data nodes: a fixed number per node, so that one node that hangs does
/// not stop the others, and reads do not stop inserts.
/// Thread safety: every method from any thread.
class NodeWorkers {
 public:
  struct Options {
    std::size_t append_threads = 8;
    std::size_t read_threads = 4;
    std::size_t queue_max = 10'000;  ///< Tasks waiting per node and kind.
  };
  struct Node {
    Node(core::NodeId node, const Options& options);
    TurnPool appends;  ///< Parties are teams that own topics; costs are bytes.
    ThreadPool reads;
  };

  explicit NodeWorkers(Options options) : options_(options) {}
  ~NodeWorkers() { Stop(); }

  /// The node's threads, started at the first call. Valid as long as this object.
  [[nodiscard]] Node& Of(core::NodeId node);
  /// Runs what is queued and joins. Idempotent.
  void Stop();
  /// Tasks waiting, over all nodes.
  [[nodiscard]] std::size_t QueueDepth() const;

 private:
  const Options options_;
  mutable Mutex mutex_;
  std::map<core::NodeId, std::unique_ptr<Node>> nodes_ LANEMQ_GUARDED_BY(mutex_);
};

}  // namespace lanemq::broker
