// Grants and owners.
#include "common/core/access/access_rules.h"
#include "common/rpc/wire/access_book.h"
#include "metaserver/handlers/access_deadline.h"
#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {
namespace {

/// Whether the grant is about the topic or group of this name.
bool Concerns(const core::Grant& grant, const std::string& name) {
  return grant.is_prefix ? name.starts_with(grant.name) : name == grant.name;
}

}  // namespace

Result<idl::GrantsResponse> PutGrant(Services& services, const idl::PutGrantRequest& request,
                                     const core::AuditNote& note) {
  LANEMQ_ASSIGN_OR_RETURN(core::Grant grant, wire::FromWire(request.grant));
  core::Normalize(grant);
  LANEMQ_RETURN_IF_ERROR(core::CheckGrant(grant));
  if (grant.expires_at && *grant.expires_at <= services.clock.WallNow()) {
    return Error{ErrorCode::kInvalidRequest, "the grant would have expired already"};
  }
  const auto put = services.access.PutGrant(grant, note, ForAccess(services));
  if (!put.ok()) return put.error();
  LANEMQ_RETURN_IF_ERROR(services.book.Reload());
  LANEMQ_ASSIGN_OR_RETURN(idl::GrantsResponse out, ListGrants(services, {}));
  KeepChanged(out.grants, [&](const idl::Grant& one) { return one.id == put->id; });
  return out;
}

Result<idl::GrantsResponse> DeleteGrant(Services& services, const idl::DeleteGrantRequest& request,
                                        const core::AuditNote& note) {
  LANEMQ_RETURN_IF_ERROR(services.access.DeleteGrant(request.id, note, ForAccess(services)));
  LANEMQ_RETURN_IF_ERROR(services.book.Reload());
  LANEMQ_ASSIGN_OR_RETURN(idl::GrantsResponse out, ListGrants(services, {}));
  KeepChanged(out.grants, [](const idl::Grant&) { return false; });
  return out;
}

Result<idl::GrantsResponse> ListGrants(Services& services, const idl::ListGrantsRequest& request) {
  idl::GrantsResponse out;
  const auto book = services.guard.book();
  for (const core::Grant& grant : book->records().grants) {
    if (request.__isset.principal && core::ToString(grant.principal) != request.principal) continue;
    if (request.__isset.kind && core::ToString(grant.kind) != request.kind) continue;
    if (request.__isset.name && !Concerns(grant, request.name)) continue;
    out.grants.push_back(wire::ToWire(grant));
  }
  return out;
}

Result<idl::OwnersResponse> SetOwner(Services& services, const idl::SetOwnerRequest& request,
                                     const core::AuditNote& note) {
  idl::Owner wanted;
  wanted.kind = request.kind;
  wanted.name = request.name;
  wanted.team = request.team;
  LANEMQ_ASSIGN_OR_RETURN(const core::Owner owner, wire::FromWire(wanted));
  LANEMQ_RETURN_IF_ERROR(core::CheckOwner(owner));
  LANEMQ_RETURN_IF_ERROR(services.access.SetOwner(owner, note, ForAccess(services)));
  LANEMQ_RETURN_IF_ERROR(services.book.Reload());
  LANEMQ_ASSIGN_OR_RETURN(idl::OwnersResponse out, ListOwners(services, {}));
  KeepChanged(out.owners, [&](const idl::Owner& one) {
    return one.kind == request.kind && one.name == request.name;
  });
  return out;
}

Result<idl::OwnersResponse> ListOwners(Services& services, const idl::ListOwnersRequest& request) {
  idl::OwnersResponse out;
  const auto book = services.guard.book();
  for (const core::Owner& owner : book->records().owners) {
    if (request.__isset.team && owner.team != request.team) continue;
    if (request.__isset.kind && core::ToString(owner.kind) != request.kind) continue;
    if (request.__isset.name && owner.name != request.name) continue;
    out.owners.push_back(wire::ToWire(owner));
  }
  return out;
}

}  // namespace lanemq::metaserver
