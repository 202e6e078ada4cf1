#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lanemq::cli {

/// Single-character edits (insert, delete, replace, swap of neighbours) from one word to the other.
[[nodiscard]] std::size_t EditDistance(std::string_view a, std::string_view b);

/// The candidate that was probably meant by `typed`; nullopt when none is near.
[[nodiscard]] std::optional<std::string> Suggest(std::string_view typed,
                                                 const std::vector<std::string>& candidates);

}  // namespace lanemq::cli
