#pragma once

#include <functional>
#include <string>

#include "client/outbox_relay/metrics.h"
#include "client/outbox_relay/picture.h"
#include "common/rpc/admin_server.h"
#include "lanemq/outbox_relay.h"

namespace lanemq::client {

/// Adds what operators see of a relay over HTTP: /healthz /readyz /version /status /config
/// /metrics.
///
/// /readyz is 200 while RelayPicture::IsReady(). `picture` is called on the
/// server's thread and must not block; `metrics` and what `picture` uses outlive the server.
void AddRelayPages(rpc::AdminServer& server, const OutboxRelayOptions& options,
                   const std::string& version, RelayMetrics& metrics,
                   std::function<RelayPicture()> picture);

}  // namespace lanemq::client
