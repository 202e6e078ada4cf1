#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/core/types/record.h"

namespace lanemq::broker {

/// Finds one text in others, in time linear in both. Immutable.
class TextFinder {
 public:
  /// `ignore_case`: for letters of ASCII.
  TextFinder(std::string text, bool ignore_case);
  [[nodiscard]] bool IsIn(std::string_view where) const;
  [[nodiscard]] bool IsAllOf(std::string_view where) const;

 private:
  [[nodiscard]] char Folded(char c) const;

  const bool ignore_case_;
  std::string text_;  // Folded.
  std::vector<std::size_t>
      border_;  // Of each prefix of text_: its longest proper one at both ends.
};

/// What a message must be like: all that is given. Looks at what is stored; nothing is decoded.
struct MessageFilter {
  std::optional<TextFinder> key_equals;
  std::optional<TextFinder> key_contains;
  std::optional<std::string> header_name;
  std::optional<TextFinder> header_value;  ///< With header_name; absent: any value.
  std::optional<TextFinder> body_contains;

  [[nodiscard]] bool Matches(const core::Record& record) const;
};

}  // namespace lanemq::broker
