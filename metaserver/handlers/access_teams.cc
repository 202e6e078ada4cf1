// Teams and their services.
#include <cstdint>
#include <optional>

#include "common/core/access/access_json.h"
#include "common/core/access/access_rules.h"
#include "common/rpc/wire/access_book.h"
#include "metaserver/handlers/access_deadline.h"
#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {

Result<idl::TeamsResponse> PutTeam(Services& services, const idl::PutTeamRequest& request,
                                   const core::AuditNote& note) {
  LANEMQ_ASSIGN_OR_RETURN(core::Team team, wire::FromWire(request.team));
  core::Normalize(team);
  LANEMQ_RETURN_IF_ERROR(core::CheckTeam(team));
  std::optional<std::int64_t> if_version;
  if (request.__isset.if_version) if_version = request.if_version;
  LANEMQ_RETURN_IF_ERROR(services.access.PutTeam(team, if_version, note, ForAccess(services)));
  LANEMQ_RETURN_IF_ERROR(services.book.Reload());
  LANEMQ_ASSIGN_OR_RETURN(idl::TeamsResponse out, ListTeams(services, {}));
  KeepChanged(out.teams, [&](const idl::Team& one) { return one.name == team.name; });
  return out;
}

Result<idl::TeamsResponse> DeleteTeam(Services& services, const idl::DeleteTeamRequest& request,
                                      const core::AuditNote& note) {
  LANEMQ_RETURN_IF_ERROR(core::CheckAccessName("team", request.name));
  LANEMQ_RETURN_IF_ERROR(services.access.DeleteTeam(request.name, note, ForAccess(services)));
  LANEMQ_RETURN_IF_ERROR(services.book.Reload());
  LANEMQ_ASSIGN_OR_RETURN(idl::TeamsResponse out, ListTeams(services, {}));
  KeepChanged(out.teams, [](const idl::Team&) { return false; });
  return out;
}

Result<idl::TeamsResponse> ListTeams(Services& services, const idl::ListTeamsRequest& /*request*/) {
  idl::TeamsResponse out;
  const auto book = services.guard.book();
  for (const core::Team& team : book->records().teams) {
    out.teams.emplace_back(wire::ToWire(team)).__set_version(core::VersionOf(team));
  }
  return out;
}

Result<idl::ServicesResponse> PutService(Services& services, const idl::PutServiceRequest& request,
                                         const core::AuditNote& note) {
  LANEMQ_ASSIGN_OR_RETURN(const core::Service service, wire::FromWire(request.definition));
  LANEMQ_RETURN_IF_ERROR(core::CheckService(service));
  LANEMQ_RETURN_IF_ERROR(services.access.PutService(service, note, ForAccess(services)));
  LANEMQ_RETURN_IF_ERROR(services.book.Reload());
  LANEMQ_ASSIGN_OR_RETURN(idl::ServicesResponse out, ListServices(services, {}));
  KeepChanged(out.services, [&](const idl::Service& one) { return one.name == service.name; });
  return out;
}

Result<idl::ServicesResponse> DeleteService(Services& services,
                                            const idl::DeleteServiceRequest& request,
                                            const core::AuditNote& note) {
  LANEMQ_RETURN_IF_ERROR(core::CheckAccessName("service", request.name));
  LANEMQ_RETURN_IF_ERROR(services.access.DeleteService(request.name, note, ForAccess(services)));
  LANEMQ_RETURN_IF_ERROR(services.book.Reload());
  LANEMQ_ASSIGN_OR_RETURN(idl::ServicesResponse out, ListServices(services, {}));
  KeepChanged(out.services, [](const idl::Service&) { return false; });
  return out;
}

Result<idl::ServicesResponse> ListServices(Services& services,
                                           const idl::ListServicesRequest& request) {
  idl::ServicesResponse out;
  const auto book = services.guard.book();
  for (const core::Service& service : book->records().services) {
    if (request.__isset.team && service.team != request.team) continue;
    out.services.push_back(wire::ToWire(service));
  }
  return out;
}

}  // namespace lanemq::metaserver
