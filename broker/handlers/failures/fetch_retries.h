#pragma once

#include <memory>

#include "broker/handlers/by_node.h"
#include "broker/handlers/failures/policy_cache.h"
#include "broker/handlers/handler_context.h"
#include "common/rpc/responder.h"
#include "lanemq_types.h"

namespace lanemq::broker {

/// fetchRetries: leases due retries to the owner of their partitions. What is leased is delivered,
/// so the data nodes are asked one after the other, each for what is left of the limits. People who
/// may not peek into the topics are refused, as fetch hides contents from them.
class FetchRetriesHandler {
 public:
  FetchRetriesHandler(const HandlerContext& context, PolicyCache& policies)
      : context_(context), policies_(policies) {}
  void Handle(idl::FetchRetriesRequest&& request,
              rpc::Responder<idl::FetchRetriesResponse> responder);

 private:
  struct State;
  [[nodiscard]] Status CheckPeople(const State& state) const;
  void Begin(const std::shared_ptr<State>& state);
  void Next(const std::shared_ptr<State>& state);
  void LeaseOn(State& state, const NodePart& part);

  const HandlerContext& context_;
  PolicyCache& policies_;
};

}  // namespace lanemq::broker
