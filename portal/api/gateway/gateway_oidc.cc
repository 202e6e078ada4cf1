// Signing in with a provider of identities: /auth/oidc. The rest is ../oidc.
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/base/log.h"
#include "common/core/access/access_rules.h"
#include "portal/api/gateway/gateway.h"
#include "portal/api/transcode/encode.h"

namespace lanemq::portal {
namespace {

constexpr std::string_view kStart = "/auth/oidc/start";
constexpr std::string_view kCallback = "/auth/oidc/callback";

Error Undecodable() { return {ErrorCode::kInvalidRequest, "the query does not decode", 0}; }

// Whether the message is for who sits before the browser, as what he sent and what the provider
// says of him are. Others tell of files and addresses.
bool IsForTheBrowser(ErrorCode code) {
  return code == ErrorCode::kAuthenticationFailed || code == ErrorCode::kInvalidRequest ||
         code == ErrorCode::kQueueFull || code == ErrorCode::kThrottled;
}

// Whether it can be pasted between quotes in a shell, and is read as what it is.
bool IsPlainSubject(std::string_view subject) {
  return std::ranges::all_of(subject, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("._|@:/+=-").find(c) != std::string_view::npos;
  });
}

// What somebody whom nobody here knows can tell an admin.
std::string NobodyHas(const std::string& subject) {
  constexpr std::string_view kNobody = "nobody here has the subject that the provider says you are";
  if (!IsPlainSubject(subject)) {
    using nlohmann::json;
    return fmt::format("{}: {}", kNobody,
                       json(subject).dump(-1, ' ', true, json::error_handler_t::replace));
  }
  return fmt::format(
      "{}. An admin can give it to a person: lanemq person put NAME --oidc-subject '{}'", kNobody,
      subject);
}

Problem NotAPerson(std::string detail, std::string server_request_id = {}) {
  return {.status = 403,
          .code = std::string(NameOf(ErrorCode::kClusterAuthorizationFailed)),
          .detail = std::move(detail),
          .server_request_id = std::move(server_request_id)};
}

// A page that goes on by itself. A redirect would not do: it belongs to a journey that began at the
// provider, and browsers send no strict cookie on those, so the next page would know no session.
HttpReply GoOnTo(const std::string& path) {
  std::string escaped;
  for (const char c : path) escaped += c == '&' ? "&amp;" : std::string(1, c);
  return {.status = 200,
          .headers = {{"Content-Type", "text/html; charset=utf-8"}},
          .body = fmt::format("<!doctype html><title>LaneMQ</title><meta http-equiv=\"refresh\" "
                              "content=\"0; url={0}\"><a href=\"{0}\">Go on</a>\n",
                              escaped)};
}

}  // namespace

HttpReply Gateway::ServeOidc(Exchange& exchange) {
  const bool is_start = exchange.path == kStart;
  if (options_.oidc == nullptr || (!is_start && exchange.path != kCallback)) {
    return Refuse(exchange, {.status = 404,
                             .code = "NOT_FOUND",
                             .detail = "there is no such path, or no provider of identities here"});
  }
  exchange.route = fmt::format("GET {}", is_start ? kStart : kCallback);
  const std::string& method = exchange.request.method;
  if (method != "GET") {
    HttpReply reply{.status = 204};
    if (method != "OPTIONS") {
      reply = Refuse(
          exchange,
          {.status = 405, .code = "UNSUPPORTED_METHOD", .detail = "this path has no such method"});
    }
    reply.headers.emplace_back("Allow", "OPTIONS, GET");
    return reply;
  }
  return is_start ? StartOidc(exchange) : FinishOidc(exchange);
}

HttpReply Gateway::StartOidc(Exchange& exchange) {
  const auto query = ParseQuery(exchange.query);
  if (!query) return RefuseOidc(exchange, Undecodable());
  std::string return_to = "/";
  for (const auto& [name, value] : *query) {
    if (name == "return_to") return_to = value;
  }
  const auto started = options_.oidc->Start(return_to);
  if (!started.ok()) return RefuseOidc(exchange, started.error());
  return {.status = 303,
          .headers = {{"Location", started->location},
                      {"Set-Cookie", SignInCookie(started->cookie, started->lifetime.count(),
                                                  exchange.origin.is_secure)}},
          .body = {}};
}

RpcReply Gateway::OpenSession(const Exchange& exchange, const std::string& subject) {
  const MethodRow& method = *schema_.FindMethod("openSession");
  Faults faults;
  const std::string bytes = EncodeStruct(
      schema_, schema_.structure(method.request),
      {{"oidc_subject", subject}, {"client_address", exchange.origin.address}}, faults);
  if (!faults.empty()) {
    return {{}, {}, Error{ErrorCode::kNotFound, "the subject is no text", 0}};
  }
  return backend_.Call({}, {.method = &method, .request = bytes}, exchange.deadline);
}

HttpReply Gateway::FinishOidc(Exchange& exchange) {
  const auto query = ParseQuery(exchange.query);
  if (!query) return RefuseOidc(exchange, Undecodable());
  // Any page can have a browser ask for this path: until it is known to be the answer to what this
  // browser has under way, it takes nothing from a limit, and leaves the cookie.
  const auto cookie = CookieOf(exchange.request, SignInCookieName(exchange.origin.is_secure));
  auto flow = options_.oidc->FlowOf(cookie.value_or(""), *query);
  if (!flow.ok()) return RefuseOidc(exchange, flow.error());
  if (const auto wait = oidc_returns_.Take(exchange.origin.address, clock_.Now())) {
    return RefuseSignIn(exchange, *wait);
  }
  const auto proof = options_.oidc->Finish(*std::move(flow), *query);
  // It may come again.
  if (!proof.ok() && proof.error().code == ErrorCode::kQueueFull) {
    return RefuseOidc(exchange, proof.error());
  }
  HttpReply reply =
      proof.ok() ? OpenForProof(exchange, *proof) : RefuseOidc(exchange, proof.error());
  reply.headers.emplace_back("Set-Cookie", SignInCookie("", 0, exchange.origin.is_secure));
  return reply;
}

HttpReply Gateway::OpenForProof(const Exchange& exchange, const OidcSignIn::Proof& proof) {
  if (proof.subject.size() > core::kOidcSubjectBytesMax) {
    return RefuseOidc(exchange,
                      NotAPerson(fmt::format("the provider's name for you is too long: with the "
                                             "issuer before it, it has more than {} bytes, and "
                                             "nobody here can be given it",
                                             core::kOidcSubjectBytesMax)),
                      "the subject is too long");
  }
  const RpcReply reply = OpenSession(exchange, proof.subject);
  if (!reply.status.ok() && reply.status.error().code == ErrorCode::kNotFound) {
    return RefuseOidc(exchange, NotAPerson(NobodyHas(proof.subject), reply.server_request_id),
                      "nobody has that subject");
  }
  if (!reply.status.ok()) {
    return RefuseOidc(exchange, reply.status.error(), reply.server_request_id);
  }
  HttpReply answer = GoOnTo(proof.return_to);
  answer.headers.emplace_back("Set-Cookie", CookieOfNew(exchange, reply.body));
  return answer;
}

HttpReply Gateway::RefuseOidc(const Exchange& exchange, const Error& error,
                              const std::string& server_request_id) const {
  Problem problem = ProblemOf(error, server_request_id);
  if (!IsForTheBrowser(error.code)) {
    problem.detail = "signing in with the provider does not work now; the gateway's log says why";
  }
  return RefuseOidc(exchange, problem, error.message);
}

HttpReply Gateway::RefuseOidc(const Exchange& exchange, const Problem& problem,
                              const std::string& why) const {
  metrics_.OnRefused("oidc");
  LANEMQ_LOG(INFO, "oidc.refused", {"request", exchange.id}, {"route", exchange.route},
             {"code", problem.code}, {"why", why});
  return Refuse(exchange, problem);
}

}  // namespace lanemq::portal
