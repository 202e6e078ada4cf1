// Alerts and what happened to them, from the stored rows.
#include <algorithm>
#include <utility>

#include "common/core/alert/alert_kinds.h"
#include "common/core/alert/alert_routes.h"
#include "metaserver/handlers/handlers.h"
#include "metaserver/oncall/message_bodies.h"

namespace lanemq::metaserver {
namespace {

constexpr std::chrono::seconds kTimeout{5};
constexpr std::int32_t kResolvedDaysMax = 90;
constexpr std::int32_t kAlertsDefault = 500;
constexpr std::int32_t kAlertsMax = 5'000;
constexpr std::int32_t kEventsDefault = 100;
constexpr std::int32_t kEventsMax = 1'000;
constexpr std::size_t kIncidentBytesMax = 64;

Status CheckRange(const char* name, std::int32_t value, std::int32_t least, std::int32_t most) {
  if (value >= least && value <= most) return {};
  return Error{ErrorCode::kInvalidRequest, std::string(name) + " is from " + std::to_string(least) +
                                               " to " + std::to_string(most)};
}

idl::Alert ToWire(const core::Alert& alert, const core::AlertSettings& settings,
                  const std::string& runbook_url) {
  idl::Alert wire;
  wire.incident = alert.incident;
  wire.kind = alert.kind;
  wire.subject = alert.subject;
  wire.state = core::ToString(alert.state);
  wire.severity = core::ToString(alert.severity);
  wire.owner = alert.owner;
  wire.summary = alert.summary;
  if (!alert.cause.empty()) wire.__set_cause(alert.cause);
  wire.since_us = alert.since.micros;
  if (alert.fired) wire.__set_fired_us(alert.fired->micros);
  if (alert.resolved) wire.__set_resolved_us(alert.resolved->micros);
  if (!alert.inhibited_by.empty()) wire.__set_inhibited_by(alert.inhibited_by);
  const std::string url = RunbookUrl(runbook_url, alert.kind);
  wire.__set_runbook(url.empty() ? core::RunbookPath(alert.kind) : url);
  if (alert.state == core::AlertState::kResolved) return wire;
  // Which silences are in force the database has judged.
  const core::AlertSilence* silence =
      core::SilenceOf({alert.kind, alert.subject}, WallTime{}, settings.silences);
  wire.__set_is_silenced(silence != nullptr);
  if (silence == nullptr) return wire;
  wire.__set_silence_reason(silence->reason);
  wire.__set_silenced_until_us(silence->until.micros);
  return wire;
}

}  // namespace

Result<idl::ListAlertsResponse> ListAlerts(Services& services,
                                           const idl::ListAlertsRequest& request) {
  const std::int32_t days = request.__isset.resolved_days ? request.resolved_days : 0;
  const std::int32_t max = request.__isset.max ? request.max : kAlertsDefault;
  LANEMQ_RETURN_IF_ERROR(CheckRange("resolved_days", days, 0, kResolvedDaysMax));
  LANEMQ_RETURN_IF_ERROR(CheckRange("max", max, 1, kAlertsMax));
  const Deadline deadline = Deadline::After(services.clock, kTimeout);
  LANEMQ_ASSIGN_OR_RETURN(const core::AlertSettings settings,
                          services.alerts.LoadSettings(deadline));
  // Those of one owner are picked out of all.
  const bool has_owner = request.__isset.owner;
  const std::size_t read_max =
      has_owner ? core::AlertStore::kOpenMax : static_cast<std::size_t>(max);
  LANEMQ_ASSIGN_OR_RETURN(const std::vector<core::Alert> alerts,
                          services.alerts.List(std::chrono::hours{24} * days, read_max, deadline));
  idl::ListAlertsResponse out;
  for (const core::Alert& alert : alerts) {
    if (has_owner && alert.owner != request.owner) continue;
    if (out.alerts.size() == static_cast<std::size_t>(max)) break;
    out.alerts.push_back(ToWire(alert, settings, services.runbook_url));
  }
  return out;
}

Result<idl::ListAlertEventsResponse> ListAlertEvents(Services& services,
                                                     const idl::ListAlertEventsRequest& request) {
  const std::int32_t max = request.__isset.max ? request.max : kEventsDefault;
  LANEMQ_RETURN_IF_ERROR(CheckRange("max", max, 1, kEventsMax));
  if (request.incident.size() > kIncidentBytesMax) {
    return Error{ErrorCode::kInvalidRequest, "an incident's id has at most 64 bytes"};
  }
  LANEMQ_ASSIGN_OR_RETURN(
      const std::vector<core::AlertEvent> events,
      services.alerts.ListEvents(request.incident, static_cast<std::size_t>(max),
                                 Deadline::After(services.clock, kTimeout)));
  idl::ListAlertEventsResponse out;
  out.events.reserve(events.size());
  for (const core::AlertEvent& event : events) {
    idl::AlertEvent& wire = out.events.emplace_back();
    wire.at_us = event.at.micros;
    wire.incident = event.incident;
    wire.what = event.what;
    wire.detail = event.detail;
  }
  return out;
}

}  // namespace lanemq::metaserver
