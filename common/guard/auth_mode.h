#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace lanemq {

/// What a server does about callers who may not (--auth).
enum class AuthMode : std::uint8_t {
  kNone,     ///< Asks nobody who he is: everybody may do everything, from this machine alone.
  kObserve,  ///< Asks, counts and logs what it would refuse, and serves everybody: to change over.
  kToken,    ///< Refuses.
};
/// "none", "observe", "token".
[[nodiscard]] constexpr std::string_view NameOf(AuthMode mode) {
  switch (mode) {
    case AuthMode::kNone:
      return "none";
    case AuthMode::kObserve:
      return "observe";
    case AuthMode::kToken:
      return "token";
  }
  return "token";
}
[[nodiscard]] constexpr std::optional<AuthMode> AuthModeFromString(std::string_view text) {
  for (const AuthMode mode : {AuthMode::kNone, AuthMode::kObserve, AuthMode::kToken}) {
    if (NameOf(mode) == text) return mode;
  }
  return std::nullopt;
}

}  // namespace lanemq
