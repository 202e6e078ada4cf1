#include "client/cli/output/json_text.h"

#include <cmath>
#include <cstdint>

#include <fmt/format.h>

#include "client/cli/text/time_text.h"
#include "common/base/utf8.h"

namespace lanemq::cli {
namespace {

void AppendBytes(std::string& out, std::string_view name, std::string_view bytes) {
  if (IsUtf8(bytes)) {
    out += fmt::format("\"{}\":{}", name, JsonString(bytes));
  } else {
    out += fmt::format("\"{}_base64\":\"{}\"", name, Base64(bytes));
  }
}

void AppendBytes(std::string& out, std::string_view name,
                 const std::optional<std::string_view>& bytes) {
  if (bytes) {
    AppendBytes(out, name, *bytes);
  } else {
    out += fmt::format("\"{}\":null", name);
  }
}

std::string PlaceOf(const MessageView& message) {
  return fmt::format("\"topic\":{},\"partition\":{},\"offset\":\"{}\",\"timestamp\":\"{}\"",
                     JsonString(message.topic), message.partition, message.offset,
                     FormatTime(message.timestamp));
}

}  // namespace

std::string JsonString(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\r':
        out += "\\r";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
        } else {
          out += c;
        }
    }
  }
  return out + "\"";
}

std::string Base64(std::string_view bytes) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      group <<= 8;
      if (i + j < bytes.size()) group |= static_cast<unsigned char>(bytes[i + j]);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      const bool is_padding = i + j > bytes.size();
      out += is_padding ? '=' : kAlphabet[group >> (18 - 6 * j) & 63];
    }
  }
  return out;
}

std::string JsonCell(const Cell& cell) {
  struct Visitor {
    std::string operator()(std::monostate) const { return "null"; }
    std::string operator()(const std::string& text) const {
      return IsUtf8(text) ? JsonString(text) : JsonString(MakeVisible(text));
    }
    std::string operator()(std::int64_t number) const { return std::to_string(number); }
    std::string operator()(double number) const {
      return std::isfinite(number) ? fmt::format("{}", number) : "null";
    }
    std::string operator()(bool is_true) const { return is_true ? "true" : "false"; }
    std::string operator()(Id id) const { return fmt::format("\"{}\"", id.value); }
  };
  return std::visit(Visitor{}, cell);
}

std::string JsonRow(const Table& table, std::size_t row) {
  std::string out = "{";
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (i > 0) out += ',';
    out += JsonString(table.columns[i]) + ":" + JsonCell(table.rows[row][i]);
  }
  return out + "}";
}

std::string JsonContent(const MessageView& message, bool has_body) {
  std::string out;
  AppendBytes(out, "key", message.key);
  if (has_body) {
    out += ',';
    AppendBytes(out, "value", message.body);
  }
  out += ",\"headers\":[";
  for (std::size_t i = 0; i < message.headers.size(); ++i) {
    if (i > 0) out += ',';
    out += '{';
    AppendBytes(out, "name", message.headers[i].first);
    out += ',';
    AppendBytes(out, "value", message.headers[i].second);
    out += '}';
  }
  return out + "]";
}

std::string JsonMessage(const MessageView& message) {
  return fmt::format("{{{},{}}}", PlaceOf(message), JsonContent(message, true));
}

std::string JsonMessageHead(const MessageView& message) {
  return fmt::format("{{{},{}}}", PlaceOf(message), JsonContent(message, false));
}

std::string JsonError(std::string_view code, std::string_view message, std::string_view hint) {
  const auto text = [](std::string_view s) { return JsonCell(std::string(s)); };
  return fmt::format("{{\"error\":{{\"code\":{},\"message\":{},\"hint\":{}}}}}", text(code),
                     text(message), hint.empty() ? "null" : text(hint));
}

}  // namespace lanemq::cli
