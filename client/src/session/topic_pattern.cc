#include "client/src/session/topic_pattern.h"

#include <utility>

namespace lanemq::client {

Result<TopicPattern> TopicPattern::Parse(const std::string& text) {
  if (text.empty()) return Error{ErrorCode::kInvalidRequest, "the pattern is empty"};
  try {
    return TopicPattern(text, std::regex(text, std::regex::ECMAScript | std::regex::optimize));
  } catch (const std::regex_error& error) {
    return Error{ErrorCode::kInvalidRequest, "the pattern '" + text + "': " + error.what()};
  }
}

bool TopicPattern::Matches(const std::string& topic) const {
  try {
    return std::regex_match(topic, regex_);
  } catch (const std::regex_error&) {
    return false;  // Too complex for this name.
  }
}

}  // namespace lanemq::client
