#pragma once

#include <span>
#include <string_view>

namespace lanemq::client {

/// The name that `wanted` was probably meant to be: the one with the fewest edits, when these are
/// few enough to be a slip. Empty when none is near. Pure.
[[nodiscard]] std::string_view NearestName(std::string_view wanted,
                                           std::span<const std::string_view> names);

}  // namespace lanemq::client
