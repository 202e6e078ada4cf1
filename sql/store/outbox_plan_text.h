#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/core/types/outbox.h"

namespace lanemq::sql {

/// The plan as the JSON text of the column `plan`, which a DBA can read:
///
///   {"v":1,"groups":[{"topic":"t","partition":0,"delayed":false,"producer":7,"base":40,
///    "ids":[3,4]}]}
[[nodiscard]] std::string ToPlanText(const core::OutboxPlan& plan);

/// The plan in `text`; empty text is the empty plan. kCorruptMessage when ToPlanText() did not
/// write it, or a newer version did.
Result<core::OutboxPlan> ParsePlanText(std::string_view text);

}  // namespace lanemq::sql
