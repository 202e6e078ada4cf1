#include "common/rpc/call_log.h"
#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {

Result<idl::SlowCallsResponse> SlowCalls(Services& services, const idl::SlowCallsRequest& request) {
  return rpc::SlowCallsOf(*services.slow_log, request);
}

}  // namespace lanemq::metaserver
