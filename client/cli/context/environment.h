#pragma once

#include "client/cli/context/connection_settings.h"
#include "common/base/result.h"

namespace lanemq::cli {

/// What the environment says: LANEMQ_BOOTSTRAP_SERVERS, LANEMQ_CONTEXT, LANEMQ_TLS (1 or 0),
/// LANEMQ_CA_FILE, LANEMQ_TOKEN_FILE, and LANEMQ_TOKEN, the token itself. kInvalidRequest.
Status AddEnvironment(ConnectionSources& sources);

}  // namespace lanemq::cli
