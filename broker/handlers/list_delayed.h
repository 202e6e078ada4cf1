#pragma once

#include <memory>

#include "broker/handlers/by_node.h"
#include "broker/handlers/handler_context.h"
#include "common/rpc/responder.h"
#include "lanemq_types.h"

namespace lanemq::broker {

/// listDelayed: one page of a topic's delayed messages, by partition and due time. A page ends
/// after max_count messages (default 100, at most 1,000) or about 8 MiB.
class ListDelayedHandler {
 public:
  explicit ListDelayedHandler(const HandlerContext& context) : context_(context) {}
  void Handle(idl::ListDelayedRequest&& request,
              rpc::Responder<idl::ListDelayedResponse> responder);

 private:
  struct State;
  Status Check(const idl::ListDelayedRequest& request) const;
  void Begin(const std::shared_ptr<State>& state, const CatalogView& view);
  void ListOn(State& state, const NodePart& part);

  const HandlerContext& context_;
};

}  // namespace lanemq::broker
