#include "common/core/policy/bundle_fixes.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "common/core/catalog/topic_rules.h"

namespace lanemq::core {
namespace {

constexpr std::string_view kQuotaPrefix = "quota.";
constexpr std::string_view kTeamPrefix = "team ";

std::int64_t ToNumber(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

void SetQuotaField(TeamQuota& quota, std::string_view field, std::string_view value) {
  for (const QuotaField& known : kQuotaFields) {
    if (field.substr(kQuotaPrefix.size()) == known.name) quota.*known.value = ToNumber(value);
  }
}

void SetTraffic(std::optional<Traffic>& traffic, std::string_view field, std::string_view value) {
  if (!traffic) return;
  if (field == "traffic.messages_per_day") traffic->messages_per_day = ToNumber(value);
  if (field == "traffic.message_bytes") traffic->message_bytes = ToNumber(value);
}

bool IsSetting(std::string_view field) {
  const auto keys = TopicConfigKeys();
  return std::any_of(keys.begin(), keys.end(),
                     [&](const TopicConfigKey& key) { return key.name == field; });
}

/// Sets one field of a change. Names are not among them.
struct FieldSetter {
  const std::string& field;
  const std::string& value;

  void operator()(CreateTopicChange& change) const {
    if (field == "owner") change.owner = value;
    if (field == "tier") change.tier = value;
    if (field == "partitions") change.partitions = static_cast<std::int32_t>(ToNumber(value));
    if (IsSetting(field)) change.config[field] = value;
    SetTraffic(change.traffic, field, value);
  }
  void operator()(AlterTopicChange& change) const {
    if (field == "tier") change.tier = value;
    SetTraffic(change.traffic, field, value);
    if (!IsSetting(field)) return;
    std::erase(change.unset, field);
    change.set[field] = value;
  }
  void operator()(AddPartitionsChange& change) const {
    if (field == "partitions") change.partitions = static_cast<std::int32_t>(ToNumber(value));
  }
  void operator()(PutGroupChange& change) const {
    if (field == "owner") change.owner = value;
    if (field == "tier") change.tier = value;
  }
  void operator()(PutGrantChange& change) const {
    if (field != "expires_at") return;
    change.grant.expires_at.reset();
    if (value != "never") change.grant.expires_at = WallTime{ToNumber(value)};
  }
  void operator()(SetQuotaChange& change) const {
    if (field.starts_with(kQuotaPrefix)) SetQuotaField(change.quota, field, value);
  }
  // Of these nothing but the name can be mended.
  void operator()(DeleteTopicChange&) const {}
  void operator()(DeleteGroupChange&) const {}
  void operator()(RevokeGrantChange&) const {}
  void operator()(SetOwnerChange&) const {}
  void operator()(PutTeamChange&) const {}
  void operator()(DeleteTeamChange&) const {}
};

/// Names a topic or a group differently.
struct Renamer {
  ResourceKind kind;
  const std::string& from;
  const std::string& to;

  void Rename(ResourceKind of, std::string& name) const {
    if (of == kind && name == from) name = to;
  }
  void operator()(CreateTopicChange& c) const { Rename(ResourceKind::kTopic, c.name); }
  void operator()(AlterTopicChange& c) const { Rename(ResourceKind::kTopic, c.name); }
  void operator()(AddPartitionsChange& c) const { Rename(ResourceKind::kTopic, c.name); }
  void operator()(DeleteTopicChange& c) const { Rename(ResourceKind::kTopic, c.name); }
  void operator()(PutGroupChange& c) const { Rename(ResourceKind::kGroup, c.name); }
  void operator()(DeleteGroupChange& c) const { Rename(ResourceKind::kGroup, c.name); }
  void operator()(PutGrantChange& c) const {
    if (!c.grant.is_prefix) Rename(c.grant.kind, c.grant.name);
  }
  void operator()(RevokeGrantChange&) const {}  // Names a grant that exists.
  void operator()(SetOwnerChange& c) const { Rename(c.kind, c.name); }
  void operator()(SetQuotaChange&) const {}
  void operator()(PutTeamChange&) const {}
  void operator()(DeleteTeamChange&) const {}
};

/// The topic or group that a change names; an empty name: another thing.
Resource ResourceOf(const Change& change) {
  const auto topic = [](const std::string& name) { return Resource{ResourceKind::kTopic, name}; };
  if (const auto* c = std::get_if<CreateTopicChange>(&change)) return topic(c->name);
  if (const auto* c = std::get_if<AlterTopicChange>(&change)) return topic(c->name);
  if (const auto* c = std::get_if<AddPartitionsChange>(&change)) return topic(c->name);
  if (const auto* c = std::get_if<DeleteTopicChange>(&change)) return topic(c->name);
  if (const auto* c = std::get_if<PutGroupChange>(&change)) return {ResourceKind::kGroup, c->name};
  if (const auto* c = std::get_if<DeleteGroupChange>(&change)) {
    return {ResourceKind::kGroup, c->name};
  }
  if (const auto* c = std::get_if<PutGrantChange>(&change)) return {c->grant.kind, c->grant.name};
  if (const auto* c = std::get_if<SetOwnerChange>(&change)) return {c->kind, c->name};
  return {};
}

/// Into the bundle's change of the team's quota, or a new one.
void FixQuota(const PolicyWorld& world, Bundle& bundle, const Violation& violation) {
  const std::string team = violation.subject.substr(kTeamPrefix.size());
  for (Change& change : bundle.changes) {
    auto* const quota = std::get_if<SetQuotaChange>(&change);
    if (quota == nullptr || quota->team != team) continue;
    return SetQuotaField(quota->quota, violation.field, *violation.fix);
  }
  SetQuotaChange added{team, world.QuotaOf(team)};
  SetQuotaField(added.quota, violation.field, *violation.fix);
  bundle.changes.emplace_back(std::move(added));
}

}  // namespace

Bundle ApplyFixes(const PolicyWorld& world, Bundle bundle,
                  const std::vector<Violation>& violations) {
  std::map<std::pair<ResourceKind, std::string>, std::string> renamed;
  for (const Violation& violation : violations) {
    if (!violation.fix) continue;
    if (!violation.change) {
      if (violation.field.starts_with(kQuotaPrefix)) FixQuota(world, bundle, violation);
      continue;
    }
    Change& change = bundle.changes[*violation.change];
    if (violation.field == "name") {
      const Resource resource = ResourceOf(change);
      renamed[{resource.kind, resource.name}] = *violation.fix;
    } else {
      std::visit(FieldSetter{violation.field, *violation.fix}, change);
    }
  }
  for (Change& change : bundle.changes) {
    const Resource resource = ResourceOf(change);
    const auto found = renamed.find({resource.kind, resource.name});
    if (found == renamed.end()) continue;
    std::visit(Renamer{resource.kind, found->first.second, found->second}, change);
  }
  return bundle;
}

}  // namespace lanemq::core
