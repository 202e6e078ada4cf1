#include "client/src/cluster/security.h"

#include <utility>

#include "common/rpc/token_file.h"

namespace lanemq::client {
namespace {

std::string AdviceFor(const ClientOptions& options) {
  if (!options.token_file.empty()) {
    return "is the token in '" + options.token_file +
           "' the newest? A new one is taken from there without a restart";
  }
  if (!options.token.empty()) return "get a new token, and set `token`, or better `token_file`";
  if (!options.tls_certificate_file.empty()) {
    return "does the certificate in '" + options.tls_certificate_file +
           "' name a service that the cluster has?";
  }
  return "this client has no token: set `token_file`";
}

}  // namespace

Result<Security> MakeSecurity(const ClientOptions& options) {
  Security security;
  if (options.tls) {
    LANEMQ_ASSIGN_OR_RETURN(security.tls,
                            rpc::TlsClient::Make({.ca_file = options.tls_ca_file,
                                                  .certificate_file = options.tls_certificate_file,
                                                  .key_file = options.tls_key_file,
                                                  .server_name = options.tls_server_name}));
  }
  if (!options.token_file.empty()) {
    LANEMQ_ASSIGN_OR_RETURN(security.token, rpc::TokenFromFile(options.token_file));
  } else if (!options.token.empty()) {
    security.token = [token = options.token] { return token; };
  }
  return security;
}

Error WithAdvice(Error error, const ClientOptions& options) {
  if (error.code == ErrorCode::kAuthenticationFailed) {
    error.message += "; " + AdviceFor(options);
  }
  return error;
}

}  // namespace lanemq::client
