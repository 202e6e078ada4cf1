#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/rpc/client.h"

namespace lanemq::client {

/// Reads "host:port" ("[::1]:9650" for IPv6). kInvalidConfig says what is wrong.
[[nodiscard]] Result<rpc::Endpoint> ParseEndpoint(std::string_view text);

/// Splits at commas and drops blanks.
[[nodiscard]] std::vector<std::string> SplitList(std::string_view text);

}  // namespace lanemq::client
