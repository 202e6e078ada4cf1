#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/time.h"
#include "common/core/policy/changes.h"
#include "common/core/policy/policy_types.h"

namespace lanemq::core {

// The life of a request:
//
//   draft --submit--> pending --the last yes, break glass--> approved --start--> applying
//     |  ^              |  |                                    |  |                |
//     |  +----edit------+  +--> declined, expired               |  +--> failed      +--> applied
//     +--------------> withdrawn <------------------------------+  +--> pending     +--> failed
//                                                                                   +--> undone
//
// What needs nobody's yes goes from draft to approved. Before it is applied it is decided on again:
// it fails when it is no longer allowed, and waits again when more must agree than did.
enum class RequestState : std::uint8_t {
  kDraft,
  kPending,    ///< Waits for somebody's yes.
  kApproved,   ///< To be applied; nothing is yet.
  kApplying,   ///< A part of it may be there. Never for good: see apply_machine.h.
  kApplied,    ///< All of it is there.
  kFailed,     ///< It could not be applied; nothing of it is there.
  kUndone,     ///< Somebody gave it up while it was applied; nothing of it is there.
  kDeclined,   ///< Somebody who was asked said no.
  kWithdrawn,  ///< Its author does not want it any more.
  kExpired,    ///< Nobody said anything in time.
};

[[nodiscard]] std::string_view ToString(RequestState state);  ///< "draft".
[[nodiscard]] std::optional<RequestState> RequestStateFromString(std::string_view text);
/// Whether nothing will happen to it any more.
[[nodiscard]] bool IsFinal(RequestState state);

/// One yes.
struct Approval {
  Approver approver;  ///< For whom.
  Principal by;
  WallTime at;
  bool operator==(const Approval&) const = default;
};

enum class ApplyDirection : std::uint8_t { kForward, kBack };

/// How far applying is. In the request's row, so that whoever goes on after a crash knows.
struct ApplyProgress {
  /// Raised with each turn and each taking over. What changes anything on behalf of the request
  /// names it and has no effect when the row has another one.
  std::int64_t epoch = 0;
  ApplyDirection direction = ApplyDirection::kForward;
  std::size_t done = 0;         ///< Steps of the direction's plan that are known to be done.
  bool is_marked = false;       ///< The next step, which cannot be undone, may be tried.
  bool is_past_return = false;  ///< Something that cannot be undone may have been done.
  bool is_given_up = false;     ///< Somebody wanted it undone.
  std::int32_t attempts = 0;    ///< Of the next step, begun so far.
  WallTime since;               ///< It goes in this direction.
  WallTime retry_at;
  std::string last_error;
  bool operator==(const ApplyProgress&) const = default;
};

struct ChangeRequest {
  std::int64_t id = 0;
  Principal author;
  Bundle bundle;
  RequestState state = RequestState::kDraft;
  std::vector<Approver> approvers;  ///< All whose yes it needs, as it was last decided.
  std::vector<Approval> approvals;
  std::string reason;  ///< Why it was declined, withdrawn, failed or undone.
  std::optional<std::string> break_glass_reason;
  WallTime created_at;
  WallTime changed_at;                 ///< The last change of state.
  std::optional<WallTime> expires_at;  ///< Of kPending.
  ApplyProgress progress;              ///< Of kApplying.
  bool operator==(const ChangeRequest&) const = default;
};

}  // namespace lanemq::core
