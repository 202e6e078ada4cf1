// Signing in and out. A session is a token of a person.
#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "common/rpc/wire/people.h"
#include "metaserver/access/audit_note.h"
#include "metaserver/access/sign_in.h"
#include "metaserver/handlers/access_deadline.h"
#include "metaserver/handlers/handlers.h"
#include "metaserver/handlers/own_things.h"

namespace lanemq::metaserver {
namespace {

constexpr std::int64_t kShortestS = 60;
constexpr std::int64_t kLongestS = 30 * 86'400;
constexpr std::int64_t kDefaultS = 12 * 3'600;
constexpr std::int64_t kMicrosPerSecond = 1'000'000;
constexpr std::size_t kAddressBytesMax = 64;

template <typename Request>
Result<std::int64_t> LifetimeOf(const Request& request) {
  const std::int64_t seconds = request.__isset.lifetime_s ? request.lifetime_s : kDefaultS;
  if (seconds >= kShortestS && seconds <= kLongestS) return seconds;
  return Error{ErrorCode::kInvalidRequest,
               fmt::format("a session lasts {} s to {} s, not {}", kShortestS, kLongestS, seconds)};
}

/// The address of a gateway's client, of whom nobody else may tell; empty: none was given.
template <typename Request>
Result<std::string> ClientOf(const Services& services, const Request& request,
                             const rpc::CallContext& call) {
  if (!request.__isset.client_address) return std::string();
  const Status may = services.guard.Check(call.caller().get(), core::Action::kActFor);
  if (!may.ok()) return may.error();
  const std::string& address = request.client_address;
  const bool is_address =
      address.size() <= kAddressBytesMax &&
      std::ranges::all_of(address, [](unsigned char c) { return c > ' ' && c < 0x7f; });
  if (is_address) return address;
  return Error{ErrorCode::kInvalidRequest,
               fmt::format("client_address is at most {} printable characters", kAddressBytesMax)};
}

core::AuditNote NoteFrom(const rpc::CallContext& call, const char* method,
                         const std::string& client) {
  core::AuditNote note = NoteOf(&call, method);
  if (!client.empty()) note.source = fmt::format("{} via {}", client, note.source);
  return note;
}

Result<idl::SessionResponse> OpenFor(Services& services, core::PersonAccount account,
                                     std::int64_t lifetime_s, core::AuditNote note) {
  const std::string& name = account.profile.person.name;
  // Who he is has just been proved.
  note.actor = "person:" + name;
  core::Token token;
  token.person = name;
  token.is_session = true;
  token.created_by = note.actor;
  token.expires_at = WallTime{services.clock.WallNow().micros + lifetime_s * kMicrosPerSecond};
  LANEMQ_ASSIGN_OR_RETURN(StoredToken stored,
                          StoreToken(services, std::move(token), note, ForAccess(services)));
  account.last_sign_in_at = stored.token.created_at;
  idl::SessionResponse out;
  out.token = std::move(stored.text);
  out.person = wire::ToWire(account, std::nullopt);
  out.expires_at_us = stored.token.expires_at.value_or(WallTime{}).micros;
  return out;
}

}  // namespace

Result<idl::SessionResponse> SignIn(Services& services, const idl::SignInRequest& request,
                                    const rpc::CallContext& call) {
  LANEMQ_ASSIGN_OR_RETURN(const std::int64_t lifetime_s, LifetimeOf(request));
  LANEMQ_ASSIGN_OR_RETURN(const std::string client, ClientOf(services, request, call));
  core::AuditNote note = NoteFrom(call, "signIn", client);
  auto person = services.passwords.Verify(
      {request.name, request.password, client.empty() ? AddressOf(call) : client},
      ForPasswords(services));
  if (!person.ok()) {
    TellRefusal(services, person.error(), std::move(note), request.name);
    return person.error();
  }
  return OpenFor(services, *std::move(person), lifetime_s, std::move(note));
}

Result<idl::SessionResponse> OpenSession(Services& services, const idl::OpenSessionRequest& request,
                                         const rpc::CallContext& call) {
  LANEMQ_ASSIGN_OR_RETURN(const std::int64_t lifetime_s, LifetimeOf(request));
  LANEMQ_ASSIGN_OR_RETURN(const std::string client, ClientOf(services, request, call));
  core::AuditNote note = NoteFrom(call, "openSession", client);
  LANEMQ_ASSIGN_OR_RETURN(auto person,
                          services.people.FindBySubject(request.oidc_subject, ForAccess(services)));
  if (!person || person->profile.person.is_disabled) {
    return Error{ErrorCode::kNotFound, "nobody here has that subject"};
  }
  // The actor is the person, as with a password; whom to ask about the proof is in the reason.
  note.reason = fmt::format("proved to {}", note.actor);
  return OpenFor(services, *std::move(person), lifetime_s, std::move(note));
}

Result<idl::SignOutResponse> SignOut(Services& services, const idl::SignOutRequest& /*request*/,
                                     const rpc::CallContext& call) {
  const auto& caller = call.caller();
  const auto book = services.guard.book();
  const core::Token* token =
      caller == nullptr || book == nullptr ? nullptr : book->FindToken(caller->token_id);
  if (token == nullptr || !token->is_session) {
    return Error{ErrorCode::kFailedPrecondition,
                 "this connection was not opened with a session: there is nothing to sign out of"};
  }
  LANEMQ_RETURN_IF_ERROR(
      services.people.RevokeToken(token->id, NoteOf(&call, "signOut"), ForAccess(services)));
  // The book is not loaded here: that would close this connection before it has the answer. The
  // poll does it a moment later.
  return idl::SignOutResponse();
}

}  // namespace lanemq::metaserver
