#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/core/policy/decision.h"
#include "common/core/policy/request_machine.h"
#include "common/core/store/governance_store.h"

namespace lanemq::metaserver {

/// Decides: what people ask for goes in, and a request in its next state comes out and is stored.
///
/// Thread safety: every method from any thread. Blocking. Errors of every method: those of
/// GovernanceStore and of what `Sources` read.
class Governor {
 public:
  struct Options {
    std::chrono::milliseconds call_timeout{5'000};
    /// A topic that was written to within so long is in use.
    std::chrono::hours in_use_within{std::chrono::days{7}};
  };
  /// What decisions are about. Called from any thread.
  struct Sources {
    std::function<Result<core::PolicyWorld>(Deadline)> world;
    std::function<core::Actor(const core::Principal&)> actor;
    /// Whether the topic was written to within so long; there may be no such topic.
    std::function<Result<bool>(const std::string& topic, std::chrono::hours, Deadline)> is_in_use;
  };
  /// Told of each request that was stored in another state, after that; must not block.
  using OnStored = std::function<void()>;

  struct Proposal {
    core::Bundle bundle;
    std::string title;
    bool is_submitted = true;  ///< False: stays a draft.
    bool is_dry_run = false;
    std::string idempotency_key;
    std::optional<std::string> break_glass_reason;
  };
  struct Deed {
    std::int64_t id = 0;
    /// "edit", "submit", "approve", "decline", "withdraw", "break_glass", "give_up".
    std::string what;
    std::string reason;
    std::optional<core::Bundle> bundle;  ///< Of "edit".
    std::optional<std::string> title;    ///< Of "edit".
    /// Of the request, as whoever acts has seen it. "approve" and "break_glass" need it.
    std::optional<std::int64_t> if_version;
  };
  struct Answer {
    std::optional<core::StoredRequest> request;
    std::optional<core::Decision> decision;
  };

  Governor(Options options, core::GovernanceStore& store, Sources sources, const Clock& clock,
           OnStored on_stored)
      : options_(options),
        store_(store),
        sources_(std::move(sources)),
        clock_(clock),
        on_stored_(std::move(on_stored)) {}

  /// Decides on the bundle, and keeps it, unless it is a dry run or refused; a draft is kept
  /// whatever the decision. kInvalidRequest: a text that cannot be. kClusterAuthorizationFailed:
  /// the glass is not for this caller to break.
  Result<Answer> Propose(const core::Principal& author, const Proposal& proposal,
                         const core::AuditNote& note);
  /// As core::ActOn(). kNotFound. kConflict: another version. kInvalidRequest: none.
  Result<Answer> Act(const core::Principal& by, const Deed& deed, const core::AuditNote& note);
  /// kNotFound. Of drafts with the decision of this moment; of pending ones, too, if it can be
  /// made.
  Result<Answer> Describe(std::int64_t id);
  /// Newest first, without bundles. `waits_for`: only pending ones that this person may say yes to
  /// and has not; empty: all. `has_more`: there are older ones that were not looked at.
  Result<std::vector<core::StoredRequest>> List(core::RequestFilter filter,
                                                const std::string& waits_for, bool* has_more);

  /// What an approved request becomes when it is to be applied; others stay as they are.
  Result<core::RequestTurn> StartApplying(const core::ChangeRequest& request);

  /// Whether `by` may do this one change by a direct call. Who operates may; without a policy,
  /// whoever was granted it may, but for what is beyond quotas. kPolicyViolation says what is wrong
  /// and what would be right, or that it takes a request.
  Status CheckDirect(const core::Principal& by, const core::Change& change);

 private:
  struct Judgement {
    core::Decision decision;
    std::int64_t days_max = 14;       ///< Policy::request_days_max.
    std::int64_t policy_version = 0;  ///< 0: nobody has set one.
  };
  /// On the bundle, at this moment.
  Result<Judgement> Judge(const core::Bundle& bundle, const core::Author& author);
  Result<core::RequestTurn> Turn(const core::StoredRequest& stored, const Deed& deed,
                                 const core::Actor& by, std::optional<core::Decision>* decision);
  Status AddUse(const core::Bundle& bundle, core::PolicyWorld& world, Deadline deadline);
  [[nodiscard]] Deadline ForCall() const { return Deadline::After(clock_, options_.call_timeout); }

  const Options options_;
  core::GovernanceStore& store_;
  const Sources sources_;
  const Clock& clock_;
  const OnStored on_stored_;
};

/// "topic 'x': partitions: at most 8, not 16 (fix: 8)"; and more. For people, one sentence each.
[[nodiscard]] std::string ViolationsText(const core::Decision& decision);
/// "leads of payments", "operators", "admins".
[[nodiscard]] std::string ApproverText(const core::Approver& approver);
/// "leads of payments and operators".
[[nodiscard]] std::string ApproversText(const std::vector<core::Approver>& approvers);

}  // namespace lanemq::metaserver
