#pragma once

#include "common/core/types/caller.h"
#include "common/guard/guard.h"

namespace lanemq::broker {

/// Whether the caller is shown what is in messages only with the right to peek into their topic:
/// people are, even those who may consume it. Services read what they consume.
[[nodiscard]] inline bool NeedsPeek(const Guard& guard, const core::Caller* caller) {
  return guard.is_on() && caller != nullptr &&
         caller->principal.kind == core::PrincipalKind::kPerson;
}

}  // namespace lanemq::broker
