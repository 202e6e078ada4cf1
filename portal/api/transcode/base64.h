#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lanemq::portal {

/// RFC 4648, with padding.
[[nodiscard]] std::string ToBase64(std::string_view bytes);
/// Absent: it is not that, whole and in its one form.
[[nodiscard]] std::optional<std::string> FromBase64(std::string_view text);
/// Lower case.
[[nodiscard]] std::string ToHex(std::string_view bytes);

}  // namespace lanemq::portal
