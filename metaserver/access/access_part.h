#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "common/base/clock.h"
#include "common/core/store/access_store.h"
#include "common/core/store/audit_log.h"
#include "common/guard/certificate_watch.h"
#include "common/guard/guard.h"
#include "common/guard/server_auth.h"
#include "common/rpc/server.h"
#include "metaserver/access/access_service.h"
#include "metaserver/access/denial_log.h"

namespace lanemq::metaserver {

/// What /status and metrics tell of who may do what.
struct AccessFacts {
  AuthMode mode = AuthMode::kNone;
  /// What would have been refused and was served, by method.
  std::map<std::string, std::uint64_t> observed;
  bool is_tls = false;
  double certificate_days_left = 0;  ///< With TLS, as the next.
  WallTime certificate_ends_at;
  std::int64_t version = 0;        ///< Of the book; 0: none yet.
  bool is_fresh = false;           ///< The last look at the metadata database succeeded.
  std::chrono::nanoseconds age{};  ///< Since the book was last confirmed.
  DenialLog::Counts denials;
};

/// Who may do what in one metaserver, put together: the guard and what keeps its book new, refused
/// attempts, certificates.
///
/// Thread safety: Start() and Stop() from one owner; the rest from any thread.
class AccessPart {
 public:
  struct Options {
    ServerAuthOptions auth;
    std::string setup_token_file;  ///< Empty: no set-up token is made.
    AccessService::Options book;
    DenialLog::Options denials = {};
    /// From one look at the certificate's files to the next.
    std::chrono::milliseconds certificate_interval{10'000};
  };

  AccessPart(Options options, core::AccessStore& store, core::AuditLog& audit, const Clock& clock);
  ~AccessPart() { Stop(); }
  AccessPart(const AccessPart&) = delete;
  AccessPart& operator=(const AccessPart&) = delete;

  /// Reads certificates. kInvalidConfig.
  Status LoadCertificates();
  /// Loads the book; the first start of a cluster makes the set-up token. The errors of
  /// AccessStore, kInvalidConfig.
  Status LoadBook(Deadline deadline);
  /// Makes a server ask. After LoadCertificates().
  void Apply(rpc::ServerOptions& server) const;
  /// `server` outlives Stop().
  void Start(rpc::Server& server);
  void Stop();

  [[nodiscard]] Guard& guard() { return guard_; }
  [[nodiscard]] AccessService& service() { return service_; }
  [[nodiscard]] DenialLog& denials() { return denials_; }
  [[nodiscard]] AccessFacts Facts() const;

 private:
  Status EnsureSetUp(Deadline deadline);
  void CloseVoid();

  const Options options_;
  core::AccessStore& store_;
  const Clock& clock_;
  Guard guard_;
  DenialLog denials_;
  std::atomic<rpc::Server*> server_{nullptr};
  std::shared_ptr<rpc::TlsServer> tls_;
  std::unique_ptr<CertificateWatch> watch_;
  AccessService service_;
};

}  // namespace lanemq::metaserver
