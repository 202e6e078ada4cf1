#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/alert/alert_types.h"
#include "sql/driver/connection.h"

namespace lanemq::sql {

// Rows of the alerts' tables as MySqlAlertStore reads them; the statements' columns in their order.

[[nodiscard]] core::Alert AlertFromRow(const Row& row);
[[nodiscard]] core::AlertNotice NoticeFromRow(const Row& row);
[[nodiscard]] core::AlertRuleChange RuleFromRow(const Row& row);
/// nullopt: of a type that is not known here (written by a newer version), or damaged.
[[nodiscard]] std::optional<core::AlertChannel> ChannelFromRow(const Row& row);
[[nodiscard]] core::AlertSilence SilenceFromRow(const Row& row);
[[nodiscard]] core::ObjectiveRow ObjectiveFromRow(const Row& row);

[[nodiscard]] std::optional<WallTime> TimeOrNull(const Row& row, unsigned column);
/// The names of the tables' ENUM values.
[[nodiscard]] std::string_view ToSql(core::NoticeState state);
/// A list as JSON, as the channels' columns have it; '' when it is empty.
[[nodiscard]] std::string ListToText(const std::vector<std::string>& list);

}  // namespace lanemq::sql
