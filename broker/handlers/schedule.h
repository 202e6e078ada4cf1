#pragma once

#include <memory>

#include "broker/handlers/by_node.h"
#include "broker/handlers/handler_context.h"
#include "common/rpc/responder.h"
#include "lanemq_types.h"

namespace lanemq::broker {

/// schedule: the same checks as produce, then one transaction per partition. A time that has passed
/// is stored like any other: the mover, woken, delivers it at once.
class ScheduleHandler {
 public:
  explicit ScheduleHandler(const HandlerContext& context) : context_(context) {}
  void Handle(idl::ScheduleRequest&& request, rpc::Responder<idl::ScheduleResponse> responder);

 private:
  struct State;
  void Begin(const std::shared_ptr<State>& state, const CatalogView& view);
  void ScheduleOn(State& state, const NodePart& part);

  const HandlerContext& context_;
};

}  // namespace lanemq::broker
