#include "portal/api/portal.h"

#include <algorithm>
#include <atomic>
#include <pthread.h>
#include <thread>
#include <utility>

#include "common/base/log.h"
#include "common/base/mutex.h"
#include "common/base/private_file.h"
#include "common/base/random.h"
#include "common/base/secure.h"
#include "common/guard/certificate_watch.h"
#include "common/rpc/admin_server.h"
#include "common/rpc/token_file.h"
#include "portal/api/assets/pages.h"
#include "portal/api/rpc_link/cluster_backend.h"

namespace lanemq::portal {
namespace {

constexpr std::chrono::seconds kHousekeeping{5};
constexpr std::chrono::seconds kReadyTimeout{2};
constexpr std::size_t kPasswordFileBytesMax = 4u << 10;

// Without a file, of this process alone: sign-ins under way end with it.
Result<SealingKeys> SignInKeys(const std::string& path) {
  if (!path.empty()) return SealingKeys::FromFile(path);
  SealingKeys::Key own{};
  SecureRandom(own);
  return SealingKeys({own});
}

}  // namespace

class Portal::Impl {
 public:
  Status Start(const PortalOptions& options);
  void Stop();
  [[nodiscard]] std::uint16_t port() const { return http_->port(); }
  [[nodiscard]] std::uint16_t admin_port() const { return admin_->port(); }

 private:
  Result<ClusterBackendOptions> BackendOf(const PortalOptions& options) const;
  Status MakeOidc(const PortalOptions& options);
  /// Says loudly what it does.
  static Status AllowDemo(const PortalOptions& options, GatewayOptions& gateway);
  Status StartAdmin(const PortalOptions& options);
  void Keep();
  [[nodiscard]] GatewayMetrics::Gauges Gauges() const;

  const Clock& clock_ = SystemClock::Instance();
  const Pages pages_{EmbeddedPages()};
  GatewayMetrics metrics_;
  std::unique_ptr<ClusterBackend> backend_;
  std::unique_ptr<CurlWeb> web_;
  std::unique_ptr<OidcSignIn> oidc_;
  std::unique_ptr<Gateway> gateway_;
  std::unique_ptr<HttpServer> http_;
  std::unique_ptr<CertificateWatch> certificates_;
  std::unique_ptr<rpc::AdminServer> admin_;
  std::atomic<bool> is_ready_ = false;
  Mutex mutex_;
  CondVar wake_;
  bool is_stopping_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::jthread keeper_;
};

Result<ClusterBackendOptions> Portal::Impl::BackendOf(const PortalOptions& options) const {
  ClusterBackendOptions backend{.bootstrap = options.bootstrap};
  if (options.is_cluster_tls) {
    rpc::TlsClientOptions tls;
    tls.ca_file = options.ca_file;
    LANEMQ_ASSIGN_OR_RETURN(backend.link.tls, rpc::TlsClient::Make(std::move(tls)));
  }
  if (!options.token_file.empty()) {
    LANEMQ_ASSIGN_OR_RETURN(backend.token, rpc::TokenFromFile(options.token_file));
  }
  return backend;
}

Status Portal::Impl::MakeOidc(const PortalOptions& options) {
  const ProviderOptions& provider = options.oidc.provider;
  if (provider.issuer.empty()) return {};
  if (!provider.client_secret_file.empty()) {
    // Said now rather than to the first who signs in.
    LANEMQ_RETURN_IF_ERROR(ReadSecretFile(provider.client_secret_file));
  }
  LANEMQ_ASSIGN_OR_RETURN(SealingKeys keys, SignInKeys(options.oidc_key_file));
  web_ = std::make_unique<CurlWeb>(options.oidc_ca_file);
  oidc_ = std::make_unique<OidcSignIn>(options.oidc, std::move(keys), *web_, clock_);
  return {};
}

Status Portal::Impl::AllowDemo(const PortalOptions& options, GatewayOptions& gateway) {
  if (options.demo_person.empty()) return {};
  LANEMQ_ASSIGN_OR_RETURN(
      std::string password,
      ReadPrivateFile(options.demo_password_file, "demo password file", kPasswordFileBytesMax));
  while (password.ends_with('\n') || password.ends_with('\r')) password.pop_back();
  if (password.empty() || password.find('\n') != std::string::npos) {
    return Error{ErrorCode::kInvalidConfig,
                 "demo password file '" + options.demo_password_file + "' is not one line", 0};
  }
  LANEMQ_LOG(WARN, "portal.demo_sign_in", {"person", options.demo_person},
             {"effect",
              "whoever reaches this port from this machine may be this person, without "
              "a password"});
  gateway.demo = DemoSignIn{options.demo_person, std::move(password)};
  return {};
}

Status Portal::Impl::StartAdmin(const PortalOptions& options) {
  admin_ = std::make_unique<rpc::AdminServer>(
      rpc::AdminOptions{.host = options.admin_host, .port = options.admin_port});
  admin_->Handle("/healthz", [](const std::string&) { return rpc::AdminReply{200, "ok\n"}; });
  admin_->Handle("/readyz", [this](const std::string&) {
    if (is_ready_) return rpc::AdminReply{200, "ready\n"};
    return rpc::AdminReply{503, "no metaserver answers\n"};
  });
  admin_->Handle("/version", [](const std::string&) {
    return rpc::AdminReply{200, std::string(kPortalVersion) + "\n"};
  });
  admin_->Handle("/metrics", [this, serve = rpc::MetricsHandler(metrics_.registry())](
                                 const std::string& query) {
    metrics_.Sample(Gauges());
    return serve(query);
  });
  return admin_->Start();
}

GatewayMetrics::Gauges Portal::Impl::Gauges() const {
  const HttpServerStats& stats = http_->stats();
  return {.connections = static_cast<double>(stats.connections.load()),
          .queued = static_cast<double>(http_->queue_depth()),
          .links = static_cast<double>(backend_->idle_links()),
          .accepted = static_cast<double>(stats.accepted.load()),
          .refused_connections = static_cast<double>(stats.refused_connections.load()),
          .shed = static_cast<double>(stats.shed.load()),
          .malformed = static_cast<double>(stats.malformed.load()),
          .timed_out = static_cast<double>(stats.timed_out.load()),
          .failed = static_cast<double>(stats.failed.load())};
}

Status Portal::Impl::Start(const PortalOptions& options) {
  LANEMQ_ASSIGN_OR_RETURN(ClusterBackendOptions backend, BackendOf(options));
  backend_ = std::make_unique<ClusterBackend>(TheSchema(), std::move(backend));
  LANEMQ_RETURN_IF_ERROR(MakeOidc(options));
  GatewayOptions gateway = options.gateway;
  LANEMQ_RETURN_IF_ERROR(AllowDemo(options, gateway));
  gateway.oidc = oidc_.get();
  gateway.pages = &pages_;
  gateway.waiting_max = std::max<std::size_t>(options.http.threads / 2, 1);
  gateway_ = std::make_unique<Gateway>(std::move(gateway), TheSchema(), *backend_, metrics_, clock_,
                                       Random::FromSystem().Below(~std::uint64_t{0}));
  HttpServerOptions http = options.http;
  if (!options.tls.certificate_file.empty() || !options.tls.key_file.empty()) {
    LANEMQ_ASSIGN_OR_RETURN(http.tls, rpc::TlsServer::Make(options.tls));
  }
  http.is_proxy = [trust = options.gateway.trust](const std::string& address) {
    return trust.Trusts(address);
  };
  certificates_ = std::make_unique<CertificateWatch>(http.tls);
  http_ = std::make_unique<HttpServer>(
      std::move(http), [this](const HttpRequest& request) { return gateway_->Handle(request); },
      [this](int status, const std::string& why) { return gateway_->Malformed(status, why); });
  LANEMQ_RETURN_IF_ERROR(http_->Start());
  LANEMQ_RETURN_IF_ERROR(StartAdmin(options));
  certificates_->Start();
  keeper_ = std::jthread([this] { Keep(); });
  pthread_setname_np(keeper_.native_handle(), "portal_keeper");
  LANEMQ_LOG(INFO, "portal.serving", {"host", options.http.host}, {"port", port()},
             {"https", !options.tls.certificate_file.empty()},
             {"anonymous", options.gateway.is_anonymous}, {"pages", pages_.has_any()},
             {"provider", options.oidc.provider.issuer});
  return {};
}

void Portal::Impl::Keep() {
  for (;;) {
    backend_->Sweep();
    const Status ready = backend_->CheckReady(Deadline::After(clock_, kReadyTimeout));
    if (is_ready_.exchange(ready.ok()) != ready.ok()) {
      LANEMQ_LOG(INFO, "portal.readiness", {"ready", ready.ok()},
                 {"error", ready.ok() ? std::string() : ready.error().ToString()});
    }
    const Deadline next = Deadline::After(clock_, ready.ok() ? kHousekeeping : kReadyTimeout);
    MutexLock lock(mutex_);
    while (!is_stopping_ && !next.HasPassed(clock_)) wake_.WaitFor(mutex_, next.Left(clock_));
    if (is_stopping_) return;
  }
}

void Portal::Impl::Stop() {
  is_ready_ = false;
  {
    MutexLock lock(mutex_);
    is_stopping_ = true;
  }
  wake_.NotifyAll();
  if (keeper_.joinable()) keeper_.join();
  if (certificates_) certificates_->Stop();
  if (web_) web_->Stop();
  if (http_) http_->Stop();
  if (admin_) admin_->Stop();
}

Portal::Portal(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Portal::~Portal() { impl_->Stop(); }
std::uint16_t Portal::port() const { return impl_->port(); }
std::uint16_t Portal::admin_port() const { return impl_->admin_port(); }
void Portal::Stop() { impl_->Stop(); }

Result<std::unique_ptr<Portal>> Portal::Start(const PortalOptions& options) {
  auto impl = std::make_unique<Impl>();
  if (Status started = impl->Start(options); !started.ok()) {
    impl->Stop();
    return started.error();
  }
  return std::unique_ptr<Portal>(new Portal(std::move(impl)));
}

}  // namespace lanemq::portal
