#include "common/guard/authenticate.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "access_types.h"
#include "common/base/log.h"
#include "common/core/access/access_rules.h"
#include "common/core/access/token_text.h"

namespace lanemq {
namespace {

constexpr std::int64_t kRetryAfterMs = 1'000;

/// Never the token: only its id, which is no secret, if it has the form of one.
void LogRefusal(const idl::AuthenticateRequest& request, const rpc::CallContext& context) {
  const auto token = core::ParseToken(request.token);
  LANEMQ_LOG(WARN, "access.token_refused", {"peer", context.peer()},
             {"token_id", token ? token->id : "(not a token)"}, {"request", context.request_id()});
}

std::optional<WallTime> ExpiryOf(const core::AccessBook& book, const std::string& token_id) {
  const auto& tokens = book.records().tokens;
  const auto found = std::lower_bound(
      tokens.begin(), tokens.end(), token_id,
      [](const core::Token& token, const std::string& id) { return token.id < id; });
  if (found == tokens.end() || found->id != token_id) return std::nullopt;
  return found->expires_at;
}

idl::AuthenticateResponse Welcome(const Guard& guard, const core::Caller& caller) {
  idl::AuthenticateResponse response;
  response.principal = core::ToString(caller.principal);
  const auto book = guard.book();
  if (!guard.is_on() || book == nullptr) return response;
  if (const core::Service* service = book->FindService(caller.principal.name)) {
    if (!service->team.empty()) response.__set_team(service->team);
  }
  if (const auto expires_at = ExpiryOf(*book, caller.token_id)) {
    response.__set_expires_at_us(expires_at->micros);
  }
  return response;
}

}  // namespace

Result<idl::AuthenticateResponse> Authenticate(const Guard& guard,
                                               const idl::AuthenticateRequest& request,
                                               rpc::CallContext& context) {
  Result<core::Caller> caller = guard.Authenticate(request.token);
  if (!caller.ok()) {
    if (caller.error().code != ErrorCode::kAuthenticationFailed) return caller.error();
    if (!guard.refusals().Take(context.peer(), guard.clock().Now())) {
      return Error{ErrorCode::kThrottled, "too many refused tokens of this address", kRetryAfterMs};
    }
    LogRefusal(request, context);
    return caller.error();
  }
  if (!guard.is_on()) return Welcome(guard, *caller);
  const auto& before = context.caller();
  if (before != nullptr && before->principal != caller->principal) {
    return Error{ErrorCode::kAuthenticationFailed,
                 fmt::format("this connection is {}: open another one for {}",
                             core::ToString(before->principal), core::ToString(caller->principal))};
  }
  context.Identify(std::make_shared<const core::Caller>(*caller));
  return Welcome(guard, *caller);
}

}  // namespace lanemq
