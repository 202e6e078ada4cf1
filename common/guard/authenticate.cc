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
constexpr std::int64_t kNewTokenRetryMs = 300;
constexpr std::size_t kAddressBytesMax = 64;

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

void DescribePerson(const core::AccessBook& book, const std::string& name,
                    idl::AuthenticateResponse& response) {
  if (const core::Person* person = book.FindPerson(name)) {
    response.__set_role(std::string(core::ToString(person->role)));
    response.__set_must_change_password(person->must_change_password);
  }
  response.__isset.seats = true;
  for (const core::AccessBook::Seat& seat : book.SeatsOf(name)) {
    idl::Seat& to = response.seats.emplace_back();
    to.team = seat.team;
    to.role = core::ToString(seat.role);
  }
}

idl::AuthenticateResponse Welcome(const Guard& guard, const core::Caller& caller) {
  idl::AuthenticateResponse response;
  response.principal = core::ToString(caller.principal);
  const auto book = guard.book();
  if (!guard.asks() || book == nullptr) return response;
  if (caller.principal.kind == core::PrincipalKind::kPerson) {
    DescribePerson(*book, caller.principal.name, response);
  } else if (const core::Service* service = book->FindService(caller.principal.name)) {
    if (!service->team.empty()) response.__set_team(service->team);
    response.__set_role(std::string(core::ToString(service->kind)));
  }
  if (const auto expires_at = ExpiryOf(*book, caller.token_id)) {
    response.__set_expires_at_us(expires_at->micros);
  }
  return response;
}

/// Sets for whom a gateway calls, once its own token has proved that it is one.
Status AddGateway(const Guard& guard, const idl::AuthenticateRequest& request,
                  core::Caller& caller) {
  if (!request.__isset.gateway_token) {
    if (!request.__isset.client_address) return {};
    return Error{ErrorCode::kInvalidRequest, "client_address is for gateways: with gateway_token"};
  }
  const bool is_address = request.client_address.size() <= kAddressBytesMax &&
                          std::ranges::all_of(request.client_address,
                                              [](unsigned char c) { return c > ' ' && c < 0x7f; });
  if (!is_address) {
    return Error{ErrorCode::kInvalidRequest,
                 fmt::format("client_address is at most {} printable characters without blanks",
                             kAddressBytesMax)};
  }
  LANEMQ_ASSIGN_OR_RETURN(const core::Caller gateway, guard.Authenticate(request.gateway_token));
  if (!guard.IsGateway(gateway)) {
    return Error{
        ErrorCode::kAuthenticationFailed,
        fmt::format("{} is not a service of kind gateway", core::ToString(gateway.principal))};
  }
  caller.gateway = gateway.principal.name;
  caller.client_address = request.client_address;
  return {};
}

/// Whose the request's tokens are. Both are looked at, so that a gateway's client is held up by his
/// own address, and nobody else's.
Result<core::Caller> CallerOf(const Guard& guard, const idl::AuthenticateRequest& request,
                              std::string& address) {
  core::Caller via;
  LANEMQ_RETURN_IF_ERROR(AddGateway(guard, request, via));
  if (!via.client_address.empty()) address = via.client_address;
  LANEMQ_ASSIGN_OR_RETURN(core::Caller caller, guard.Authenticate(request.token));
  caller.gateway = std::move(via.gateway);
  caller.client_address = std::move(via.client_address);
  return caller;
}

/// What is answered instead of a refusal; nullopt: the refusal.
std::optional<Error> InsteadOfRefusal(const Guard& guard, const idl::AuthenticateRequest& request,
                                      const std::string& address) {
  if (!guard.refusals().TakeOf(address, guard.clock().Now())) {
    return Error{ErrorCode::kThrottled, "too many refused tokens of this address", kRetryAfterMs};
  }
  const bool may_be_new = guard.MayBeNew(request.token) ||
                          (request.__isset.gateway_token && guard.MayBeNew(request.gateway_token));
  if (!may_be_new) return std::nullopt;
  return Error{ErrorCode::kMetadataUnavailable,
               "this server does not know the token yet, and is asking whether it is new",
               kNewTokenRetryMs};
}

std::string AddressOf(const std::string& peer) { return peer.substr(0, peer.rfind(':')); }

}  // namespace

Result<idl::AuthenticateResponse> Authenticate(const Guard& guard,
                                               const idl::AuthenticateRequest& request,
                                               rpc::CallContext& context) {
  if (!guard.asks()) return Welcome(guard, core::Caller{});
  std::string address = AddressOf(context.peer());
  Result<core::Caller> caller = CallerOf(guard, request, address);
  if (!caller.ok()) {
    if (!guard.is_on()) {
      guard.log().Observed({"authenticate", nullptr, context.peer(), caller.error().message},
                           guard.clock().Now());
      return Welcome(guard, core::Caller{});
    }
    if (caller.error().code != ErrorCode::kAuthenticationFailed) return caller.error();
    if (const auto instead = InsteadOfRefusal(guard, request, address)) return *instead;
    LogRefusal(request, context);
    return caller.error();
  }
  const auto& before = context.caller();
  if (guard.is_on() && before != nullptr && before->principal != caller->principal) {
    return Error{ErrorCode::kAuthenticationFailed,
                 fmt::format("this connection is {}: open another one for {}",
                             core::ToString(before->principal), core::ToString(caller->principal))};
  }
  context.Identify(std::make_shared<const core::Caller>(*caller));
  return Welcome(guard, *caller);
}

}  // namespace lanemq
