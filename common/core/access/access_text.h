#pragma once

#include <string>
#include <string_view>

#include "common/core/access/access_types.h"

namespace lanemq::core {

// Names as sentences show them, whoever made them up.

/// 'orders'. What does not print is a question mark; what is long is cut.
[[nodiscard]] std::string Quoted(std::string_view text);
/// "topic 'orders'"; "the cluster".
[[nodiscard]] std::string Described(const Resource& resource);

}  // namespace lanemq::core
