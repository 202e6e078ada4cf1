#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace lanemq::moves {

/// Rows of a table as text, one each.
using Rows = std::vector<std::string>;

/// What two readings of the same rows do not have in common: what is missing in `after`, what is
/// new there, what is there more often than before, and, when `is_ordered` and it is nothing else,
/// where the order differs first. Empty: they are equal. At most `shown_max` examples of each, and
/// how many there are. Pure.
[[nodiscard]] std::string DifferencesOf(const Rows& before, const Rows& after, bool is_ordered,
                                        std::size_t shown_max = 3);

/// Lines of a client's output. A last one without its newline counts.
[[nodiscard]] Rows LinesOf(const std::string& text);

}  // namespace lanemq::moves
