#include "sql/store/mysql_alert_store_rows.h"

#include <array>
#include <charconv>

#include <nlohmann/json.hpp>

#include "common/core/alert/alert_kinds.h"

namespace lanemq::sql {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

constexpr std::array<std::string_view, 6> kNoticeStates{"queued", "sending", "sent",
                                                        "failed", "dropped", "folded"};

/// Of `column + 0`: ENUM values count from 1.
template <typename Enum>
Enum EnumAt(const Row& row, unsigned column) {
  return static_cast<Enum>(row.Int64(column) - 1);
}

WallTime TimeAt(const Row& row, unsigned column) { return WallTime{row.Int64(column)}; }

core::AlertSeverity SeverityOf(const std::string& text) {
  return core::AlertSeverityFromString(text).value_or(core::AlertSeverity::kPage);
}

std::optional<std::string> TextOrNull(const Row& row, unsigned column) {
  return row.IsNull(column) ? std::nullopt : std::optional(row.String(column));
}
std::optional<std::int64_t> NumberOrNull(const Row& row, unsigned column) {
  return row.IsNull(column) ? std::nullopt : std::optional(row.Int64(column));
}
std::optional<bool> BoolOrNull(const Row& row, unsigned column) {
  return row.IsNull(column) ? std::nullopt : std::optional(row.Int64(column) != 0);
}
std::optional<milliseconds> MillisOrNull(const Row& row, unsigned column) {
  return row.IsNull(column) ? std::nullopt : std::optional(milliseconds{row.Int64(column)});
}

std::optional<double> DoubleOrNull(const Row& row, unsigned column) {
  if (row.IsNull(column)) return std::nullopt;
  const std::string text = row.String(column);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() ? std::optional(value) : std::nullopt;
}

std::optional<std::vector<std::string>> ListFromText(const std::string& text) {
  if (text.empty()) return std::vector<std::string>{};
  const json parsed = json::parse(text, nullptr, false);
  if (!parsed.is_array()) return std::nullopt;
  std::vector<std::string> list;
  for (const json& item : parsed) {
    if (!item.is_string()) return std::nullopt;
    list.push_back(item.get<std::string>());
  }
  return list;
}

}  // namespace

std::optional<WallTime> TimeOrNull(const Row& row, unsigned column) {
  return row.IsNull(column) ? std::nullopt : std::optional(TimeAt(row, column));
}

core::Alert AlertFromRow(const Row& row) {
  core::Alert alert;
  alert.incident = row.String(0);
  alert.kind = row.String(1);
  alert.subject = row.String(2);
  alert.state = EnumAt<core::AlertState>(row, 3);
  alert.severity = SeverityOf(row.String(4));
  alert.owner = row.String(5);
  alert.summary = row.String(6);
  alert.cause = row.String(7);
  alert.since = TimeAt(row, 8);
  alert.fired = TimeOrNull(row, 9);
  alert.resolved = TimeOrNull(row, 10);
  alert.false_since = TimeOrNull(row, 11);
  alert.reminded = TimeOrNull(row, 12);
  alert.is_told = row.Int64(13) != 0;
  alert.inhibited_by = row.String(14);
  return alert;
}

core::AlertNotice NoticeFromRow(const Row& row) {
  core::AlertNotice notice;
  notice.notice = row.String(0);
  notice.channel = row.String(1);
  notice.incident = row.String(2);
  notice.what = EnumAt<core::NoticeKind>(row, 3);
  notice.state = EnumAt<core::NoticeState>(row, 4);
  notice.body = row.String(5);
  notice.attempts = static_cast<std::int32_t>(row.Int64(6));
  notice.epoch = row.Int64(7);
  notice.queued_at = TimeAt(row, 8);
  notice.next_at = TimeAt(row, 9);
  notice.last_error = row.String(10);
  return notice;
}

core::AlertRuleChange RuleFromRow(const Row& row) {
  core::AlertRuleChange rule;
  rule.kind = row.String(0);
  rule.is_on = BoolOrNull(row, 1);
  rule.threshold = DoubleOrNull(row, 2);
  rule.for_at_least = MillisOrNull(row, 3);
  if (!row.IsNull(4)) rule.severity = core::AlertSeverityFromString(row.String(4));
  rule.owner = TextOrNull(row, 5);
  return rule;
}

std::optional<core::AlertChannel> ChannelFromRow(const Row& row) {
  core::AlertChannel channel;
  const auto type = core::ChannelTypeFromString(row.String(1));
  auto recipients = ListFromText(row.String(3));
  auto owners = ListFromText(row.String(5));
  if (!type || !recipients || !owners) return std::nullopt;
  channel.name = row.String(0);
  channel.type = *type;
  channel.url = row.String(2);
  channel.recipients = *std::move(recipients);
  channel.sender = row.String(4);
  channel.owners = *std::move(owners);
  channel.lowest =
      core::AlertSeverityFromString(row.String(6)).value_or(core::AlertSeverity::kTicket);
  channel.secret_file = row.String(7);
  channel.user = row.String(8);
  channel.is_on = row.Int64(9) != 0;
  return channel;
}

core::AlertSilence SilenceFromRow(const Row& row) {
  core::AlertSilence silence;
  silence.id = row.Int64(0);
  silence.kind = row.String(1);
  silence.subject = row.String(2);
  silence.until = TimeAt(row, 3);
  silence.reason = row.String(4);
  silence.created_by = row.String(5);
  silence.created_at = TimeAt(row, 6);
  return silence;
}

core::ObjectiveRow ObjectiveFromRow(const Row& row) {
  core::ObjectiveRow objective;
  objective.group = row.String(0);
  objective.topic = row.String(1);
  objective.objective = MillisOrNull(row, 2);
  objective.allowed_messages = NumberOrNull(row, 3);
  objective.owner = TextOrNull(row, 4);
  objective.tier = TextOrNull(row, 5);
  objective.alerts_on = BoolOrNull(row, 6);
  objective.updated_by = row.String(7);
  objective.updated_at = TimeAt(row, 8);
  return objective;
}

std::string_view ToSql(core::NoticeState state) {
  return kNoticeStates[static_cast<std::size_t>(state)];
}

std::string ListToText(const std::vector<std::string>& list) {
  return list.empty() ? std::string()
                      : json(list).dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace lanemq::sql
