#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "common/core/policy/request_types.h"

namespace lanemq::core {

/// What becomes of a request that others want to hear of.
enum class RequestEvent : std::uint8_t {
  kSubmitted,   ///< It waits for somebody's yes; again, when more must agree than did.
  kBreakGlass,  ///< It is approved without the yes that it needs: a page.
  kApproved,    ///< By all whose yes it needs. What needs nobody's is not told of.
  kDeclined,
  kExpired,
  kApplied,
  kFailed,
  kUndone,
};

[[nodiscard]] std::string_view ToString(RequestEvent event);  ///< "break_glass".
[[nodiscard]] std::optional<RequestEvent> RequestEventFromString(std::string_view text);

/// What happened to a request that was `before` and is `after` now. `before` null: it was made.
/// nullopt: nothing that anybody else wants to hear of.
[[nodiscard]] std::optional<RequestEvent> EventOf(const ChangeRequest* before,
                                                  const ChangeRequest& after);

/// Whether those whose yes is missing are told, rather than the author's team.
[[nodiscard]] bool IsForApprovers(RequestEvent event);

}  // namespace lanemq::core
