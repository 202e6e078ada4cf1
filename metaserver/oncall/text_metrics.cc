#include "metaserver/oncall/text_metrics.h"

#include <array>
#include <charconv>
#include <cmath>

#include "common/base/utf8.h"

namespace lanemq::metaserver {
namespace {

void AppendEscaped(std::string& out, std::string_view value) {
  while (!value.empty()) {
    const std::size_t bytes = Utf8CharacterBytes(value);
    if (bytes == 0) {
      out += '?';
    } else if (value.front() == '\\') {
      out += "\\\\";
    } else if (value.front() == '"') {
      out += "\\\"";
    } else if (value.front() == '\n') {
      out += "\\n";
    } else {
      out += value.substr(0, bytes);
    }
    value.remove_prefix(bytes == 0 ? 1 : bytes);
  }
}

template <typename Number>
void AppendNumber(std::string& out, Number value) {
  std::array<char, 40> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

}  // namespace

std::string LabelText(std::initializer_list<Label> labels) {
  std::string text;
  for (const auto& [name, value] : labels) {
    text += text.empty() ? '{' : ',';
    text += name;
    text += "=\"";
    AppendEscaped(text, value);
    text += '"';
  }
  if (!text.empty()) text += '}';
  return text;
}

void TextMetrics::Family(std::string_view name, Type type, std::string_view help) {
  family_ = name;
  head_.clear();
  head_.append("# HELP ").append(name).append(" ").append(help).append("\n# TYPE ");
  head_.append(name).append(type == Type::kGauge ? " gauge\n" : " counter\n");
}

bool TextMetrics::Begin(std::string_view labels) {
  if (series_ >= series_max_) {
    ++dropped_;
    return false;
  }
  ++series_;
  text_ += head_;
  head_.clear();
  text_ += family_;
  text_ += labels;
  text_ += ' ';
  return true;
}

void TextMetrics::Series(std::string_view labels, double value) {
  if (!Begin(labels)) return;
  if (std::isnan(value)) {
    text_ += "NaN";
  } else if (std::isinf(value)) {
    text_ += value > 0 ? "+Inf" : "-Inf";
  } else {
    AppendNumber(text_, value);
  }
  text_ += '\n';
}

void TextMetrics::Series(std::string_view labels, std::int64_t value) {
  if (!Begin(labels)) return;
  AppendNumber(text_, value);
  text_ += '\n';
}

}  // namespace lanemq::metaserver
