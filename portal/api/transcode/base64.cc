#include "portal/api/transcode/base64.h"

#include <cstdint>

namespace lanemq::portal {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string ToBase64(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::string_view part = bytes.substr(at, 3);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      bits = bits << 8 | (i < part.size() ? static_cast<std::uint8_t>(part[i]) : 0u);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      out += i <= part.size() ? kAlphabet[bits >> (18 - 6 * i) & 63] : '=';
    }
  }
  return out;
}

std::optional<std::string> FromBase64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 4 * 3);
  for (std::size_t at = 0; at < text.size(); at += 4) {
    std::uint32_t bits = 0;
    std::size_t padding = 0;
    for (const char c : text.substr(at, 4)) {
      const std::size_t value = kAlphabet.find(c);
      if (c == '=') {
        ++padding;
      } else if (value == std::string_view::npos || padding > 0) {
        return std::nullopt;
      }
      bits = bits << 6 | static_cast<std::uint32_t>(c == '=' ? 0 : value);
    }
    if (padding > 2 || (padding > 0 && at + 4 < text.size())) return std::nullopt;
    for (std::size_t i = 0; i + padding < 3; ++i) {
      out += static_cast<char>(bits >> (16 - 8 * i) & 0xff);
    }
  }
  // One text for each value: no bits are left over.
  if (ToBase64(out) != text) return std::nullopt;
  return out;
}

std::string ToHex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    out += kDigits[static_cast<std::uint8_t>(c) >> 4];
    out += kDigits[static_cast<std::uint8_t>(c) & 15];
  }
  return out;
}

}  // namespace lanemq::portal
