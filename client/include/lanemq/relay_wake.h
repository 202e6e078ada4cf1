#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace lanemq {

/// What an outbox relay's wake-up socket (UDP) listens for. Anybody may send it: all that it does
/// is to make the relay look at its tables now instead of a little later.
inline constexpr std::string_view kRelayWakeDatagram = "lanemq-wake\n";

/// Sends one datagram to each address ("host:port", "[::1]:9670"): relays look for new rows at
/// once. How many datagrams left; a name that does not resolve gets none, one with several
/// addresses gets several. Whether anybody listens nobody knows. Resolves names, which may take
/// time; an Outbox resolves them once. kInvalidConfig: an address is no host:port; nothing was
/// sent.
Result<int> WakeRelays(const std::vector<std::string>& addresses);

}  // namespace lanemq
