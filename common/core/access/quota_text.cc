#include "common/core/access/quota_text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/core/access/access_rules.h"

namespace lanemq::core {
bool IsUnlimited(const TeamQuota& quota) { return quota == TeamQuota{}; }

Status CheckQuota(const QuotaOfTeam& quota) {
  LANEMQ_RETURN_IF_ERROR(CheckAccessName("team", quota.team));
  for (const QuotaField& field : kQuotaFields) {
    const std::optional<std::int64_t>& value = quota.quota.*field.value;
    if (!value || *value >= 0) continue;
    return Error{
        ErrorCode::kInvalidRequest,
        fmt::format("{} is 0 or more, not {}; without it there is no limit", field.name, *value)};
  }
  return {};
}

std::string ToJson(const QuotaOfTeam& quota) {
  nlohmann::json document = {{"team", quota.team}};
  for (const QuotaField& field : kQuotaFields) {
    const std::optional<std::int64_t>& value = quota.quota.*field.value;
    if (value) document[std::string(field.name)] = *value;
  }
  return document.dump();
}

std::string ToJson(QuotaMode mode) {
  return nlohmann::json{{"mode", std::string(ToString(mode))}}.dump();
}

}  // namespace lanemq::core
