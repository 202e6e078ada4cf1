#pragma once

#include <cstddef>
#include <string_view>

namespace lanemq {

/// Bytes of the UTF-8 character at the beginning of `text`: 1 to 4; 0 when there is none, also for
/// overlong forms, surrogates and what is beyond U+10FFFF. Requires that `text` is not empty.
[[nodiscard]] constexpr std::size_t Utf8CharacterBytes(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t bytes = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < bytes) return 0;
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  if (first == 0xe0 && byte(1) < 0xa0) return 0;
  if (first == 0xed && byte(1) > 0x9f) return 0;
  if (first == 0xf0 && byte(1) < 0x90) return 0;
  if (first == 0xf4 && byte(1) > 0x8f) return 0;
  return bytes;
}

/// Whether all of `text` is UTF-8.
[[nodiscard]] constexpr bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t bytes = Utf8CharacterBytes(text);
    if (bytes == 0) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

static_assert(Utf8CharacterBytes("a") == 1 && Utf8CharacterBytes("\xc3\xa4") == 2);
static_assert(Utf8CharacterBytes("\xe2\x82\xac") == 3 &&
              Utf8CharacterBytes("\xf0\x9f\x98\x80") == 4);
static_assert(Utf8CharacterBytes("\xc3") == 0 && Utf8CharacterBytes("\x80") == 0);
static_assert(Utf8CharacterBytes("\xc0\xaf") == 0 && Utf8CharacterBytes("\xe0\x80\xaf") == 0);
static_assert(Utf8CharacterBytes("\xed\xa0\x80") == 0 &&
              Utf8CharacterBytes("\xf4\x90\x80\x80") == 0);

}  // namespace lanemq
