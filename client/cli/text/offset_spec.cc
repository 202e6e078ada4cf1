#include "client/cli/text/offset_spec.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "client/cli/text/time_text.h"

namespace lanemq::cli {
namespace {

std::optional<std::int64_t> ParseNumber(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_number = error == std::errc{} && end == text.data() + text.size() && number >= 0;
  return is_number ? std::optional(number) : std::nullopt;
}

}  // namespace

Result<OffsetSpec> ParseOffsetSpec(std::string_view text, WallTime now) {
  using Kind = OffsetSpec::Kind;
  if (text == "start" || text == "earliest" || text == "beginning") {
    return OffsetSpec{Kind::kStart, 0, {}};
  }
  if (text == "end" || text == "latest") return OffsetSpec{Kind::kEnd, 0, {}};
  if (text.starts_with('@')) {
    LANEMQ_ASSIGN_OR_RETURN(const WallTime time, ParseTime(text.substr(1), now));
    return OffsetSpec{Kind::kTime, 0, time};
  }
  Kind kind = Kind::kAbsolute;
  std::string_view digits = text;
  if (text.starts_with('-')) kind = Kind::kBeforeEnd;
  if (text.starts_with('+')) kind = Kind::kAfterStart;
  if (kind != Kind::kAbsolute) digits.remove_prefix(1);
  if (const auto number = ParseNumber(digits)) return OffsetSpec{kind, *number, {}};
  return Error{ErrorCode::kInvalidRequest,
               fmt::format("'{}' is not an offset; try start, end, 42, -10 (the last ten), +10 "
                           "(after the first ten) or @-30m",
                           text)};
}

std::int64_t ResolveOffset(const OffsetSpec& spec, std::int64_t start, std::int64_t end) {
  switch (spec.kind) {
    case OffsetSpec::Kind::kStart:
      return start;
    case OffsetSpec::Kind::kEnd:
    case OffsetSpec::Kind::kTime:
      return end;
    case OffsetSpec::Kind::kAbsolute:
      return std::clamp(spec.value, start, end);
    case OffsetSpec::Kind::kAfterStart:
      return spec.value >= end - start ? end : start + spec.value;
    case OffsetSpec::Kind::kBeforeEnd:
      return spec.value >= end - start ? start : end - spec.value;
  }
  return end;
}

}  // namespace lanemq::cli
