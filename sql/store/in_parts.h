#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "common/base/result.h"

namespace lanemq::sql {

/// Rows of one statement of sql/statements/meta/bundle.sql: its text stays far below the smallest
/// max_allowed_packet in use, 16 MiB.
inline constexpr std::size_t kRowsAtOnce = 500;

/// The parameter of such a statement. Bytes that are not UTF-8 are replaced: what may have some is
/// checked before.
inline std::string RowsText(const nlohmann::json& rows) {
  return rows.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// A name as such a statement wants it where it may have any bytes.
inline std::string HexOf(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  hex.reserve(2 * bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    hex += kDigits[byte >> 4U];
    hex += kDigits[byte & 15U];
  }
  return hex;
}

/// Shows `all` to `body`, kRowsAtOnce at a time, until it fails.
template <typename T>
Status InParts(std::span<T> all, const std::function<Status(std::span<T>)>& body) {
  while (!all.empty()) {
    const std::size_t count = std::min(all.size(), kRowsAtOnce);
    LANEMQ_RETURN_IF_ERROR(body(all.first(count)));
    all = all.subspan(count);
  }
  return {};
}

}  // namespace lanemq::sql
