#include "common/base/log_json.h"

#include <array>
#include <cstddef>
#include <cstdint>

#include <fmt/format.h>

namespace lanemq {
namespace {

/// Bytes of the UTF-8 character at the start of `text`; 0: it is none. Refuses overlong forms,
/// surrogates and what is above U+10FFFF, as strict JSON readers do.
std::size_t CharacterBytes(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const bool is_overlong = (first == 0xE0 && byte(1) < 0xA0) || (first == 0xF0 && byte(1) < 0x90);
  const bool is_surrogate = first == 0xED && byte(1) > 0x9F;
  const bool is_too_high = first == 0xF4 && byte(1) > 0x8F;
  return is_overlong || is_surrogate || is_too_high ? 0 : size;
}

void AppendEscaped(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  const auto byte = static_cast<unsigned char>(c);
  if (byte < 0x20 || byte == 0x7F) {
    out += fmt::format("\\u{:04x}", byte);
  } else {
    out += c;
  }
}

}  // namespace

void AppendJsonString(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const std::size_t size = CharacterBytes(text);
    if (size == 1) {
      AppendEscaped(out, text[0]);
    } else if (size == 0) {
      out += "\\ufffd";
    } else {
      out += text.substr(0, size);
    }
    text.remove_prefix(size == 0 ? 1 : size);
  }
  out += '"';
}

void AppendJsonMember(std::string& out, const LogField& field) {
  AppendJsonString(out, field.name);
  out += ':';
  const bool is_in_json = field.value.find('n') == std::string::npos;  // Not nan, not inf.
  if (field.is_bare && is_in_json) {
    out += field.value;
  } else {
    AppendJsonString(out, field.value);
  }
}

std::string JsonMembers(std::string_view event, std::initializer_list<LogField> fields) {
  constexpr std::array<std::string_view, 4> kHead{"ts", "level", "program", "event"};
  std::string out = "\"event\":";
  AppendJsonString(out, event);
  for (const LogField& field : fields) {
    out += ',';
    LogField member = field;
    std::string renamed;
    for (const std::string_view name : kHead) {
      if (field.name != name) continue;
      renamed = std::string(name) + "_";
      member.name = renamed;
    }
    AppendJsonMember(out, member);
  }
  return out;
}

}  // namespace lanemq
