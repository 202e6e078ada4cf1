#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/core/types/audit.h"
#include "common/guard/guard.h"
#include "common/rpc/call_context.h"
#include "metaserver/access/denial_log.h"

namespace lanemq::idl {
class Origin;
}

namespace lanemq::metaserver {

/// What the server itself knows about a call, for the audit log. `context` null: not called by a
/// Server.
[[nodiscard]] core::AuditNote NoteOf(const rpc::CallContext* context, std::string_view method);

/// Adds what the caller says about it: why, and for whom. Who acts for others must be a gateway:
/// kClusterAuthorizationFailed; with the guard off anybody is. kInvalidRequest: a text that cannot
/// be. `note` is unchanged then.
Status AddOrigin(const Guard& guard, const core::Caller* caller, const idl::Origin& origin,
                 core::AuditNote& note);

/// Whose change it is, for what is kept of it beside the audit log: who was found to be there, or,
/// with the guard off, who the request says.
[[nodiscard]] std::string PersonOf(const Guard& guard, const core::AuditNote& note,
                                   const std::string& claimed);

/// A call that changes something, and whether its caller may.
struct CheckedCall {
  const rpc::CallContext* context = nullptr;
  std::string_view method;
  const Status& allowed;
  const idl::Origin* origin = nullptr;  ///< Null: the request has none.
};

/// The note of a change that may go on, or why it may not: then `denials` is told that `attempted`
/// was refused.
Result<core::AuditNote> NoteOfChange(const Guard& guard, DenialLog& denials,
                                     const CheckedCall& call, core::AuditedChange attempted);

}  // namespace lanemq::metaserver
