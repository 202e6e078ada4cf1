#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

namespace lanemq::portal {

/// One thing that is wrong with what a client sent.
struct Fault {
  std::string pointer;  ///< RFC 6901: "/partitions/0/topic"; empty: the whole.
  std::string detail;   ///< For people.
};
using Faults = std::vector<Fault>;

/// What a body may be at most.
inline constexpr int kJsonDepthMax = 16;
inline constexpr std::size_t kJsonElementsMax = 100'000;  ///< Of one array or object.
/// More faults than these are not told.
inline constexpr std::size_t kFaultsMax = 20;

/// Reads a document strictly: RFC 8259, UTF-8, no member twice, within the limits above. Memory and
/// time are linear in `text`. Thread safety: any thread.
[[nodiscard]] std::variant<nlohmann::json, Fault> ParseJson(std::string_view text);

/// `token` as a part of a JSON pointer.
[[nodiscard]] std::string PointerToken(std::string_view token);

}  // namespace lanemq::portal
