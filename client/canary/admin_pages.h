#pragma once

#include <string>

#include "client/canary/canary.h"
#include "common/rpc/admin_server.h"

namespace lanemq::client {

/// Adds what operators see of a canary over HTTP: /healthz /readyz /version /status /metrics.
/// /readyz is 200 while messages go to at least one data node. `canary` outlives the server.
void AddCanaryPages(rpc::AdminServer& server, Canary& canary, const std::string& version,
                    const Clock& clock);

}  // namespace lanemq::client
