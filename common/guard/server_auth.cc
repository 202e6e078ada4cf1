#include "common/guard/server_auth.h"

#include <fmt/format.h>

#include "common/base/log.h"

namespace lanemq {
namespace {

Error Invalid(std::string message) { return {ErrorCode::kInvalidConfig, std::move(message)}; }

}  // namespace

bool IsLoopback(std::string_view host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

Status CheckServerAuth(const ServerAuthOptions& options, std::string_view listen_host) {
  const rpc::TlsServerOptions& tls = options.tls;
  if (tls.certificate_file.empty() != tls.key_file.empty()) {
    return Invalid("--tls-certificate-file and --tls-key-file go together: one is missing");
  }
  if (!tls.client_ca_file.empty() && tls.certificate_file.empty()) {
    return Invalid("--tls-client-ca-file needs --tls-certificate-file and --tls-key-file");
  }
  if (tls.is_client_certificate_required && tls.client_ca_file.empty()) {
    return Invalid("--tls-client-certificate-required needs --tls-client-ca-file");
  }
  if (!options.is_on && !IsLoopback(listen_host)) {
    return Invalid(fmt::format(
        "--auth=none lets whoever reaches {} do everything: listen on 127.0.0.1, or use "
        "--auth=token",
        listen_host));
  }
  return {};
}

void WarnOfOpenDoors(const ServerAuthOptions& options, std::string_view listen_host) {
  if (!options.is_on) {
    LANEMQ_LOG(WARN, "auth.off", {"everybody_on_this_machine", "may do everything"},
               {"to_change_that", "--auth=token"});
  } else if (options.tls.certificate_file.empty() && !IsLoopback(listen_host)) {
    LANEMQ_LOG(WARN, "auth.tokens_in_plain", {"listen", std::string(listen_host)},
               {"to_change_that", "--tls-certificate-file and --tls-key-file"});
  }
}

Result<std::shared_ptr<rpc::TlsServer>> MakeTls(const ServerAuthOptions& options) {
  if (options.tls.certificate_file.empty()) return std::shared_ptr<rpc::TlsServer>();
  return rpc::TlsServer::Make(options.tls);
}

}  // namespace lanemq
