#pragma once

#include <lanemq_types.h>

#include "client/cli/output/table.h"

/// How quotas look: pure, from what was asked.
namespace lanemq::cli {

/// A row per team; what is used is beside what may be.
[[nodiscard]] Table QuotasTable(const idl::QuotasResponse& quotas);
/// A row per limit of one team, those that are not set, too.
[[nodiscard]] Table QuotaTable(const idl::TeamQuotaUse& use);

}  // namespace lanemq::cli
