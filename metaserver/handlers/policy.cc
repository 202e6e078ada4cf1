// The policy, and what it says of sizes.
#include "common/core/catalog/topic_rules.h"
#include "common/core/policy/policy_json.h"
#include "common/core/policy/policy_text.h"
#include "common/core/policy/sizing.h"
#include "metaserver/handlers/access_deadline.h"
#include "metaserver/handlers/change_request_wire.h"
#include "metaserver/handlers/governed.h"
#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {
namespace {

idl::PolicyResponse ToResponse(const core::StoredPolicy& stored) {
  idl::PolicyResponse out;
  out.policy_json = core::PolicyToText(stored.policy);
  out.version = stored.version;
  return out;
}

}  // namespace

Result<idl::PolicyResponse> GetPolicy(Services& services,
                                      const idl::GetPolicyRequest& /*request*/) {
  LANEMQ_ASSIGN_OR_RETURN(Governance* const governance, GovernanceOf(services));
  LANEMQ_ASSIGN_OR_RETURN(const core::StoredPolicy stored,
                          governance->store().LoadPolicy(ForAccess(services)));
  return ToResponse(stored);
}

Result<idl::PolicyResponse> PutPolicy(Services& services, const idl::PutPolicyRequest& request,
                                      const core::AuditNote& note) {
  LANEMQ_ASSIGN_OR_RETURN(Governance* const governance, GovernanceOf(services));
  LANEMQ_ASSIGN_OR_RETURN(const core::Policy policy, core::PolicyFromText(request.policy_json));
  std::optional<std::int64_t> if_version;
  if (request.__isset.if_version) if_version = request.if_version;
  LANEMQ_ASSIGN_OR_RETURN(
      const core::StoredPolicy stored,
      governance->store().PutPolicy(policy, if_version, note, ForAccess(services)));
  return ToResponse(stored);
}

Result<idl::ProposeSizeResponse> ProposeSize(Services& services,
                                             const idl::ProposeSizeRequest& request) {
  LANEMQ_ASSIGN_OR_RETURN(Governance* const governance, GovernanceOf(services));
  core::Traffic traffic{request.messages_per_day, request.message_bytes, core::Ordering::kNone};
  if (request.__isset.ordering) {
    const auto ordering = core::OrderingFromString(request.ordering);
    if (!ordering) {
      return Error{ErrorCode::kInvalidRequest, "ordering is none, per_key or all"};
    }
    traffic.ordering = *ordering;
  }
  core::TopicConfig config;
  if (request.__isset.retention_ms) {
    config[std::string(core::kRetentionMs)] = std::to_string(request.retention_ms);
  }
  LANEMQ_RETURN_IF_ERROR(core::CheckTopicConfig(config));
  LANEMQ_ASSIGN_OR_RETURN(const core::StoredPolicy stored,
                          governance->store().LoadPolicy(ForAccess(services)));
  const core::Sizing sizing = core::ProposeSize(traffic, config, stored.policy);
  idl::ProposeSizeResponse out;
  out.partitions = sizing.partitions;
  out.cost = ToWire(sizing.cost);
  out.notes = sizing.notes;
  return out;
}

}  // namespace lanemq::metaserver
