#include "common/core/types/header_text.h"

#include <array>
#include <optional>
#include <utility>

namespace lanemq::core {
namespace {

constexpr std::string_view kHex = "0123456789ABCDEF";

constexpr std::array<bool, 256> MakePlain() {
  std::array<bool, 256> plain{};
  for (const char c :
       std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._~-:/,")) {
    plain[static_cast<unsigned char>(c)] = true;
  }
  return plain;
}
constexpr std::array<bool, 256> kPlain = MakePlain();

void AppendEscaped(std::string_view bytes, std::string& out) {
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (kPlain[byte]) {
      out.push_back(c);
    } else {
      out.push_back('%');
      out.push_back(kHex[byte >> 4]);
      out.push_back(kHex[byte & 15]);
    }
  }
}

std::optional<std::string> Unescape(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      bytes.push_back(text[i]);
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const std::size_t high = kHex.find(text[i + 1]);
    const std::size_t low = kHex.find(text[i + 2]);
    if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
    bytes.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return bytes;
}

}  // namespace

void AppendHeaderText(const std::vector<Header>& headers, std::string& out) {
  bool is_first = true;
  for (const Header& header : headers) {
    if (!std::exchange(is_first, false)) out.push_back('&');
    AppendEscaped(header.name, out);
    out.push_back('=');
    AppendEscaped(header.value, out);
  }
}

Result<std::vector<Header>> ParseHeaderText(std::string_view text) {
  std::vector<Header> headers;
  while (true) {
    const std::size_t end = text.find('&');
    const std::string_view pair = text.substr(0, end);
    const std::size_t equals = pair.find('=');
    std::optional<std::string> name;
    std::optional<std::string> value;
    if (equals != std::string_view::npos) {
      name = Unescape(pair.substr(0, equals));
      value = Unescape(pair.substr(equals + 1));
    }
    if (!name || !value) {
      return Error{ErrorCode::kCorruptMessage, "headers column: no name=value, or a bad %XX"};
    }
    headers.push_back({std::move(*name), std::move(*value)});
    if (end == std::string_view::npos) return headers;
    text.remove_prefix(end + 1);
  }
}

}  // namespace lanemq::core
