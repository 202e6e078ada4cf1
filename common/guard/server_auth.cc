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
  if (tls.is_common_name_a_name && tls.client_ca_file.empty()) {
    return Invalid("--tls-client-common-name needs --tls-client-ca-file");
  }
  if (options.mode == AuthMode::kNone && !IsLoopback(listen_host)) {
    return Invalid(fmt::format(
        "--auth=none lets whoever reaches {} do everything: listen on 127.0.0.1, or use "
        "--auth=token (--auth=observe serves everybody, too, and is for changing over)",
        listen_host));
  }
  return {};
}

Status CheckOwnIdentity(AuthMode mode, const OwnIdentity& own) {
  if (mode == AuthMode::kNone || own.has_token || own.has_certificate) return {};
  constexpr std::string_view kAdvice =
      "--token-file with the token of a service of kind server, or --ca-file with "
      "--tls-certificate-file and --tls-key-file";
  if (mode == AuthMode::kToken) {
    return Invalid(fmt::format(
        "--auth=token needs something that metaservers know this server by: {}", kAdvice));
  }
  LANEMQ_LOG(WARN, "auth.no_own_identity",
             {"metaservers_with", "--auth=token will not tell this server who may do what"},
             {"to_change_that", kAdvice});
  return {};
}

void WarnOfOpenDoors(const ServerAuthOptions& options, std::string_view listen_host) {
  if (options.mode == AuthMode::kObserve) {
    LANEMQ_LOG(WARN, "auth.observing", {"listen", std::string(listen_host)},
               {"whoever_reaches_this_server", "may do everything; what he may not is counted"},
               {"to_change_that", "--auth=token"});
  } else if (options.mode == AuthMode::kNone) {
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
