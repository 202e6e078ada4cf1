#include "common/core/policy/request_machine.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "common/core/policy/apply_machine.h"
#include "common/core/policy/approvals.h"
#include "common/core/policy/sizing.h"
#include "common/core/types/audit.h"

namespace lanemq::core {
namespace {

constexpr std::int64_t kDayMicros = 24LL * 60 * 60 * 1'000'000;

// In the order of the enumerators.
constexpr std::array<std::string_view, 10> kStateTexts = {
    "draft",  "pending", "approved", "applying",  "applied",
    "failed", "undone",  "declined", "withdrawn", "expired"};

Error NotAllowed(std::string_view who_may) {
  return {ErrorCode::kClusterAuthorizationFailed, fmt::format("only {} may do that", who_may)};
}

Error WrongState(const ChangeRequest& request, std::string_view what) {
  return {ErrorCode::kFailedPrecondition, fmt::format("request {} is {}: it cannot be {}",
                                                      request.id, ToString(request.state), what)};
}

Status CheckReason(std::string_view reason) {
  if (reason.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return Error{ErrorCode::kInvalidRequest, "say why: this needs a reason"};
  }
  if (reason.size() <= AuditNote::kReasonBytesMax) return {};
  return Error{ErrorCode::kInvalidRequest, fmt::format("the reason has {} bytes, {} are allowed",
                                                       reason.size(), AuditNote::kReasonBytesMax)};
}

std::string FirstFaults(const Decision& decision) {
  std::string faults;
  constexpr std::size_t kShown = 3;
  for (std::size_t i = 0; i < decision.violations.size() && i < kShown; ++i) {
    const Violation& violation = decision.violations[i];
    faults += fmt::format("{}{}: {}: {}", faults.empty() ? "" : "; ", violation.subject,
                          violation.field, violation.limit);
  }
  if (decision.violations.size() > kShown) {
    faults += fmt::format("; and {} more", decision.violations.size() - kShown);
  }
  return faults;
}

RequestTurn Moved(ChangeRequest request, RequestState state, WallTime now) {
  request.state = state;
  request.changed_at = now;
  if (state != RequestState::kPending) request.expires_at.reset();
  return {std::move(request)};
}

RequestTurn Approved(ChangeRequest request, WallTime now) {
  return Moved(std::move(request), RequestState::kApproved, now);
}

RequestTurn Waiting(ChangeRequest request, std::int64_t days_max, WallTime now) {
  RequestTurn turn = Moved(std::move(request), RequestState::kPending, now);
  turn.request.expires_at =
      WallTime{SaturatedSum(now.micros, SaturatedProduct(days_max, kDayMicros))};
  return turn;
}

RequestTurn Broken(ChangeRequest request, std::string reason, WallTime now) {
  request.break_glass_reason = std::move(reason);
  return Moved(std::move(request), RequestState::kApproved, now);
}

/// What somebody does, one kind at a time.
struct Doer {
  const ChangeRequest& request;
  const Actor& by;
  WallTime now;

  [[nodiscard]] bool IsAuthor() const { return by.principal == request.author; }
  [[nodiscard]] bool MayDecide() const {
    return std::any_of(request.approvers.begin(), request.approvers.end(),
                       [&](const Approver& approver) { return MayApprove(approver, by); });
  }
  /// Pending, not too late, not the author's own, and asked for.
  [[nodiscard]] Status CheckMayDecide(std::string_view what) const {
    if (request.state != RequestState::kPending) return WrongState(request, what);
    if (request.expires_at && now >= *request.expires_at) {
      return Error{ErrorCode::kFailedPrecondition,
                   fmt::format("request {} has expired", request.id)};
    }
    if (IsAuthor()) return NotAllowed("somebody else than the author");
    if (!MayDecide()) return NotAllowed("who is asked");
    return {};
  }

  Result<RequestTurn> operator()(const EditRequest& deed) const {
    if (!IsAuthor()) return NotAllowed("the author");
    if (request.state != RequestState::kDraft && request.state != RequestState::kPending) {
      return WrongState(request, "edited");
    }
    ChangeRequest edited = request;
    edited.bundle = deed.bundle;
    edited.approvers.clear();
    edited.approvals.clear();
    return Moved(std::move(edited), RequestState::kDraft, now);
  }

  Result<RequestTurn> operator()(const SubmitRequest& deed) const {
    if (!IsAuthor()) return NotAllowed("the author");
    if (request.state != RequestState::kDraft) return WrongState(request, "submitted");
    if (deed.decision.kind == Decision::Kind::kRefuse) {
      return Error{ErrorCode::kPolicyViolation, FirstFaults(deed.decision)};
    }
    ChangeRequest submitted = request;
    submitted.approvers = deed.decision.approvers;
    submitted.approvals.clear();
    if (deed.break_glass_reason && !submitted.approvers.empty()) {
      if (!by.Operates()) return NotAllowed("operators and admins");
      LANEMQ_RETURN_IF_ERROR(CheckReason(*deed.break_glass_reason));
      return Broken(std::move(submitted), *deed.break_glass_reason, now);
    }
    if (submitted.approvers.empty())
      return Moved(std::move(submitted), RequestState::kApproved, now);
    return Waiting(std::move(submitted), deed.days_max, now);
  }

  Result<RequestTurn> operator()(const ApproveRequest&) const {
    LANEMQ_RETURN_IF_ERROR(CheckMayDecide("approved"));
    ChangeRequest approved = request;
    for (const Approver& approver : MissingApprovers(request)) {
      if (MayApprove(approver, by)) approved.approvals.push_back({approver, by.principal, now});
    }
    if (MissingApprovers(approved).empty()) return Approved(std::move(approved), now);
    return RequestTurn{std::move(approved)};
  }

  Result<RequestTurn> operator()(const DeclineRequest& deed) const {
    LANEMQ_RETURN_IF_ERROR(CheckMayDecide("declined"));
    LANEMQ_RETURN_IF_ERROR(CheckReason(deed.reason));
    RequestTurn turn = Moved(request, RequestState::kDeclined, now);
    turn.request.reason = deed.reason;
    return turn;
  }

  Result<RequestTurn> operator()(const WithdrawRequest& deed) const {
    if (!IsAuthor()) return NotAllowed("the author");
    switch (request.state) {
      case RequestState::kDraft:
      case RequestState::kPending:
      case RequestState::kApproved:
        break;
      case RequestState::kApplying:
      case RequestState::kApplied:
      case RequestState::kFailed:
      case RequestState::kUndone:
      case RequestState::kDeclined:
      case RequestState::kWithdrawn:
      case RequestState::kExpired:
        return WrongState(request, "withdrawn");
    }
    if (!deed.reason.empty()) LANEMQ_RETURN_IF_ERROR(CheckReason(deed.reason));
    RequestTurn turn = Moved(request, RequestState::kWithdrawn, now);
    turn.request.reason = deed.reason;
    return turn;
  }

  Result<RequestTurn> operator()(const BreakGlass& deed) const {
    if (!by.Operates()) return NotAllowed("operators and admins");
    if (request.state != RequestState::kPending) return WrongState(request, "approved");
    LANEMQ_RETURN_IF_ERROR(CheckReason(deed.reason));
    return Broken(request, deed.reason, now);
  }

  Result<RequestTurn> operator()(const GiveUpRequest& deed) const {
    if (!IsAuthor() && !by.Operates()) return NotAllowed("the author, operators and admins");
    if (request.state != RequestState::kApplying) return WrongState(request, "given up");
    LANEMQ_RETURN_IF_ERROR(CheckReason(deed.reason));
    if (request.progress.is_past_return) {
      return Error{ErrorCode::kFailedPrecondition,
                   "partitions were added, which cannot be undone: it goes on"};
    }
    return RequestTurn{GiveUp(request, deed.reason, now)};
  }
};

}  // namespace

std::string_view ToString(RequestState state) {
  return kStateTexts.at(static_cast<std::size_t>(state));
}

std::optional<RequestState> RequestStateFromString(std::string_view text) {
  const auto* found = std::find(kStateTexts.begin(), kStateTexts.end(), text);
  if (found == kStateTexts.end()) return std::nullopt;
  return static_cast<RequestState>(found - kStateTexts.begin());
}

bool IsFinal(RequestState state) {
  switch (state) {
    case RequestState::kDraft:
    case RequestState::kPending:
    case RequestState::kApproved:
    case RequestState::kApplying:
      return false;
    case RequestState::kApplied:
    case RequestState::kFailed:
    case RequestState::kUndone:
    case RequestState::kDeclined:
    case RequestState::kWithdrawn:
    case RequestState::kExpired:
      return true;
  }
  return true;
}

std::vector<Approver> MissingApprovers(const ChangeRequest& request) {
  std::vector<Approver> missing;
  for (const Approver& approver : request.approvers) {
    const bool is_given =
        std::any_of(request.approvals.begin(), request.approvals.end(),
                    [&](const Approval& approval) { return approval.approver == approver; });
    if (!is_given) missing.push_back(approver);
  }
  return missing;
}

std::string_view ToString(YesOf yes) {
  switch (yes) {
    case YesOf::kMissing:
      return "missing";
    case YesOf::kNotPending:
      return "not_pending";
    case YesOf::kExpired:
      return "expired";
    case YesOf::kOwnRequest:
      return "own_request";
    case YesOf::kNotAsked:
      return "not_asked";
    case YesOf::kGiven:
      return "has_agreed";
  }
  return {};
}

YesOf FindYesOf(const ChangeRequest& request, const Actor& by, WallTime now) {
  const auto may = [&](const Approver& approver) { return MayApprove(approver, by); };
  if (request.state != RequestState::kPending) return YesOf::kNotPending;
  if (request.expires_at && now >= *request.expires_at) return YesOf::kExpired;
  if (by.principal == request.author) return YesOf::kOwnRequest;
  if (std::ranges::none_of(request.approvers, may)) return YesOf::kNotAsked;
  return std::ranges::any_of(MissingApprovers(request), may) ? YesOf::kMissing : YesOf::kGiven;
}

Result<RequestTurn> ActOn(const ChangeRequest& request, const RequestDeed& deed, const Actor& by,
                          WallTime now) {
  return std::visit(Doer{request, by, now}, deed);
}

RequestTurn Expire(const ChangeRequest& request, WallTime now) {
  const bool is_late =
      request.state == RequestState::kPending && request.expires_at && now >= *request.expires_at;
  if (!is_late) return {request};
  return Moved(request, RequestState::kExpired, now);
}

RequestTurn StartApplying(const ChangeRequest& request, const Decision& decision,
                          std::int64_t days_max, WallTime now) {
  if (request.state != RequestState::kApproved) return {request};
  if (decision.kind == Decision::Kind::kRefuse) {
    RequestTurn turn = Moved(request, RequestState::kFailed, now);
    turn.request.reason = "no longer allowed: " + FirstFaults(decision);
    return turn;
  }
  ChangeRequest started = request;
  started.approvers = decision.approvers;
  if (!started.break_glass_reason && !MissingApprovers(started).empty()) {
    return Waiting(std::move(started), days_max, now);
  }
  started.progress = {.epoch = request.progress.epoch + 1, .since = now, .retry_at = now};
  return Moved(std::move(started), RequestState::kApplying, now);
}

}  // namespace lanemq::core
