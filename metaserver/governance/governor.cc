#include "metaserver/governance/governor.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "common/base/utf8.h"
#include "common/core/access/access_rules.h"
#include "common/core/policy/approvals.h"

namespace lanemq::metaserver {
namespace {

using core::Decision;
using core::RequestState;
using core::RequestTurn;
using core::StoredRequest;

constexpr std::size_t kTitleBytesMax = 200;
constexpr std::size_t kKeyBytesMax = 100;
/// Deletions of one bundle whose topics are looked at on their data nodes.
constexpr std::size_t kUseLooksMax = 200;
/// Rows that a list with `waits_for` looks at.
constexpr int kPagesMax = 10;
constexpr std::size_t kViolationsShown = 20;

Status CheckText(std::string_view what, std::string_view text, std::size_t bytes_max) {
  if (text.size() > bytes_max) {
    return Error{ErrorCode::kInvalidRequest,
                 fmt::format("the {} has {} bytes, {} at most", what, text.size(), bytes_max)};
  }
  if (!IsUtf8(text))
    return Error{ErrorCode::kInvalidRequest, fmt::format("the {} is not UTF-8", what)};
  return {};
}

/// Without authentication everybody is the same nobody: there is no other one whose yes could be
/// waited for.
bool IsAlone(const core::Actor& actor) {
  return actor.principal.kind == core::PrincipalKind::kAnonymous && actor.Operates();
}

Error NoSuch(std::int64_t id) {
  return {ErrorCode::kNotFound, fmt::format("there is no request {}", id)};
}

}  // namespace

std::string ApproverText(const core::Approver& approver) {
  switch (approver.kind) {
    case core::Approver::Kind::kOwnerLeads:
      return "leads of the owning team";
    case core::Approver::Kind::kTeamLeads:
      return "leads of " + approver.team;
    case core::Approver::Kind::kOperators:
      return "operators";
    case core::Approver::Kind::kAdmins:
      return "admins";
  }
  return {};
}

std::string ApproversText(const std::vector<core::Approver>& approvers) {
  std::string text;
  for (std::size_t i = 0; i < approvers.size(); ++i) {
    if (i > 0) text += i + 1 == approvers.size() ? " and " : ", ";
    text += ApproverText(approvers[i]);
  }
  return text;
}

std::string ViolationsText(const Decision& decision) {
  std::string text;
  for (std::size_t i = 0; i < decision.violations.size() && i < kViolationsShown; ++i) {
    const core::Violation& violation = decision.violations[i];
    text += fmt::format("{}{}: {}: {}", text.empty() ? "" : "; ", violation.subject,
                        violation.field, violation.limit);
    if (!violation.got.empty()) text += fmt::format(", not {}", violation.got);
    if (!violation.why.empty()) text += fmt::format(" ({})", violation.why);
    if (violation.fix) text += fmt::format(" [fix: {}]", *violation.fix);
  }
  if (decision.violations.size() > kViolationsShown) {
    text += fmt::format("; and {} more", decision.violations.size() - kViolationsShown);
  }
  return text;
}

Status Governor::AddUse(const core::Bundle& bundle, core::PolicyWorld& world, Deadline deadline) {
  std::size_t looks = 0;
  for (const core::Change& change : bundle.changes) {
    const auto* const deleted = std::get_if<core::DeleteTopicChange>(&change);
    if (deleted == nullptr) continue;
    const core::TopicFacts* const facts = world.FindTopic(deleted->name);
    if (facts == nullptr) continue;
    if (++looks > kUseLooksMax) {
      return Error{ErrorCode::kInvalidRequest,
                   fmt::format("more than {} topics are deleted at once: make several requests",
                               kUseLooksMax)};
    }
    LANEMQ_ASSIGN_OR_RETURN(const bool is_in_use,
                            sources_.is_in_use(deleted->name, options_.in_use_within, deadline));
    if (!is_in_use) continue;
    core::TopicFacts used = *facts;
    used.is_in_use = true;
    world.PutTopic(std::move(used));
  }
  return {};
}

Result<Governor::Judgement> Governor::Judge(const core::Bundle& bundle,
                                            const core::Author& author) {
  const Deadline deadline = ForCall();
  LANEMQ_ASSIGN_OR_RETURN(const core::StoredPolicy policy, store_.LoadPolicy(deadline));
  LANEMQ_ASSIGN_OR_RETURN(core::PolicyWorld world, sources_.world(deadline));
  // Without a policy whatever the cluster can do is allowed.
  if (policy.version > 0 && !policy.policy.may_delete_topics_in_use) {
    LANEMQ_RETURN_IF_ERROR(AddUse(bundle, world, deadline));
  }
  Judgement judged{core::Decide(world, policy.policy, bundle, author, clock_.WallNow()),
                   policy.policy.request_days_max, policy.version};
  if (IsAlone(author.who) && judged.decision.kind == Decision::Kind::kNeedsApproval) {
    judged.decision.kind = Decision::Kind::kApply;
    judged.decision.approvers.clear();
  }
  return judged;
}

Result<Governor::Answer> Governor::Propose(const core::Principal& author, const Proposal& proposal,
                                           const core::AuditNote& note) {
  LANEMQ_RETURN_IF_ERROR(CheckText("title", proposal.title, kTitleBytesMax));
  LANEMQ_RETURN_IF_ERROR(CheckText("idempotency key", proposal.idempotency_key, kKeyBytesMax));
  const core::Actor actor = sources_.actor(author);
  LANEMQ_ASSIGN_OR_RETURN(const Judgement judged,
                          Judge(proposal.bundle, {actor, proposal.break_glass_reason}));
  Answer answer;
  answer.decision = judged.decision;
  const bool is_refused = judged.decision.kind == Decision::Kind::kRefuse;
  if (proposal.is_dry_run || (proposal.is_submitted && is_refused)) return answer;

  const WallTime now = clock_.WallNow();
  StoredRequest stored;
  stored.title = proposal.title;
  stored.request.author = author;
  stored.request.bundle = proposal.bundle;
  stored.request.created_at = now;
  stored.request.changed_at = now;
  if (proposal.is_submitted) {
    LANEMQ_ASSIGN_OR_RETURN(const RequestTurn turn,
                            core::ActOn(stored.request,
                                        core::SubmitRequest{judged.decision, judged.days_max,
                                                            proposal.break_glass_reason},
                                        actor, now));
    stored.request = turn.request;
  }
  LANEMQ_ASSIGN_OR_RETURN(answer.request,
                          store_.AddRequest(stored, proposal.idempotency_key, note, ForCall()));
  on_stored_();
  return answer;
}

Result<RequestTurn> Governor::Turn(const StoredRequest& stored, const Deed& deed,
                                   const core::Actor& by, std::optional<Decision>* decision) {
  const WallTime now = clock_.WallNow();
  const core::ChangeRequest& request = stored.request;
  const auto act = [&](const core::RequestDeed& what) {
    return core::ActOn(request, what, by, now);
  };
  if (deed.what == "edit") return act(core::EditRequest{deed.bundle.value_or(request.bundle)});
  if (deed.what == "approve") return act(core::ApproveRequest{});
  if (deed.what == "decline") return act(core::DeclineRequest{deed.reason});
  if (deed.what == "withdraw") return act(core::WithdrawRequest{deed.reason});
  if (deed.what == "break_glass") return act(core::BreakGlass{deed.reason});
  if (deed.what == "give_up") return act(core::GiveUpRequest{deed.reason});
  if (deed.what != "submit") {
    return Error{ErrorCode::kInvalidRequest,
                 "a deed is edit, submit, approve, decline, withdraw, break_glass or give_up"};
  }
  LANEMQ_ASSIGN_OR_RETURN(const Judgement judged, Judge(request.bundle, {by, std::nullopt}));
  *decision = judged.decision;
  return act(core::SubmitRequest{judged.decision, judged.days_max, std::nullopt});
}

Result<Governor::Answer> Governor::Act(const core::Principal& by, const Deed& deed,
                                       const core::AuditNote& note) {
  if (deed.title) LANEMQ_RETURN_IF_ERROR(CheckText("title", *deed.title, kTitleBytesMax));
  LANEMQ_RETURN_IF_ERROR(CheckText("reason", deed.reason, core::AuditNote::kReasonBytesMax));
  LANEMQ_ASSIGN_OR_RETURN(const auto found, store_.FindRequest(deed.id, ForCall()));
  if (!found) return NoSuch(deed.id);
  const bool is_of_what_was_seen = deed.what == "approve" || deed.what == "break_glass";
  if (is_of_what_was_seen && !deed.if_version) {
    return Error{ErrorCode::kInvalidRequest,
                 fmt::format("{} is of what somebody has seen: if_version, the version of the "
                             "request, is missing",
                             deed.what)};
  }
  if (deed.if_version && *deed.if_version != found->version) {
    return Error{ErrorCode::kConflict,
                 fmt::format("request {} has version {}, not {}: look at it again", deed.id,
                             found->version, *deed.if_version)};
  }
  Answer answer;
  LANEMQ_ASSIGN_OR_RETURN(const RequestTurn turn,
                          Turn(*found, deed, sources_.actor(by), &answer.decision));
  StoredRequest after = *found;
  after.request = turn.request;
  if (deed.what == "edit" && deed.title) after.title = *deed.title;
  core::AuditNote told = note;
  told.action += ":" + deed.what;
  if (told.reason.empty()) told.reason = deed.reason;
  LANEMQ_ASSIGN_OR_RETURN(answer.request, store_.SaveRequest(after, told, ForCall()));
  on_stored_();
  return answer;
}

Result<Governor::Answer> Governor::Describe(std::int64_t id) {
  Answer answer;
  LANEMQ_ASSIGN_OR_RETURN(answer.request, store_.FindRequest(id, ForCall()));
  if (!answer.request) return NoSuch(id);
  const core::ChangeRequest& request = answer.request->request;
  if (request.state == RequestState::kDraft) {
    LANEMQ_ASSIGN_OR_RETURN(Judgement judged,
                            Judge(request.bundle, {sources_.actor(request.author), std::nullopt}));
    answer.decision = std::move(judged.decision);
  }
  if (request.state == RequestState::kPending) {
    auto judged = Judge(request.bundle, {sources_.actor(request.author), std::nullopt});
    if (judged.ok()) answer.decision = std::move(judged->decision);
  }
  return answer;
}

Result<std::vector<StoredRequest>> Governor::List(core::RequestFilter filter,
                                                  const std::string& waits_for, bool* has_more) {
  const std::size_t wanted = std::clamp<std::size_t>(filter.max, 1, 1'000);
  std::vector<StoredRequest> listed;
  *has_more = false;
  std::optional<core::Actor> approver;
  if (!waits_for.empty()) {
    const auto principal = core::PrincipalFromString(waits_for);
    if (!principal) {
      return Error{ErrorCode::kInvalidRequest, "waits_for is like \"person:ann\""};
    }
    approver = sources_.actor(*principal);
    filter.states = {RequestState::kPending};
  }
  const auto waits = [&](const StoredRequest& stored) {
    if (!approver) return true;
    const auto missing = core::MissingApprovers(stored.request);
    return stored.request.author != approver->principal &&
           std::any_of(missing.begin(), missing.end(),
                       [&](const core::Approver& one) { return core::MayApprove(one, *approver); });
  };
  filter.max = approver ? 1'000 : std::min<std::size_t>(wanted + 1, 1'000);
  for (int page = 0; page < kPagesMax; ++page) {
    LANEMQ_ASSIGN_OR_RETURN(const auto rows, store_.ListRequests(filter, ForCall()));
    for (const StoredRequest& row : rows) {
      if (!waits(row)) continue;
      if (listed.size() == wanted) {
        *has_more = true;
        return listed;
      }
      listed.push_back(row);
    }
    if (rows.size() < filter.max) return listed;
    *has_more = true;
    if (!approver) return listed;
    filter.before_id = rows.back().request.id;
  }
  return listed;
}

Result<RequestTurn> Governor::StartApplying(const core::ChangeRequest& request) {
  // Who broke the glass, and why, was looked at then.
  LANEMQ_ASSIGN_OR_RETURN(const Judgement judged,
                          Judge(request.bundle, {sources_.actor(request.author), std::nullopt}));
  return core::StartApplying(request, judged.decision, judged.days_max, clock_.WallNow());
}

Status Governor::CheckDirect(const core::Principal& by, const core::Change& change) {
  const core::Actor actor = sources_.actor(by);
  if (actor.Operates()) return {};
  LANEMQ_ASSIGN_OR_RETURN(const Judgement judged, Judge({{change}}, {actor, std::nullopt}));
  switch (judged.decision.kind) {
    case Decision::Kind::kApply:
      return {};
    case Decision::Kind::kNeedsApproval:
      if (judged.policy_version == 0) return {};
      return Error{ErrorCode::kPolicyViolation,
                   fmt::format("this needs the yes of {}: lanemq request propose",
                               ApproversText(judged.decision.approvers))};
    case Decision::Kind::kRefuse:
      return Error{ErrorCode::kPolicyViolation, ViolationsText(judged.decision)};
  }
  return {};
}

}  // namespace lanemq::metaserver
