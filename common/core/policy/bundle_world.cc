#include "common/core/policy/bundle_world.h"

#include <algorithm>
#include <utility>

namespace lanemq::core {
namespace {

template <typename Facts>
void AddOwnersUnder(const std::map<std::string, Facts, std::less<>>& before,
                    const std::map<std::string, std::optional<Facts>, std::less<>>& touched,
                    std::string_view prefix, std::set<std::string>& owners) {
  for (auto it = before.lower_bound(prefix); it != before.end(); ++it) {
    if (!it->first.starts_with(prefix)) break;
    if (!touched.contains(it->first)) owners.insert(it->second.owner);
  }
  for (auto it = touched.lower_bound(prefix); it != touched.end(); ++it) {
    if (!it->first.starts_with(prefix)) break;
    if (it->second) owners.insert(it->second->owner);
  }
}

}  // namespace

BundleWorld::BundleWorld(const PolicyWorld& world, const Bundle& bundle) : world_(world) {
  // Whatever the bundle's order: what is made, what changes, what it comes to.
  Make(bundle);
  Alter(bundle);
  CountUse();
}

void BundleWorld::Make(const Bundle& bundle) {
  for (const auto& change : bundle.changes) {
    if (const auto* made = std::get_if<CreateTopicChange>(&change)) {
      // What exists stays what it is: making it again is refused.
      if (world_.FindTopic(made->name) == nullptr) topics_[made->name] = Created(*made);
    } else if (const auto* group = std::get_if<PutGroupChange>(&change)) {
      groups_[group->name] = GroupFacts{group->name, group->owner, group->tier, group->description};
    } else if (const auto* team = std::get_if<PutTeamChange>(&change)) {
      teams_[team->team.name] = &team->team;
    } else if (const auto* quota = std::get_if<SetQuotaChange>(&change)) {
      quotas_[quota->team] = quota->quota;
    }
  }
}

TopicFacts* BundleWorld::Edit(std::string_view name) {
  const auto touched = topics_.find(name);
  if (touched != topics_.end()) return touched->second ? &*touched->second : nullptr;
  const TopicFacts* const before = world_.FindTopic(name);
  if (before == nullptr) return nullptr;
  return &*topics_.emplace(std::string(name), *before).first->second;
}

void BundleWorld::Alter(const Bundle& bundle) {
  for (const auto& change : bundle.changes) {
    if (const auto* altered = std::get_if<AlterTopicChange>(&change)) {
      TopicFacts* const topic = Edit(altered->name);
      if (topic != nullptr) *topic = Altered(std::move(*topic), *altered);
    } else if (const auto* added = std::get_if<AddPartitionsChange>(&change)) {
      TopicFacts* const topic = Edit(added->name);
      if (topic != nullptr) topic->partitions = std::max(topic->partitions, added->partitions);
    } else if (const auto* owned = std::get_if<SetOwnerChange>(&change)) {
      if (owned->kind == ResourceKind::kTopic) {
        TopicFacts* const topic = Edit(owned->name);
        if (topic != nullptr) topic->owner = owned->team;
      } else if (const GroupFacts* const group = FindGroup(owned->name); group != nullptr) {
        GroupFacts after = *group;
        after.owner = owned->team;
        after.is_only_named = false;
        groups_[owned->name] = std::move(after);
      }
    } else if (const auto* deleted = std::get_if<DeleteTopicChange>(&change)) {
      topics_[deleted->name] = std::nullopt;
    } else if (const auto* group = std::get_if<DeleteGroupChange>(&change)) {
      groups_[group->name] = std::nullopt;
    } else if (const auto* team = std::get_if<DeleteTeamChange>(&change)) {
      teams_[team->name] = nullptr;
    }
  }
}

void BundleWorld::CountUse() {
  for (const auto& [name, after] : topics_) {
    if (const TopicFacts* const before = world_.FindTopic(name); before != nullptr) {
      AddUse(use_changes_[before->owner], *before, -1);
    }
    if (after) AddUse(use_changes_[after->owner], *after, 1);
  }
  for (const auto& [name, after] : groups_) {
    if (const GroupFacts* const before = world_.FindGroup(name); before != nullptr) {
      --use_changes_[before->owner].groups;
    }
    if (after) ++use_changes_[after->owner].groups;
  }
}

const TopicFacts* BundleWorld::FindTopic(std::string_view name) const {
  const auto touched = topics_.find(name);
  if (touched == topics_.end()) return world_.FindTopic(name);
  return touched->second ? &*touched->second : nullptr;
}

const GroupFacts* BundleWorld::FindGroup(std::string_view name) const {
  const auto touched = groups_.find(name);
  if (touched == groups_.end()) return world_.FindGroup(name);
  return touched->second ? &*touched->second : nullptr;
}

const Team* BundleWorld::FindTeam(std::string_view name) const {
  const auto touched = teams_.find(name);
  return touched == teams_.end() ? world_.FindTeam(name) : touched->second;
}

TeamQuota BundleWorld::QuotaOf(std::string_view team) const {
  const auto touched = quotas_.find(team);
  return touched == quotas_.end() ? world_.QuotaOf(team) : touched->second;
}

TeamUse BundleWorld::UseOf(std::string_view team) const {
  TeamUse use = world_.UseOf(team);
  const auto change = use_changes_.find(team);
  if (change == use_changes_.end()) return use;
  use.topics += change->second.topics;
  use.partitions += change->second.partitions;
  use.stored_bytes += change->second.stored_bytes;
  use.groups += change->second.groups;
  return use;
}

std::string BundleWorld::OwnerOf(ResourceKind kind, std::string_view name) const {
  if (kind == ResourceKind::kTopic) {
    const TopicFacts* const topic = FindTopic(name);
    return topic == nullptr ? "" : topic->owner;
  }
  const GroupFacts* const group = FindGroup(name);
  return group == nullptr ? "" : group->owner;
}

std::set<std::string> BundleWorld::OwnersUnder(ResourceKind kind, std::string_view prefix) const {
  std::set<std::string> owners;
  if (kind == ResourceKind::kTopic) {
    AddOwnersUnder(world_.topics(), topics_, prefix, owners);
  } else {
    AddOwnersUnder(world_.groups(), groups_, prefix, owners);
  }
  return owners;
}

std::optional<std::string> BundleWorld::TeamOf(const Principal& principal) const {
  switch (principal.kind) {
    case PrincipalKind::kTeam:
      if (FindTeam(principal.name) == nullptr) return std::nullopt;
      return principal.name;
    case PrincipalKind::kService:
      return world_.TeamOfService(principal.name);
    case PrincipalKind::kAnonymous:
    case PrincipalKind::kPerson:
      return std::nullopt;
  }
  return std::nullopt;
}

std::set<std::string> BundleWorld::ChangedTeams() const {
  std::set<std::string> teams;
  for (const auto& [team, change] : use_changes_) teams.insert(team);
  return teams;
}

Cost BundleWorld::cost() const {
  Cost cost;
  const auto messages = [](const TopicFacts& topic) {
    return topic.traffic ? topic.traffic->messages_per_day : 0;
  };
  for (const auto& [team, change] : use_changes_) {
    cost.partitions += change.partitions;
    cost.stored_bytes += change.stored_bytes;
  }
  for (const auto& [name, after] : topics_) {
    const TopicFacts* const before = world_.FindTopic(name);
    if (before != nullptr) cost.messages_per_day -= messages(*before);
    if (after) cost.messages_per_day = SaturatedSum(cost.messages_per_day, messages(*after));
  }
  return cost;
}

}  // namespace lanemq::core
