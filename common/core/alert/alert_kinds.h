#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "common/core/alert/alert_types.h"

namespace lanemq::core {

/// A built-in rule: what is looked for, and from when on it is told.
struct AlertKind {
  std::string_view name;     ///< "group_stopped".
  std::string_view meaning;  ///< One sentence; what the threshold is.
  std::string_view unit;     ///< Of the threshold; '': there is none.
  double threshold = 0;      ///< From here on it is true.
  std::chrono::milliseconds for_at_least{0};
  AlertSeverity severity = AlertSeverity::kTicket;
  bool is_on = true;
  /// Kinds about one subject of which only the worst is told: 0 is none of them, more is worse.
  std::int8_t family_rank = 0;
};

/// A kind as it is in force: the built-in settings, and what an operator changed.
struct AlertRule {
  bool is_on = true;
  double threshold = 0;
  std::chrono::milliseconds for_at_least{0};
  AlertSeverity severity = AlertSeverity::kTicket;
  std::string owner;  ///< Of alerts whose subject has no owner of its own.
  bool operator==(const AlertRule&) const = default;
};

/// Every kind there is, by name.
[[nodiscard]] std::span<const AlertKind> AlertKinds();
/// nullptr: there is none of the name.
[[nodiscard]] const AlertKind* FindAlertKind(std::string_view name);
/// `kind` is one of AlertKinds().
[[nodiscard]] AlertRule RuleOf(const AlertKind& kind, std::span<const AlertRuleChange> changes);

/// "docs/runbooks/group_stopped.md".
[[nodiscard]] std::string RunbookPath(std::string_view kind);
/// "LanemqGroupStopped".
[[nodiscard]] std::string PrometheusAlertName(std::string_view kind);

/// "pending", "firing", "resolved"; "page", "ticket"; "fired", "reminder", "resolved", "more".
[[nodiscard]] std::string_view ToString(AlertState state);
[[nodiscard]] std::string_view ToString(AlertSeverity severity);
[[nodiscard]] std::string_view ToString(NoticeKind what);
[[nodiscard]] std::optional<AlertSeverity> AlertSeverityFromString(std::string_view text);
[[nodiscard]] std::optional<NoticeKind> NoticeKindFromString(std::string_view text);
/// "webhook", "slack", "feishu", "dingtalk", "email", "alertmanager".
[[nodiscard]] std::string_view ToString(ChannelType type);
[[nodiscard]] std::optional<ChannelType> ChannelTypeFromString(std::string_view text);

// Subjects, as people read them and silences match them.
[[nodiscard]] std::string GroupSubject(std::string_view group, std::string_view topic);
[[nodiscard]] std::string TopicSubject(std::string_view topic);
[[nodiscard]] std::string PartitionSubject(std::string_view topic, std::int32_t partition);
[[nodiscard]] std::string NodeSubject(std::string_view node);
[[nodiscard]] std::string OutboxSubject(std::string_view outbox);
inline constexpr std::string_view kSlotsSubject = "slots";  ///< Of no_coordinator.
inline constexpr std::string_view kJobsSubject = "jobs";    ///< Of no_jobs.

}  // namespace lanemq::core
