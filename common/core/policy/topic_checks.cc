#include <algorithm>

#include <fmt/format.h>

#include "common/core/access/access_text.h"
#include "common/core/catalog/topic_rules.h"
#include "common/core/policy/bundle_checks.h"
#include "common/core/policy/name_rules.h"
#include "common/core/policy/policy_text.h"

namespace lanemq::core {
namespace {

constexpr int kNamesTried = 20;

NameContext NamesOf(const CheckContext& context, ResourceKind kind, std::string_view owner) {
  const auto& rule =
      kind == ResourceKind::kTopic ? context.policy.topic_names : context.policy.group_names;
  return {rule ? &*rule : nullptr, context.policy.reserved_suffixes, owner};
}

std::string_view Existing(const CheckContext& context, ResourceKind kind, std::string_view name) {
  const PolicyWorld& before = context.world.before();
  return kind == ResourceKind::kTopic ? before.FindTopicFolded(name) : before.FindGroupFolded(name);
}

/// What the bundle makes, with its owner, by kind and name.
std::map<std::pair<ResourceKind, std::string>, std::string> MadeBy(const CheckContext& context) {
  std::map<std::pair<ResourceKind, std::string>, std::string> made;
  for (const Change& change : context.bundle.changes) {
    if (const auto* topic = std::get_if<CreateTopicChange>(&change)) {
      made[{ResourceKind::kTopic, topic->name}] = topic->owner;
    } else if (const auto* group = std::get_if<PutGroupChange>(&change);
               group != nullptr && context.world.before().FindGroup(group->name) == nullptr) {
      made[{ResourceKind::kGroup, group->name}] = group->owner;
    }
  }
  return made;
}

void CheckNewName(const CheckContext& context, ResourceKind kind, const std::string& name,
                  const std::string& owner, const NameFixes& fixes, ViolationSink& sink) {
  const std::string likely = LikelyOwner(context, owner);
  const NameContext names = NamesOf(context, kind, likely);
  const auto found = fixes.find({kind, name});
  const std::optional<std::string> fix =
      found == fixes.end() ? std::nullopt : std::optional(found->second);
  const std::vector<std::string> faults = NameFaults(name, names);
  if (!faults.empty()) {
    sink.Add("name", NameRuleInWords(names), name, fix,
             fmt::format("{} {}", Quoted(name), fmt::join(faults, ", ")));
  }
  const std::string_view existing = Existing(context, kind, name);
  if (existing.empty()) return;
  sink.Add("name", "a name that is not taken, upper and lower case being the same", name, fix,
           fmt::format("{} exists", Quoted(existing)));
}

void CheckOwnerField(const CheckContext& context, const std::string& owner, ViolationSink& sink) {
  const std::string likely = LikelyOwner(context, owner);
  const std::optional<std::string> fix =
      likely.empty() || likely == owner ? std::nullopt : std::optional(likely);
  if (owner.empty()) {
    if (context.policy.required.owner) sink.Add("owner", "required", "", fix);
  } else if (context.world.FindTeam(owner) == nullptr) {
    sink.Add("owner", "a team", owner, fix, "there is no such team");
  }
}

void CheckTierField(const CheckContext& context, const std::string& tier, ViolationSink& sink) {
  const std::vector<std::string>& tiers = context.policy.tiers;
  if (tier.empty()) {
    if (!context.policy.required.tier) return;
    sink.Add("tier", "required", "", tiers.empty() ? std::nullopt : std::optional(tiers.front()));
    return;
  }
  if (tiers.empty() || std::find(tiers.begin(), tiers.end(), tier) != tiers.end()) return;
  const auto folded = std::find_if(tiers.begin(), tiers.end(), [&](const std::string& other) {
    return FoldCase(other) == FoldCase(tier);
  });
  sink.Add("tier", fmt::format("{}", fmt::join(tiers, ", ")), tier,
           folded == tiers.end() ? tiers.front() : *folded);
}

void CheckDescription(const CheckContext& context, const std::string& description,
                      ViolationSink& sink) {
  if (context.policy.required.description && description.empty()) {
    sink.Add("description", "required", "");
  }
  if (description.size() > kTopicDescriptionBytesMax) {
    sink.Add("description", fmt::format("at most {} bytes", kTopicDescriptionBytesMax),
             fmt::format("{} bytes", description.size()));
  }
}

void CheckTraffic(const CheckContext& context, const std::optional<Traffic>& traffic, bool is_new,
                  ViolationSink& sink) {
  if (!traffic) {
    if (is_new && context.policy.required.traffic) {
      sink.Add("traffic", "required", "", {}, "say how many messages a day, and their size");
    }
    return;
  }
  const auto check = [&](const char* field, std::int64_t number) {
    if (number < 0) sink.Add(field, "at least 0", std::to_string(number), "0");
  };
  check("traffic.messages_per_day", traffic->messages_per_day);
  check("traffic.message_bytes", traffic->message_bytes);
}

std::string InWords(const NumberRange& range) {
  if (range.min && range.max) return fmt::format("{} to {}", *range.min, *range.max);
  if (range.min) return fmt::format("at least {}", *range.min);
  return range.max ? fmt::format("at most {}", *range.max) : std::string("anything");
}

void CheckRetention(const CheckContext& context, const TopicConfig& after, ViolationSink& sink) {
  const NumberRange& range = context.policy.retention_ms;
  const std::int64_t kept = TopicConfigValue(after, kRetentionMs);
  const bool is_unlimited = kept < 0;
  std::optional<std::int64_t> fix;
  if (range.max && (is_unlimited || kept > *range.max)) fix = range.max;
  if (range.min && !is_unlimited && kept < *range.min) fix = range.min;
  if (!fix) return;
  sink.Add(std::string(kRetentionMs), InWords(range), std::to_string(kept), std::to_string(*fix),
           is_unlimited ? "-1 is without limit" : "");
}

void CheckMessageBytes(const CheckContext& context, const TopicConfig& after,
                       const std::string& owner, ViolationSink& sink) {
  const std::int64_t got = TopicConfigValue(after, kMaxMessageBytes);
  std::optional<std::int64_t> limit = context.policy.message_bytes_max;
  const char* why = "";
  const std::optional<std::int64_t> quota =
      owner.empty() ? std::nullopt : context.world.QuotaOf(owner).message_bytes_max;
  if (quota && (!limit || *quota < *limit)) {
    limit = quota;
    why = "the owner's quota says so";
  }
  if (!limit || got <= *limit) return;
  // A topic takes messages of a byte at least.
  const bool is_possible = *limit >= 1;
  sink.Add(std::string(kMaxMessageBytes), fmt::format("at most {}", *limit), std::to_string(got),
           is_possible ? std::optional(std::to_string(*limit)) : std::nullopt, why);
}

/// `is_touched`: whether the change says something of a setting.
template <typename Predicate>
void CheckSettings(const CheckContext& context, const TopicConfig& set, const TopicConfig& after,
                   const std::string& owner, Predicate is_touched, ViolationSink& sink) {
  for (const auto& setting : set) {
    const Status status = CheckTopicConfig({setting});
    if (!status.ok()) {
      sink.Add(setting.first, "a setting's name and value", setting.second, {},
               status.error().message);
    }
  }
  const auto is_checked = [&](std::string_view key) {
    const auto found = after.find(std::string(key));
    return is_touched(key) && (found == after.end() || CheckTopicConfig({*found}).ok());
  };
  if (is_checked(kRetentionMs)) CheckRetention(context, after, sink);
  if (is_checked(kMaxMessageBytes)) CheckMessageBytes(context, after, owner, sink);
}

/// Within what the policy and the cluster allow.
NumberRange PartitionsAllowed(const Policy& policy) {
  return {std::max<std::int64_t>(policy.partitions.min.value_or(1), 1),
          std::min<std::int64_t>(policy.partitions.max.value_or(kPartitionsPerTopicMax),
                                 kPartitionsPerTopicMax)};
}

/// nullptr, with a violation, when there is none.
const TopicFacts* ExistingTopic(const CheckContext& context, const std::string& name,
                                ViolationSink& sink) {
  const TopicFacts* const topic = context.world.before().FindTopic(name);
  if (topic != nullptr) return topic;
  const std::string_view near = Existing(context, ResourceKind::kTopic, name);
  sink.Add("name", "a topic that exists", name,
           near.empty() ? std::nullopt : std::optional<std::string>(near));
  return nullptr;
}

}  // namespace

std::string LikelyOwner(const CheckContext& context, const std::string& owner) {
  if (context.world.FindTeam(owner) != nullptr) return owner;
  if (owner.empty()) {
    const auto& teams = context.author.who.teams;
    const bool is_clear =
        teams.size() == 1 && context.world.FindTeam(teams.begin()->first) != nullptr;
    return is_clear && context.policy.required.owner ? teams.begin()->first : "";
  }
  const std::string folded = FoldCase(owner);
  return context.world.FindTeam(folded) != nullptr ? folded : "";
}

NameFixes FindNameFixes(const CheckContext& context) {
  const auto made = MadeBy(context);
  std::map<std::pair<ResourceKind, std::string>, int> taken;
  for (const auto& [thing, owner] : made) ++taken[{thing.first, FoldCase(thing.second)}];
  NameFixes fixes;
  for (const auto& [thing, owner] : made) {
    const auto& [kind, name] = thing;
    const std::string likely = LikelyOwner(context, owner);
    const NameContext names = NamesOf(context, kind, likely);
    if (NameFaults(name, names).empty() && Existing(context, kind, name).empty()) continue;
    for (int number = 0; number <= kNamesTried; ++number) {
      if (number == 1) continue;  // The first of equal names has no number.
      const std::optional<std::string> fixed = FixName(name, names, number);
      if (!fixed) break;
      const std::string folded = FoldCase(*fixed);
      const int own = folded == FoldCase(name) ? 1 : 0;
      if (!Existing(context, kind, *fixed).empty() || taken[{kind, folded}] > own) continue;
      ++taken[{kind, folded}];
      fixes[thing] = *fixed;
      break;
    }
  }
  return fixes;
}

void CheckCreateTopic(const CheckContext& context, const CreateTopicChange& change,
                      const NameFixes& fixes, ViolationSink& sink) {
  CheckNewName(context, ResourceKind::kTopic, change.name, change.owner, fixes, sink);
  CheckOwnerField(context, change.owner, sink);
  CheckTierField(context, change.tier, sink);
  CheckDescription(context, change.description, sink);
  CheckTraffic(context, change.traffic, true, sink);
  const NumberRange allowed = PartitionsAllowed(context.policy);
  if (change.partitions < *allowed.min || change.partitions > *allowed.max) {
    sink.Add("partitions", InWords(allowed), std::to_string(change.partitions),
             std::to_string(std::clamp<std::int64_t>(change.partitions, *allowed.min,
                                                     std::max(*allowed.min, *allowed.max))));
  }
  CheckSettings(
      context, change.config, change.config, LikelyOwner(context, change.owner),
      [](std::string_view) { return true; }, sink);
}

void CheckAlterTopic(const CheckContext& context, const AlterTopicChange& change,
                     ViolationSink& sink) {
  const TopicFacts* const before = ExistingTopic(context, change.name, sink);
  for (const std::string& key : change.unset) {
    const Status status = CheckTopicConfigName(key);
    if (!status.ok()) sink.Add(key, "a setting's name", "", {}, status.error().message);
    if (change.set.contains(key)) sink.Add(key, "set, or back to the default", "both");
  }
  if (change.tier) CheckTierField(context, *change.tier, sink);
  if (change.description) CheckDescription(context, *change.description, sink);
  CheckTraffic(context, change.traffic, false, sink);
  const TopicFacts after = Altered(before == nullptr ? TopicFacts{} : *before, change);
  const auto is_touched = [&](std::string_view key) {
    return change.set.contains(std::string(key)) ||
           std::find(change.unset.begin(), change.unset.end(), key) != change.unset.end();
  };
  CheckSettings(context, change.set, after.config,
                context.world.OwnerOf(ResourceKind::kTopic, change.name), is_touched, sink);
}

void CheckAddPartitions(const CheckContext& context, const AddPartitionsChange& change,
                        ViolationSink& sink) {
  const TopicFacts* const topic = ExistingTopic(context, change.name, sink);
  if (topic == nullptr || change.partitions == topic->partitions) return;
  const NumberRange allowed = PartitionsAllowed(context.policy);
  const std::int64_t current = topic->partitions;
  if (change.partitions < current) {
    sink.Add("partitions", fmt::format("at least {}", current), std::to_string(change.partitions),
             std::to_string(current), "partitions cannot be taken away");
  } else if (change.partitions < *allowed.min || change.partitions > *allowed.max) {
    const std::int64_t nearest = change.partitions < *allowed.min ? *allowed.min : *allowed.max;
    sink.Add("partitions", InWords(allowed), std::to_string(change.partitions),
             std::to_string(std::max(current, nearest)));
  }
}

void CheckDeleteTopic(const CheckContext& context, const DeleteTopicChange& change,
                      ViolationSink& sink) {
  const TopicFacts* const topic = ExistingTopic(context, change.name, sink);
  if (topic == nullptr || !topic->is_in_use || context.policy.may_delete_topics_in_use) return;
  sink.Add("in_use", "nobody writes to it or reads it", "in use");
}

void CheckPutGroup(const CheckContext& context, const PutGroupChange& change,
                   const NameFixes& fixes, ViolationSink& sink) {
  const GroupFacts* const before = context.world.before().FindGroup(change.name);
  if (before == nullptr) {
    CheckNewName(context, ResourceKind::kGroup, change.name, change.owner, fixes, sink);
  }
  // What stays as it is was somebody's decision under another policy.
  if (before == nullptr || before->owner != change.owner) {
    CheckOwnerField(context, change.owner, sink);
  }
  if (before == nullptr || before->tier != change.tier) {
    CheckTierField(context, change.tier, sink);
  }
  if (before == nullptr || before->description != change.description) {
    CheckDescription(context, change.description, sink);
  }
}

}  // namespace lanemq::core
