#include "common/core/policy/request_events.h"

#include <algorithm>
#include <array>

namespace lanemq::core {
namespace {

// In the order of the enumerators.
constexpr std::array<std::string_view, 8> kTexts = {
    "submitted", "break_glass", "approved", "declined", "expired", "applied", "failed", "undone"};

}  // namespace

std::string_view ToString(RequestEvent event) { return kTexts.at(static_cast<std::size_t>(event)); }

std::optional<RequestEvent> RequestEventFromString(std::string_view text) {
  const auto* found = std::find(kTexts.begin(), kTexts.end(), text);
  if (found == kTexts.end()) return std::nullopt;
  return static_cast<RequestEvent>(found - kTexts.begin());
}

std::optional<RequestEvent> EventOf(const ChangeRequest* before, const ChangeRequest& after) {
  const bool was_broken = before != nullptr && before->break_glass_reason.has_value();
  if (after.break_glass_reason && !was_broken) return RequestEvent::kBreakGlass;
  const RequestState was = before != nullptr ? before->state : RequestState::kDraft;
  if (was == after.state) return std::nullopt;
  switch (after.state) {
    case RequestState::kPending:
      return RequestEvent::kSubmitted;
    case RequestState::kApproved:
      if (was != RequestState::kPending) return std::nullopt;
      return RequestEvent::kApproved;
    case RequestState::kDeclined:
      return RequestEvent::kDeclined;
    case RequestState::kExpired:
      return RequestEvent::kExpired;
    case RequestState::kApplied:
      return RequestEvent::kApplied;
    case RequestState::kFailed:
      return RequestEvent::kFailed;
    case RequestState::kUndone:
      return RequestEvent::kUndone;
    case RequestState::kDraft:
    case RequestState::kApplying:
    case RequestState::kWithdrawn:
      return std::nullopt;
  }
  return std::nullopt;
}

bool IsForApprovers(RequestEvent event) {
  return event == RequestEvent::kSubmitted || event == RequestEvent::kBreakGlass;
}

}  // namespace lanemq::core
