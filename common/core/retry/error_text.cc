#include "common/core/retry/error_text.h"

namespace lanemq::core {
namespace {

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

std::string_view CutErrorText(std::string_view text, std::size_t max) {
  if (text.size() <= max) return text;
  // text[end] is the first byte left out: inside a character when it is a continuation.
  std::size_t end = max;
  while (end > 0 && max - end < 3 && IsContinuation(text[end])) --end;
  return text.substr(0, IsContinuation(text[end]) ? max : end);
}

}  // namespace lanemq::core
