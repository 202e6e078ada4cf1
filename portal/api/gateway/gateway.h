#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "common/base/clock.h"
#include "common/base/random.h"
#include "common/rpc/request_id.h"
#include "portal/api/assets/pages.h"
#include "portal/api/gateway/address_limit.h"
#include "portal/api/gateway/client_address.h"
#include "portal/api/gateway/credentials.h"
#include "portal/api/gateway/metrics.h"
#include "portal/api/gateway/problem.h"
#include "portal/api/http/message.h"
#include "portal/api/oidc/oidc_sign_in.h"
#include "portal/api/routes/build_request.h"
#include "portal/api/rpc_link/backend.h"

namespace lanemq::portal {

/// Whom one click signs in.
struct DemoSignIn {
  std::string name;
  std::string password;
};

struct GatewayOptions {
  ProxyTrust trust;
  /// Names that the Host header may have, beside addresses and "localhost"; empty: any, unless
  /// anonymous requests are served.
  std::set<std::string> host_names;
  /// The cluster asks nobody who he is: requests without a token are served.
  bool is_anonymous = false;
  /// How people sign in with a provider of identities; null: they do not. Outlives the gateway.
  OidcSignIn* oidc = nullptr;
  /// Absent: nobody signs in with one click. Else the gateway goes by "localhost" and addresses of
  /// this machine alone: a page whose name leads here could do the click.
  std::optional<DemoSignIn> demo;
  /// What is served where the API is not; null, or without any: nothing is. Outlives the gateway.
  const Pages* pages = nullptr;
  AddressLimit::Options requests{};
  AddressLimit::Options sign_ins{.per_second = 0.2, .burst = 10};
  /// Returns from the provider, of sign-ins that the browser has under way. Nobody guesses here.
  AddressLimit::Options oidc_returns{.per_second = 5, .burst = 60};
  std::chrono::milliseconds request_timeout = std::chrono::seconds(30);
  /// Calls that wait for something to happen (max_wait_ms, wait_ms) at once; one more is answered
  /// 503. Each holds a thread, so half of these at most: see HttpServerOptions::threads.
  std::size_t waiting_max = 16;
};

/// A longer wait is cut to these, so that no call holds a thread for long.
inline constexpr std::chrono::milliseconds kFetchWaitMax = std::chrono::seconds(5);  // max_wait_ms
inline constexpr std::chrono::milliseconds kChangeWaitMax = std::chrono::seconds(20);  // wait_ms

/// HTTP requests to calls of the cluster, and back: who asks, whether it was meant, what it says,
/// and what the servers answer. It decides on nothing that is theirs to decide.
///
/// Thread safety: Handle() from any thread, and it blocks. What is passed to the constructor
/// outlives it.
class Gateway {
 public:
  Gateway(GatewayOptions options, const Schema& schema, Backend& backend, GatewayMetrics& metrics,
          const Clock& clock, std::uint64_t seed);

  HttpReply Handle(const HttpRequest& request);
  /// The reply to what is no request.
  HttpReply Malformed(int status, const std::string& why);

 private:
  /// One request on its way.
  struct Exchange {
    const HttpRequest& request;
    std::string id;
    ClientOrigin origin;
    std::string_view path;  ///< Behind /api/v1.
    std::string_view query;
    std::string route = "none";  ///< For logs and metrics: nothing that a client said.
    Credentials credentials;
    Deadline deadline;
  };

  HttpReply Answer(Exchange& exchange);
  [[nodiscard]] std::optional<Problem> CheckHost(const Exchange& exchange) const;
  HttpReply Serve(Exchange& exchange, const Match& match);
  /// The portal's pages: everything that is not the API.
  HttpReply ServePage(Exchange& exchange, std::string_view path) const;
  RpcReply CallServer(const Exchange& exchange, const BackendCall& call,
                      std::chrono::milliseconds wait);
  /// Who it is, and that it was meant.
  std::optional<Problem> Admit(Exchange& exchange);
  std::optional<Problem> TakeSaid(const Exchange& exchange, Said& said) const;
  std::optional<Problem> TakePrincipal(const Exchange& exchange, const MethodRow& method,
                                       Said& said);
  HttpReply Refuse(const Exchange& exchange, const Problem& problem) const;
  HttpReply Success(const Exchange& exchange, const Route& route, const BuiltRequest& built,
                    nlohmann::ordered_json body) const;
  void Finish(const Exchange& exchange, HttpReply& reply, MonotonicTime begun);

  // Sessions: gateway_session.cc.
  HttpReply ServeSession(Exchange& exchange);
  HttpReply SignIn(Exchange& exchange);
  HttpReply SignOut(Exchange& exchange);
  HttpReply DescribeSession(Exchange& exchange);
  HttpReply ServeDemo(Exchange& exchange);
  HttpReply SignInDemo(Exchange& exchange);
  /// Was it meant, and may this address try once more? Takes one attempt.
  std::optional<HttpReply> RefuseAttempt(const Exchange& exchange);
  /// `said`: a SignInRequest, without the client's address.
  HttpReply SignInWith(const Exchange& exchange, nlohmann::json said, Faults faults);
  /// Too many attempts of the address.
  HttpReply RefuseSignIn(const Exchange& exchange, std::chrono::milliseconds wait);
  /// Of a session that a server has just opened, as its reply tells it.
  [[nodiscard]] std::string CookieOfNew(const Exchange& exchange,
                                        const nlohmann::ordered_json& opened) const;

  // Providers of identities: gateway_oidc.cc.
  HttpReply ServeOidc(Exchange& exchange);
  HttpReply StartOidc(Exchange& exchange);
  HttpReply FinishOidc(Exchange& exchange);
  /// Once the flow is used: its cookie goes, whatever comes of it.
  HttpReply OpenForProof(const Exchange& exchange, const OidcSignIn::Proof& proof);
  RpcReply OpenSession(const Exchange& exchange, const std::string& subject);
  /// `why`: for the log; the problem may name a person's subject, which logs need not know.
  HttpReply RefuseOidc(const Exchange& exchange, const Problem& problem,
                       const std::string& why) const;
  /// The browser is told what is of use to who sits before it; the log is told all.
  HttpReply RefuseOidc(const Exchange& exchange, const Error& error,
                       const std::string& server_request_id = {}) const;
  [[nodiscard]] Caller CallerOf(const Exchange& exchange) const {
    return {exchange.credentials.token, exchange.origin.address};
  }
  std::int64_t RandomId();

  const GatewayOptions options_;
  const Schema& schema_;
  Backend& backend_;
  GatewayMetrics& metrics_;
  const Clock& clock_;
  const std::string openapi_;
  rpc::RequestIds ids_;
  AddressLimit requests_;
  AddressLimit sign_ins_;
  AddressLimit oidc_returns_;
  std::atomic<std::size_t> waiting_ = 0;
  Mutex random_mutex_;
  Random random_ LANEMQ_GUARDED_BY(random_mutex_);
};

}  // namespace lanemq::portal
