#include "common/core/lease/lease_trust.h"

namespace lanemq::core {

void LeaseTrust::OnHeld(FencingToken token, MonotonicTime attempt_started) {
  held_ = Held{token, attempt_started};
}

std::optional<FencingToken> LeaseTrust::Token(MonotonicTime now) const {
  if (!held_ || now >= held_->since + (options_.ttl - options_.margin)) return std::nullopt;
  return held_->token;
}

bool LeaseTrust::ShouldRenew(MonotonicTime now) const {
  return !held_ || now >= held_->since + options_.ttl / 3;
}

}  // namespace lanemq::core
