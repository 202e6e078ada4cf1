#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "lanemq/outbox_relay.h"

namespace lanemq::client {

/// The schema of an outbox and where it is.
struct DatabaseAddress {
  std::string host;
  std::uint16_t port = 3306;
  std::string schema;
};

/// Reads "HOST:PORT/SCHEMA", "HOST/SCHEMA" (port 3306), or "SCHEMA" alone, for a socket: the host
/// is empty then. kInvalidConfig otherwise.
[[nodiscard]] Result<DatabaseAddress> ParseDatabase(std::string_view text);

/// Where a server of this process listens.
struct ListenAddress {
  std::string host;  ///< Empty: every address.
  std::uint16_t port = 0;
};

/// Reads "host:port" ("[::1]:9650" for IPv6), where the host may be empty and the port 0.
/// kInvalidConfig otherwise.
[[nodiscard]] Result<ListenAddress> ParseListen(std::string_view text);

/// `options` with the names that stand for empty ones.
[[nodiscard]] OutboxRelayOptions WithNames(OutboxRelayOptions options);

/// Where the outbox is, for people: "schema@host:port". Without user and password.
[[nodiscard]] std::string DatabaseText(const OutboxRelayOptions& options);

}  // namespace lanemq::client
