#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/core/store/audit_log.h"
#include "common/core/types/ids.h"

namespace lanemq::core {

/// Whose log: a data node's, or with this one the metadata database's.
inline constexpr NodeId kMetadataSource{0};

/// How far each source was read: events with smaller ids are left; 0: none is. A source that is not
/// here is read from its newest event on.
using AuditPositions = std::map<NodeId, std::int64_t>;

/// What tells searches apart for whom a cursor is good: every condition but times, which people
/// give relative to now, and `source`, as it was asked for.
[[nodiscard]] std::uint32_t AuditFilterMark(const AuditSearch& search, std::string_view source);

/// The positions as text of A-Z, a-z, 0-9, `-` and `_`: some 7 characters per source.
[[nodiscard]] std::string ToAuditCursor(const AuditPositions& positions, std::uint32_t mark);

/// The reverse. kInvalidRequest: it is no cursor, or one of a search with another mark.
[[nodiscard]] Result<AuditPositions> FromAuditCursor(std::string_view cursor, std::uint32_t mark);

}  // namespace lanemq::core
