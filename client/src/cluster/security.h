#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/base/error.h"
#include "common/base/result.h"
#include "common/rpc/tls.h"
#include "lanemq/options.h"

namespace lanemq::client {

/// How a client gets at servers: encrypted or not, and as whom.
struct Security {
  std::shared_ptr<rpc::TlsClient> tls;  ///< Null: plain TCP.
  std::function<std::string()> token;   ///< Absent: none is presented.
};

/// Reads the files that the options name. kInvalidConfig, with the file and what is wrong with it.
/// The options must be valid.
[[nodiscard]] Result<Security> MakeSecurity(const ClientOptions& options);

/// kAuthenticationFailed with what to do about it; every other error as it is.
[[nodiscard]] Error WithAdvice(Error error, const ClientOptions& options);

}  // namespace lanemq::client
