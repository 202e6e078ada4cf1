#include "broker/handlers/message_filter.h"

#include <algorithm>
#include <utility>

namespace lanemq::broker {

TextFinder::TextFinder(std::string text, bool ignore_case)
    : ignore_case_(ignore_case), text_(std::move(text)), border_(text_.size(), 0) {
  for (char& c : text_) c = Folded(c);
  for (std::size_t i = 1, length = 0; i < text_.size(); ++i) {
    while (length > 0 && text_[i] != text_[length]) length = border_[length - 1];
    if (text_[i] == text_[length]) ++length;
    border_[i] = length;
  }
}

char TextFinder::Folded(char c) const {
  return ignore_case_ && c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Knuth, Morris and Pratt: a body of one letter must not cost its length times the text's.
bool TextFinder::IsIn(std::string_view where) const {
  std::size_t length = 0;
  for (const char raw : where) {
    if (length == text_.size()) break;
    const char c = Folded(raw);
    while (length > 0 && c != text_[length]) length = border_[length - 1];
    if (c == text_[length]) ++length;
  }
  return length == text_.size();
}

bool TextFinder::IsAllOf(std::string_view where) const {
  return std::ranges::equal(where, text_, [this](char a, char b) { return Folded(a) == b; });
}

bool MessageFilter::Matches(const core::Record& record) const {
  if (key_equals && (!record.key || !key_equals->IsAllOf(*record.key))) return false;
  if (key_contains && (!record.key || !key_contains->IsIn(*record.key))) return false;
  if (header_name && std::ranges::none_of(record.headers, [this](const core::Header& header) {
        return header.name == *header_name && (!header_value || header_value->IsIn(header.value));
      })) {
    return false;
  }
  return !body_contains || (record.body && body_contains->IsIn(*record.body));
}

}  // namespace lanemq::broker
