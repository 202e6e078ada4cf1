#pragma once

#include <lanemq_types.h>
#include <string>
#include <vector>

#include "client/cli/commands/lag_table.h"
#include "client/cli/output/table.h"
#include "common/base/result.h"
#include "common/base/time.h"

/// How alerts and their settings look: pure, from what a metaserver answered.
namespace lanemq::cli {

/// Firing before pending before resolved, pages before tickets, the oldest first. For people only
/// what fits into a line; otherwise every field.
[[nodiscard]] Table AlertsTable(std::vector<idl::Alert> alerts, WallTime now, Times times);
/// The one whose incident id is, or alone begins with, `word`. kNotFound; kInvalidRequest when
/// several begin so.
[[nodiscard]] Result<idl::Alert> FindIncident(const std::vector<idl::Alert>& alerts,
                                              const std::string& word);
/// Everything about one, and its events, oldest first.
[[nodiscard]] std::string AlertText(const idl::Alert& alert,
                                    const std::vector<idl::AlertEvent>& events, WallTime now,
                                    const Screen& screen);
/// The same as one JSON object on one line.
[[nodiscard]] std::string AlertJson(const idl::Alert& alert,
                                    const std::vector<idl::AlertEvent>& events);
[[nodiscard]] Table AlertEventsTable(const std::vector<idl::AlertEvent>& events);
[[nodiscard]] Table AlertRulesTable(const std::vector<idl::AlertRule>& rules, Times times);
[[nodiscard]] Table AlertChannelsTable(const std::vector<idl::AlertChannel>& channels);
[[nodiscard]] Table SilencesTable(const std::vector<idl::AlertSilence>& silences);
[[nodiscard]] Table ObjectivesTable(const std::vector<idl::LagObjective>& objectives, Times times);

}  // namespace lanemq::cli
