#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/log.h"
#include "common/base/result.h"
#include "common/rpc/client.h"
#include "common/rpc/tls.h"
#include "portal/api/gateway/gateway.h"
#include "portal/api/http/http_server.h"
#include "portal/api/oidc/oidc_sign_in.h"

namespace lanemq::portal {

inline constexpr const char* kPortalVersion = "0.1.0";

/// Everything the process can be told.
struct PortalOptions {
  HttpServerOptions http;
  rpc::TlsServerOptions tls;  ///< Without a certificate: plain HTTP.
  GatewayOptions gateway;
  std::vector<rpc::Endpoint> bootstrap;
  bool is_cluster_tls = false;
  std::string ca_file;
  std::string token_file;     ///< The gateway's own; empty: the cluster asks nobody who he is.
  OidcOptions oidc;           ///< With an empty issuer: nobody signs in with a provider.
  std::string public_url;     ///< How browsers reach the gateway: "https://portal.example".
  std::string oidc_ca_file;   ///< Whose certificates of the provider to trust; empty: the system's.
  std::string oidc_key_file;  ///< Seals sign-ins under way; empty: a key of this process.
  std::string demo_person;    ///< Whom one click signs in; empty: nobody. On loopback alone.
  std::string demo_password_file;  ///< The password of demo_person, which nobody else may read.
  std::string admin_host = "127.0.0.1";
  std::uint16_t admin_port = 0;
  std::string ready_file;
  LogLevel log_level = LogLevel::INFO;
  LogFormat log_format = LogFormat::kText;
};

/// Whether they go together; kInvalidConfig says what to do. Plain HTTP is for this machine alone,
/// unless a proxy stands in front of it.
[[nodiscard]] Status CheckPortalOptions(const PortalOptions& options);

/// Settings from flags, then environment (LANEMQ_PORTAL_...). Unknown flags are errors. On an
/// error, or for --help and --version, prints to the right stream and gives the exit code instead.
struct ParsedPortalOptions {
  std::optional<int> exit_code;
  PortalOptions options;
};
[[nodiscard]] ParsedPortalOptions ParsePortalOptions(int argc, const char* const* argv);

}  // namespace lanemq::portal
