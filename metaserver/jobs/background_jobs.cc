#include "metaserver/jobs/background_jobs.h"

#include <utility>
#include <vector>

#include "common/base/log.h"

namespace lanemq::metaserver {
namespace {

constexpr std::string_view kLeaseName = "background-jobs";
constexpr std::chrono::minutes kForgetEvery{10};

}  // namespace

BackgroundJobs::BackgroundJobs(const MetaserverOptions& options, std::string owner,
                               core::CatalogStore& catalog, core::LeaseStore& leases,
                               CatalogCache& cache, TopicService& topics, const Clock& clock)
    : options_(options),
      owner_(std::move(owner)),
      catalog_(catalog),
      leases_(leases),
      cache_(cache),
      topics_(topics),
      clock_(clock),
      guard_(options.eviction),
      trust_({.ttl = options.lease_ttl, .margin = options.lease_ttl / 5}) {}

BackgroundJobs::~BackgroundJobs() { Stop(); }

void BackgroundJobs::Start() {
  thread_ = std::jthread([this] {
    for (;;) {
      {
        MutexLock lock(mutex_);
        if (!is_stopped_) stopping_.WaitFor(mutex_, options_.job_pause);
        if (is_stopped_) return;
      }
      RunOnce();
    }
  });
}

void BackgroundJobs::Stop() {
  {
    MutexLock lock(mutex_);
    if (is_stopped_) return;
    is_stopped_ = true;
  }
  stopping_.NotifyAll();
  if (thread_.joinable()) thread_.join();
  // Another one may begin at once instead of after the lease's end.
  if (lease_) (void)leases_.Release(*lease_, RoundDeadline());
}

Deadline BackgroundJobs::RoundDeadline() const {
  return Deadline::After(clock_, options_.lease_ttl / 2);
}

bool BackgroundJobs::IsLeader() const {
  MutexLock lock(mutex_);
  return trust_.Token(clock_.Now()).has_value();
}

void BackgroundJobs::KeepLease() {
  const MonotonicTime started = clock_.Now();
  {
    MutexLock lock(mutex_);
    if (!trust_.ShouldRenew(started)) return;
  }
  if (lease_) {
    const Status renewed = leases_.Renew(*lease_, options_.lease_ttl, RoundDeadline());
    MutexLock lock(mutex_);
    if (renewed.ok()) {
      trust_.OnHeld(lease_->token, started);
      return;
    }
    // Unreachable is not lost: trust ends by itself.
    if (renewed.error().code != ErrorCode::kFenced) return;
    trust_.OnLost();
    lease_.reset();
    LANEMQ_LOG(WARN, "jobs.lease_lost", {"owner", owner_});
    return;
  }
  auto acquired = leases_.Acquire(kLeaseName, owner_, options_.lease_ttl, RoundDeadline());
  if (!acquired.ok()) return;
  MutexLock lock(mutex_);
  trust_.OnHeld(acquired->token, started);
  LANEMQ_LOG(INFO, "jobs.leading", {"owner", owner_}, {"epoch", acquired->token.value});
  lease_ = std::move(acquired).value();
}

void BackgroundJobs::RunOnce() {
  KeepLease();
  std::optional<core::FencingToken> token;
  {
    MutexLock lock(mutex_);
    token = trust_.Token(clock_.Now());
  }
  if (!token) return;
  const core::Fence fence{std::string(kLeaseName), *token};
  EvictSilentBrokers(fence);
  if (const auto finished = topics_.FinishAll(RoundDeadline()); finished.ok() && *finished > 0) {
    LANEMQ_LOG(INFO, "jobs.topics_finished", {"topics", *finished});
  }
  if (clock_.Now() - last_forget_ >= kForgetEvery) {
    last_forget_ = clock_.Now();
    (void)catalog_.ForgetStale(options_.forget_after, fence, RoundDeadline());
  }
}

void BackgroundJobs::EvictSilentBrokers(const core::Fence& fence) {
  const auto brokers = catalog_.LoadBrokers(RoundDeadline());
  if (!brokers.ok()) return;
  std::vector<core::BrokerSilence> alive;
  for (const core::BrokerRecord& record : *brokers) {
    if (record.broker.state == core::BrokerState::kDead) continue;
    alive.push_back({record.broker.id, record.broker.incarnation, record.silent_for});
  }
  const auto verdict = guard_.Decide(alive, clock_.Now());
  if (verdict.suspects_itself) {
    LANEMQ_LOG(WARN, "jobs.all_brokers_silent", {"brokers", alive.size()});
  }
  if (verdict.evict.empty()) return;
  const auto evicted = catalog_.EvictBrokers(verdict.evict, options_.eviction.session_timeout,
                                             fence, RoundDeadline());
  if (!evicted.ok()) return;
  for (const core::BrokerId id : *evicted) {
    LANEMQ_LOG(WARN, "broker.evicted", {"broker", id.value}, {"held_back", verdict.held_back});
  }
  (void)cache_.Refresh(RoundDeadline());
}

}  // namespace lanemq::metaserver
