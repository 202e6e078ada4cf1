#include "metaserver/governance/actor.h"

namespace lanemq::metaserver {
namespace {

void AddPerson(const core::AccessBook& book, core::Actor& actor) {
  const core::Person* person = book.FindPerson(actor.principal.name);
  if (person != nullptr) {
    if (person->is_disabled) return;
    actor.is_operator = person->role == core::PersonRole::kOperator;
    actor.is_admin = person->role == core::PersonRole::kAdmin;
  }
  for (const auto& seat : book.SeatsOf(actor.principal.name)) {
    actor.teams[std::string(seat.team)] = seat.role;
  }
}

void AddService(const core::AccessBook& book, core::Actor& actor) {
  const core::Service* service = book.FindService(actor.principal.name);
  if (service == nullptr || service->is_disabled) return;
  if (!service->team.empty()) actor.teams[service->team] = core::TeamRole::kMember;
  actor.is_operator = service->kind == core::ServiceKind::kOperator;
  actor.is_admin = service->kind == core::ServiceKind::kAdmin;
}

}  // namespace

core::Actor ActorOf(const core::AccessBook* book, bool is_open, const core::Principal& principal) {
  core::Actor actor;
  actor.principal = principal;
  switch (principal.kind) {
    case core::PrincipalKind::kAnonymous:
      actor.is_admin = is_open;
      return actor;
    case core::PrincipalKind::kPerson:
      if (book != nullptr) AddPerson(*book, actor);
      return actor;
    case core::PrincipalKind::kService:
      if (book != nullptr) AddService(*book, actor);
      return actor;
    case core::PrincipalKind::kTeam:
      return actor;
  }
  return actor;
}

}  // namespace lanemq::metaserver
