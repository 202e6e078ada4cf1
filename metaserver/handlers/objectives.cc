// What groups promise: rows that the metaserver on call resolves, the most exact first.
#include <utility>

#include "common/core/alert/alert_checks.h"
#include "metaserver/access/audit_note.h"
#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {
namespace {

constexpr std::chrono::seconds kTimeout{5};

core::ObjectiveRow FromWire(const idl::LagObjective& wire) {
  core::ObjectiveRow row;
  row.group = wire.group;
  row.topic = wire.topic;
  if (wire.__isset.objective_ms) row.objective = std::chrono::milliseconds{wire.objective_ms};
  if (wire.__isset.allowed_messages) row.allowed_messages = wire.allowed_messages;
  if (wire.__isset.owner) row.owner = wire.owner;
  if (wire.__isset.tier) row.tier = wire.tier;
  if (wire.__isset.alerts_on) row.alerts_on = wire.alerts_on;
  if (wire.__isset.updated_by) row.updated_by = wire.updated_by;
  return row;
}

idl::LagObjective ToWire(const core::ObjectiveRow& row) {
  idl::LagObjective wire;
  wire.group = row.group;
  wire.topic = row.topic;
  if (row.objective) wire.__set_objective_ms(row.objective->count());
  if (row.allowed_messages) wire.__set_allowed_messages(*row.allowed_messages);
  if (row.owner) wire.__set_owner(*row.owner);
  if (row.tier) wire.__set_tier(*row.tier);
  if (row.alerts_on) wire.__set_alerts_on(*row.alerts_on);
  if (!row.updated_by.empty()) wire.__set_updated_by(row.updated_by);
  wire.__set_updated_us(row.updated_at.micros);
  return wire;
}

Result<idl::LagObjectivesResponse> AllObjectives(Services& services) {
  LANEMQ_ASSIGN_OR_RETURN(const core::AlertSettings settings,
                          services.alerts.LoadSettings(Deadline::After(services.clock, kTimeout)));
  idl::LagObjectivesResponse out;
  out.objectives.reserve(settings.objectives.size());
  for (const core::ObjectiveRow& row : settings.objectives) out.objectives.push_back(ToWire(row));
  return out;
}

}  // namespace

Result<idl::LagObjectivesResponse> SetLagObjective(Services& services,
                                                   const idl::SetLagObjectiveRequest& request,
                                                   const core::AuditNote& note) {
  core::ObjectiveRow row = FromWire(request.objective);
  row.updated_by = PersonOf(services.guard, note, row.updated_by);
  LANEMQ_RETURN_IF_ERROR(core::CheckObjective(row));
  const Deadline deadline = Deadline::After(services.clock, kTimeout);
  if (request.__isset.remove && request.remove) {
    LANEMQ_RETURN_IF_ERROR(services.alerts.RemoveObjective(row.group, row.topic, note, deadline));
  } else {
    LANEMQ_RETURN_IF_ERROR(services.alerts.SetObjective(row, note, deadline));
  }
  return AllObjectives(services);
}

Result<idl::LagObjectivesResponse> ListLagObjectives(
    Services& services, const idl::ListLagObjectivesRequest& /*request*/) {
  return AllObjectives(services);
}

}  // namespace lanemq::metaserver
