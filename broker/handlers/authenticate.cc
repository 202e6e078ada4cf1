#include "broker/handlers/authenticate.h"

#include "common/base/check.h"
#include "common/guard/authenticate.h"

namespace lanemq::broker {

void AuthenticateHandler::Handle(const idl::AuthenticateRequest& request,
                                 const rpc::Responder<idl::AuthenticateResponse>& responder) {
  const auto call = responder.context();
  LANEMQ_CHECK(call != nullptr);  // There is a connection to be somebody.
  responder.Finish(Authenticate(context_.guard, request, *call));
}

}  // namespace lanemq::broker
