#pragma once

#include <string>
#include <thread>

#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/core/lease/lease_trust.h"
#include "common/core/quota/eviction_guard.h"
#include "common/core/store/catalog_store.h"
#include "common/core/store/lease_store.h"
#include "metaserver/catalog/catalog_cache.h"
#include "metaserver/catalog/topic_service.h"
#include "metaserver/options.h"

namespace lanemq::metaserver {

/// What one metaserver at a time does, under the lease "background-jobs": evicts silent brokers,
/// finishes half-made topics, forgets stale rows. Writes carry the lease's fencing token, so a
/// former owner that wakes up changes nothing.
/// Thread safety: one owner; a thread of its own between Start() and Stop().
class BackgroundJobs {
 public:
  BackgroundJobs(const MetaserverOptions& options, std::string owner, core::CatalogStore& catalog,
                 core::LeaseStore& leases, CatalogCache& cache, TopicService& topics,
                 const Clock& clock);
  ~BackgroundJobs();

  void Start();
  /// Ends the thread and gives the lease back. Idempotent.
  void Stop();

  /// One round: renews the lease when due, and works if it is held.
  void RunOnce();
  [[nodiscard]] bool IsLeader() const;

 private:
  [[nodiscard]] Deadline RoundDeadline() const;
  void KeepLease();
  void EvictSilentBrokers(const core::Fence& fence);

  const MetaserverOptions options_;
  const std::string owner_;
  core::CatalogStore& catalog_;
  core::LeaseStore& leases_;
  CatalogCache& cache_;
  TopicService& topics_;
  const Clock& clock_;
  core::EvictionGuard guard_;
  std::optional<core::Lease> lease_;
  MonotonicTime last_forget_{};

  mutable Mutex mutex_;
  CondVar stopping_;
  core::LeaseTrust trust_ LANEMQ_GUARDED_BY(mutex_);
  bool is_stopped_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::jthread thread_;
};

}  // namespace lanemq::metaserver
