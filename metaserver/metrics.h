#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "common/core/store/outbox_registry.h"
#include "common/rpc/server.h"
#include "metaserver/access/access_part.h"
#include "metaserver/catalog/snapshot_cache.h"
#include "metaserver/coordinator/coordinator_stats.h"
#include "metaserver/governance/governance.h"
#include "metaserver/jobs/job_runner.h"
#include "metaserver/moves/move_runner.h"

namespace prometheus {
class Collectable;
}

namespace lanemq::metaserver {

/// Every metric of a metaserver, named lanemq_meta_*; those of outboxes: lanemq_outbox_*.
/// Thread safety: every method from any thread.
class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  /// One finished RPC.
  void OnCall(const rpc::CallEvent& event);
  /// A limit of the RPC server was hit.
  void OnLimit(rpc::LimitKind kind);
  /// Sets the gauges, before a scrape.
  void Update(const SnapshotCache& cache, const JobStats& jobs, const rpc::ServerStats& server,
              MonotonicTime now);
  /// The same, of the groups coordinated here.
  void Update(const CoordinatorStats& groups);
  /// The same, of who may do what.
  void Update(const AccessFacts& access);
  /// The same, of requests for changes.
  void Update(const GovernanceFactsShown& governance);
  /// The same, of partitions that move.
  void Update(const MoveFacts& moves);
  /// The same, of these outboxes out of `count`. Others have no gauges any more.
  void Update(const std::vector<core::RegisteredOutbox>& outboxes, std::size_t count);
  [[nodiscard]] std::shared_ptr<prometheus::Collectable> registry() const;

 private:
  struct Families;
  std::unique_ptr<Families> families_;
};

}  // namespace lanemq::metaserver
