#include "client/cli/apply/plan.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "client/cli/text/time_text.h"
#include "common/core/access/access_rules.h"
#include "common/core/policy/policy_text.h"

namespace lanemq::cli {
namespace {

using core::ResourceKind;

std::string TextOf(const std::optional<core::Traffic>& traffic) {
  if (!traffic) return {};
  return fmt::format("{} messages a day of {} bytes, ordering {}", traffic->messages_per_day,
                     traffic->message_bytes, core::ToString(traffic->ordering));
}

std::string TextOf(const std::vector<core::TeamMember>& members, core::TeamRole role) {
  std::vector<std::string> names;
  for (const core::TeamMember& member : members) {
    if (member.role == role) names.push_back(member.person);
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string TextOf(const std::optional<std::int64_t>& number) {
  return number ? std::to_string(*number) : std::string();
}

/// What is different about one object, field by field.
class Comparison {
 public:
  Comparison(std::string object_kind, std::string name, bool is_new) {
    difference_.kind = is_new ? Difference::Kind::kMade : Difference::Kind::kChanged;
    difference_.object_kind = std::move(object_kind);
    difference_.name = std::move(name);
  }
  /// True: they differ.
  bool Compare(std::string field, std::string before, std::string after) {
    if (before == after) return false;
    difference_.fields.push_back({std::move(field), std::move(before), std::move(after)});
    return true;
  }
  [[nodiscard]] bool IsNeeded() const {
    return difference_.kind == Difference::Kind::kMade || !difference_.fields.empty();
  }
  [[nodiscard]] Difference Take() { return std::move(difference_); }

 private:
  Difference difference_;
};

class Planner {
 public:
  Planner(const core::PolicyWorld& actual, Faults& faults) : actual_(actual), faults_(faults) {}

  void Add(const TeamDocument& wanted) {
    const core::Team* const found = actual_.FindTeam(wanted.name);
    const core::Team before = found == nullptr ? core::Team{} : *found;
    core::Team after = before;
    after.name = wanted.name;
    after.description = wanted.description.value_or(before.description);
    after.oncall_route = wanted.oncall_route.value_or(before.oncall_route);
    after.members = wanted.members.value_or(before.members);
    Comparison comparison("team", wanted.name, found == nullptr);
    comparison.Compare("description", before.description, after.description);
    comparison.Compare("oncall_route", before.oncall_route, after.oncall_route);
    for (const auto& [field, role] : {std::pair{"leads", core::TeamRole::kLead},
                                      std::pair{"members", core::TeamRole::kMember}}) {
      comparison.Compare(field, TextOf(before.members, role), TextOf(after.members, role));
    }
    Keep(comparison, core::PutTeamChange{std::move(after)});
  }

  void Add(const QuotaDocument& wanted) {
    const core::TeamQuota before = actual_.QuotaOf(wanted.team);
    core::TeamQuota after = before;
    Comparison comparison("quota", wanted.team, false);
    for (std::size_t i = 0; i < core::kQuotaFields.size(); ++i) {
      const core::QuotaField& field = core::kQuotaFields.at(i);
      if (const auto& limit = wanted.limits.at(i)) after.*field.value = *limit;
      comparison.Compare(std::string(field.name), TextOf(before.*field.value),
                         TextOf(after.*field.value));
    }
    Keep(comparison, core::SetQuotaChange{wanted.team, after});
  }

  void Add(const TopicDocument& wanted) {
    const core::TopicFacts* const found = actual_.FindTopic(wanted.name);
    if (found == nullptr) {
      MakeTopic(wanted);
    } else {
      ChangeTopic(*found, wanted);
    }
  }

  void Add(const GroupDocument& wanted) {
    const core::GroupFacts* const found = actual_.FindGroup(wanted.name);
    const core::GroupFacts before = found == nullptr ? core::GroupFacts{} : *found;
    const core::PutGroupChange after{wanted.name, wanted.owner.value_or(before.owner),
                                     wanted.tier.value_or(before.tier),
                                     wanted.description.value_or(before.description)};
    Comparison comparison("group", wanted.name, found == nullptr);
    comparison.Compare("owner", before.owner, after.owner);
    comparison.Compare("tier", before.tier, after.tier);
    comparison.Compare("description", before.description, after.description);
    Keep(comparison, after);
  }

  void Add(const GrantDocument& wanted) {
    const core::Grant* const found = actual_.FindGrant(core::KeyOf(wanted.grant));
    core::Grant after = wanted.grant;
    if (!wanted.says_end && found != nullptr) after.expires_at = found->expires_at;
    const auto end_of = [](const core::Grant& grant) {
      return grant.expires_at ? FormatTime(*grant.expires_at) : std::string();
    };
    Comparison comparison("grant", NameOf(after), found == nullptr);
    comparison.Compare("actions", found == nullptr ? "" : core::ListOf(found->actions),
                       core::ListOf(after.actions));
    comparison.Compare("expires_at", found == nullptr ? "" : end_of(*found), end_of(after));
    Keep(comparison, core::PutGrantChange{std::move(after)});
  }

  void Prune(const Documents& documents, std::string_view team);

  [[nodiscard]] Plan Take() { return std::move(plan_); }

 private:
  void Keep(Comparison& comparison, core::Change change) {
    if (!comparison.IsNeeded()) return;
    plan_.changes.push_back(std::move(change));
    plan_.differences.push_back(comparison.Take());
  }
  void Remove(std::string object_kind, std::string name, core::Change change) {
    plan_.changes.push_back(std::move(change));
    plan_.differences.push_back(
        {Difference::Kind::kRemoved, std::move(object_kind), std::move(name), {}});
  }

  static void CompareConfigs(Comparison& comparison, const core::TopicConfig& before,
                             const core::TopicConfig& after) {
    std::set<std::string> keys;
    for (const auto& [key, value] : before) keys.insert(key);
    for (const auto& [key, value] : after) keys.insert(key);
    const auto value_in = [](const core::TopicConfig& config, const std::string& key) {
      const auto found = config.find(key);
      return found == config.end() ? std::string() : found->second;
    };
    for (const std::string& key : keys) {
      comparison.Compare("config." + key, value_in(before, key), value_in(after, key));
    }
  }

  void MakeTopic(const TopicDocument& wanted) {
    core::CreateTopicChange change;
    change.name = wanted.name;
    change.owner = wanted.owner.value_or("");
    change.tier = wanted.tier.value_or("");
    change.description = wanted.description.value_or("");
    change.partitions = wanted.partitions.value_or(change.partitions);
    change.config = wanted.config.value_or(core::TopicConfig{});
    change.traffic = wanted.traffic;
    Comparison comparison("topic", wanted.name, true);
    comparison.Compare("owner", "", change.owner);
    comparison.Compare("tier", "", change.tier);
    comparison.Compare("description", "", change.description);
    comparison.Compare("partitions", "", std::to_string(change.partitions));
    CompareConfigs(comparison, {}, change.config);
    comparison.Compare("traffic", "", TextOf(change.traffic));
    Keep(comparison, std::move(change));
  }

  void ChangeTopic(const core::TopicFacts& before, const TopicDocument& wanted) {
    Comparison comparison("topic", wanted.name, false);
    std::vector<core::Change> changes;
    if (wanted.owner && comparison.Compare("owner", before.owner, *wanted.owner)) {
      changes.emplace_back(core::SetOwnerChange{ResourceKind::kTopic, wanted.name, *wanted.owner});
    }
    core::AlterTopicChange alter;
    alter.name = wanted.name;
    bool is_altered = false;
    if (wanted.tier && comparison.Compare("tier", before.tier, *wanted.tier)) {
      alter.tier = wanted.tier;
      is_altered = true;
    }
    if (wanted.description &&
        comparison.Compare("description", before.description, *wanted.description)) {
      alter.description = wanted.description;
      is_altered = true;
    }
    if (wanted.partitions && *wanted.partitions < before.partitions) {
      faults_.Add(wanted.place,
                  fmt::format("topic {} has {} partitions, and {} are fewer: partitions cannot be "
                              "taken away",
                              wanted.name, before.partitions, *wanted.partitions));
    } else if (wanted.partitions && *wanted.partitions > before.partitions) {
      comparison.Compare("partitions", std::to_string(before.partitions),
                         std::to_string(*wanted.partitions));
      changes.emplace_back(core::AddPartitionsChange{wanted.name, *wanted.partitions});
    }
    if (wanted.config && *wanted.config != before.config) {
      CompareConfigs(comparison, before.config, *wanted.config);
      for (const auto& [key, value] : *wanted.config) {
        const auto had = before.config.find(key);
        if (had == before.config.end() || had->second != value) alter.set.emplace(key, value);
      }
      for (const auto& [key, value] : before.config) {
        if (!wanted.config->contains(key)) alter.unset.push_back(key);
      }
      is_altered = true;
    }
    if (wanted.traffic && wanted.traffic != before.traffic) {
      comparison.Compare("traffic", TextOf(before.traffic), TextOf(wanted.traffic));
      alter.traffic = wanted.traffic;
      is_altered = true;
    }
    if (is_altered) changes.emplace_back(std::move(alter));
    if (changes.empty()) return;
    plan_.differences.push_back(comparison.Take());
    std::ranges::move(changes, std::back_inserter(plan_.changes));
  }

  const core::PolicyWorld& actual_;
  Faults& faults_;
  Plan plan_;
};

/// Owners after the plan of what it leaves: as the documents say, else as they are.
template <typename Facts, typename Document>
std::map<std::string, std::string> OwnersAfter(const core::PolicyWorld::ByName<Facts>& actual,
                                               const std::vector<Document>& documents) {
  std::map<std::string, std::string> owners;
  for (const auto& [name, facts] : actual) owners[name] = facts.owner;
  for (const Document& document : documents) {
    std::string& owner = owners[document.name];
    owner = document.owner.value_or(owner);
  }
  return owners;
}

template <typename Document>
std::set<std::string> NamesOf(const std::vector<Document>& documents) {
  std::set<std::string> names;
  for (const Document& document : documents) names.insert(document.name);
  return names;
}

void Planner::Prune(const Documents& documents, std::string_view team) {
  const auto topic_owners = OwnersAfter(actual_.topics(), documents.topics);
  const auto group_owners = OwnersAfter(actual_.groups(), documents.groups);
  const std::set<std::string> named_topics = NamesOf(documents.topics);
  std::set<core::GrantKey> named_grants;
  for (const GrantDocument& grant : documents.grants) named_grants.insert(KeyOf(grant.grant));
  for (const auto& [key, grant] : actual_.grants()) {
    const auto& owners = grant.kind == ResourceKind::kTopic ? topic_owners : group_owners;
    const auto owner = owners.find(grant.name);
    const bool is_ours = !grant.is_prefix && owner != owners.end() && owner->second == team;
    if (!is_ours || named_grants.contains(key)) continue;
    // They go with the topic, and come back with it when its deletion is undone.
    if (grant.kind == ResourceKind::kTopic && !named_topics.contains(grant.name)) continue;
    Remove("grant", NameOf(grant),
           core::RevokeGrantChange{grant.kind, grant.name, grant.is_prefix, grant.principal});
  }
  const std::set<std::string> named_groups = NamesOf(documents.groups);
  for (const auto& [name, group] : actual_.groups()) {
    if (group.owner != team || named_groups.contains(name)) continue;
    Remove("group", name, core::DeleteGroupChange{name});
  }
  for (const auto& [name, topic] : actual_.topics()) {
    if (topic.owner != team || named_topics.contains(name)) continue;
    Remove("topic", name, core::DeleteTopicChange{name});
  }
}

}  // namespace

bool Plan::RemovesAnything() const {
  return std::ranges::any_of(differences, [](const Difference& difference) {
    return difference.kind == Difference::Kind::kRemoved;
  });
}

Plan MakePlan(const core::PolicyWorld& actual, const Documents& documents,
              std::string_view pruned_team, Faults& faults) {
  Planner planner(actual, faults);
  for (const TeamDocument& team : documents.teams) planner.Add(team);
  for (const QuotaDocument& quota : documents.quotas) planner.Add(quota);
  for (const TopicDocument& topic : documents.topics) planner.Add(topic);
  for (const GroupDocument& group : documents.groups) planner.Add(group);
  for (const GrantDocument& grant : documents.grants) planner.Add(grant);
  if (!pruned_team.empty()) planner.Prune(documents, pruned_team);
  return planner.Take();
}

std::vector<core::Bundle> InBundles(const std::vector<core::Change>& changes,
                                    std::size_t changes_max, std::size_t bytes_max) {
  std::vector<core::Bundle> bundles;
  std::size_t bytes = 0;
  for (const core::Change& change : changes) {
    const std::size_t more = core::ChangeToText(change).size() + 1;
    const bool is_full =
        bundles.empty() || bundles.back().changes.size() >= changes_max || bytes + more > bytes_max;
    if (is_full) {
      bundles.emplace_back();
      bytes = 0;
    }
    bundles.back().changes.push_back(change);
    bytes += more;
  }
  return bundles;
}

}  // namespace lanemq::cli
