// The gateway's own part of the API: /session and /session/demo.
#include <algorithm>
#include <utility>

#include "portal/api/gateway/gateway.h"
#include "portal/api/transcode/encode.h"

namespace lanemq::portal {
namespace {

using nlohmann::json;

constexpr std::int64_t kMicrosPerSecond = 1'000'000;

// What a client may say when it signs in; the rest of the request is the gateway's.
constexpr std::string_view kSignInFields[] = {"name", "password", "lifetime_s"};

Faults UnknownIn(const json& body) {
  Faults faults;
  for (const auto& [name, value] : body.items()) {
    if (std::ranges::count(kSignInFields, name) == 0 && faults.size() < kFaultsMax) {
      faults.push_back({"/" + PointerToken(name.substr(0, 128)), "is not known here"});
    }
  }
  return faults;
}

Problem WrongMethod() {
  return {.status = 405, .code = "UNSUPPORTED_METHOD", .detail = "this path has no such method"};
}

HttpReply NoSuchMethod(std::string_view method, HttpReply refused, const char* allowed) {
  HttpReply reply = method == "OPTIONS" ? HttpReply{.status = 204} : std::move(refused);
  reply.headers.emplace_back("Allow", allowed);
  return reply;
}

HttpReply JsonReply(int status, const nlohmann::ordered_json& body) {
  return {status,
          {{"Content-Type", "application/json"}},
          body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n"};
}

}  // namespace

HttpReply Gateway::ServeSession(Exchange& exchange) {
  const std::string& method = exchange.request.method;
  exchange.route = (method == "HEAD" ? "GET" : method) + " /session";
  if (method == "POST") return SignIn(exchange);
  if (method == "DELETE") return SignOut(exchange);
  if (method == "GET" || method == "HEAD") return DescribeSession(exchange);
  return NoSuchMethod(method, Refuse(exchange, WrongMethod()), "OPTIONS, GET, HEAD, POST, DELETE");
}

HttpReply Gateway::SignIn(Exchange& exchange) {
  if (auto refused = RefuseAttempt(exchange)) return *std::move(refused);
  Said said;
  if (const auto problem = TakeSaid(exchange, said)) return Refuse(exchange, *problem);
  json body = said.body.value_or(json::object());
  Faults faults = body.is_object() ? UnknownIn(body) : Faults{};
  return SignInWith(exchange, std::move(body), std::move(faults));
}

std::optional<HttpReply> Gateway::RefuseAttempt(const Exchange& exchange) {
  // A cookie that comes along is of no account: the new session takes its place. Before the limit,
  // or any page that somebody here looks at could use it up.
  if (const auto forgery = ForgeryOf(exchange.request, {}, exchange.origin.is_secure)) {
    metrics_.OnRefused("forged");
    return Refuse(exchange, *forgery);
  }
  // Before what is said is looked at: guessing costs a guess whatever it is made of.
  if (const auto wait = sign_ins_.Take(exchange.origin.address, clock_.Now())) {
    return RefuseSignIn(exchange, *wait);
  }
  return std::nullopt;
}

HttpReply Gateway::ServeDemo(Exchange& exchange) {
  const std::string& method = exchange.request.method;
  exchange.route = (method == "HEAD" ? "GET" : method) + " /session/demo";
  if (method == "POST") return SignInDemo(exchange);
  if (method == "GET" || method == "HEAD") {
    nlohmann::ordered_json body{{"is_offered", options_.demo.has_value()}};
    if (options_.demo) body["name"] = options_.demo->name;
    return JsonReply(200, body);
  }
  return NoSuchMethod(method, Refuse(exchange, WrongMethod()), "OPTIONS, GET, HEAD, POST");
}

HttpReply Gateway::SignInDemo(Exchange& exchange) {
  if (!options_.demo) {
    return Refuse(
        exchange,
        {.status = 404, .code = "NOT_FOUND", .detail = "nobody signs in here without a password"});
  }
  if (auto refused = RefuseAttempt(exchange)) return *std::move(refused);
  Said said;
  if (const auto problem = TakeSaid(exchange, said)) return Refuse(exchange, *problem);
  if (said.body && !said.body->empty()) {
    return Refuse(exchange, {.status = 400,
                             .code = "INVALID_REQUEST",
                             .detail = "this call takes nothing: it knows who signs in"});
  }
  return SignInWith(exchange,
                    {{"name", options_.demo->name}, {"password", options_.demo->password}}, {});
}

HttpReply Gateway::SignInWith(const Exchange& exchange, json said, Faults faults) {
  if (said.is_object()) said["client_address"] = exchange.origin.address;
  const MethodRow& method = *schema_.FindMethod("signIn");
  const std::string bytes = EncodeStruct(schema_, schema_.structure(method.request), said, faults);
  if (!faults.empty()) {
    return Refuse(exchange, {.status = 400,
                             .code = "INVALID_REQUEST",
                             .detail = "signing in takes a name and a password",
                             .faults = std::move(faults)});
  }
  RpcReply reply = backend_.Call({}, {.method = &method, .request = bytes}, exchange.deadline);
  if (!reply.status.ok()) {
    return Refuse(exchange, ProblemOf(reply.status.error(), reply.server_request_id));
  }
  const std::string token = reply.body.value("token", "");
  std::string cookie = CookieOfNew(exchange, reply.body);
  reply.body.erase("token");
  // As GET /session tells it: a page that has just signed in need not ask again.
  const nlohmann::ordered_json person =
      reply.body.value("person", nlohmann::ordered_json::object());
  reply.body["principal"] = "person:" + person.value("name", "");
  reply.body["role"] = person.value("role", "");
  reply.body["must_change_password"] = person.value("must_change_password", false);
  reply.body["csrf_token"] = CsrfTokenOf(token);
  HttpReply answer = JsonReply(200, reply.body);
  answer.headers.emplace_back("Set-Cookie", std::move(cookie));
  return answer;
}

HttpReply Gateway::RefuseSignIn(const Exchange& exchange, std::chrono::milliseconds wait) {
  metrics_.OnRefused("sign_in_rate");
  Problem problem{.status = 429,
                  .code = "THROTTLED",
                  .detail = "too many attempts to sign in from this address"};
  problem.retry_after_ms = wait.count();
  return Refuse(exchange, problem);
}

std::string Gateway::CookieOfNew(const Exchange& exchange,
                                 const nlohmann::ordered_json& opened) const {
  const std::int64_t ends_us =
      std::strtoll(opened.value("expires_at_us", "0").c_str(), nullptr, 10);
  const std::int64_t lifetime_s =
      std::max<std::int64_t>((ends_us - clock_.WallNow().micros) / kMicrosPerSecond, 0);
  return SessionCookie(opened.value("token", ""), lifetime_s, exchange.origin.is_secure);
}

HttpReply Gateway::SignOut(Exchange& exchange) {
  if (const auto problem = Admit(exchange)) return Refuse(exchange, *problem);
  const MethodRow& method = *schema_.FindMethod("signOut");
  Faults faults;
  const std::string bytes =
      EncodeStruct(schema_, schema_.structure(method.request), json::object(), faults);
  const RpcReply reply =
      backend_.Call(CallerOf(exchange), {.method = &method, .request = bytes}, exchange.deadline);
  backend_.Forget(CallerOf(exchange));
  const bool has_ended =
      reply.status.ok() || reply.status.error().code == ErrorCode::kAuthenticationFailed;
  if (!has_ended) {
    return Refuse(exchange, ProblemOf(reply.status.error(), reply.server_request_id));
  }
  HttpReply answer{.status = 204};
  if (exchange.credentials.is_cookie) {
    answer.headers.emplace_back("Set-Cookie", NoSessionCookie(exchange.origin.is_secure));
  }
  return answer;
}

HttpReply Gateway::DescribeSession(Exchange& exchange) {
  if (const auto problem = Admit(exchange)) return Refuse(exchange, *problem);
  RpcReply reply = backend_.Identify(CallerOf(exchange), true, exchange.deadline);
  if (!reply.status.ok()) {
    return Refuse(exchange, ProblemOf(reply.status.error(), reply.server_request_id));
  }
  if (!reply.body.is_object()) reply.body = {{"principal", "anonymous"}};
  if (exchange.credentials.is_cookie) {
    reply.body["csrf_token"] = CsrfTokenOf(exchange.credentials.token);
  }
  return JsonReply(200, reply.body);
}

}  // namespace lanemq::portal
