#include "metaserver/governance/applier.h"

#include <limits>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "common/base/log.h"
#include "common/core/access/access_rules.h"
#include "common/core/placement/placement_planner.h"

namespace lanemq::metaserver {
namespace {

using core::ApplyStep;
using core::ApplyTurn;
using core::RequestState;
using core::RequestTurn;
using core::StepOutcome;
using core::StoredRequest;
using core::TopicRecord;

constexpr std::size_t kExpiredMax = 1'000;

core::RequestTerm TermOf(const StoredRequest& stored) {
  return {stored.request.id, stored.request.progress.epoch};
}

core::Placer PlacerFor(std::int32_t partitions, std::vector<core::Partition> existing) {
  return
      [request = core::PlacementRequest{partitions, {}, std::move(existing)}](
          std::span<const core::NodeUsage> usage) { return core::PlanPlacement(usage, request); };
}

}  // namespace

std::optional<StepOutcome> OutcomeOf(const Status& status) {
  if (status.ok()) return StepOutcome::kDone;
  const ErrorCode code = status.error().code;
  if (code == ErrorCode::kFenced) return std::nullopt;
  const bool is_unknown =
      code == ErrorCode::kOutcomeUnknown || code == ErrorCode::kMetadataUnavailable ||
      code == ErrorCode::kDataNodeUnavailable || code == ErrorCode::kThrottled ||
      code == ErrorCode::kConflict || code == ErrorCode::kRequestTimedOut ||
      code == ErrorCode::kShuttingDown || code == ErrorCode::kUnknownServerError;
  return is_unknown ? StepOutcome::kUnknown : StepOutcome::kRefused;
}

Applier::Applier(Options options, core::LeaseStore& leases, core::GovernanceStore& store,
                 Tools tools, const Clock& clock)
    : options_(std::move(options)),
      store_(store),
      tools_(std::move(tools)),
      clock_(clock),
      lease_({std::string(kLeaseName), options_.owner, options_.lease,
              std::chrono::duration_cast<std::chrono::milliseconds>(options_.call_timeout)},
             leases, clock) {}

void Applier::Start() {
  thread_ = std::jthread([this] { Run(); });
}

void Applier::Stop() {
  {
    MutexLock lock(mutex_);
    is_stopping_ = true;
    wake_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

void Applier::Wake() {
  MutexLock lock(mutex_);
  is_woken_ = true;
  wake_.NotifyAll();
}

ApplierStats Applier::Stats() const {
  MutexLock lock(mutex_);
  return stats_;
}

bool Applier::IsStopping() const {
  MutexLock lock(mutex_);
  return is_stopping_;
}

void Applier::Run() {
  while (!IsStopping()) {
    Tick();
    MutexLock lock(mutex_);
    if (!is_stopping_ && !is_woken_) wake_.WaitFor(mutex_, options_.tick);
    is_woken_ = false;
  }
  lease_.Release();
}

void Applier::Tick() {
  const LeaseHolder::Step step = lease_.Tick();
  {
    MutexLock lock(mutex_);
    stats_.is_holder = step.token.has_value();
  }
  if (!step.token) {
    in_hand_.clear();
    return;
  }
  bool is_at_end = false;
  while (!is_at_end && !IsStopping() && lease_.Token()) is_at_end = WorkOnPage();
  if (clock_.Now() >= expire_due_) Expire();
  std::int64_t needs_help = 0;
  for (const auto& [id, stored] : in_hand_) {
    if (core::NeedsHelp(stored.request, clock_.WallNow())) ++needs_help;
  }
  MutexLock lock(mutex_);
  stats_.in_hand = static_cast<std::int64_t>(in_hand_.size());
  stats_.needs_help = needs_help;
}

bool Applier::WorkOnPage() {
  const WallTime now = clock_.WallNow();
  const std::int64_t after = looked_up_to_;
  const auto due = store_.LoadDueRequests(now, after, options_.requests_max, ForCall());
  if (!due.ok()) {
    LANEMQ_LOG(DEBUG, "governance.look_failed", {"error", due.error().ToString()});
    return true;
  }
  const bool is_last = due->size() < options_.requests_max;
  const std::int64_t up_to = is_last ? std::numeric_limits<std::int64_t>::max() : due->back();
  looked_up_to_ = is_last ? 0 : up_to;
  // What was looked for, and is not due, is somebody else's or has ended.
  const std::set<std::int64_t> wanted(due->begin(), due->end());
  const auto is_missed = [&](std::int64_t id) {
    return id > after && id <= up_to && !wanted.contains(id);
  };
  std::erase_if(in_hand_, [&](const auto& entry) {
    return is_missed(entry.first) && entry.second.request.progress.retry_at <= now;
  });
  std::erase_if(paused_until_, [&](const auto& entry) {
    return is_missed(entry.first) && entry.second <= clock_.Now();
  });
  for (const std::int64_t id : *due) {
    if (IsStopping() || !lease_.Token()) return true;
    const auto paused = paused_until_.find(id);
    if (paused == paused_until_.end() || paused->second <= clock_.Now()) Work(id);
  }
  return is_last;
}

void Applier::Expire() {
  expire_due_ = clock_.Now() + options_.expire_every;
  const auto expired =
      store_.ExpireRequests(clock_.WallNow(), options_.request_age, kExpiredMax, ForCall());
  // There are more: at the next tick.
  if (expired.ok() && *expired == static_cast<std::int64_t>(kExpiredMax)) {
    expire_due_ = clock_.Now();
  }
}

core::AuditNote Applier::NoteFor(const StoredRequest& stored) const {
  core::AuditNote note;
  note.actor = core::ToString(stored.request.author);
  note.source = "metaserver";
  note.request_id = fmt::format("request-{}", stored.request.id);
  note.action = "applyRequest";
  note.reason = stored.title;
  return note;
}

std::optional<StoredRequest> Applier::Store(const StoredRequest& before, const RequestTurn& turn,
                                            bool is_told) {
  StoredRequest wanted = before;
  wanted.request = turn.request;
  std::optional<core::AuditNote> note;
  if (is_told) note = NoteFor(before);
  const std::int64_t id = before.request.id;
  auto stored = store_.SaveRequest(wanted, note, ForCall());
  if (!stored.ok()) {
    // Somebody changed it, or nobody knows: what is stored says it, the next time.
    LANEMQ_LOG(INFO, "governance.not_stored", {"request", id},
               {"error", stored.error().ToString()});
    in_hand_.erase(id);
    return std::nullopt;
  }
  if (stored->request.state == RequestState::kApplying) {
    in_hand_[id] = *stored;
  } else {
    in_hand_.erase(id);
  }
  return *std::move(stored);
}

std::optional<StoredRequest> Applier::TakeInHand(std::int64_t id) {
  const auto known = in_hand_.find(id);
  if (known != in_hand_.end()) return known->second;
  const auto found = store_.FindRequest(id, ForCall());
  if (!found.ok() || !*found) return std::nullopt;
  const StoredRequest& loaded = **found;
  if (loaded.request.state == RequestState::kApplying) {
    const auto taken = Store(loaded, {core::TakenOver(loaded.request)}, false);
    if (!taken) return std::nullopt;
    LANEMQ_LOG(INFO, "governance.taken_over", {"request", id},
               {"epoch", taken->request.progress.epoch});
    MutexLock lock(mutex_);
    ++stats_.taken_over;
    return taken;
  }
  RequestTurn turn = core::Expire(loaded.request, clock_.WallNow());
  if (loaded.request.state == RequestState::kApproved) {
    // Decided on what is there now, here and elsewhere.
    tools_.refresh();
    auto started = tools_.start(loaded.request);
    if (!started.ok()) {
      LANEMQ_LOG(WARN, "governance.not_decided", {"request", id},
                 {"error", started.error().ToString()});
      paused_until_[id] = clock_.Now() + options_.undecided_pause;
      return std::nullopt;
    }
    turn = *std::move(started);
  }
  if (turn.request == loaded.request) return std::nullopt;
  auto stored = Store(loaded, turn, true);
  if (!stored) return std::nullopt;
  LANEMQ_LOG(INFO, "governance.request", {"request", id},
             {"state", core::ToString(stored->request.state)});
  if (stored->request.state == RequestState::kExpired) {
    MutexLock lock(mutex_);
    ++stats_.expired;
  }
  tools_.on_stored();
  return stored;
}

void Applier::Work(std::int64_t id) {
  std::optional<StoredRequest> stored = TakeInHand(id);
  while (stored && !IsStopping()) {
    // Between steps, which may take long.
    lease_.Tick();
    if (!lease_.Token()) return;
    const ApplyTurn turn = core::NextTurn(stored->request, clock_.WallNow());
    switch (turn.kind) {
      case ApplyTurn::Kind::kNone:
      case ApplyTurn::Kind::kWait:
        return;
      case ApplyTurn::Kind::kMark:
        stored = Store(*stored, {core::Marked(stored->request)}, false);
        break;
      case ApplyTurn::Kind::kStep:
        if (!TakeStep(*stored, turn.step)) return;
        break;
    }
  }
}

bool Applier::TakeStep(StoredRequest& stored, const ApplyStep& step) {
  const std::int64_t id = stored.request.id;
  StoredRequest committed;
  const Status done = RunStep(stored, step, &committed);
  {
    MutexLock lock(mutex_);
    ++stats_.steps;
  }
  auto outcome = OutcomeOf(done);
  if (!outcome) {
    LANEMQ_LOG(INFO, "governance.fenced", {"request", id}, {"error", done.error().message});
    in_hand_.erase(id);
    return false;
  }
  if (step.kind == ApplyStep::Kind::kUndoTopic && !done.ok() &&
      done.error().code == ErrorCode::kFailedPrecondition) {
    outcome = StepOutcome::kInUse;
  }
  if (!done.ok()) {
    LANEMQ_LOG(WARN, "governance.step_failed", {"request", id},
               {"step", static_cast<int>(step.kind)}, {"error", done.error().ToString()});
  }
  const bool is_last =
      step.kind == ApplyStep::Kind::kCommit || step.kind == ApplyStep::Kind::kClose;
  if (done.ok() && is_last) {
    in_hand_.erase(id);
    Ended(committed);
    return false;
  }
  const auto after =
      Store(stored,
            {core::AfterStep(stored.request, step, *outcome, done.ok() ? "" : done.error().message,
                             clock_.WallNow())},
            false);
  if (!after) return false;
  stored = *after;
  if (*outcome != StepOutcome::kInUse) return true;
  paused_until_[id] = clock_.Now() + options_.closed_pause;
  return false;
}

void Applier::Ended(const StoredRequest& stored) {
  tools_.refresh();
  const bool is_applied = stored.request.state == RequestState::kApplied;
  LANEMQ_LOG(INFO, "governance.request", {"request", stored.request.id},
             {"state", core::ToString(stored.request.state)}, {"reason", stored.request.reason});
  {
    MutexLock lock(mutex_);
    ++(is_applied ? stats_.applied : stats_.failed);
  }
  tools_.on_stored();
}

Status Applier::RunStep(const StoredRequest& stored, const ApplyStep& step,
                        StoredRequest* committed) {
  switch (step.kind) {
    case ApplyStep::Kind::kCreateTopic:
      return CreateTopic(stored, step.change);
    case ApplyStep::Kind::kAddPartitions:
      return AddPartitions(stored, step.change);
    case ApplyStep::Kind::kUndoTopic:
      return UndoTopic(stored, step.change);
    case ApplyStep::Kind::kCommit:
    case ApplyStep::Kind::kClose:
      break;
  }
  StoredRequest last = stored;
  last.request = core::AfterStep(stored.request, step, StepOutcome::kDone, "", clock_.WallNow());
  const core::AuditNote note = NoteFor(stored);
  auto done = step.kind == ApplyStep::Kind::kCommit ? store_.Commit(last, note, ForStep())
                                                    : store_.SaveRequest(last, note, ForStep());
  if (!done.ok()) {
    // By another version of the row somebody else goes on with it.
    if (done.error().code == ErrorCode::kConflict) {
      return Error{ErrorCode::kFenced, done.error().message};
    }
    return done.error();
  }
  *committed = *std::move(done);
  return {};
}

Status Applier::CreateTopic(const StoredRequest& stored, std::size_t change) {
  const auto& wanted = std::get<core::CreateTopicChange>(stored.request.bundle.changes.at(change));
  const core::NewTopic topic{wanted.name, wanted.partitions, wanted.config, wanted.description};
  LANEMQ_ASSIGN_OR_RETURN(
      const TopicRecord record,
      store_.BeginCreateTopic(TermOf(stored), topic, PlacerFor(wanted.partitions, {}),
                              NoteFor(stored), ForStep()));
  return record.IsFinished() ? Status{} : tools_.finish(record);
}

Status Applier::AddPartitions(const StoredRequest& stored, std::size_t change) {
  const auto& wanted =
      std::get<core::AddPartitionsChange>(stored.request.bundle.changes.at(change));
  const auto placer = [&](const core::Topic& topic) {
    const auto present = static_cast<std::int32_t>(topic.partitions.size());
    return PlacerFor(wanted.partitions - present, topic.partitions);
  };
  LANEMQ_ASSIGN_OR_RETURN(const TopicRecord record,
                          store_.BeginAddPartitions(TermOf(stored), wanted.name, wanted.partitions,
                                                    placer, NoteFor(stored), ForStep()));
  return record.IsFinished() ? Status{} : tools_.finish(record);
}

Status Applier::UndoTopic(const StoredRequest& stored, std::size_t change) {
  const auto& wanted = std::get<core::CreateTopicChange>(stored.request.bundle.changes.at(change));
  const Deadline deadline = ForStep();
  LANEMQ_ASSIGN_OR_RETURN(const auto made,
                          store_.FindMadeTopic(TermOf(stored), wanted.name, deadline));
  if (!made) return {};
  // In creation nobody could write to it. A metaserver of an older version made it active at once.
  if (made->topic.state == core::TopicState::kActive) {
    LANEMQ_ASSIGN_OR_RETURN(const bool was_written, tools_.was_written(made->topic, deadline));
    if (was_written) {
      return Error{ErrorCode::kFailedPrecondition,
                   fmt::format("topic '{}' has messages already: it is not dropped", wanted.name)};
    }
  }
  LANEMQ_ASSIGN_OR_RETURN(const auto record, store_.BeginUndoTopic(TermOf(stored), wanted.name,
                                                                   NoteFor(stored), deadline));
  return record ? tools_.finish(*record) : Status{};
}

}  // namespace lanemq::metaserver
