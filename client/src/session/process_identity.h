#pragma once

#include <string>

namespace lanemq::client {

/// This process as people and groups name it: host:port:start time:pid. The port is 0, a client
/// listens on none; the start time is in microseconds since 1970-01-01 UTC, 0 when the system does
/// not tell.
[[nodiscard]] std::string ProcessIdentity();

}  // namespace lanemq::client
