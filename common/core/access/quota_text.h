#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/core/access/access_types.h"

namespace lanemq::core {

struct QuotaField {
  std::string_view name;  ///< As on the wire and in documents.
  std::optional<std::int64_t> TeamQuota::*value;
};
/// What a quota has, in the order of the wire and of the table.
inline constexpr std::array<QuotaField, 7> kQuotaFields = {{
    {"topics", &TeamQuota::topics},
    {"partitions", &TeamQuota::partitions},
    {"stored_bytes", &TeamQuota::stored_bytes},
    {"produce_bytes_per_s", &TeamQuota::produce_bytes_per_s},
    {"fetch_bytes_per_s", &TeamQuota::fetch_bytes_per_s},
    {"messages_per_s", &TeamQuota::messages_per_s},
    {"message_bytes_max", &TeamQuota::message_bytes_max},
}};

/// Nothing is limited: as good as none.
[[nodiscard]] bool IsUnlimited(const TeamQuota& quota);
/// kInvalidRequest for a team's name that cannot be one, and for limits below zero.
Status CheckQuota(const QuotaOfTeam& quota);

/// For the audit log: the team, and what is limited.
[[nodiscard]] std::string ToJson(const QuotaOfTeam& quota);
/// Of the mode: {"mode":"log"}.
[[nodiscard]] std::string ToJson(QuotaMode mode);

}  // namespace lanemq::core
