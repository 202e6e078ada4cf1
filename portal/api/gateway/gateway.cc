#include "portal/api/gateway/gateway.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "common/base/log.h"
#include "portal/api/routes/openapi.h"
#include "portal/api/routes/shape_reply.h"
#include "portal/api/transcode/encode.h"

namespace lanemq::portal {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kRoot = "/api/v1";
constexpr std::array<std::string_view, 7> kMethods{"GET",   "HEAD",   "POST",   "PUT",
                                                   "PATCH", "DELETE", "OPTIONS"};

bool IsSafe(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

Problem Wrong(int status, std::string code, std::string detail) {
  return {.status = status, .code = std::move(code), .detail = std::move(detail)};
}

Problem Invalid(Faults faults) {
  Problem problem = Wrong(400, "INVALID_REQUEST", "the request is not what this call takes");
  problem.faults = std::move(faults);
  return problem;
}

HttpReply Allow(const std::vector<std::string_view>& methods, HttpReply reply) {
  std::string allowed = "OPTIONS";
  for (const std::string_view method : methods) {
    allowed += ", " + std::string(method) + (method == "GET" ? ", HEAD" : "");
  }
  reply.headers.emplace_back("Allow", allowed);
  return reply;
}

// "application/json", with nothing but the charset that JSON has.
bool IsJson(std::string_view type) {
  std::string lower;
  for (const char c : type) {
    if (c == ' ' || c == '"') continue;
    lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return lower == "application/json" || lower == "application/json;charset=utf-8";
}

// A whole number, or the text of one: 64 bits may come as text. Absent: it is neither, null say.
std::optional<std::int64_t> IntegerOf(const nlohmann::json& value) {
  if (value.is_number_unsigned()) {
    constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
    return static_cast<std::int64_t>(std::min(value.get<std::uint64_t>(), kMost));
  }
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (!value.is_string()) return std::nullopt;
  const auto& text = value.get_ref<const std::string&>();
  const char* const end = text.data() + text.size();
  std::int64_t number = 0;
  const auto parsed = std::from_chars(text.data(), end, number);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return number;
}

// Cuts the field `name` to `max`, and says how long the call waits. Absent: the field is not there.
std::optional<std::chrono::milliseconds> CutWait(nlohmann::json& request, const char* name,
                                                 std::chrono::milliseconds max) {
  const auto found = request.find(name);
  const auto ms = found == request.end() ? std::nullopt : IntegerOf(*found);
  if (!ms) return std::nullopt;
  if (*ms > max.count()) *found = max.count();
  return std::chrono::milliseconds(std::clamp<std::int64_t>(*ms, 0, max.count()));
}

// Of a fetch that does not say: it waits, too.
constexpr std::chrono::milliseconds kFetchWaitDefault{500};

// How long a call waits for something to happen, cut to what the gateway lets it.
std::chrono::milliseconds CutWaits(const Route& route, nlohmann::json& request) {
  const auto fetch = CutWait(request, "max_wait_ms", kFetchWaitMax);
  const auto change = CutWait(request, "wait_ms", kChangeWaitMax);
  if (route.rpc == "fetch") return fetch.value_or(kFetchWaitDefault);
  return change.value_or(std::chrono::milliseconds(0));
}

// Which server alone is to answer; the rest of the request is for it. Empty: any.
std::string TakeServer(const Route& route, nlohmann::json& request) {
  const auto field = request.find(route.server);
  if (route.server.empty() || field == request.end() || !field->is_string()) return {};
  std::string server = field->get<std::string>();
  request.erase(field);
  return server;
}

// One of the calls that wait, while it lives.
class WaitingCall {
 public:
  explicit WaitingCall(std::atomic<std::size_t>& count)
      : count_(count), others_(count.fetch_add(1)) {}
  ~WaitingCall() { count_.fetch_sub(1); }
  WaitingCall(const WaitingCall&) = delete;
  WaitingCall& operator=(const WaitingCall&) = delete;
  [[nodiscard]] std::size_t others() const { return others_; }

 private:
  std::atomic<std::size_t>& count_;
  const std::size_t others_;
};

// Host without its port and brackets.
std::string HostOf(std::string_view host) {
  if (host.starts_with('[')) {
    return std::string(host.substr(1, std::min(host.find(']'), host.size()) - 1));
  }
  return std::string(host.substr(0, host.find(':')));
}

}  // namespace

Gateway::Gateway(GatewayOptions options, const Schema& schema, Backend& backend,
                 GatewayMetrics& metrics, const Clock& clock, std::uint64_t seed)
    : options_(std::move(options)),
      schema_(schema),
      backend_(backend),
      metrics_(metrics),
      clock_(clock),
      openapi_(OpenApiYaml(schema)),
      ids_(seed),
      requests_(options_.requests),
      sign_ins_(options_.sign_ins),
      oidc_returns_(options_.oidc_returns),
      random_(seed) {}

std::int64_t Gateway::RandomId() {
  MutexLock lock(random_mutex_);
  return random_.PositiveId();
}

HttpReply Gateway::Refuse(const Exchange& exchange, const Problem& problem) const {
  HttpReply reply = ReplyOf(problem, exchange.id);
  // A session that is no more: the browser need not try again.
  if (problem.status == 401 && exchange.credentials.is_cookie) {
    reply.headers.emplace_back("Set-Cookie", NoSessionCookie(exchange.origin.is_secure));
  }
  return reply;
}

HttpReply Gateway::Malformed(int status, const std::string& why) {
  const MonotonicTime begun = clock_.Now();
  const HttpRequest nothing;
  Exchange exchange{.request = nothing, .id = ids_.ToText(ids_.Next())};
  exchange.route = "malformed";
  Problem problem = Wrong(status, "INVALID_REQUEST", why);
  if (status == 503) problem.code = "THROTTLED";
  if (status == 500) problem.code = NameOf(ErrorCode::kUnknownServerError);
  if (status == 503) problem.retry_after_ms = 1'000;
  HttpReply reply = Refuse(exchange, problem);
  Finish(exchange, reply, begun);
  return reply;
}

HttpReply Gateway::Handle(const HttpRequest& request) {
  const MonotonicTime begun = clock_.Now();
  Exchange exchange{.request = request,
                    .id = ids_.ToText(ids_.Next()),
                    .origin = OriginOf(request, options_.trust),
                    .deadline = Deadline::After(clock_, options_.request_timeout)};
  HttpReply reply = Answer(exchange);
  Finish(exchange, reply, begun);
  return reply;
}

void Gateway::Finish(const Exchange& exchange, HttpReply& reply, MonotonicTime begun) {
  const auto has = [&](const char* name) {
    return std::ranges::count(reply.headers, name, &std::pair<std::string, std::string>::first) > 0;
  };
  const auto set = [&](const char* name, const char* value) {
    // Pages say themselves what may be done with them.
    if (!has(name)) reply.headers.emplace_back(name, value);
  };
  reply.headers.emplace_back("X-Request-Id", exchange.id);
  set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  set("X-Content-Type-Options", "nosniff");
  set("X-Frame-Options", "DENY");
  set("Referrer-Policy", "no-referrer");
  set("Cross-Origin-Resource-Policy", "same-origin");
  // With ETags, a browser's own copy saves the body; nobody else may keep one.
  set("Cache-Control", has("ETag") ? "private, no-cache" : "no-store");
  set("Vary", "Authorization, Cookie");
  if (exchange.origin.is_secure) set("Strict-Transport-Security", "max-age=31536000");
  const auto took = clock_.Now() - begun;
  metrics_.OnRequest(exchange.route, reply.status, took);
  // No path, no query, no body: names in them may be anything, also a token.
  LANEMQ_LOG(INFO, "http.request", {"request", exchange.id}, {"route", exchange.route},
             {"status", reply.status}, {"client", exchange.origin.address},
             {"ms", std::chrono::duration<double, std::milli>(took).count()},
             {"bytes", reply.body.size()});
}

std::optional<Problem> Gateway::CheckHost(const Exchange& exchange) const {
  const std::string host = HostOf(exchange.request.Header("host"));
  const bool is_named =
      options_.demo ? host == "localhost" || IsLoopback(host)
                    : host == "localhost" || IsAddress(host) || options_.host_names.contains(host);
  // Where nobody is asked who he is, a page whose name leads here could do what it liked.
  const bool is_any_good = options_.host_names.empty() && !options_.is_anonymous && !options_.demo;
  if (exchange.request.Count("host") == 1 && (is_named || is_any_good)) return std::nullopt;
  return Wrong(421, "WRONG_HOST", "this gateway does not go by the name in the header Host");
}

HttpReply Gateway::Answer(Exchange& exchange) {
  const HttpRequest& request = exchange.request;
  if (const auto problem = CheckHost(exchange)) {
    metrics_.OnRefused("host");
    return Refuse(exchange, *problem);
  }
  if (const auto wait = requests_.Take(exchange.origin.address, clock_.Now())) {
    metrics_.OnRefused("rate");
    Problem problem = Wrong(429, "THROTTLED", "too many requests of this address");
    problem.retry_after_ms = wait->count();
    return Refuse(exchange, problem);
  }
  std::string_view target = request.target;
  const std::size_t mark = std::min(target.find('?'), target.size());
  exchange.query = target.substr(std::min(mark + 1, target.size()));
  target = target.substr(0, mark);
  if (std::ranges::count(kMethods, request.method) == 0) {
    return Refuse(exchange, Wrong(501, "UNSUPPORTED_METHOD", "no such method is known here"));
  }
  const bool is_page = target.starts_with('/') && target != "/api" && !target.starts_with("/api/");
  if (is_page && options_.pages != nullptr && options_.pages->has_any()) {
    return ServePage(exchange, target);
  }
  if (!target.starts_with(kRoot)) {
    return Refuse(exchange, Wrong(404, "NOT_FOUND", "the API is under /api/v1"));
  }
  exchange.path = target.substr(kRoot.size());
  if (exchange.path == "/session") return ServeSession(exchange);
  if (exchange.path == "/session/demo") return ServeDemo(exchange);
  if (exchange.path.starts_with("/auth/oidc/")) return ServeOidc(exchange);
  if (exchange.path == "/openapi.yaml" && IsSafe(request.method)) {
    exchange.route = "GET /openapi.yaml";
    return {200, {{"Content-Type", "application/yaml"}}, openapi_};
  }
  const Found found = FindRoute(request.method, exchange.path);
  if (found.allowed.empty()) {
    return Refuse(exchange,
                  Wrong(404, "NOT_FOUND", "there is no such path: see /api/v1/openapi.yaml"));
  }
  if (request.method == "OPTIONS") return Allow(found.allowed, {.status = 204});
  if (!found.match) {
    return Allow(found.allowed, Refuse(exchange, Wrong(405, "UNSUPPORTED_METHOD",
                                                       "this path has no such method")));
  }
  return Serve(exchange, *found.match);
}

HttpReply Gateway::ServePage(Exchange& exchange, std::string_view path) const {
  exchange.route = "page";
  const std::string& method = exchange.request.method;
  if (method == "OPTIONS") return Allow({"GET"}, {.status = 204});
  if (!IsSafe(method)) {
    return Allow({"GET"}, Refuse(exchange, Wrong(405, "UNSUPPORTED_METHOD",
                                                 "pages are read; the API is under /api/v1")));
  }
  HttpReply reply = options_.pages->Serve(exchange.request, path);
  if (reply.status != 404) return reply;
  return Refuse(exchange, Wrong(404, "NOT_FOUND", "there is no such file"));
}

std::optional<Problem> Gateway::Admit(Exchange& exchange) {
  auto shown = CredentialsOf(exchange.request, exchange.origin.is_secure);
  if (const auto* problem = std::get_if<Problem>(&shown)) {
    metrics_.OnRefused("unauthenticated");
    return *problem;
  }
  exchange.credentials = std::get<Credentials>(std::move(shown));
  if (exchange.credentials.token.empty() && !options_.is_anonymous) {
    metrics_.OnRefused("unauthenticated");
    return Wrong(401, "AUTHENTICATION_FAILED",
                 "sign in (POST /api/v1/session), or send a token: Authorization: Bearer ...");
  }
  if (IsSafe(exchange.request.method)) return std::nullopt;
  auto forgery = ForgeryOf(exchange.request, exchange.credentials, exchange.origin.is_secure);
  if (forgery) metrics_.OnRefused("forged");
  return forgery;
}

std::optional<Problem> Gateway::TakeSaid(const Exchange& exchange, Said& said) const {
  const HttpRequest& request = exchange.request;
  auto query = ParseQuery(exchange.query);
  if (!query) return Wrong(400, "INVALID_REQUEST", "the query does not decode");
  said.query = *std::move(query);
  said.idempotency_key = std::string(request.Header("idempotency-key"));
  if (!IsSafe(request.method)) said.if_match = std::string(request.Header("if-match"));
  const bool has_type = request.Count("content-type") > 0;
  if (request.body.empty() && !has_type) return std::nullopt;
  if (!IsJson(request.Header("content-type")) || request.Count("content-encoding") > 0) {
    return Wrong(415, "UNSUPPORTED_MEDIA_TYPE",
                 "a body is application/json, in UTF-8, and not compressed");
  }
  if (request.body.empty()) return std::nullopt;
  auto parsed = ParseJson(request.body);
  if (auto* fault = std::get_if<Fault>(&parsed)) return Invalid({std::move(*fault)});
  said.body = std::get<nlohmann::json>(std::move(parsed));
  return std::nullopt;
}

std::optional<Problem> Gateway::TakePrincipal(const Exchange& exchange, const MethodRow& method,
                                              Said& said) {
  if (!NeedsPrincipal(schema_, method)) return std::nullopt;
  const RpcReply who = backend_.Identify(CallerOf(exchange), false, exchange.deadline);
  if (!who.status.ok()) return ProblemOf(who.status.error(), who.server_request_id);
  said.principal = who.body.is_object() ? who.body.value("principal", "anonymous") : "anonymous";
  return std::nullopt;
}

HttpReply Gateway::Serve(Exchange& exchange, const Match& match) {
  const Route& route = *match.route;
  exchange.route = fmt::format("{} {}", route.method, route.path);
  if (const auto problem = Admit(exchange)) return Refuse(exchange, *problem);
  const MethodRow& method = *schema_.FindMethod(route.rpc);
  Said said{.random_id = RandomId()};
  if (const auto problem = TakeSaid(exchange, said)) return Refuse(exchange, *problem);
  if (const auto problem = TakePrincipal(exchange, method, said)) return Refuse(exchange, *problem);
  BuiltRequest built = BuildRequest(schema_, match, said);
  const std::chrono::milliseconds wait = CutWaits(route, built.request);
  const std::string server = TakeServer(route, built.request);
  const std::string bytes =
      EncodeStruct(schema_, schema_.structure(method.request), built.request, built.faults);
  if (!built.faults.empty()) return Refuse(exchange, Invalid(std::move(built.faults)));
  exchange.deadline.at = exchange.deadline.at + wait;
  const std::optional<ListPick> pick = PickOf(route, built.list);
  const BackendCall call{.method = &method,
                         .request = bytes,
                         .target = route.target,
                         .server = server,
                         .is_read = IsSafe(exchange.request.method),
                         .pick = pick ? &*pick : nullptr};
  RpcReply reply = CallServer(exchange, call, wait);
  if (!reply.status.ok()) {
    return Refuse(exchange, ProblemOf(reply.status.error(), reply.server_request_id));
  }
  if (auto fault = ShapeReply(schema_, route, built.list, reply.body, reply.late)) {
    return Refuse(exchange, Invalid({*std::move(fault)}));
  }
  return Success(exchange, route, built, std::move(reply.body));
}

RpcReply Gateway::CallServer(const Exchange& exchange, const BackendCall& call,
                             std::chrono::milliseconds wait) {
  std::optional<WaitingCall> waiting;
  if (wait.count() > 0) {
    waiting.emplace(waiting_);
    if (waiting->others() >= options_.waiting_max) {
      metrics_.OnRefused("waiting");
      return {{}, {}, Error{ErrorCode::kQueueFull, "too many calls wait at this gateway", 1'000}};
    }
  }
  return backend_.Call(CallerOf(exchange), call, exchange.deadline);
}

HttpReply Gateway::Success(const Exchange& exchange, const Route& route, const BuiltRequest& built,
                           Json body) const {
  HttpReply reply;
  reply.status = built.is_dry_run ? 200 : route.success;
  reply.headers.emplace_back("Content-Type", "application/json");
  reply.body = body.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  const bool has_version = !route.etag.empty();
  if (!IsSafe(exchange.request.method) && !has_version) return reply;
  const std::string tag = ETagOf(route, body, reply.body);
  reply.headers.emplace_back("ETag", tag);
  const std::string_view known = exchange.request.Header("if-none-match");
  if (IsSafe(exchange.request.method) && known.find(tag) != std::string_view::npos) {
    reply.status = 304;
    reply.body.clear();
  }
  return reply;
}

}  // namespace lanemq::portal
