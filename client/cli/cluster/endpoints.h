#pragma once

#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/rpc/client.h"

namespace lanemq::cli {

/// Reads "host:port,host:port". IPv6 addresses are in brackets. kInvalidRequest, with an example,
/// for anything else.
[[nodiscard]] Result<std::vector<rpc::Endpoint>> ParseEndpoints(std::string_view text);

}  // namespace lanemq::cli
