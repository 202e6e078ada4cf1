#include "common/guard/authenticate.h"

#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {

Result<idl::AuthenticateResponse> Authenticate(Services& services,
                                               const idl::AuthenticateRequest& request,
                                               rpc::CallContext& call) {
  return lanemq::Authenticate(services.guard, request, call);
}

}  // namespace lanemq::metaserver
