#pragma once

#include <string>

#include "common/core/access/access_types.h"

namespace lanemq::core {

// Records as JSON objects, for the audit log. Names and times as on the wire; bytes that are not
// UTF-8 are replaced.

[[nodiscard]] std::string ToJson(const Team& team);
[[nodiscard]] std::string ToJson(const Service& service);
/// Without the hash.
[[nodiscard]] std::string ToJson(const Token& token);
[[nodiscard]] std::string ToJson(const Grant& grant);
[[nodiscard]] std::string ToJson(const Owner& owner);

}  // namespace lanemq::core
