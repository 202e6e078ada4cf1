// Quotas of teams, and what of them is in use.
#include <string>

#include "common/core/access/access_rules.h"
#include "common/core/access/quota_text.h"
#include "common/core/policy/policy_world.h"
#include "common/rpc/wire/people.h"
#include "metaserver/governance/governance.h"
#include "metaserver/handlers/access_deadline.h"
#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {
namespace {

/// What there is, with what each team uses of it. Blocks.
Result<core::PolicyWorld> WorldOf(Services& services) {
  Governance* governance = services.governance;
  if (governance == nullptr)
    return Error{ErrorCode::kMetadataUnavailable, "the server is starting"};
  return governance->World();
}

idl::TeamQuotaUse UseOf(const core::PolicyWorld& world, const std::string& team) {
  idl::TeamQuotaUse out;
  out.quota = wire::ToWire(core::QuotaOfTeam{team, world.QuotaOf(team)});
  const core::TeamUse use = world.UseOf(team);
  out.topics = use.topics;
  out.partitions = use.partitions;
  out.stored_bytes = use.stored_bytes;
  return out;
}

/// Answers a change that was made, whatever becomes of the answer.
Result<idl::QuotasResponse> AfterChange(Services& services, const idl::ListQuotasRequest& of) {
  auto list = ListQuotas(services, of);
  if (list.ok()) return list;
  return Error{ErrorCode::kOutcomeUnknown,
               "it is done; what is used of it cannot be told now: " + list.error().message};
}

}  // namespace

Result<idl::QuotasResponse> ListQuotas(Services& services, const idl::ListQuotasRequest& request) {
  LANEMQ_ASSIGN_OR_RETURN(const core::PolicyWorld world, WorldOf(services));
  if (request.__isset.team && world.FindTeam(request.team) == nullptr) {
    return Error{ErrorCode::kNotFound, "there is no team '" + request.team + "'"};
  }
  idl::QuotasResponse out;
  out.mode = core::ToString(services.guard.book()->records().quota_mode);
  for (const auto& [name, team] : world.teams()) {
    if (!request.__isset.team || request.team == name) out.teams.push_back(UseOf(world, name));
  }
  return out;
}

Result<idl::QuotasResponse> PutQuota(Services& services, const idl::PutQuotaRequest& request,
                                     const core::AuditNote& note) {
  LANEMQ_ASSIGN_OR_RETURN(const core::QuotaOfTeam quota, wire::FromWire(request.quota));
  LANEMQ_RETURN_IF_ERROR(core::CheckQuota(quota));
  LANEMQ_RETURN_IF_ERROR(services.access.PutQuota(quota, note, ForAccess(services)));
  LANEMQ_RETURN_IF_ERROR(services.book.Reload());
  idl::ListQuotasRequest changed;
  changed.__set_team(quota.team);
  return AfterChange(services, changed);
}

Result<idl::QuotasResponse> SetQuotaMode(Services& services,
                                         const idl::SetQuotaModeRequest& request,
                                         const core::AuditNote& note) {
  const auto mode = core::QuotaModeFromString(request.mode);
  if (!mode) return Error{ErrorCode::kInvalidRequest, "mode is off, log or enforce"};
  LANEMQ_RETURN_IF_ERROR(services.access.SetQuotaMode(*mode, note, ForAccess(services)));
  LANEMQ_RETURN_IF_ERROR(services.book.Reload());
  return AfterChange(services, {});
}

}  // namespace lanemq::metaserver
