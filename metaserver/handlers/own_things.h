#pragma once

#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/core/access/access_types.h"
#include "common/core/types/audit.h"
#include "common/rpc/call_context.h"
#include "metaserver/handlers/services.h"

/// What is open to everybody for what is his own, and to admins for the rest: whose it is, is for
/// the handler to find out. With the guard off everybody is admin.
namespace lanemq::metaserver {

/// Whether the caller is this person.
[[nodiscard]] bool IsCaller(const rpc::CallContext& call, std::string_view person);
/// Whether the caller may do this to the cluster.
[[nodiscard]] bool MayDo(const Services& services, const rpc::CallContext& call,
                         core::Action action);
/// kClusterAuthorizationFailed, and a row of the refused attempt, unless the caller administers.
Status MustAdminister(Services& services, const rpc::CallContext& call, const core::AuditNote& note,
                      core::AuditedChange attempted);

/// Where the caller is, or the client of the gateway that calls for him; without the port.
[[nodiscard]] std::string AddressOf(const rpc::CallContext& call);
/// A row, and a line of the log, of a password that let nobody in. `name` as it was given: of what
/// is nobody's name nothing is kept, since it may be a password in the wrong place.
void TellRefusal(Services& services, const Error& error, core::AuditNote note,
                 const std::string& name);
/// As ForAccess(), with time for passwords.
[[nodiscard]] Deadline ForPasswords(const Services& services);

/// Stores a new token: `token` without id and hash. Tells its whole text, once.
struct StoredToken {
  core::Token token;
  std::string text;
};
Result<StoredToken> StoreToken(Services& services, core::Token token, const core::AuditNote& note,
                               Deadline deadline);

}  // namespace lanemq::metaserver
