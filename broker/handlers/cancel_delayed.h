#pragma once

#include <memory>

#include "broker/handlers/by_node.h"
#include "broker/handlers/handler_context.h"
#include "common/rpc/responder.h"
#include "lanemq_types.h"

namespace lanemq::broker {

/// cancelDelayed: one transaction per data node; each handle has an answer of its own. A handle
/// whose topic is deleted is NOT_FOUND; while nobody can say whether it is, METADATA_UNAVAILABLE.
class CancelDelayedHandler {
 public:
  explicit CancelDelayedHandler(const HandlerContext& context) : context_(context) {}
  /// `action` is needed on the topic of each handle.
  void Handle(idl::CancelRequest&& request, rpc::Responder<idl::CancelResponse> responder,
              core::Action action);

 private:
  struct State;
  void Begin(const std::shared_ptr<State>& state, const CatalogView& view);
  void CancelOn(State& state, const NodePart& part);

  const HandlerContext& context_;
};

}  // namespace lanemq::broker
