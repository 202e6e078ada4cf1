#include "metaserver/governance/world_builder.h"

#include <map>
#include <string>
#include <string_view>

namespace lanemq::metaserver {

core::PolicyWorld BuildWorld(const core::CatalogSnapshot& snapshot,
                             const core::AccessRecords& records,
                             const core::GovernanceFacts& facts) {
  core::PolicyWorld world;
  std::map<std::string_view, std::string_view> topic_owners;
  std::map<std::string_view, core::GroupFacts> groups;
  for (const core::Owner& owner : records.owners) {
    if (owner.kind == core::ResourceKind::kTopic) topic_owners[owner.name] = owner.team;
    if (owner.kind == core::ResourceKind::kGroup) groups[owner.name].owner = owner.team;
  }
  for (const core::Topic& topic : snapshot.topics) {
    if (topic.state == core::TopicState::kDeleting) continue;
    core::TopicFacts made;
    made.name = topic.name;
    const auto owner = topic_owners.find(topic.name);
    if (owner != topic_owners.end()) made.owner = owner->second;
    made.description = topic.description;
    made.partitions = static_cast<std::int32_t>(topic.partitions.size());
    made.config = topic.config;
    const auto known = facts.topics.find(topic.name);
    if (known != facts.topics.end()) {
      made.tier = known->second.tier;
      made.traffic = known->second.traffic;
    }
    world.PutTopic(std::move(made));
  }
  for (const auto& [name, known] : facts.groups) {
    groups[name].tier = known.tier;
    groups[name].description = known.description;
  }
  // Whoever was given a group may use it: it is not free for the first one to claim.
  for (const core::Grant& grant : records.grants) {
    if (grant.kind != core::ResourceKind::kGroup || grant.is_prefix) continue;
    const auto [group, is_only_named] = groups.try_emplace(grant.name);
    if (is_only_named) group->second.is_only_named = true;
  }
  for (auto& [name, group] : groups) {
    group.name = name;
    world.PutGroup(std::move(group));
  }
  for (const core::Team& team : records.teams) world.PutTeam(team);
  for (const core::Service& service : records.services)
    world.PutService(service.name, service.team);
  for (const core::Grant& grant : records.grants) world.PutGrant(grant);
  for (const core::QuotaOfTeam& quota : records.quotas) world.SetQuota(quota.team, quota.quota);
  return world;
}

}  // namespace lanemq::metaserver
