#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "common/core/policy/policy_world.h"
#include "common/core/policy/sizing.h"

namespace lanemq::core {

/// The world as it will be when a bundle is applied, without copying it. Keeps references to both.
/// Not thread-safe to build; then const.
class BundleWorld {
 public:
  BundleWorld(const PolicyWorld& world, const Bundle& bundle);

  [[nodiscard]] const PolicyWorld& before() const { return world_; }
  [[nodiscard]] const TopicFacts* FindTopic(std::string_view name) const;
  [[nodiscard]] const GroupFacts* FindGroup(std::string_view name) const;
  [[nodiscard]] const Team* FindTeam(std::string_view name) const;
  [[nodiscard]] TeamQuota QuotaOf(std::string_view team) const;
  [[nodiscard]] TeamUse UseOf(std::string_view team) const;
  /// The owner; empty: nobody, or there is no such thing.
  [[nodiscard]] std::string OwnerOf(ResourceKind kind, std::string_view name) const;
  /// Owners of everything whose name begins with `prefix`; with an empty one for what has none.
  [[nodiscard]] std::set<std::string> OwnersUnder(ResourceKind kind, std::string_view prefix) const;
  /// The principal's team: itself, or its service's. Empty: nobody's. nullopt: no such principal.
  [[nodiscard]] std::optional<std::string> TeamOf(const Principal& principal) const;
  /// Teams that use more or less than before.
  [[nodiscard]] std::set<std::string> ChangedTeams() const;
  [[nodiscard]] Cost cost() const;

 private:
  /// The topic as the changes so far leave it, for one more; nullptr: there is none.
  TopicFacts* Edit(std::string_view name);
  void Make(const Bundle& bundle);
  void Alter(const Bundle& bundle);
  void CountUse();

  const PolicyWorld& world_;
  // What the bundle touches; nullopt: it will be gone.
  std::map<std::string, std::optional<TopicFacts>, std::less<>> topics_;
  std::map<std::string, std::optional<GroupFacts>, std::less<>> groups_;
  std::map<std::string, const Team*, std::less<>> teams_;  ///< nullptr: it will be gone.
  std::map<std::string, TeamQuota, std::less<>> quotas_;
  std::map<std::string, TeamUse, std::less<>> use_changes_;
};

}  // namespace lanemq::core
