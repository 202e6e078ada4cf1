#pragma once

#include <memory>

#include "broker/handlers/by_node.h"
#include "broker/handlers/failures/policy_cache.h"
#include "broker/handlers/handler_context.h"
#include "common/rpc/responder.h"
#include "lanemq_types.h"

namespace lanemq::broker {

/// settle: offsets are committed together with the failures they pass, deliveries of retries end.
/// One transaction per data node; what becomes of a failure is decided here, by the group's policy.
class SettleHandler {
 public:
  SettleHandler(const HandlerContext& context, PolicyCache& policies)
      : context_(context), policies_(policies) {}
  void Handle(idl::SettleRequest&& request, rpc::Responder<idl::SettleResponse> responder);

 private:
  struct State;
  void Begin(const std::shared_ptr<State>& state, const CatalogView& view);
  void SettleOn(State& state, const NodePart& part);

  const HandlerContext& context_;
  PolicyCache& policies_;
};

}  // namespace lanemq::broker
