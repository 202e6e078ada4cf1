// Tokens of services and of people. What is secret in one leaves this server once, in the answer to
// who made it.
#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "common/core/access/access_rules.h"
#include "common/rpc/wire/access_book.h"
#include "metaserver/access/audit_note.h"
#include "metaserver/access/changed_object.h"
#include "metaserver/handlers/access_deadline.h"
#include "metaserver/handlers/handlers.h"
#include "metaserver/handlers/own_things.h"

namespace lanemq::metaserver {
namespace {

constexpr std::int64_t kShortestS = 60;
constexpr std::int64_t kLongestS = 10 * 365 * 86'400;
/// Of a person's: who has left is out after that at the latest, also where nobody disables him.
constexpr std::int64_t kLongestOfPeopleS = 90 * 86'400;
constexpr std::int64_t kMicrosPerSecond = 1'000'000;

Result<core::Token> FromWire(const Services& services, const idl::IssueTokenRequest& request,
                             const core::AuditNote& note) {
  core::Token token;
  token.service = request.service_name;
  token.person = request.person;
  token.note = request.note;
  token.created_by = PersonOf(services.guard, note, note.actor);
  const bool is_persons = !token.person.empty();
  if (!is_persons && !request.__isset.expires_in_s) return token;
  const std::int64_t longest = is_persons ? kLongestOfPeopleS : kLongestS;
  const std::int64_t seconds = request.__isset.expires_in_s ? request.expires_in_s : longest;
  if (seconds < kShortestS || seconds > longest) {
    return Error{ErrorCode::kInvalidRequest,
                 fmt::format("a {} token lasts {} s to {} s, not {}",
                             is_persons ? "person's" : "service's", kShortestS, longest, seconds)};
  }
  token.expires_at = WallTime{services.clock.WallNow().micros + seconds * kMicrosPerSecond};
  return token;
}

/// A token that was issued must not issue others: it would never end.
Status CheckHasSession(const Services& services, const rpc::CallContext& call) {
  if (!services.guard.is_on()) return {};
  const auto book = services.guard.book();
  const core::Token* token = book->FindToken(call.caller()->token_id);
  if (token != nullptr && token->is_session) return {};
  return Error{ErrorCode::kFailedPrecondition,
               "only who has signed in may issue a token of his own (lanemq login)"};
}

Status CheckMayIssue(Services& services, const idl::IssueTokenRequest& request,
                     const core::AuditNote& note, const rpc::CallContext& call) {
  if (request.person.empty()) {
    return MustAdminister(services, call, note, ObjectOf(request));
  }
  if (!services.guard.is_on() || IsCaller(call, request.person)) {
    return CheckHasSession(services, call);
  }
  services.denials.Tell(note, ObjectOf(request));
  return Error{ErrorCode::kClusterAuthorizationFailed,
               fmt::format("{} may not issue tokens of person:{}: everybody issues his own",
                           note.actor, request.person)};
}

}  // namespace

Result<idl::IssueTokenResponse> IssueToken(Services& services,
                                           const idl::IssueTokenRequest& request,
                                           const core::AuditNote& note,
                                           const rpc::CallContext& call) {
  LANEMQ_RETURN_IF_ERROR(CheckMayIssue(services, request, note, call));
  LANEMQ_ASSIGN_OR_RETURN(core::Token token, FromWire(services, request, note));
  LANEMQ_ASSIGN_OR_RETURN(StoredToken stored,
                          StoreToken(services, std::move(token), note, ForAccess(services)));
  idl::IssueTokenResponse out;
  out.token = wire::ToWire(stored.token);
  out.secret = std::move(stored.text);
  return out;
}

Result<idl::TokensResponse> RevokeToken(Services& services, const idl::RevokeTokenRequest& request,
                                        const core::AuditNote& note, const rpc::CallContext& call) {
  const auto before = services.guard.book();
  const core::Token* token = before->FindToken(request.id);
  const bool is_own = token != nullptr && !token->person.empty() && IsCaller(call, token->person);
  if (!is_own) {
    LANEMQ_RETURN_IF_ERROR(MustAdminister(services, call, note, ObjectOf(request)));
  }
  // What is not in the book of this server may have been issued a moment ago.
  const Deadline deadline = ForAccess(services);
  Status done = services.people.RevokeToken(request.id, note, deadline);
  if (!done.ok() && done.error().code == ErrorCode::kNotFound) {
    done = services.access.RevokeToken(request.id, note, deadline);
  }
  if (!done.ok()) return done.error();
  LANEMQ_RETURN_IF_ERROR(services.book.Reload());
  LANEMQ_ASSIGN_OR_RETURN(idl::TokensResponse out, ListTokens(services, {}, call));
  KeepChanged(out.tokens, [](const idl::Token&) { return false; });
  return out;
}

Result<idl::TokensResponse> ListTokens(Services& services, const idl::ListTokensRequest& request,
                                       const rpc::CallContext& call) {
  const auto& caller = call.caller();
  const Status may_all = services.guard.Check(caller.get(), core::Action::kAdminister);
  const bool is_person =
      caller != nullptr && caller->principal.kind == core::PrincipalKind::kPerson;
  const bool is_own = is_person && !request.__isset.service_name &&
                      (!request.__isset.person || IsCaller(call, request.person));
  if (!may_all.ok() && !is_own) return may_all.error();
  const auto book = services.guard.book();
  std::vector<const core::Token*> wanted;
  for (const core::Token& token : book->records().tokens) {
    if (request.__isset.service_name && token.service != request.service_name) continue;
    if (request.__isset.person && token.person != request.person) continue;
    if (!may_all.ok() && !IsCaller(call, token.person)) continue;
    wanted.push_back(&token);
  }
  std::ranges::sort(wanted, [](const core::Token* a, const core::Token* b) {
    return std::tie(a->service, a->person, b->created_at, a->id) <
           std::tie(b->service, b->person, a->created_at, b->id);
  });
  idl::TokensResponse out;
  for (const core::Token* token : wanted) out.tokens.push_back(wire::ToWire(*token));
  return out;
}

}  // namespace lanemq::metaserver
