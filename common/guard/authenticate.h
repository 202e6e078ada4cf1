#pragma once

#include "common/base/result.h"
#include "common/guard/guard.h"
#include "common/rpc/call_context.h"

namespace lanemq {

namespace idl {
class AuthenticateRequest;
class AuthenticateResponse;
}  // namespace idl

/// Handles `authenticate` in both servers: from here on the connection of `context` is who its
/// token says. Within the handler method, on its thread.
/// With the guard off everybody is welcome, and anonymous.
/// Errors: kAuthenticationFailed, also for a connection that is somebody else already; kThrottled
/// after too many refusals of one address; kMetadataUnavailable before the first book.
Result<idl::AuthenticateResponse> Authenticate(const Guard& guard,
                                               const idl::AuthenticateRequest& request,
                                               rpc::CallContext& context);

}  // namespace lanemq
