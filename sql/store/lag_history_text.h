#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "common/core/store/lag_history.h"

namespace lanemq::sql {

/// How many of `rows` (not empty) one statement takes: at most 500 rows, and a MiB of what
/// metaservers remember; at least one.
[[nodiscard]] std::size_t LagRowsPerStatement(std::span<const core::LagHistoryRow> rows);
/// Writes the rows of the finest tier, in the place of those that are there.
[[nodiscard]] std::string SaveLagText(std::span<const core::LagHistoryRow> rows);
/// Writes the rows (not empty), in the place of those that are there.
[[nodiscard]] std::string SaveLastUsesText(std::span<const core::LastUse> uses);
/// Deletes those of `topics` (not empty).
[[nodiscard]] std::string ForgetLastUsesText(std::span<const core::TopicId> topics);

}  // namespace lanemq::sql
