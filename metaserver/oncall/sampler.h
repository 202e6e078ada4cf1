#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/core/store/lag_source.h"
#include "common/core/types/catalog.h"
#include "metaserver/catalog/snapshot_cache.h"
#include "metaserver/oncall/lag_board.h"
#include "metaserver/oncall/node_lag.h"

namespace lanemq::metaserver {

/// Reads the lag on one data node again and again, on a thread of its own: a node that hangs holds
/// up nobody. Rounds that fail leave the last values as they are.
///
/// Thread safety: Look() from any thread; the rest from one owner.
class Sampler {
 public:
  struct Options {
    std::chrono::milliseconds interval{5'000};       ///< From one round's begin to the next.
    std::chrono::milliseconds round_timeout{3'000};  ///< A round ends after it.
    std::size_t rows_max = 20'000;
    NodeLag::Options quiet;
  };
  /// The state of things after the newest round.
  struct View {
    NodeRound round;
    std::shared_ptr<const NodeSamples> samples;  ///< nullptr: no round has succeeded yet.
  };

  /// `on_round` is called after each, on the sampler's thread. `cache` and `clock` outlive it.
  Sampler(Options options, core::DataNode node, std::unique_ptr<core::LagSource> source,
          SnapshotCache& cache, const Clock& clock, std::function<void()> on_round);
  ~Sampler() { Stop(); }
  Sampler(const Sampler&) = delete;
  Sampler& operator=(const Sampler&) = delete;

  void Start();
  /// Does not wait: for many that end together.
  void RequestStop();
  /// Waits for the round under way. Idempotent.
  void Stop();
  /// One round: what the thread does again and again. For tests.
  void Tick();

  [[nodiscard]] View Look() const;
  [[nodiscard]] const core::DataNode& node() const { return node_; }

 private:
  void Run();
  Status Round();
  [[nodiscard]] std::vector<core::PartitionLocation> Partitions() const;

  const Options options_;
  const core::DataNode node_;
  const std::unique_ptr<core::LagSource> source_;
  SnapshotCache& cache_;
  const Clock& clock_;
  const std::function<void()> on_round_;
  NodeLag lag_;  // The thread's own.

  mutable Mutex mutex_;
  CondVar wake_;
  bool is_stopping_ LANEMQ_GUARDED_BY(mutex_) = false;
  View view_ LANEMQ_GUARDED_BY(mutex_);
  std::jthread thread_;
};

}  // namespace lanemq::metaserver
