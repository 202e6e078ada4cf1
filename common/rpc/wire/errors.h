#pragma once

#include "common/base/error.h"

namespace lanemq::idl {
class LaneMqError;
}

namespace lanemq::wire {

/// The declared Thrift error for `error`.
[[nodiscard]] idl::LaneMqError ToWire(const Error& error);
/// The error a server declared; codes of newer servers become kUnknownServerError.
[[nodiscard]] Error FromWire(const idl::LaneMqError& error);

}  // namespace lanemq::wire
