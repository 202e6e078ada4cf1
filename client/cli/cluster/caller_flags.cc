#include "client/cli/cluster/caller_flags.h"

#include "common/rpc/tls.h"
#include "common/rpc/token_file.h"

namespace lanemq::cli {

Result<CallerFlags> MakeCallerFlags(const ConnectionSettings& connection,
                                    const std::string& reason) {
  CallerFlags caller;
  caller.reason = reason;
  if (connection.tls.value_or(false)) {
    LANEMQ_ASSIGN_OR_RETURN(caller.tls,
                            rpc::TlsClient::Make({.ca_file = connection.ca_file,
                                                  .certificate_file = connection.certificate_file,
                                                  .key_file = connection.key_file,
                                                  .server_name = connection.server_name}));
  }
  if (!connection.token.empty()) {
    caller.token = [token = connection.token] { return token; };
  } else if (!connection.token_file.empty()) {
    LANEMQ_ASSIGN_OR_RETURN(caller.token, rpc::TokenFromFile(connection.token_file));
  }
  return caller;
}

}  // namespace lanemq::cli
