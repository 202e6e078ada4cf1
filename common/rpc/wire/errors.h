#pragma once

#include <string>

#include "common/base/error.h"

namespace lanemq::idl {
class LaneMqError;
}

namespace lanemq::wire {

/// The declared Thrift error for `error`.
[[nodiscard]] idl::LaneMqError ToWire(const Error& error);
/// The same, of the call that its server names `request_id`; empty: none.
[[nodiscard]] idl::LaneMqError ToWire(const Error& error, std::string request_id);
/// The error a server declared; codes of newer servers become kUnknownServerError. The message ends
/// with the server's name of the call, " [request 5f3a9c01-42]", which is in the server's log, too.
[[nodiscard]] Error FromWire(const idl::LaneMqError& error);

}  // namespace lanemq::wire
