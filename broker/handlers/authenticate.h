#pragma once

#include "broker/handlers/handler_context.h"
#include "common/rpc/responder.h"
#include "lanemq_types.h"

namespace lanemq::broker {

/// authenticate: from here on the connection is who its token says. See common/guard.
class AuthenticateHandler {
 public:
  explicit AuthenticateHandler(const HandlerContext& context) : context_(context) {}
  void Handle(const idl::AuthenticateRequest& request,
              const rpc::Responder<idl::AuthenticateResponse>& responder);

 private:
  const HandlerContext& context_;
};

}  // namespace lanemq::broker
