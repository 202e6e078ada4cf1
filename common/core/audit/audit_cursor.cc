#include "common/core/audit/audit_cursor.h"

#include <algorithm>
#include <limits>
#include <optional>

namespace lanemq::core {
namespace {

/// Of the text; a thousand sources have about 7 KB.
constexpr std::size_t kCursorBytesMax = 32 * 1'024;
constexpr char kVersion = 1;
constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

Error NoCursor(const char* why) {
  return {ErrorCode::kInvalidRequest, std::string("the cursor ") + why};
}

std::string ToText(std::string_view bytes) {
  std::string text;
  std::uint32_t bits = 0;
  int have = 0;
  for (const char byte : bytes) {
    bits = (bits << 8) | static_cast<unsigned char>(byte);
    have += 8;
    for (; have >= 6; have -= 6) text += kAlphabet[(bits >> (have - 6)) & 63];
  }
  if (have > 0) text += kAlphabet[(bits << (6 - have)) & 63];
  return text;
}

std::optional<std::string> FromText(std::string_view text) {
  std::string bytes;
  std::uint32_t bits = 0;
  int have = 0;
  for (const char character : text) {
    const std::size_t value = kAlphabet.find(character);
    if (value == std::string_view::npos) return std::nullopt;
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    have += 6;
    if (have < 8) continue;
    have -= 8;
    bytes += static_cast<char>((bits >> have) & 0xff);
  }
  // What is left over fills the last character: it is less than one, and zero.
  if (have >= 6 || (bits & ((1U << have) - 1)) != 0) return std::nullopt;
  return bytes;
}

void AppendNumber(std::uint64_t number, std::string& bytes) {
  for (; number >= 0x80; number >>= 7) bytes += static_cast<char>(0x80 | (number & 0x7f));
  bytes += static_cast<char>(number);
}

/// Takes a number that fits into 63 bits off the front.
std::optional<std::int64_t> TakeNumber(std::string_view& bytes) {
  std::uint64_t number = 0;
  for (int shift = 0; shift < 63 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    number |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return static_cast<std::int64_t>(number);
  }
  return std::nullopt;
}

std::string HeadOf(std::uint32_t mark) {
  std::string head{kVersion};
  for (int shift = 24; shift >= 0; shift -= 8) head += static_cast<char>((mark >> shift) & 0xff);
  return head;
}

void Mix(std::string_view text, std::uint32_t& mark) {
  const auto mix = [&](unsigned char byte) { mark = (mark ^ byte) * 16'777'619U; };
  for (const char character : text) mix(static_cast<unsigned char>(character));
  mix(0xff);  // Between one condition and the next.
}

}  // namespace

std::uint32_t AuditFilterMark(const AuditSearch& search, std::string_view source) {
  std::uint32_t mark = 2'166'136'261U;
  for (const std::string_view text :
       {std::string_view(search.actor), std::string_view(search.object_kind),
        std::string_view(search.object_name), std::string_view(search.action), source}) {
    Mix(text, mark);
  }
  const int result = search.result ? static_cast<int>(*search.result) : 0;
  Mix(std::string(1, static_cast<char>('0' + result)), mark);
  return mark;
}

std::string ToAuditCursor(const AuditPositions& positions, std::uint32_t mark) {
  std::string bytes = HeadOf(mark);
  std::int64_t last = 0;
  for (const auto& [source, before] : positions) {
    AppendNumber(static_cast<std::uint64_t>(source.value - last), bytes);
    AppendNumber(static_cast<std::uint64_t>(std::max<std::int64_t>(before, 0)), bytes);
    last = source.value;
  }
  return ToText(bytes);
}

Result<AuditPositions> FromAuditCursor(std::string_view cursor, std::uint32_t mark) {
  const auto bytes =
      cursor.size() <= kCursorBytesMax ? FromText(cursor) : std::optional<std::string>{};
  const std::string head = HeadOf(mark);
  if (!bytes || bytes->size() < head.size() || bytes->front() != kVersion) {
    return NoCursor("is not one that was answered");
  }
  if (!bytes->starts_with(head)) return NoCursor("is of a search with other conditions");
  AuditPositions positions;
  std::string_view left = std::string_view(*bytes).substr(head.size());
  std::int64_t last = 0;
  while (!left.empty()) {
    const auto step = TakeNumber(left);
    const auto before = step ? TakeNumber(left) : std::nullopt;
    const bool is_in_order = step && (*step > 0 || positions.empty());
    if (!before || !is_in_order || *step > std::numeric_limits<std::int64_t>::max() - last) {
      return NoCursor("is not one that was answered");
    }
    last += *step;
    positions[NodeId{last}] = *before;
  }
  return positions;
}

}  // namespace lanemq::core
