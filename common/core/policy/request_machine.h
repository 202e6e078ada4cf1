#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/base/result.h"
#include "common/core/policy/decision.h"
#include "common/core/policy/request_types.h"

namespace lanemq::core {

// What people do with requests. `decision` is of the request's bundle, its author and this moment.

/// Another bundle; what was agreed to is not this one, so that it is a draft again.
struct EditRequest {
  Bundle bundle;
};
struct SubmitRequest {
  Decision decision;
  std::int64_t days_max = 14;  ///< Policy::request_days_max.
  /// Of the author; there: it does not wait.
  std::optional<std::string> break_glass_reason;
};
struct ApproveRequest {};
struct DeclineRequest {
  std::string reason;
};
struct WithdrawRequest {
  std::string reason;  ///< May be empty.
};
struct BreakGlass {
  std::string reason;
};
/// While it is applied: back, if that is still possible.
struct GiveUpRequest {
  std::string reason;
};
using RequestDeed = std::variant<EditRequest, SubmitRequest, ApproveRequest, DeclineRequest,
                                 WithdrawRequest, BreakGlass, GiveUpRequest>;

/// The request as it is to be stored. Who is told of it once it is: request_events.h.
struct RequestTurn {
  ChangeRequest request;
};

/// What `by` makes of the request. Pure.
///
/// Who may: the author edits, submits and withdraws; whoever may say yes for one of the missing
/// approvers and is not the author approves, or declines with a reason; operators break the glass
/// with a reason, of their own requests, too; the author and operators give up with a reason.
/// One who approves says yes for every approver that he may. A repeated yes changes nothing.
///
/// kClusterAuthorizationFailed: not this person. kFailedPrecondition: not in this state.
/// kInvalidRequest: no reason, or one of over 500 bytes. kPolicyViolation: submitted, but refused.
Result<RequestTurn> ActOn(const ChangeRequest& request, const RequestDeed& deed, const Actor& by,
                          WallTime now);

/// Expired when it has waited too long; else as it is.
[[nodiscard]] RequestTurn Expire(const ChangeRequest& request, WallTime now);

/// An approved request goes to kApplying; to kFailed when `decision`, of this moment, refuses it;
/// to kPending when it needs a yes that nobody gave. Others stay as they are.
[[nodiscard]] RequestTurn StartApplying(const ChangeRequest& request, const Decision& decision,
                                        std::int64_t days_max, WallTime now);

/// Whether somebody's yes to a request is asked for and missing, or why not.
enum class YesOf : std::uint8_t {
  kMissing,
  kNotPending,
  kExpired,
  kOwnRequest,  ///< Nobody approves his own.
  kNotAsked,
  kGiven,  ///< For all that he may; he may still decline.
};
[[nodiscard]] std::string_view ToString(YesOf yes);  ///< "own_request", "missing".
[[nodiscard]] YesOf FindYesOf(const ChangeRequest& request, const Actor& by, WallTime now);

/// Approvers that nobody has said yes for.
[[nodiscard]] std::vector<Approver> MissingApprovers(const ChangeRequest& request);

}  // namespace lanemq::core
