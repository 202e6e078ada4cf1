#pragma once

#include <memory>

#include "broker/handlers/failures/policy_cache.h"
#include "broker/handlers/handler_context.h"
#include "common/rpc/responder.h"
#include "lanemq_types.h"

namespace lanemq::broker {

/// setGroupPolicy and groupPolicies: on every data node, all of which must answer; an error names
/// the one that did not. A set that failed may hold on some of them: repeating it is harmless.
class GroupPoliciesHandler {
 public:
  GroupPoliciesHandler(const HandlerContext& context, PolicyCache& policies)
      : context_(context), policies_(policies) {}
  void Handle(idl::SetGroupPolicyRequest&& request,
              rpc::Responder<idl::SetGroupPolicyResponse> responder);
  void Handle(const idl::GroupPoliciesRequest& request,
              rpc::Responder<idl::GroupPoliciesResponse> responder);

 private:
  struct SetState;
  struct ListState;
  [[nodiscard]] Status Check(const idl::SetGroupPolicyRequest& request) const;
  void Begin(const std::shared_ptr<SetState>& state);
  [[nodiscard]] Deadline SqlDeadline() const {
    return Deadline::After(context_.clock, context_.sql_timeout);
  }

  const HandlerContext& context_;
  PolicyCache& policies_;
};

/// A stored policy for the wire, without its data node. False: its topic is gone.
bool ToWire(const CatalogView& view, const core::StoredRetryPolicy& stored, idl::GroupPolicy& out);

}  // namespace lanemq::broker
