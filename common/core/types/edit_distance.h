#pragma once

#include <cstddef>
#include <string_view>

namespace lanemq::core {

/// Insertions, deletions and replacements of one character that turn `a` into `b` (Levenshtein).
/// Cost: the product of their lengths; cut what others typed.
[[nodiscard]] std::size_t EditDistance(std::string_view a, std::string_view b);

}  // namespace lanemq::core
