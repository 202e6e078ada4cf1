#pragma once

#include <regex>
#include <set>
#include <string>

#include "common/base/result.h"

namespace lanemq::client {

/// A regular expression (ECMAScript) that whole topic names match. Immutable.
class TopicPattern {
 public:
  /// kInvalidRequest with what is wrong with it.
  static Result<TopicPattern> Parse(const std::string& text);
  [[nodiscard]] bool Matches(const std::string& topic) const;
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  TopicPattern(std::string text, std::regex regex)
      : text_(std::move(text)), regex_(std::move(regex)) {}

  std::string text_;
  std::regex regex_;
};

}  // namespace lanemq::client
