#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>

#include "common/core/policy/changes.h"
#include "common/core/policy/policy_types.h"

namespace lanemq::core {

struct TopicFacts {
  std::string name;
  std::string owner;
  std::string tier;
  std::string description;
  std::int32_t partitions = 0;
  TopicConfig config;
  std::optional<Traffic> traffic;  ///< As somebody said when it was asked for, or as measured.
  bool is_in_use = false;          ///< Written to, or read, lately.
  bool operator==(const TopicFacts&) const = default;
};

struct GroupFacts {
  std::string name;
  std::string owner;
  std::string tier;
  std::string description;
  bool is_only_named = false;  ///< By a grant: nobody has put it, though somebody may use it.
  bool operator==(const GroupFacts&) const = default;
};

/// What tells a grant from others: of equal ones there is one.
struct GrantKey {
  ResourceKind kind = ResourceKind::kTopic;
  std::string name;
  bool is_prefix = false;
  PrincipalKind principal_kind = PrincipalKind::kService;
  std::string principal_name;
  auto operator<=>(const GrantKey&) const = default;
};
[[nodiscard]] GrantKey KeyOf(const Grant& grant);
[[nodiscard]] GrantKey KeyOf(const RevokeGrantChange& change);

/// What a team has.
struct TeamUse {
  std::int64_t topics = 0;
  std::int64_t partitions = 0;
  std::int64_t stored_bytes = 0;  ///< As StoredBytes() estimates.
  std::int64_t groups = 0;
  bool operator==(const TeamUse&) const = default;
};

/// What there is: what decisions are about.
///
/// Keeps what teams use up to date, so that a decision costs what the bundle has, not what the
/// cluster has. Copying it is expensive. Not thread-safe to build; then const.
class PolicyWorld {
 public:
  template <typename T>
  using ByName = std::map<std::string, T, std::less<>>;

  /// Made, or changed as a whole.
  void PutTopic(TopicFacts topic);
  void PutGroup(GroupFacts group);
  void PutTeam(Team team) { teams_.insert_or_assign(team.name, team); }
  /// `team` may be empty: nobody's.
  void PutService(std::string service, std::string team);
  void PutGrant(Grant grant) { grants_.insert_or_assign(KeyOf(grant), grant); }
  void SetQuota(std::string team, TeamQuota quota) { quotas_.insert_or_assign(team, quota); }
  void RemoveTopic(std::string_view name);
  void RemoveGroup(std::string_view name);
  void RemoveGrant(const GrantKey& key) { grants_.erase(key); }
  void RemoveTeam(std::string_view name);

  [[nodiscard]] const TopicFacts* FindTopic(std::string_view name) const;
  [[nodiscard]] const GroupFacts* FindGroup(std::string_view name) const;
  [[nodiscard]] const Team* FindTeam(std::string_view name) const;
  [[nodiscard]] const Grant* FindGrant(const GrantKey& key) const;
  /// The service's team, empty: nobody's. nullopt: there is no such service.
  [[nodiscard]] std::optional<std::string> TeamOfService(std::string_view service) const;
  [[nodiscard]] std::size_t ServicesOf(std::string_view team) const;
  [[nodiscard]] TeamQuota QuotaOf(std::string_view team) const;
  [[nodiscard]] TeamUse UseOf(std::string_view team) const;
  /// A topic (group) whose name differs at most in upper and lower case; empty: there is none.
  [[nodiscard]] std::string_view FindTopicFolded(std::string_view name) const;
  [[nodiscard]] std::string_view FindGroupFolded(std::string_view name) const;

  [[nodiscard]] const ByName<TopicFacts>& topics() const { return topics_; }
  [[nodiscard]] const ByName<GroupFacts>& groups() const { return groups_; }
  [[nodiscard]] const ByName<Team>& teams() const { return teams_; }
  [[nodiscard]] const std::map<GrantKey, Grant>& grants() const { return grants_; }
  [[nodiscard]] const ByName<TeamQuota>& quotas() const { return quotas_; }

 private:
  ByName<TopicFacts> topics_;
  ByName<GroupFacts> groups_;
  ByName<std::set<std::string>> folded_topics_;
  ByName<std::set<std::string>> folded_groups_;
  ByName<Team> teams_;
  ByName<std::string> services_;
  ByName<std::size_t> services_of_;
  std::map<GrantKey, Grant> grants_;
  ByName<TeamQuota> quotas_;
  ByName<TeamUse> uses_;
};

/// `use` with the topic's part added (`sign` 1) or taken away (-1).
void AddUse(TeamUse& use, const TopicFacts& topic, int sign);

/// What the bundle makes of `world`. For a bundle that Decide() did not refuse.
void ApplyBundle(PolicyWorld& world, const Bundle& bundle);

/// `topic` after the change.
[[nodiscard]] TopicFacts Altered(TopicFacts topic, const AlterTopicChange& change);
[[nodiscard]] TopicFacts Created(const CreateTopicChange& change);

}  // namespace lanemq::core
