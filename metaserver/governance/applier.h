#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <thread>

#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/core/lease/lease_trust.h"
#include "common/core/policy/apply_machine.h"
#include "common/core/policy/request_machine.h"
#include "common/core/store/governance_store.h"
#include "common/core/store/lease_store.h"
#include "metaserver/jobs/lease_holder.h"

namespace lanemq::metaserver {

/// What the applier has done, for /status and metrics.
struct ApplierStats {
  bool is_holder = false;
  std::int64_t applied = 0;
  std::int64_t failed = 0;  ///< Or undone.
  std::int64_t expired = 0;
  std::int64_t steps = 0;
  std::int64_t taken_over = 0;
  std::int64_t in_hand = 0;     ///< Being applied.
  std::int64_t needs_help = 0;  ///< Of those, so long that a person should look.
};

/// Goes on with requests: lets what waited too long expire, decides again on what is approved, and
/// applies it step by step (core/policy/apply_machine.h). The metaserver that holds the lease
/// `change-requests` does so; the lease only saves work, since every step checks the request's
/// epoch, so that two holders do no harm.
///
/// What the process remembers is what it has stored itself. Whatever else it finds in kApplying is
/// somebody else's, perhaps dead: it takes it over, which raises the epoch.
///
/// One thread. Thread safety: Wake() and Stats() from any thread; Start() and Stop() from one
/// owner.
class Applier {
 public:
  static constexpr std::string_view kLeaseName = "change-requests";

  struct Options {
    std::string owner;  ///< Of the lease; names this start of this process.
    std::chrono::milliseconds tick{500};
    core::LeaseTrust::Options lease;
    std::chrono::milliseconds call_timeout{5'000};
    std::chrono::milliseconds step_timeout{30'000};
    std::chrono::hours request_age{std::chrono::days{400}};  ///< Ended ones are kept so long.
    std::chrono::milliseconds expire_every{600'000};
    std::size_t requests_max = 100;  ///< Of one page; one look reads all pages. At least 1.
    /// Where both ways are closed (the name is taken, and what was made was written to), before the
    /// other one is tried again.
    std::chrono::milliseconds closed_pause{30'000};
    /// Where what there is cannot be read.
    std::chrono::milliseconds undecided_pause{5'000};
  };
  /// What steps need beside the store. Called on the applier's thread.
  struct Tools {
    /// What becomes of an approved request now.
    std::function<Result<core::RequestTurn>(const core::ChangeRequest&)> start;
    /// Makes or drops what is left of the topic's tables (CatalogService::Finish()).
    std::function<Status(const core::TopicRecord&)> finish;
    std::function<Result<bool>(const core::Topic&, Deadline)> was_written;
    /// The newest state of everything is known here before the next decision, and before those who
    /// wait for a request hear of it.
    std::function<void()> refresh;
    /// A request was stored in another state.
    std::function<void()> on_stored;
  };

  Applier(Options options, core::LeaseStore& leases, core::GovernanceStore& store, Tools tools,
          const Clock& clock);
  ~Applier() { Stop(); }

  void Start();
  /// Waits for the running step, gives the lease back. Idempotent.
  void Stop();
  /// Looks now, instead of at the next tick.
  void Wake();
  [[nodiscard]] ApplierStats Stats() const;

 private:
  void Run();
  void Tick();
  /// The requests that are due after those of the last page. True: there are no more.
  bool WorkOnPage();
  void Work(std::int64_t id);
  /// The request as this process stored it last, or loaded and made its own; nullopt: there is
  /// nothing to do.
  std::optional<core::StoredRequest> TakeInHand(std::int64_t id);
  /// Stores `turn` and tells of it. nullopt: it was not stored, and is forgotten.
  std::optional<core::StoredRequest> Store(const core::StoredRequest& before,
                                           const core::RequestTurn& turn, bool is_told);
  /// False: no more steps now.
  bool TakeStep(core::StoredRequest& stored, const core::ApplyStep& step);
  Status RunStep(const core::StoredRequest& stored, const core::ApplyStep& step,
                 core::StoredRequest* committed);
  Status CreateTopic(const core::StoredRequest& stored, std::size_t change);
  Status AddPartitions(const core::StoredRequest& stored, std::size_t change);
  /// kFailedPrecondition here: somebody has written to it.
  Status UndoTopic(const core::StoredRequest& stored, std::size_t change);
  void Ended(const core::StoredRequest& stored);
  void Expire();
  [[nodiscard]] core::AuditNote NoteFor(const core::StoredRequest& stored) const;
  [[nodiscard]] Deadline ForCall() const { return Deadline::After(clock_, options_.call_timeout); }
  [[nodiscard]] Deadline ForStep() const { return Deadline::After(clock_, options_.step_timeout); }
  [[nodiscard]] bool IsStopping() const;

  const Options options_;
  core::GovernanceStore& store_;
  const Tools tools_;
  const Clock& clock_;

  // The thread's own.
  LeaseHolder lease_;
  std::map<std::int64_t, core::StoredRequest> in_hand_;
  std::map<std::int64_t, MonotonicTime> paused_until_;
  std::int64_t looked_up_to_ = 0;  // The last id of the last page; 0: from the first one.
  MonotonicTime expire_due_;

  mutable Mutex mutex_;
  CondVar wake_;
  bool is_stopping_ LANEMQ_GUARDED_BY(mutex_) = false;
  bool is_woken_ LANEMQ_GUARDED_BY(mutex_) = false;
  ApplierStats stats_ LANEMQ_GUARDED_BY(mutex_);
  std::jthread thread_;
};

/// What an error of a step says of it. nullopt: somebody else goes on with the request.
[[nodiscard]] std::optional<core::StepOutcome> OutcomeOf(const Status& status);

}  // namespace lanemq::metaserver
