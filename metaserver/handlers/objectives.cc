// What groups promise: rows that the metaserver on call resolves, the most exact first.
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "common/core/access/access_rules.h"
#include "common/core/alert/alert_checks.h"
#include "metaserver/access/audit_note.h"
#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {
namespace {

constexpr std::chrono::seconds kTimeout{5};
constexpr std::string_view kAll = "*";

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

/// Whom alerts page is no free text: operators may name any team, others the one that owns what the
/// objective is about.
Status CheckOwner(const Services& services, const core::ObjectiveRow& row,
                  const core::AuditNote& note) {
  if (!services.guard.is_on() || !row.owner) return {};
  const auto book = services.guard.book();
  if (!row.owner->empty() && book->FindTeam(*row.owner) == nullptr) {
    return Error{ErrorCode::kInvalidRequest,
                 fmt::format("owner is a team, and there is none of the name '{}'", *row.owner)};
  }
  core::Caller caller;
  caller.principal = core::PrincipalFromString(note.actor).value_or(core::Principal{});
  const Status operates = services.guard.Check(&caller, core::Action::kOperate);
  if (operates.ok()) return {};
  const bool is_of_group = row.group != kAll;
  const std::string_view owner = is_of_group ? book->OwnerOf(core::ResourceKind::kGroup, row.group)
                                             : book->OwnerOf(core::ResourceKind::kTopic, row.topic);
  if (*row.owner == owner) return {};
  return Error{ErrorCode::kClusterAuthorizationFailed,
               fmt::format("only operators have others paged than who owns the {} '{}': {}",
                           is_of_group ? "group" : "topic", is_of_group ? row.group : row.topic,
                           owner.empty() ? "nobody does" : fmt::format("team '{}' does", owner))};
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
    LANEMQ_RETURN_IF_ERROR(CheckOwner(services, row, note));
    LANEMQ_RETURN_IF_ERROR(services.alerts.SetObjective(row, note, deadline));
  }
  return AllObjectives(services);
}

Result<idl::LagObjectivesResponse> ListLagObjectives(
    Services& services, const idl::ListLagObjectivesRequest& /*request*/) {
  return AllObjectives(services);
}

}  // namespace lanemq::metaserver
