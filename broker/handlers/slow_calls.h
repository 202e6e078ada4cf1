#pragma once

#include "broker/handlers/handler_context.h"
#include "common/rpc/responder.h"
#include "lanemq_types.h"

namespace lanemq::broker {

/// slowCalls: what took long on this broker, from memory.
class SlowCallsHandler {
 public:
  explicit SlowCallsHandler(const HandlerContext& context) : context_(context) {}
  void Handle(const idl::SlowCallsRequest& request,
              const rpc::Responder<idl::SlowCallsResponse>& responder);

 private:
  const HandlerContext& context_;
};

}  // namespace lanemq::broker
