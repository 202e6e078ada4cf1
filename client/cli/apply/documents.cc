#include "client/cli/apply/documents.h"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "client/cli/access/access_flags.h"
#include "client/cli/apply/yaml_fields.h"
#include "client/cli/apply/yaml_tree.h"
#include "client/cli/text/time_text.h"
#include "common/core/access/access_rules.h"
#include "common/core/policy/policy_text.h"

namespace lanemq::cli {
namespace {

using Kind = YamlNode::Kind;

/// Reads objects of one file.
class Reader {
 public:
  Reader(const std::string& file, Documents& documents, Faults& faults)
      : file_(file), documents_(documents), faults_(faults) {}

  void ReadRoot(const YamlNode& root) {
    if (root.kind == Kind::kList) return ReadItems(root);
    const auto items = std::ranges::find_if(
        root.entries, [](const YamlEntry& entry) { return entry.key == "items"; });
    if (items == root.entries.end()) return ReadObject(root);
    Fields fields(root, file_, "list", faults_);
    std::optional<std::string> kind;
    fields.Read("kind", kind);
    if (kind && *kind != "list") fields.Fault("what has items is of kind list");
    fields.Find("items");
    fields.Finish();
    ReadItems(items->value);
  }

 private:
  void ReadItems(const YamlNode& list) {
    if (list.kind == Kind::kNull) return;
    if (list.kind != Kind::kList) return faults_.Add({file_, list.line}, "items is not a list");
    for (const YamlNode& item : list.items) ReadObject(item);
  }

  void ReadObject(const YamlNode& node) {
    static const std::vector<std::string> kKinds = {"topic", "group", "grant", "team", "quota"};
    if (node.kind != Kind::kMap) {
      return faults_.Add({file_, node.line}, "neither an object nor a list of objects");
    }
    std::string kind;
    Fields(node, file_, "an object", faults_).ReadNeeded("kind", kind);
    if (kind.empty()) return;
    if (std::ranges::find(kKinds, kind) == kKinds.end()) {
      return faults_.Add({file_, node.line},
                         fmt::format("there is no kind '{}'{}", kind, Instead(kind, kKinds)));
    }
    Fields fields(node, file_, kind, faults_);
    fields.Find("kind");
    if (kind == "topic") ReadTopic(fields);
    if (kind == "group") ReadGroup(fields);
    if (kind == "grant") ReadGrant(fields);
    if (kind == "team") ReadTeam(fields);
    if (kind == "quota") ReadQuota(fields);
    fields.Finish();
  }

  void ReadTopic(Fields& fields) {
    TopicDocument topic;
    topic.place = fields.place();
    fields.ReadNeeded("name", topic.name);
    fields.Read("owner", topic.owner);
    fields.Read("tier", topic.tier);
    fields.Read("description", topic.description);
    fields.ReadNumber<std::int32_t>("partitions", 1, topic.partitions);
    if (const YamlNode* const config = fields.Find("config")) ReadConfig(*config, topic);
    if (const YamlNode* const traffic = fields.Find("traffic")) ReadTraffic(*traffic, topic);
    documents_.topics.push_back(std::move(topic));
  }
  void ReadConfig(const YamlNode& node, TopicDocument& topic) {
    topic.config.emplace();
    if (node.kind == Kind::kNull) return;
    if (node.kind != Kind::kMap) return faults_.Add({file_, node.line}, "config is not a map");
    for (const YamlEntry& entry : node.entries) {
      if (entry.value.kind == Kind::kScalar) {
        topic.config->emplace(entry.key, entry.value.text);
      } else {
        faults_.Add({file_, entry.line}, fmt::format("config: {} has no value", entry.key));
      }
    }
  }
  void ReadTraffic(const YamlNode& node, TopicDocument& topic) {
    if (node.kind == Kind::kNull) return;
    Fields fields(node, file_, "traffic", faults_);
    std::optional<std::int64_t> messages;
    std::optional<std::int64_t> bytes;
    std::optional<std::string> ordering;
    fields.ReadNumber<std::int64_t>("messages_per_day", 0, messages);
    fields.ReadNumber<std::int64_t>("message_bytes", 0, bytes);
    fields.Read("ordering", ordering);
    fields.Finish();
    const auto order = core::OrderingFromString(ordering.value_or("none"));
    if (!order) {
      return fields.Fault(
          fmt::format("ordering '{}' is none of none, per_key, all", ordering.value_or("")));
    }
    topic.traffic = core::Traffic{messages.value_or(0), bytes.value_or(0), *order};
  }

  void ReadGroup(Fields& fields) {
    GroupDocument group;
    group.place = fields.place();
    fields.ReadNeeded("name", group.name);
    fields.Read("owner", group.owner);
    fields.Read("tier", group.tier);
    fields.Read("description", group.description);
    documents_.groups.push_back(std::move(group));
  }

  void ReadGrant(Fields& fields) {
    GrantDocument document;
    document.place = fields.place();
    core::Grant& grant = document.grant;
    std::string principal;
    fields.ReadNeeded("principal", principal);
    const bool has_target = ReadTarget(fields, grant);
    std::optional<std::vector<std::string>> actions;
    fields.Read("actions", actions);
    ReadEnd(fields, document);
    if (!actions || actions->empty()) fields.Fault("actions are missing");
    if (!has_target || !actions || principal.empty()) return;
    const auto read = ReadPrincipal(principal);
    if (!read.ok()) return fields.Fault(read.error().message);
    grant.principal = core::PrincipalFromString(*read).value_or(core::Principal{});
    for (const std::string& text : *actions) {
      const auto allowed = core::ActionsOf(grant.kind);
      const auto action = core::ActionFromString(text);
      if (!action || std::ranges::find(allowed, *action) == allowed.end()) {
        fields.Fault(fmt::format("action '{}' is none of {}", text, core::ListOf(allowed)));
      } else {
        grant.actions.push_back(*action);
      }
    }
    core::Normalize(grant);
    documents_.grants.push_back(std::move(document));
  }
  /// `topic` or `group`, where a '*' at the end stands for anything unless is_prefix says so.
  static bool ReadTarget(Fields& fields, core::Grant& grant) {
    std::optional<std::string> topic;
    std::optional<std::string> group;
    std::optional<std::string> is_prefix;
    fields.Read("topic", topic);
    fields.Read("group", group);
    fields.Read("is_prefix", is_prefix);
    if (topic.has_value() == group.has_value()) {
      fields.Fault("name either a topic or a group");
      return false;
    }
    grant.kind = topic ? core::ResourceKind::kTopic : core::ResourceKind::kGroup;
    grant.name = topic ? *topic : *group;
    if (is_prefix) {
      grant.is_prefix = *is_prefix == "true";
      if (!grant.is_prefix && *is_prefix != "false") fields.Fault("is_prefix is true or false");
    } else if (grant.name.ends_with('*')) {
      grant.is_prefix = true;
      grant.name.pop_back();
    }
    if (grant.name.empty() && !grant.is_prefix)
      fields.Fault("the topic's or group's name is empty");
    return true;
  }
  static void ReadEnd(Fields& fields, GrantDocument& document) {
    const YamlNode* const value = fields.Find("expires_at");
    if (value == nullptr) return;
    document.says_end = true;
    if (value->text.empty()) return;  // It does not end.
    // An age or "now" would mean something else each time.
    const bool is_date = value->text.size() > 4 && value->text[4] == '-';
    const auto time = ParseTime(value->text, WallTime{});
    if (!is_date || !time.ok()) {
      return fields.Fault(value->line, fmt::format("expires_at '{}' is no time such as 2027-01-31 "
                                                   "or 2027-01-31T12:00:00Z",
                                                   value->text));
    }
    document.grant.expires_at = *time;
  }

  void ReadTeam(Fields& fields) {
    TeamDocument team;
    team.place = fields.place();
    fields.ReadNeeded("name", team.name);
    fields.Read("description", team.description);
    fields.Read("oncall_route", team.oncall_route);
    std::optional<std::vector<std::string>> leads;
    std::optional<std::vector<std::string>> members;
    fields.Read("leads", leads);
    fields.Read("members", members);
    if (leads || members) {
      std::map<std::string, core::TeamRole> roles;
      const auto add = [&](const auto& people, core::TeamRole role) {
        if (!people) return;
        for (const std::string& person : *people) {
          if (!roles.emplace(person, role).second) {
            fields.Fault(fmt::format("{} is there twice; a lead is a member, too", person));
          }
        }
      };
      add(leads, core::TeamRole::kLead);
      add(members, core::TeamRole::kMember);
      team.members.emplace();
      for (const auto& [person, role] : roles) team.members->push_back({person, role});
    }
    documents_.teams.push_back(std::move(team));
  }

  void ReadQuota(Fields& fields) {
    QuotaDocument quota;
    quota.place = fields.place();
    fields.ReadNeeded("team", quota.team);
    for (std::size_t i = 0; i < core::kQuotaFields.size(); ++i) {
      const std::string name(core::kQuotaFields.at(i).name);
      const YamlNode* const value = fields.Find(name);
      if (value == nullptr) continue;
      const auto number = Fields::NumberOf<std::int64_t>(*value);
      if (value->kind == Kind::kNull) {
        quota.limits.at(i).emplace();
      } else if (number && *number >= 0) {
        quota.limits.at(i).emplace(*number);
      } else {
        fields.Fault(value->line,
                     fmt::format("{} is neither a whole number from 0 on nor null", name));
      }
    }
    documents_.quotas.push_back(std::move(quota));
  }

  const std::string& file_;
  Documents& documents_;
  Faults& faults_;
};

}  // namespace

std::string NameOf(const core::Grant& grant) {
  const bool looks_like_prefix = !grant.is_prefix && grant.name.ends_with('*');
  return fmt::format("{} {}{} to {}", core::ToString(grant.kind), grant.name,
                     grant.is_prefix     ? "*"
                     : looks_like_prefix ? " (one name)"
                                         : "",
                     core::ToString(grant.principal));
}

void ReadDocuments(std::string_view text, const std::string& file, Documents& documents,
                   Faults& faults) {
  const auto roots = ParseYaml(text, file);
  if (!roots.ok()) return faults.Add(roots.error().message);
  Reader reader(file, documents, faults);
  for (const YamlNode& root : *roots) reader.ReadRoot(root);
}

void CheckDuplicates(const Documents& documents, Faults& faults) {
  std::map<std::string, Place> places;
  const auto check = [&](std::string_view kind, const std::string& name, const Place& place) {
    if (name.empty()) return;  // A fault already.
    const auto [at, is_new] = places.emplace(fmt::format("{} {}", kind, name), place);
    if (is_new) return;
    faults.Add(place, fmt::format("{} is there twice, first at {}:{}", at->first, at->second.file,
                                  at->second.line));
  };
  for (const TopicDocument& topic : documents.topics) check("topic", topic.name, topic.place);
  for (const GroupDocument& group : documents.groups) check("group", group.name, group.place);
  for (const GrantDocument& grant : documents.grants) {
    check("grant", NameOf(grant.grant), grant.place);
  }
  for (const TeamDocument& team : documents.teams) check("team", team.name, team.place);
  for (const QuotaDocument& quota : documents.quotas) check("quota", quota.team, quota.place);
}

}  // namespace lanemq::cli
