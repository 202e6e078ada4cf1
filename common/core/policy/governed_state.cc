#include "common/core/policy/governed_state.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "common/core/access/access_text.h"

namespace lanemq::core {
namespace {

constexpr std::array<std::string_view, 5> kKinds = {"topic", "group", "grant", "team", "quota"};

/// Whether `team` owns everything whose name begins so, and there is such a thing.
template <typename Facts>
bool OwnsAllUnder(const PolicyWorld::ByName<Facts>& things, std::string_view prefix,
                  std::string_view team) {
  auto at = things.lower_bound(prefix);
  const auto is_under = [&] { return at != things.end() && at->first.starts_with(prefix); };
  if (prefix.empty() || !is_under()) return false;
  for (; is_under(); ++at) {
    if (at->second.owner != team) return false;
  }
  return true;
}

template <typename Facts>
bool OwnsTarget(const PolicyWorld::ByName<Facts>& things, const Grant& grant,
                std::string_view team) {
  if (grant.is_prefix) return OwnsAllUnder(things, grant.name, team);
  const auto found = things.find(grant.name);
  return found != things.end() && found->second.owner == team;
}

/// Collects what the filter lets through.
class Collector {
 public:
  Collector(const PolicyWorld& world, const StateFilter& filter) : world_(world), filter_(filter) {}

  void AddTeams() {
    if (!Wants("team")) return;
    for (const auto& [name, team] : world_.teams()) {
      if (Matches(name) && IsOf(name)) changes_.emplace_back(PutTeamChange{team});
    }
  }
  void AddQuotas() {
    if (!Wants("quota")) return;
    for (const auto& [team, quota] : world_.quotas()) {
      if (quota == TeamQuota{} || !Matches(team) || !IsOf(team)) continue;
      changes_.emplace_back(SetQuotaChange{team, quota});
    }
  }
  void AddTopics() {
    if (!Wants("topic")) return;
    for (const auto& [name, topic] : world_.topics()) {
      if (!Matches(name) || !IsOf(topic.owner)) continue;
      changes_.emplace_back(CreateTopicChange{.name = topic.name,
                                              .owner = topic.owner,
                                              .tier = topic.tier,
                                              .description = topic.description,
                                              .partitions = topic.partitions,
                                              .config = topic.config,
                                              .traffic = topic.traffic});
    }
  }
  void AddGroups() {
    if (!Wants("group")) return;
    for (const auto& [name, group] : world_.groups()) {
      if (group.is_only_named || !Matches(name) || !IsOf(group.owner)) continue;
      changes_.emplace_back(PutGroupChange{group.name, group.owner, group.tier, group.description});
    }
  }
  void AddGrants(WallTime now) {
    if (!Wants("grant")) return;
    for (const auto& [key, grant] : world_.grants()) {
      const bool has_ended = grant.expires_at && grant.expires_at->micros <= now.micros;
      if (has_ended || !Matches(grant.name) || !ConcernsTeam(grant)) continue;
      changes_.emplace_back(PutGrantChange{grant});
    }
  }
  [[nodiscard]] std::vector<Change> Take() { return std::move(changes_); }

 private:
  [[nodiscard]] bool Wants(std::string_view kind) const {
    return filter_.kinds.empty() || std::ranges::find(filter_.kinds, kind) != filter_.kinds.end();
  }
  [[nodiscard]] bool Matches(std::string_view name) const {
    return name.starts_with(filter_.prefix) &&
           (filter_.names.empty() || filter_.names.contains(name));
  }
  [[nodiscard]] bool IsOf(std::string_view team) const {
    return filter_.team.empty() || filter_.team == team;
  }
  [[nodiscard]] bool ConcernsTeam(const Grant& grant) const {
    if (filter_.team.empty()) return true;
    const Principal& to = grant.principal;
    if (to.kind == PrincipalKind::kTeam && to.name == filter_.team) return true;
    if (to.kind == PrincipalKind::kService && world_.TeamOfService(to.name) == filter_.team) {
      return true;
    }
    return grant.kind == ResourceKind::kTopic ? OwnsTarget(world_.topics(), grant, filter_.team)
                                              : OwnsTarget(world_.groups(), grant, filter_.team);
  }

  const PolicyWorld& world_;
  const StateFilter& filter_;
  std::vector<Change> changes_;
};

}  // namespace

Result<Bundle> GovernedState(const PolicyWorld& world, const StateFilter& filter, WallTime now) {
  for (const std::string& kind : filter.kinds) {
    if (std::ranges::find(kKinds, kind) != kKinds.end()) continue;
    return Error{ErrorCode::kInvalidRequest,
                 fmt::format("kind {} is none of {}", Quoted(kind), fmt::join(kKinds, ", "))};
  }
  Collector collector(world, filter);
  collector.AddTeams();
  collector.AddQuotas();
  collector.AddTopics();
  collector.AddGroups();
  collector.AddGrants(now);
  Bundle bundle{collector.Take()};
  if (bundle.changes.size() > kStateChangesMax) {
    return Error{ErrorCode::kInsufficientCapacity,
                 fmt::format("{} objects, {} at most at once: narrow it by kind, team, prefix or "
                             "names",
                             bundle.changes.size(), kStateChangesMax)};
  }
  return bundle;
}

}  // namespace lanemq::core
