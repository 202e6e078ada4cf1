#include "broker/handlers/slow_calls.h"

#include "common/rpc/call_log.h"

namespace lanemq::broker {

void SlowCallsHandler::Handle(const idl::SlowCallsRequest& request,
                              const rpc::Responder<idl::SlowCallsResponse>& responder) {
  responder.Respond(rpc::SlowCallsOf(*context_.slow_log, request));
}

}  // namespace lanemq::broker
