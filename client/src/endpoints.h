#pragma once

#include <optional>
#include <string_view>

#include "common/rpc/client.h"

namespace lanemq {

/// "host:port", "[v6]:port"; nullopt for anything else.
[[nodiscard]] std::optional<rpc::Endpoint> ParseEndpoint(std::string_view text);

}  // namespace lanemq
