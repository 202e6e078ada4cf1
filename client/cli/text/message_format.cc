#include "client/cli/text/message_format.h"

#include <charconv>

#include <fmt/format.h>

#include "client/cli/text/time_text.h"

namespace lanemq::cli {
namespace {

constexpr std::string_view kFields = "tpokvshTKS";

/// Reads one escape; `text` begins after its backslash and is advanced.
Result<char> TakeEscape(std::string_view& text) {
  const char c = text.empty() ? '\0' : text[0];
  if (!text.empty()) text.remove_prefix(1);
  switch (c) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case '0':
      return '\0';
    case '\\':
      return '\\';
    default:
      break;
  }
  if (c == 'x' && text.size() >= 2) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + 2, value, 16);
    if (error == std::errc{} && end == text.data() + 2) {
      text.remove_prefix(2);
      return static_cast<char>(value);
    }
  }
  return Error{ErrorCode::kInvalidRequest, R"(unknown escape; there are \n \r \t \0 \\ and \xHH)"};
}

std::int64_t SizeOr(const std::optional<std::string_view>& text) {
  return text ? static_cast<std::int64_t>(text->size()) : -1;
}

}  // namespace

Result<std::string> Unescape(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const char c = text[0];
    text.remove_prefix(1);
    if (c != '\\') {
      out += c;
      continue;
    }
    LANEMQ_ASSIGN_OR_RETURN(const char unescaped, TakeEscape(text));
    out += unescaped;
  }
  return out;
}

void MessageFormat::AddLiteral(char c) {
  if (parts_.empty() || parts_.back().field != 0) parts_.push_back({});
  parts_.back().literal += c;
}

Result<MessageFormat> MessageFormat::Parse(std::string_view text) {
  MessageFormat format;
  while (!text.empty()) {
    const char c = text[0];
    text.remove_prefix(1);
    if (c == '\\') {
      LANEMQ_ASSIGN_OR_RETURN(const char unescaped, TakeEscape(text));
      format.AddLiteral(unescaped);
    } else if (c != '%') {
      format.AddLiteral(c);
    } else {
      const char field = text.empty() ? '\0' : text[0];
      if (!text.empty()) text.remove_prefix(1);
      if (field == '%') {
        format.AddLiteral('%');
      } else if (field != '\0' && kFields.find(field) != std::string_view::npos) {
        format.parts_.push_back({field, {}});
      } else {
        return Error{ErrorCode::kInvalidRequest,
                     fmt::format("unknown field '%{}' in the format; there are %t topic, %p "
                                 "partition, %o offset, %k key, %v body, %h headers, %T time, %K "
                                 "and %S sizes, %%",
                                 field == '\0' ? std::string() : std::string(1, field))};
      }
    }
  }
  return format;
}

void MessageFormat::AppendTo(std::string& out, const MessageView& message) const {
  for (const Part& part : parts_) {
    switch (part.field) {
      case 't':
        out += message.topic;
        break;
      case 'p':
        out += std::to_string(message.partition);
        break;
      case 'o':
        out += std::to_string(message.offset);
        break;
      case 'k':
        out += message.key.value_or("");
        break;
      case 'v':
      case 's':
        out += message.body.value_or("");
        break;
      case 'T':
        out += FormatTime(message.timestamp);
        break;
      case 'K':
        out += std::to_string(SizeOr(message.key));
        break;
      case 'S':
        out += std::to_string(SizeOr(message.body));
        break;
      case 'h':
        for (std::size_t i = 0; i < message.headers.size(); ++i) {
          if (i > 0) out += ',';
          out += message.headers[i].first;
          out += '=';
          out += message.headers[i].second;
        }
        break;
      default:
        out += part.literal;
    }
  }
}

}  // namespace lanemq::cli
