#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

#include "common/base/clock.h"
#include "metaserver/handlers/services.h"

namespace lanemq::metaserver {

/// How long a change of who may do what may take; callers wait longer.
[[nodiscard]] inline Deadline ForAccess(const Services& services) {
  return Deadline::After(services.clock, std::chrono::seconds{5});
}

/// Changes answer with the whole list while that is short, and else with what was changed.
inline constexpr std::size_t kWholeAnswerMax = 1'000;

/// Leaves only what `is_changed` holds for of a list that is too long to be answered whole.
template <typename T, typename IsChanged>
void KeepChanged(std::vector<T>& all, const IsChanged& is_changed) {
  if (all.size() <= kWholeAnswerMax) return;
  std::erase_if(all, [&](const T& one) { return !is_changed(one); });
}

}  // namespace lanemq::metaserver
