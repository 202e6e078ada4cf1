#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/core/access/access_types.h"
#include "common/core/access/person.h"
#include "common/core/types/audit.h"

namespace lanemq::core {

// Records as JSON objects, for the audit log. Names and times as on the wire; bytes that are not
// UTF-8 are replaced.

[[nodiscard]] std::string ToJson(const Team& team);
/// What stands in the team, as a number above 0: for who changes what he has seen, and nothing
/// else.
[[nodiscard]] std::int64_t VersionOf(const Team& team);
[[nodiscard]] std::string ToJson(const Service& service);
/// Without the hash.
[[nodiscard]] std::string ToJson(const Token& token);
[[nodiscard]] std::string ToJson(const Grant& grant);
[[nodiscard]] std::string ToJson(const Owner& owner);

// Under which other objects the audit log finds the rows of these: AuditedChange::also.

/// Its topic or group, with an asterisk behind a prefix, and whom it is to.
[[nodiscard]] std::vector<AuditObject> AlsoAbout(const Grant& grant);
/// The topic or group, and the team.
[[nodiscard]] std::vector<AuditObject> AlsoAbout(const Owner& owner);
/// The service or the person.
[[nodiscard]] std::vector<AuditObject> AlsoAbout(const Token& token);
/// Without anything of the password.
[[nodiscard]] std::string ToJson(const PersonProfile& person);

}  // namespace lanemq::core
