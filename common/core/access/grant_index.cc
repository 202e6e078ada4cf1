#include "common/core/access/grant_index.h"

#include <algorithm>

#include "common/base/check.h"
#include "common/core/access/access_rules.h"

namespace lanemq::core {
namespace {

std::size_t PlaceOf(ResourceKind kind) {
  LANEMQ_CHECK(kind != ResourceKind::kCluster);
  return kind == ResourceKind::kTopic ? 0 : 1;
}

bool Allows(const Grant& grant, Action action) {
  return std::any_of(grant.actions.begin(), grant.actions.end(),
                     [&](Action held) { return Implies(held, action); });
}

const Grant* FindAmong(const std::vector<const Grant*>& grants, Action action,
                       std::optional<WallTime> now) {
  for (const Grant* grant : grants) {
    if (Allows(*grant, action) && !(now && HasEnded(grant->expires_at, *now))) return grant;
  }
  return nullptr;
}

}  // namespace

void GrantIndex::Add(const Grant& grant) {
  OfKind& kind = kinds_[PlaceOf(grant.kind)];
  if (!grant.is_prefix) {
    kind.exact[grant.name].push_back(&grant);
    return;
  }
  kind.prefixes[grant.name].push_back(&grant);
  const auto at = std::lower_bound(kind.lengths.begin(), kind.lengths.end(), grant.name.size());
  if (at == kind.lengths.end() || *at != grant.name.size()) {
    kind.lengths.insert(at, grant.name.size());
  }
}

const Grant* GrantIndex::Find(Action action, const Resource& resource,
                              std::optional<WallTime> now) const {
  const OfKind& kind = kinds_[PlaceOf(resource.kind)];
  const std::string_view name = resource.name;
  if (const auto found = kind.exact.find(name); found != kind.exact.end()) {
    if (const Grant* grant = FindAmong(found->second, action, now)) return grant;
  }
  for (const std::size_t length : kind.lengths) {
    if (length > name.size()) break;
    const auto found = kind.prefixes.find(name.substr(0, length));
    if (found == kind.prefixes.end()) continue;
    if (const Grant* grant = FindAmong(found->second, action, now)) return grant;
  }
  return nullptr;
}

}  // namespace lanemq::core
