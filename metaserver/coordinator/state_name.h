#pragma once

#include <string_view>

#include "common/core/group/group_types.h"

namespace lanemq::metaserver {

/// "Stable" and the like: what people and clients read for a state.
[[nodiscard]] constexpr std::string_view NameOf(core::GroupState state) {
  switch (state) {
    case core::GroupState::kEmpty:
      return "Empty";
    case core::GroupState::kPreparingRebalance:
      return "PreparingRebalance";
    case core::GroupState::kCompletingRebalance:
      return "CompletingRebalance";
    case core::GroupState::kStable:
      return "Stable";
    case core::GroupState::kDead:
      break;
  }
  return "Dead";
}

}  // namespace lanemq::metaserver
