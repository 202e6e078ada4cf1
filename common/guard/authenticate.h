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
/// A gateway shows its own token, too: the caller is then known with the gateway and its client's
/// address.
/// With the guard off everybody is welcome, and anonymous; while it observes, so are those whose
/// token is not known.
/// Errors: kAuthenticationFailed, also for a connection that is somebody else already; kThrottled
/// after too many refusals of one address; kMetadataUnavailable before the first book, and for a
/// token that may be newer than the book; kInvalidRequest for an address that cannot be.
Result<idl::AuthenticateResponse> Authenticate(const Guard& guard,
                                               const idl::AuthenticateRequest& request,
                                               rpc::CallContext& context);

}  // namespace lanemq
