#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "common/base/log.h"

namespace lanemq {

/// Appends `text` as a JSON string with its quotes. Control characters are escaped, so that a line
/// stays one line; bytes that are not UTF-8 become U+FFFD, so that every reader takes it.
void AppendJsonString(std::string& out, std::string_view text);

/// Appends `"name":value`; numbers and truth values without quotes, unless JSON has no such number
/// (nan, inf).
void AppendJsonMember(std::string& out, const LogField& field);

/// The members of a log line's object behind those that the logger writes: `"event":"...",...`.
/// A field that is called as one of the head's is written with a `_` behind its name.
[[nodiscard]] std::string JsonMembers(std::string_view event,
                                      std::initializer_list<LogField> fields);

}  // namespace lanemq
