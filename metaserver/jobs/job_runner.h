#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/core/lease/lease_trust.h"
#include "common/core/quota/eviction_guard.h"
#include "common/core/store/audit_log.h"
#include "common/core/store/catalog_store.h"
#include "common/core/store/lease_store.h"
#include "metaserver/catalog/catalog_service.h"
#include "metaserver/jobs/lease_holder.h"

namespace lanemq::metaserver {

/// What the jobs have done, for /status and metrics.
struct JobStats {
  std::optional<std::int64_t> token;  ///< Of the term this metaserver holds; nullopt: another does.
  std::int64_t terms = 0;
  std::int64_t evicted = 0;
  std::int64_t held_back = 0;  ///< Silent brokers that the guard keeps at the moment.
  bool suspects_itself = false;
  std::int64_t finished_topics = 0;
  std::int64_t unfinished_topics = 0;  ///< As of the last look.
  std::int64_t purged_topics = 0;      ///< Removals of deleted ones that were begun.
  std::int64_t forgotten = 0;
  std::int64_t audit_expired = 0;
  std::int64_t failures = 0;
};

/// Background work of the cluster, done by the one metaserver that holds the lease
/// `background-jobs`: declares silent brokers dead, finishes topics that were left half made or
/// half deleted, removes deleted ones that nobody brought back, forgets metaservers and brokers
/// that have been gone for long, and what the audit log has kept for long enough. Every metaserver
/// also announces itself.
///
/// One thread. Thread safety: Stats() from any thread; Start() and Stop() from one owner.
class JobRunner {
 public:
  static constexpr std::string_view kLeaseName = "background-jobs";

  struct Options {
    std::string owner;    ///< Of the lease; names this start of this process.
    core::Endpoint self;  ///< What other processes reach this metaserver at.
    std::chrono::milliseconds tick{1'000};
    core::LeaseTrust::Options lease;
    core::EvictionGuard::Options eviction;
    std::chrono::milliseconds announce_every{5'000};
    /// A topic that is unfinished at two looks in a row is finished by the job.
    std::chrono::milliseconds finish_every{5'000};
    std::chrono::milliseconds forget_every{600'000};
    std::chrono::milliseconds forget_after{86'400'000};
    std::chrono::milliseconds expire_audit_every{600'000};
    std::chrono::hours audit_age{std::chrono::days{400}};
    std::chrono::milliseconds call_timeout{3'000};
  };

  JobRunner(Options options, core::LeaseStore& leases, core::CatalogStore& store,
            core::AuditLog& audit, CatalogService& catalog, SnapshotCache& cache,
            const Clock& clock);
  ~JobRunner() { Stop(); }

  void Start();
  /// Waits for the running step, gives the lease back. Idempotent.
  void Stop();
  [[nodiscard]] JobStats Stats() const;

 private:
  void Run();
  void Tick();
  /// Acquires or renews; the token while it is trusted.
  std::optional<core::FencingToken> HoldLease();
  void Announce();
  void EvictSilentBrokers(core::FencingToken token);
  void FinishTopics();
  /// One topic, so that leases are renewed between.
  void PurgeDeleted(core::FencingToken token);
  void ForgetStale(core::FencingToken token);
  void ExpireAudit(core::FencingToken token);
  /// True, and due again `every` later, when the time has come.
  bool IsDue(MonotonicTime& due, std::chrono::milliseconds every);
  void NoteFailure(std::string_view job, const Error& error);
  [[nodiscard]] Deadline ForCall() const;
  [[nodiscard]] bool IsStopping() const;

  const Options options_;
  core::CatalogStore& store_;
  core::AuditLog& audit_;
  CatalogService& catalog_;
  SnapshotCache& cache_;
  const Clock& clock_;

  // The thread's own.
  LeaseHolder lease_;
  core::EvictionGuard guard_;
  /// Since when the database has answered this job without a break, and the lease been ours.
  std::optional<MonotonicTime> sees_since_;
  std::set<core::TopicId> unfinished_;
  MonotonicTime announce_due_, finish_due_, forget_due_, audit_due_;

  mutable Mutex mutex_;
  CondVar wake_;
  bool is_stopping_ LANEMQ_GUARDED_BY(mutex_) = false;
  JobStats stats_ LANEMQ_GUARDED_BY(mutex_);
  std::jthread thread_;
};

}  // namespace lanemq::metaserver
