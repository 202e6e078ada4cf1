#include "metaserver/jobs/job_runner.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/base/log.h"

namespace lanemq::metaserver {
namespace {

/// Of one transaction.
constexpr std::size_t kAuditRowsMax = 1'000;

/// Unfinished topics beyond which no other is removed: their data nodes do not answer.
constexpr std::size_t kUnfinishedMax = 8;

}  // namespace

JobRunner::JobRunner(Options options, core::LeaseStore& leases, core::CatalogStore& store,
                     core::AuditLog& audit, CatalogService& catalog, SnapshotCache& cache,
                     const Clock& clock)
    : options_(std::move(options)),
      store_(store),
      audit_(audit),
      catalog_(catalog),
      cache_(cache),
      clock_(clock),
      lease_({std::string(kLeaseName), options_.owner, options_.lease, options_.call_timeout},
             leases, clock),
      guard_(options_.eviction) {}

void JobRunner::Start() {
  thread_ = std::jthread([this] { Run(); });
}

void JobRunner::Stop() {
  {
    MutexLock lock(mutex_);
    is_stopping_ = true;
    wake_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

JobStats JobRunner::Stats() const {
  MutexLock lock(mutex_);
  return stats_;
}

bool JobRunner::IsStopping() const {
  MutexLock lock(mutex_);
  return is_stopping_;
}

Deadline JobRunner::ForCall() const { return Deadline::After(clock_, options_.call_timeout); }

bool JobRunner::IsDue(MonotonicTime& due, std::chrono::milliseconds every) {
  const MonotonicTime now = clock_.Now();
  if (now < due) return false;
  due = now + every;
  return true;
}

void JobRunner::Run() {
  while (!IsStopping()) {
    Tick();
    MutexLock lock(mutex_);
    if (!is_stopping_) wake_.WaitFor(mutex_, options_.tick);
  }
  lease_.Release();
}

void JobRunner::Tick() {
  if (IsDue(announce_due_, options_.announce_every)) Announce();
  const std::optional<core::FencingToken> token = HoldLease();
  if (!token) return;
  EvictSilentBrokers(*token);
  if (IsDue(forget_due_, options_.forget_every)) ForgetStale(*token);
  if (IsDue(audit_due_, options_.expire_audit_every)) ExpireAudit(*token);
  // Last: it may take long, and needs no fence because every step of it may be repeated by anybody.
  if (!IsDue(finish_due_, options_.finish_every)) return;
  FinishTopics();
  PurgeDeleted(*token);
}

std::optional<core::FencingToken> JobRunner::HoldLease() {
  const LeaseHolder::Step step = lease_.Tick();
  if (step.failure) {
    sees_since_.reset();
    NoteFailure("hold_lease", *step.failure);
  }
  if (!step.token) sees_since_.reset();
  if (step.is_new) sees_since_ = clock_.Now();
  MutexLock lock(mutex_);
  stats_.terms += step.is_new ? 1 : 0;
  stats_.token.reset();
  if (step.token) stats_.token = step.token->value;
  return step.token;
}

void JobRunner::NoteFailure(std::string_view job, const Error& error) {
  LANEMQ_LOG(DEBUG, "jobs.failed", {"job", job}, {"error", error.ToString()});
  MutexLock lock(mutex_);
  ++stats_.failures;
}

void JobRunner::Announce() {
  const auto is_new = store_.RegisterMetaserver(options_.self, ForCall());
  if (!is_new.ok()) return NoteFailure("announce", is_new.error());
  if (*is_new) cache_.Reload();
}

void JobRunner::EvictSilentBrokers(core::FencingToken token) {
  const auto brokers = store_.LoadBrokers(ForCall());
  if (!brokers.ok()) {
    sees_since_.reset();
    return NoteFailure("evict_brokers", brokers.error());
  }
  // A judge that was blind itself gives everybody a full session to be heard: heartbeats could not
  // be written either.
  if (!sees_since_) sees_since_ = clock_.Now();
  if (clock_.Now() - *sees_since_ < options_.eviction.session_timeout) return;

  std::vector<core::BrokerSilence> alive;
  for (const core::BrokerRecord& record : *brokers) {
    if (record.broker.state == core::BrokerState::kDead) continue;
    alive.push_back({record.broker.id, record.broker.incarnation, record.silent_for});
  }
  const core::EvictionGuard::Verdict verdict = guard_.Decide(alive, clock_.Now());
  bool is_news = false;
  {
    MutexLock lock(mutex_);
    const auto held_back = static_cast<std::int64_t>(verdict.held_back);
    is_news = stats_.held_back != held_back && held_back > 0;
    stats_.held_back = held_back;
    stats_.suspects_itself = verdict.suspects_itself;
  }
  if (is_news) {
    LANEMQ_LOG(WARN, "jobs.eviction_held_back", {"brokers", verdict.held_back},
               {"alive", alive.size()}, {"all_silent", verdict.suspects_itself});
  }
  if (verdict.evict.empty()) return;

  const auto evicted = store_.EvictBrokers(verdict.evict, options_.eviction.session_timeout,
                                           core::Fence{std::string(kLeaseName), token}, ForCall());
  if (!evicted.ok()) {
    NoteFailure("evict_brokers", evicted.error());
    if (evicted.error().code == ErrorCode::kFenced) {
      lease_.Lose(evicted.error());
      sees_since_.reset();
    }
    return;
  }
  for (const core::BrokerId id : *evicted) {
    LANEMQ_LOG(WARN, "jobs.broker_evicted", {"broker", id.value}, {"token", token.value});
  }
  if (evicted->empty()) return;
  cache_.Reload();
  MutexLock lock(mutex_);
  stats_.evicted += static_cast<std::int64_t>(evicted->size());
}

void JobRunner::FinishTopics() {
  const auto topics = store_.LoadUnfinishedTopics(ForCall());
  if (!topics.ok()) return NoteFailure("finish_topics", topics.error());
  std::set<core::TopicId> seen;
  for (const core::TopicRecord& record : *topics) {
    seen.insert(record.topic.id);
    // The first time it may still be in the hands of the call that made it.
    if (!unfinished_.contains(record.topic.id) || IsStopping()) continue;
    const Status finished = catalog_.Finish(record);
    if (!finished.ok()) {
      NoteFailure("finish_topics", finished.error());
      continue;
    }
    LANEMQ_LOG(INFO, "jobs.topic_finished", {"topic", record.topic.name},
               {"topic_id", record.topic.id.value});
    seen.erase(record.topic.id);
    MutexLock lock(mutex_);
    ++stats_.finished_topics;
  }
  unfinished_ = std::move(seen);
  MutexLock lock(mutex_);
  stats_.unfinished_topics = static_cast<std::int64_t>(unfinished_.size());
}

void JobRunner::PurgeDeleted(core::FencingToken token) {
  if (unfinished_.size() >= kUnfinishedMax || IsStopping()) return;
  const auto snapshot = cache_.Current();
  const bool is_any = std::ranges::any_of(
      snapshot->topics, [](const auto& topic) { return topic.deletion.has_value(); });
  if (!is_any) return;
  core::AuditNote note;
  note.actor = "metaserver";
  note.action = "job.topic_purge";
  note.reason = "it was deleted, and nobody brought it back in time";
  const auto begun =
      store_.BeginPurgeTopic(note, core::Fence{std::string(kLeaseName), token}, ForCall());
  if (!begun.ok()) return NoteFailure("purge_topic", begun.error());
  if (!*begun) return;
  const core::TopicRecord& record = **begun;
  LANEMQ_LOG(INFO, "jobs.topic_purged", {"topic", record.topic.name},
             {"topic_id", record.topic.id.value});
  {
    MutexLock lock(mutex_);
    ++stats_.purged_topics;
  }
  cache_.Reload();
  // What fails is finished with what others left.
  const Status finished = catalog_.Finish(record);
  if (!finished.ok()) NoteFailure("purge_topic", finished.error());
}

void JobRunner::ForgetStale(core::FencingToken token) {
  const auto forgotten = store_.ForgetStale(options_.forget_after,
                                            core::Fence{std::string(kLeaseName), token}, ForCall());
  if (!forgotten.ok()) return NoteFailure("forget_stale", forgotten.error());
  if (*forgotten == 0) return;
  LANEMQ_LOG(INFO, "jobs.stale_forgotten", {"rows", *forgotten});
  cache_.Reload();
  MutexLock lock(mutex_);
  stats_.forgotten += *forgotten;
}

void JobRunner::ExpireAudit(core::FencingToken token) {
  const auto expired = audit_.Expire(options_.audit_age, kAuditRowsMax,
                                     core::Fence{std::string(kLeaseName), token}, ForCall());
  if (!expired.ok()) return NoteFailure("expire_audit", expired.error());
  // There is more: not before the next tick, so that leases are renewed between.
  if (*expired == static_cast<std::int64_t>(kAuditRowsMax)) audit_due_ = clock_.Now();
  MutexLock lock(mutex_);
  stats_.audit_expired += *expired;
}

}  // namespace lanemq::metaserver
