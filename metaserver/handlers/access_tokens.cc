// Tokens of services. What is secret in one leaves this server once, in the answer to who made it.
#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "common/base/log.h"
#include "common/core/access/access_rules.h"
#include "common/rpc/wire/access_book.h"
#include "metaserver/access/audit_note.h"
#include "metaserver/access/new_token.h"
#include "metaserver/handlers/access_deadline.h"
#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {
namespace {

constexpr std::int64_t kShortestS = 60;
constexpr std::int64_t kLongestS = 10 * 365 * 86'400;
constexpr std::int64_t kMicrosPerSecond = 1'000'000;
/// Of ids that are taken already, which one in 10^17 is.
constexpr int kAttemptsMax = 3;

Result<core::Token> FromWire(const Services& services, const idl::IssueTokenRequest& request,
                             const core::AuditNote& note) {
  core::Token token;
  token.service = request.service_name;
  token.note = request.note;
  token.created_by = PersonOf(services.guard, note, note.actor);
  if (request.__isset.expires_in_s) {
    if (request.expires_in_s < kShortestS || request.expires_in_s > kLongestS) {
      return Error{ErrorCode::kInvalidRequest,
                   fmt::format("a token lasts {} s to {} s, not {}", kShortestS, kLongestS,
                               request.expires_in_s)};
    }
    token.expires_at =
        WallTime{services.clock.WallNow().micros + request.expires_in_s * kMicrosPerSecond};
  }
  return token;
}

}  // namespace

Result<idl::IssueTokenResponse> IssueToken(Services& services,
                                           const idl::IssueTokenRequest& request,
                                           const core::AuditNote& note) {
  LANEMQ_ASSIGN_OR_RETURN(core::Token token, FromWire(services, request, note));
  const Deadline deadline = ForAccess(services);
  for (int attempt = 1;; ++attempt) {
    const NewToken made = MakeNewToken();
    token.id = made.token.id;
    token.hash = made.token.hash;
    LANEMQ_RETURN_IF_ERROR(core::CheckToken(token));
    const auto added = services.access.AddToken(token, note, deadline);
    if (!added.ok() && added.error().code == ErrorCode::kAlreadyExists && attempt < kAttemptsMax) {
      continue;
    }
    if (!added.ok()) return added.error();
    // It must reach who asked for it, whether or not this server can read it back.
    if (const Status loaded = services.book.Reload(); !loaded.ok()) {
      LANEMQ_LOG(WARN, "access.reload", {"error", loaded.error().ToString()});
    }
    idl::IssueTokenResponse out;
    out.token = wire::ToWire(*added);
    out.secret = made.text;
    return out;
  }
}

Result<idl::TokensResponse> RevokeToken(Services& services, const idl::RevokeTokenRequest& request,
                                        const core::AuditNote& note) {
  LANEMQ_RETURN_IF_ERROR(services.access.RevokeToken(request.id, note, ForAccess(services)));
  LANEMQ_RETURN_IF_ERROR(services.book.Reload());
  return ListTokens(services, {});
}

Result<idl::TokensResponse> ListTokens(Services& services, const idl::ListTokensRequest& request) {
  const auto book = services.guard.book();
  std::vector<const core::Token*> wanted;
  for (const core::Token& token : book->records().tokens) {
    if (request.__isset.service_name && token.service != request.service_name) continue;
    wanted.push_back(&token);
  }
  std::ranges::sort(wanted, [](const core::Token* a, const core::Token* b) {
    if (a->service != b->service) return a->service < b->service;
    return a->created_at != b->created_at ? a->created_at > b->created_at : a->id < b->id;
  });
  idl::TokensResponse out;
  for (const core::Token* token : wanted) out.tokens.push_back(wire::ToWire(*token));
  return out;
}

}  // namespace lanemq::metaserver
