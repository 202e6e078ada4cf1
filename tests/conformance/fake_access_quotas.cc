// Quotas of FakeAccessStore.
#include <algorithm>
#include <string>
#include <utility>

#include "common/core/access/quota_text.h"
#include "tests/conformance/fake_access_change.h"

namespace lanemq::testing {

using core::QuotaOfTeam;

Status FakeAccessStore::PutQuota(const QuotaOfTeam& quota, const core::AuditNote& note, Deadline) {
  return Run(note, [&](Change& change) -> Status {
    auto& quotas = change.state.records.quotas;
    if (!change.HasTeam(quota.team)) return Missing(ErrorCode::kFailedPrecondition, "team");
    const auto at = std::ranges::lower_bound(quotas, quota.team, {}, &QuotaOfTeam::team);
    const bool is_there = at != quotas.end() && at->team == quota.team;
    const std::string before = is_there ? ToJson(*at) : "";
    if (IsUnlimited(quota.quota)) {
      if (!is_there) return {};
      quotas.erase(at);
      return change.Tell("quota", quota.team, before, "");
    }
    if (is_there && *at == quota) return {};
    if (is_there) {
      *at = quota;
    } else {
      quotas.insert(at, quota);
    }
    return change.Tell("quota", quota.team, before, ToJson(quota));
  });
}

Status FakeAccessStore::SetQuotaMode(core::QuotaMode mode, const core::AuditNote& note, Deadline) {
  return Run(note, [&](Change& change) -> Status {
    const core::QuotaMode before = std::exchange(change.state.records.quota_mode, mode);
    if (before == mode) return {};
    return change.Tell("quota", "mode", core::ToJson(before), core::ToJson(mode));
  });
}

}  // namespace lanemq::testing
