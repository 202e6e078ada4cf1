#include "common/core/policy/policy_world.h"

#include <algorithm>
#include <utility>

#include "common/core/policy/policy_text.h"
#include "common/core/policy/sizing.h"

namespace lanemq::core {
namespace {

template <typename Map>
auto FindIn(const Map& map, std::string_view name) -> const typename Map::mapped_type* {
  const auto found = map.find(name);
  return found == map.end() ? nullptr : &found->second;
}

using FoldedNames = PolicyWorld::ByName<std::set<std::string>>;

std::string_view FirstFolded(const FoldedNames& names, std::string_view name) {
  const std::set<std::string>* const found = FindIn(names, FoldCase(name));
  return found == nullptr || found->empty() ? std::string_view() : *found->begin();
}

void EraseFolded(FoldedNames& names, std::string_view name) {
  const auto found = names.find(FoldCase(name));
  if (found == names.end()) return;
  found->second.erase(std::string(name));
  if (found->second.empty()) names.erase(found);
}

}  // namespace

GrantKey KeyOf(const Grant& grant) {
  return {grant.kind, grant.name, grant.is_prefix, grant.principal.kind, grant.principal.name};
}

GrantKey KeyOf(const RevokeGrantChange& change) {
  return {change.kind, change.name, change.is_prefix, change.principal.kind, change.principal.name};
}

void AddUse(TeamUse& use, const TopicFacts& topic, int sign) {
  // 128 TiB: more than one topic will ever have, and few enough that sums of all topics fit.
  constexpr std::int64_t kBytesMax = std::int64_t{1} << 47;
  const std::int64_t bytes =
      std::min(StoredBytes(topic.partitions, topic.config, topic.traffic), kBytesMax);
  use.topics += sign;
  use.partitions += sign * std::int64_t{topic.partitions};
  use.stored_bytes += sign * bytes;
}

void PolicyWorld::PutTopic(TopicFacts topic) {
  RemoveTopic(topic.name);
  AddUse(uses_[topic.owner], topic, 1);
  folded_topics_[FoldCase(topic.name)].insert(topic.name);
  const std::string name = topic.name;
  topics_.emplace(name, std::move(topic));
}

void PolicyWorld::RemoveTopic(std::string_view name) {
  const auto found = topics_.find(name);
  if (found == topics_.end()) return;
  AddUse(uses_[found->second.owner], found->second, -1);
  EraseFolded(folded_topics_, name);
  topics_.erase(found);
}

void PolicyWorld::PutGroup(GroupFacts group) {
  RemoveGroup(group.name);
  ++uses_[group.owner].groups;
  folded_groups_[FoldCase(group.name)].insert(group.name);
  const std::string name = group.name;
  groups_.emplace(name, std::move(group));
}

void PolicyWorld::RemoveGroup(std::string_view name) {
  const auto found = groups_.find(name);
  if (found == groups_.end()) return;
  --uses_[found->second.owner].groups;
  EraseFolded(folded_groups_, name);
  groups_.erase(found);
}

void PolicyWorld::PutService(std::string service, std::string team) {
  const auto found = services_.find(service);
  if (found != services_.end()) --services_of_[found->second];
  ++services_of_[team];
  services_.insert_or_assign(std::move(service), std::move(team));
}

void PolicyWorld::RemoveTeam(std::string_view name) {
  if (const auto team = teams_.find(name); team != teams_.end()) teams_.erase(team);
  if (const auto quota = quotas_.find(name); quota != quotas_.end()) quotas_.erase(quota);
}

const TopicFacts* PolicyWorld::FindTopic(std::string_view name) const {
  return FindIn(topics_, name);
}
const GroupFacts* PolicyWorld::FindGroup(std::string_view name) const {
  return FindIn(groups_, name);
}
const Team* PolicyWorld::FindTeam(std::string_view name) const { return FindIn(teams_, name); }

const Grant* PolicyWorld::FindGrant(const GrantKey& key) const {
  const auto found = grants_.find(key);
  return found == grants_.end() ? nullptr : &found->second;
}

std::optional<std::string> PolicyWorld::TeamOfService(std::string_view service) const {
  const std::string* const team = FindIn(services_, service);
  return team == nullptr ? std::nullopt : std::optional(*team);
}

std::size_t PolicyWorld::ServicesOf(std::string_view team) const {
  const std::size_t* const count = FindIn(services_of_, team);
  return count == nullptr ? 0 : *count;
}

TeamQuota PolicyWorld::QuotaOf(std::string_view team) const {
  const TeamQuota* const quota = FindIn(quotas_, team);
  return quota == nullptr ? TeamQuota{} : *quota;
}

TeamUse PolicyWorld::UseOf(std::string_view team) const {
  const TeamUse* const use = FindIn(uses_, team);
  return use == nullptr ? TeamUse{} : *use;
}

std::string_view PolicyWorld::FindTopicFolded(std::string_view name) const {
  return FirstFolded(folded_topics_, name);
}
std::string_view PolicyWorld::FindGroupFolded(std::string_view name) const {
  return FirstFolded(folded_groups_, name);
}

TopicFacts Created(const CreateTopicChange& change) {
  return {.name = change.name,
          .owner = change.owner,
          .tier = change.tier,
          .description = change.description,
          .partitions = change.partitions,
          .config = change.config,
          .traffic = change.traffic};
}

TopicFacts Altered(TopicFacts topic, const AlterTopicChange& change) {
  topic.tier = change.tier.value_or(topic.tier);
  topic.description = change.description.value_or(topic.description);
  for (const auto& [key, value] : change.set) topic.config[key] = value;
  for (const std::string& key : change.unset) topic.config.erase(key);
  if (change.traffic) topic.traffic = change.traffic;
  return topic;
}

namespace {

/// Applies what makes and changes; what goes is gone through afterwards.
struct Applier {
  PolicyWorld& world;

  void operator()(const CreateTopicChange& change) const { world.PutTopic(Created(change)); }
  void operator()(const AlterTopicChange& change) const {
    const TopicFacts* const topic = world.FindTopic(change.name);
    if (topic != nullptr) world.PutTopic(Altered(*topic, change));
  }
  void operator()(const AddPartitionsChange& change) const {
    const TopicFacts* const topic = world.FindTopic(change.name);
    if (topic == nullptr) return;
    TopicFacts after = *topic;
    after.partitions = change.partitions;
    world.PutTopic(std::move(after));
  }
  void operator()(const DeleteTopicChange& change) const { world.RemoveTopic(change.name); }
  void operator()(const PutGroupChange& change) const {
    world.PutGroup({change.name, change.owner, change.tier, change.description});
  }
  void operator()(const DeleteGroupChange& change) const { world.RemoveGroup(change.name); }
  void operator()(const PutGrantChange& change) const { world.PutGrant(change.grant); }
  void operator()(const RevokeGrantChange& change) const { world.RemoveGrant(KeyOf(change)); }
  void operator()(const SetOwnerChange& change) const {
    if (change.kind == ResourceKind::kTopic) {
      if (const TopicFacts* const topic = world.FindTopic(change.name); topic != nullptr) {
        TopicFacts after = *topic;
        after.owner = change.team;
        world.PutTopic(std::move(after));
      }
    } else if (const GroupFacts* const group = world.FindGroup(change.name); group != nullptr) {
      GroupFacts after = *group;
      after.owner = change.team;
      after.is_only_named = false;
      world.PutGroup(std::move(after));
    }
  }
  void operator()(const SetQuotaChange& change) const { world.SetQuota(change.team, change.quota); }
  void operator()(const PutTeamChange& change) const { world.PutTeam(change.team); }
  void operator()(const DeleteTeamChange& change) const { world.RemoveTeam(change.name); }
};

}  // namespace

void ApplyBundle(PolicyWorld& world, const Bundle& bundle) {
  // No two changes are of one thing but of its different parts, so any order gives the same.
  for (const Change& change : bundle.changes) std::visit(Applier{world}, change);
}

}  // namespace lanemq::core
