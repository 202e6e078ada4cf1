#include "common/core/policy/bundle_json.h"

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/core/access/access_rules.h"
#include "common/core/policy/json_reader.h"
#include "common/core/policy/policy_text.h"

namespace lanemq::core {
namespace {

using nlohmann::json;

/// {"changes": [{"members": [{}]}]}.
constexpr std::size_t kDepthMax = 5;

// ---- to JSON

void Put(json& object, const char* key, const std::string& text) {
  if (!text.empty()) object[key] = text;
}

/// Whether it is there says something even when it is empty.
void Put(json& object, const char* key, const std::optional<std::string>& text) {
  if (text) object[key] = *text;
}

void Put(json& object, const char* key, const TopicConfig& config) {
  if (!config.empty()) object[key] = config;
}

void Put(json& object, const std::optional<Traffic>& traffic) {
  if (!traffic) return;
  object["traffic"] = {{"messages_per_day", traffic->messages_per_day},
                       {"message_bytes", traffic->message_bytes},
                       {"ordering", ToString(traffic->ordering)}};
}

void PutTarget(json& object, ResourceKind kind, const std::string& name, bool is_prefix,
               const Principal& principal) {
  object["resource"] = ToString(kind);
  object["name"] = name;
  if (is_prefix) object["is_prefix"] = true;
  object["principal"] = ToString(principal);
}

/// The fields of one kind of change.
struct FieldWriter {
  json& out;

  void operator()(const CreateTopicChange& c) const {
    out["name"] = c.name;
    Put(out, "owner", c.owner);
    Put(out, "tier", c.tier);
    Put(out, "description", c.description);
    out["partitions"] = c.partitions;
    Put(out, "config", c.config);
    Put(out, c.traffic);
  }
  void operator()(const AlterTopicChange& c) const {
    out["name"] = c.name;
    Put(out, "tier", c.tier);
    Put(out, "description", c.description);
    Put(out, "set", c.set);
    if (!c.unset.empty()) out["unset"] = c.unset;
    Put(out, c.traffic);
  }
  void operator()(const AddPartitionsChange& c) const {
    out["name"] = c.name;
    out["partitions"] = c.partitions;
  }
  void operator()(const DeleteTopicChange& c) const { out["name"] = c.name; }
  void operator()(const PutGroupChange& c) const {
    out["name"] = c.name;
    Put(out, "owner", c.owner);
    Put(out, "tier", c.tier);
    Put(out, "description", c.description);
  }
  void operator()(const DeleteGroupChange& c) const { out["name"] = c.name; }
  void operator()(const PutGrantChange& c) const {
    PutTarget(out, c.grant.kind, c.grant.name, c.grant.is_prefix, c.grant.principal);
    json actions = json::array();
    for (const Action action : c.grant.actions) actions.push_back(ToString(action));
    out["actions"] = std::move(actions);
    if (c.grant.expires_at) out["expires_at_us"] = c.grant.expires_at->micros;
  }
  void operator()(const RevokeGrantChange& c) const {
    PutTarget(out, c.kind, c.name, c.is_prefix, c.principal);
  }
  void operator()(const SetOwnerChange& c) const {
    out["resource"] = ToString(c.kind);
    out["name"] = c.name;
    Put(out, "team", c.team);
  }
  void operator()(const SetQuotaChange& c) const {
    out["team"] = c.team;
    for (const QuotaField& field : kQuotaFields) {
      if (const auto& value = c.quota.*field.value) out[std::string(field.name)] = *value;
    }
  }
  void operator()(const PutTeamChange& c) const {
    out["name"] = c.team.name;
    Put(out, "description", c.team.description);
    Put(out, "oncall_route", c.team.oncall_route);
    json members = json::array();
    for (const TeamMember& member : c.team.members) {
      members.push_back({{"person", member.person}, {"role", ToString(member.role)}});
    }
    out["members"] = std::move(members);
  }
  void operator()(const DeleteTeamChange& c) const { out["name"] = c.name; }
};

json ToJson(const Change& change) {
  json object = {{"kind", ToString(KindOf(change))}};
  std::visit(FieldWriter{object}, change);
  return object;
}

std::string Text(const json& document) {
  return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

// ---- from JSON

void ReadConfig(JsonReader& reader, const char* key, TopicConfig& out) {
  const json* const value = reader.Find(key);
  if (value == nullptr) return;
  if (!value->is_object()) return reader.Fault("is not an object", key);
  for (const auto& [name, setting] : value->items()) {
    if (setting.is_string()) {
      out[name] = setting.get<std::string>();
    } else if (setting.is_number_integer()) {
      out[name] = setting.dump();
    } else {
      reader.Fault("has a setting that is neither a text nor a whole number", key);
    }
  }
}

void ReadTraffic(JsonReader& reader, std::optional<Traffic>& out) {
  const json* const value = reader.Find("traffic");
  if (value == nullptr) return;
  JsonReader inner = reader.Inner(*value, "traffic");
  Traffic traffic;
  inner.Read("messages_per_day", traffic.messages_per_day);
  inner.Read("message_bytes", traffic.message_bytes);
  inner.ReadValue("ordering", traffic.ordering,
                  [](const std::string& text) { return OrderingFromString(text); });
  inner.Finish();
  out = traffic;
}

void ReadResource(JsonReader& reader, ResourceKind& out) {
  std::string text;
  reader.ReadNeeded("resource", text);
  if (text.empty()) return;
  const auto kind = ResourceKindFromString(text);
  if (kind && *kind != ResourceKind::kCluster) {
    out = *kind;
  } else {
    reader.Fault("is neither \"topic\" nor \"group\"", "resource");
  }
}

void ReadPrincipal(JsonReader& reader, Principal& out) {
  std::string text;
  reader.ReadNeeded("principal", text);
  if (text.empty()) return;
  if (auto principal = PrincipalFromString(text)) {
    out = *std::move(principal);
  } else {
    reader.Fault("is neither \"service:NAME\" nor \"team:NAME\"", "principal");
  }
}

void ReadMembers(JsonReader& reader, std::vector<TeamMember>& out) {
  const json* const value = reader.Find("members");
  if (value == nullptr) return;
  if (!value->is_array()) return reader.Fault("is not a list", "members");
  for (std::size_t i = 0; i < value->size(); ++i) {
    JsonReader inner = reader.Inner((*value)[i], fmt::format("members[{}]", i));
    TeamMember member;
    inner.ReadNeeded("person", member.person);
    inner.ReadValue("role", member.role,
                    [](const std::string& text) { return TeamRoleFromString(text); });
    inner.Finish();
    out.push_back(std::move(member));
  }
}

/// Fills the fields of one kind of change.
struct FieldReader {
  JsonReader& in;

  void operator()(CreateTopicChange& c) const {
    in.ReadNeeded("name", c.name);
    in.Read("owner", c.owner);
    in.Read("tier", c.tier);
    in.Read("description", c.description);
    in.Read("partitions", c.partitions);
    ReadConfig(in, "config", c.config);
    ReadTraffic(in, c.traffic);
  }
  void operator()(AlterTopicChange& c) const {
    in.ReadNeeded("name", c.name);
    in.Read("tier", c.tier);
    in.Read("description", c.description);
    ReadConfig(in, "set", c.set);
    in.Read("unset", c.unset);
    ReadTraffic(in, c.traffic);
  }
  void operator()(AddPartitionsChange& c) const {
    in.ReadNeeded("name", c.name);
    if (in.Find("partitions") == nullptr) in.Fault("is missing", "partitions");
    in.Read("partitions", c.partitions);
  }
  void operator()(DeleteTopicChange& c) const { in.ReadNeeded("name", c.name); }
  void operator()(PutGroupChange& c) const {
    in.ReadNeeded("name", c.name);
    in.Read("owner", c.owner);
    in.Read("tier", c.tier);
    in.Read("description", c.description);
  }
  void operator()(DeleteGroupChange& c) const { in.ReadNeeded("name", c.name); }
  void operator()(PutGrantChange& c) const {
    ReadResource(in, c.grant.kind);
    in.Read("name", c.grant.name);
    in.Read("is_prefix", c.grant.is_prefix);
    // An empty prefix is every name.
    if (c.grant.name.empty() && !c.grant.is_prefix) in.Fault("is missing or empty", "name");
    ReadPrincipal(in, c.grant.principal);
    in.ReadValues("actions", c.grant.actions,
                  [](const std::string& text) { return ActionFromString(text); });
    std::optional<std::int64_t> end;
    in.Read("expires_at_us", end);
    if (end) c.grant.expires_at = WallTime{*end};
    Normalize(c.grant);
  }
  void operator()(RevokeGrantChange& c) const {
    ReadResource(in, c.kind);
    in.Read("name", c.name);
    in.Read("is_prefix", c.is_prefix);
    if (c.name.empty() && !c.is_prefix) in.Fault("is missing or empty", "name");
    ReadPrincipal(in, c.principal);
  }
  void operator()(SetOwnerChange& c) const {
    ReadResource(in, c.kind);
    in.ReadNeeded("name", c.name);
    in.Read("team", c.team);
  }
  void operator()(SetQuotaChange& c) const {
    in.ReadNeeded("team", c.team);
    for (const QuotaField& field : kQuotaFields) {
      in.Read(std::string(field.name).c_str(), c.quota.*field.value);
    }
  }
  void operator()(PutTeamChange& c) const {
    in.ReadNeeded("name", c.team.name);
    in.Read("description", c.team.description);
    in.Read("oncall_route", c.team.oncall_route);
    ReadMembers(in, c.team.members);
    Normalize(c.team);
  }
  void operator()(DeleteTeamChange& c) const { in.ReadNeeded("name", c.name); }
};

/// An empty change of the kind.
template <std::size_t... kIndexes>
Change EmptyChange(ChangeKind kind, std::index_sequence<kIndexes...> /*all*/) {
  Change change;
  ((static_cast<std::size_t>(kind) == kIndexes ? void(change.emplace<kIndexes>()) : void()), ...);
  return change;
}

std::vector<std::string> KindTexts() {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < kChangeKindCount; ++i) {
    texts.emplace_back(ToString(static_cast<ChangeKind>(i)));
  }
  return texts;
}

std::optional<Change> ReadChange(JsonReader& reader) {
  std::string text;
  reader.ReadNeeded("kind", text);
  if (text.empty()) return std::nullopt;
  const auto kind = ChangeKindFromString(text);
  if (!kind) {
    reader.Fault(
        fmt::format("is {}; did you mean '{}'?", Quoted(text), NearestName(text, KindTexts())),
        "kind");
    return std::nullopt;
  }
  Change change = EmptyChange(*kind, std::make_index_sequence<kChangeKindCount>{});
  std::visit(FieldReader{reader}, change);
  reader.Finish();
  return change;
}

}  // namespace

std::string BundleToText(const Bundle& bundle) {
  json changes = json::array();
  for (const Change& change : bundle.changes) changes.push_back(ToJson(change));
  return Text({{"changes", std::move(changes)}});
}

std::string ChangeToText(const Change& change) { return Text(ToJson(change)); }

Result<Bundle> BundleFromText(std::string_view text, const BundleLimits& limits) {
  const auto fail = [](const std::string& what) {
    return Error{ErrorCode::kInvalidRequest, "bundle: " + what};
  };
  if (text.size() > limits.bytes_max) {
    return fail(fmt::format("{} bytes, {} at most", text.size(), limits.bytes_max));
  }
  if (IsDeeperThan(text, kDepthMax)) {
    return fail(fmt::format("lists and objects are more than {} deep", kDepthMax));
  }
  const json object = json::parse(text, nullptr, false);
  if (object.is_discarded()) return fail("not JSON");
  std::string faults;
  JsonReader reader(object, "", faults);
  const json* const changes = reader.Find("changes");
  reader.Finish();
  if (changes == nullptr || !changes->is_array()) {
    return fail((faults.empty() ? "" : faults + "; ") + "changes is not a list");
  }
  if (changes->size() > limits.changes_max) {
    return fail(fmt::format("{} changes, {} at most", changes->size(), limits.changes_max));
  }
  Bundle bundle;
  bundle.changes.reserve(changes->size());
  for (std::size_t i = 0; i < changes->size(); ++i) {
    JsonReader inner((*changes)[i], fmt::format("changes[{}]", i), faults);
    if (auto change = ReadChange(inner)) bundle.changes.push_back(*std::move(change));
  }
  if (!faults.empty()) return fail(faults);
  return bundle;
}

}  // namespace lanemq::core
