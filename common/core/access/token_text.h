#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace lanemq::core {

/// A token as it is written: "lmq_<id>_<secret>", id and secret of base62.
///
/// The secret has 256 random bits, so a fast hash is enough at rest. The prefix lets scanners for
/// secrets find tokens that were committed or logged.
struct TokenText {
  std::string id;      ///< kIdBytes; not secret.
  std::string secret;  ///< kSecretBytes.

  static constexpr std::size_t kIdBytes = 10;
  static constexpr std::size_t kSecretBytes = 43;
  static constexpr std::string_view kPrefix = "lmq_";

  [[nodiscard]] std::string ToString() const;
};

/// A new one, of random bytes that nobody can guess (SecureRandom(), not Random). Bytes that would
/// favour some letters are skipped: nullopt when too few are left, which 128 make unlikely.
[[nodiscard]] std::optional<TokenText> MakeToken(std::span<const std::uint8_t> random);
/// nullopt: not a token's form. White space around it is ignored, as files end with a line.
[[nodiscard]] std::optional<TokenText> ParseToken(std::string_view text);

}  // namespace lanemq::core
