#include "common/core/access/token_text.h"

#include <algorithm>

namespace lanemq::core {
namespace {

constexpr std::string_view kAlphabet =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
static_assert(kAlphabet.size() == 62);
/// Bytes from here on would favour the first letters.
constexpr unsigned kFairBytes = 256 / 62 * 62;
constexpr std::string_view kBlanks = " \t\r\n";

bool IsBase62(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return kAlphabet.find(c) != std::string_view::npos; });
}

}  // namespace

std::string TokenText::ToString() const { return std::string(kPrefix) + id + "_" + secret; }

std::optional<TokenText> MakeToken(std::span<const std::uint8_t> random) {
  constexpr std::size_t kLetters = TokenText::kIdBytes + TokenText::kSecretBytes;
  std::string letters;
  letters.reserve(kLetters);
  for (const std::uint8_t byte : random) {
    if (letters.size() == kLetters) break;
    if (byte < kFairBytes) letters += kAlphabet[byte % kAlphabet.size()];
  }
  if (letters.size() < kLetters) return std::nullopt;
  return TokenText{letters.substr(0, TokenText::kIdBytes), letters.substr(TokenText::kIdBytes)};
}

std::optional<TokenText> ParseToken(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return std::nullopt;
  text = text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
  if (!text.starts_with(TokenText::kPrefix)) return std::nullopt;
  text.remove_prefix(TokenText::kPrefix.size());
  if (text.size() != TokenText::kIdBytes + 1 + TokenText::kSecretBytes) return std::nullopt;
  const std::string_view id = text.substr(0, TokenText::kIdBytes);
  const std::string_view secret = text.substr(TokenText::kIdBytes + 1);
  if (text[TokenText::kIdBytes] != '_' || !IsBase62(id) || !IsBase62(secret)) return std::nullopt;
  return TokenText{std::string(id), std::string(secret)};
}

}  // namespace lanemq::core
