#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/core/store/alert_store.h"
#include "common/core/store/group_store.h"
#include "common/core/store/lag_history.h"
#include "common/core/store/lag_source.h"
#include "common/core/store/lease_store.h"
#include "common/core/types/catalog.h"
#include "metaserver/catalog/snapshot_cache.h"
#include "metaserver/jobs/lease_holder.h"
#include "metaserver/oncall/evaluation.h"
#include "metaserver/oncall/group_watcher.h"
#include "metaserver/oncall/history_writer.h"
#include "metaserver/oncall/lag_board.h"
#include "metaserver/oncall/lag_exposition.h"
#include "metaserver/oncall/on_call_part.h"
#include "metaserver/oncall/sampler.h"

namespace lanemq::metaserver {

/// Everything that the one metaserver on call does, and what the others know of it.
///
/// The holder of the lease `on-call` samples every data node, judges, publishes a picture and
/// metrics, and lets its parts work on each picture. While the metadata database is down the last
/// holder goes on, without a fence: it writes and sends nothing.
/// Two threads of its own: one for the lease, one for evaluations; and one per data node.
/// Thread safety: Start() and Stop() from one owner; AddPart() before Start(); the rest from any
/// thread.
class OnCall {
 public:
  static constexpr std::string_view kLeaseName = "on-call";

  struct Options {
    std::string owner;    ///< Of the lease; names this start of this process.
    core::Endpoint self;  ///< What others reach this metaserver at.
    core::LeaseTrust::Options lease;
    std::chrono::milliseconds tick{1'000};  ///< Of the lease.
    std::chrono::milliseconds call_timeout{3'000};
    /// A term begins without what was written before, when it cannot be read for so long.
    std::chrono::milliseconds load_timeout{30'000};
    Sampler::Options sampler;
    std::size_t rows_max = 100'000;  ///< Of all nodes.
    Evaluation::Options evaluation;
    GroupWatcher::Options groups;
    HistoryWriter::Options history;
    std::size_t series_max = 200'000;
  };
  /// Not owned; they outlive it.
  struct Stores {
    core::LeaseStore& leases;
    core::GroupStore& groups;
    core::AlertStore* alerts = nullptr;   ///< nullptr: there are no objectives.
    core::LagHistory* history = nullptr;  ///< nullptr: nothing is remembered.
    std::function<std::unique_ptr<core::LagSource>(core::NodeId)> lag_on;
    DescribeGroupFn describe;
    /// By the node's name: since when no canary had a message back; may be empty.
    std::function<std::map<std::string, std::chrono::milliseconds>()> canary_failing_for;
  };

  OnCall(Options options, Stores stores, SnapshotCache& cache, const Clock& clock);
  ~OnCall();
  OnCall(const OnCall&) = delete;
  OnCall& operator=(const OnCall&) = delete;

  /// Outlives this object.
  void AddPart(OnCallPart& part) { parts_.push_back(&part); }
  void Start();
  /// Writes what is waiting, gives the lease back. Idempotent.
  void Stop();

  /// The newest picture; nullptr where another metaserver is on call.
  [[nodiscard]] const LagBoard& board() const { return board_; }
  /// Who is on call. kCoordinatorNotAvailable: nobody, or it is not known.
  struct Holder {
    core::Endpoint endpoint;
    core::FencingToken epoch;
  };
  [[nodiscard]] Result<Holder> FindHolder() const;
  /// Metrics in Prometheus' text format, from memory.
  [[nodiscard]] std::string MetricsText() const;

 private:
  void RunDuty();
  void TickDuty();
  void ReadHolder();
  void RunWork();
  /// One time on call, from its beginning until it ends.
  void Serve();
  /// False: it is over already.
  bool Load(HistoryWriter* writer);
  void UpdateSamplers();
  void StopSamplers();
  /// Waits until every node was read again, or the interval has passed. False: it is over.
  bool WaitForRounds(MonotonicTime last, const GroupWatcher& watcher);
  [[nodiscard]] bool HaveAllRounds() const;
  void Evaluate(GroupWatcher& watcher);
  void WaitForDetails(GroupWatcher& watcher);
  void RenderMetrics(const LagPicture& picture, double seconds);
  void NoteFenced(const Error& why);
  [[nodiscard]] std::optional<core::Fence> CurrentFence() const;
  [[nodiscard]] bool IsOver() const;
  void Wake();

  const Options options_;
  const Stores stores_;
  SnapshotCache& cache_;
  const Clock& clock_;
  std::vector<OnCallPart*> parts_;
  LeaseHolder lease_;
  LagBoard board_;

  // The work thread's own.
  Evaluation evaluation_;
  LagExposition exposition_;
  std::int64_t series_dropped_ = 0;                 ///< In all renderings.
  std::vector<std::unique_ptr<Sampler>> samplers_;  ///< By node.
  std::vector<std::int64_t> rounds_seen_;           ///< One per sampler, at the last evaluation.
  std::int64_t term_seen_ = 0;

  mutable Mutex mutex_;
  CondVar wake_;
  bool is_stopping_ LANEMQ_GUARDED_BY(mutex_) = false;
  bool is_on_call_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::int64_t term_ LANEMQ_GUARDED_BY(mutex_) = 0;
  std::optional<Error> fenced_ LANEMQ_GUARDED_BY(mutex_);
  std::optional<Holder> holder_ LANEMQ_GUARDED_BY(mutex_);
  bool has_news_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::string metrics_ LANEMQ_GUARDED_BY(mutex_);
  std::jthread duty_;
  std::jthread work_;
};

}  // namespace lanemq::metaserver
