#include "client/cli/apply/document_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "client/cli/text/time_text.h"
#include "common/core/access/access_rules.h"
#include "common/core/access/quota_text.h"
#include "common/core/policy/policy_text.h"

namespace lanemq::cli {
namespace {

using Json = nlohmann::ordered_json;  // Fields in the order in which people read them.

void Put(Json& object, const char* key, const std::string& text) {
  if (!text.empty()) object[key] = text;
}

Json PeopleOf(const core::Team& team, core::TeamRole role) {
  Json names = Json::array();
  for (const core::TeamMember& member : team.members) {
    if (member.role == role) names.push_back(member.person);
  }
  return names;
}

/// The object that a change makes; nullopt: it makes none.
struct ObjectWriter {
  using Made = std::optional<Json>;

  Made operator()(const core::PutTeamChange& change) const {
    Json object = {{"kind", "team"}, {"name", change.team.name}};
    Put(object, "description", change.team.description);
    Put(object, "oncall_route", change.team.oncall_route);
    object["leads"] = PeopleOf(change.team, core::TeamRole::kLead);
    object["members"] = PeopleOf(change.team, core::TeamRole::kMember);
    return object;
  }
  Made operator()(const core::SetQuotaChange& change) const {
    Json object = {{"kind", "quota"}, {"team", change.team}};
    for (const core::QuotaField& field : core::kQuotaFields) {
      if (const auto& limit = change.quota.*field.value) object[std::string(field.name)] = *limit;
    }
    return object;
  }
  Made operator()(const core::CreateTopicChange& change) const {
    Json object = {{"kind", "topic"}, {"name", change.name}};
    Put(object, "owner", change.owner);
    Put(object, "tier", change.tier);
    Put(object, "description", change.description);
    object["partitions"] = change.partitions;
    // Also when it is empty: settings are meant as a whole.
    object["config"] = Json::object();
    for (const auto& [key, value] : change.config) object["config"][key] = value;
    if (change.traffic) {
      object["traffic"] = {{"messages_per_day", change.traffic->messages_per_day},
                           {"message_bytes", change.traffic->message_bytes},
                           {"ordering", core::ToString(change.traffic->ordering)}};
    }
    return object;
  }
  Made operator()(const core::PutGroupChange& change) const {
    Json object = {{"kind", "group"}, {"name", change.name}};
    Put(object, "owner", change.owner);
    Put(object, "tier", change.tier);
    Put(object, "description", change.description);
    return object;
  }
  Made operator()(const core::PutGrantChange& change) const {
    const core::Grant& grant = change.grant;
    Json object = {{"kind", "grant"}, {"principal", core::ToString(grant.principal)}};
    object[std::string(core::ToString(grant.kind))] = grant.name + (grant.is_prefix ? "*" : "");
    if (!grant.is_prefix && grant.name.ends_with('*')) object["is_prefix"] = false;
    object["actions"] = Json::array();
    for (const core::Action action : grant.actions) {
      object["actions"].push_back(core::ToString(action));
    }
    if (grant.expires_at) object["expires_at"] = FormatTime(*grant.expires_at);
    return object;
  }
  template <typename T>
  Made operator()(const T& /*change*/) const {
    return std::nullopt;
  }
};

std::vector<Json> ObjectsOf(const core::Bundle& bundle) {
  std::vector<Json> objects;
  for (const core::Change& change : bundle.changes) {
    if (auto object = std::visit(ObjectWriter{}, change)) objects.push_back(*std::move(object));
  }
  return objects;
}

std::string JsonText(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// Whether it stands for itself without quotes, and for nothing else: letters first, so that it is
/// no number, and none of the words that some reader takes for something.
bool IsPlain(std::string_view text) {
  constexpr std::array<std::string_view, 10> kWords = {"true", "false", "null", "yes", "no",
                                                       "on",   "off",   "y",    "n",   "nan"};
  const auto is_letter = [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; };
  if (text.empty() || !is_letter(text.front())) return false;
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  if (std::ranges::find(kWords, lower) != kWords.end()) return false;
  return std::ranges::all_of(text, [&](char c) {
    const bool is_digit = c >= '0' && c <= '9';
    return is_letter(c) || is_digit || c == '_' || c == '-' || c == '.';
  });
}

/// A text in double quotes is the same in JSON and YAML.
std::string ScalarText(const Json& value) {
  const bool is_plain = value.is_string() && IsPlain(value.get_ref<const std::string&>());
  return is_plain ? value.get<std::string>() : JsonText(value);
}

std::string KeyText(const std::string& key) { return IsPlain(key) ? key : JsonText(Json(key)); }

void Append(std::string& out, const Json& object, const std::string& indent) {
  for (const auto& [key, value] : object.items()) {
    out += indent + KeyText(key) + ":";
    if (value.is_object() && !value.empty()) {
      out += "\n";
      Append(out, value, indent + "  ");
    } else if (value.is_array()) {
      std::vector<std::string> texts;
      for (const Json& item : value) texts.push_back(ScalarText(item));
      out += fmt::format(" [{}]\n", fmt::join(texts, ", "));
    } else {
      out += " " + ScalarText(value) + "\n";
    }
  }
}

std::vector<std::string> ColumnsOf(std::string_view kind) {
  if (kind == "topic") return {"topic", "owner", "tier", "partitions", "config", "description"};
  if (kind == "group") return {"group", "owner", "tier", "description"};
  if (kind == "grant") return {"principal", "on", "name", "actions", "expires_at"};
  if (kind == "team") return {"team", "leads", "members", "oncall_route", "description"};
  std::vector<std::string> columns = {"team"};
  for (const core::QuotaField& field : core::kQuotaFields) columns.emplace_back(field.name);
  return columns;
}

Cell CellOf(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number()) return value.get<std::int64_t>();
  std::vector<std::string> texts;
  for (const auto& [key, item] : value.items()) {
    const std::string text = item.is_string() ? item.get<std::string>() : JsonText(item);
    texts.push_back(value.is_array() ? text : key + "=" + text);
  }
  if (texts.empty()) return std::monostate{};
  return fmt::format("{}", fmt::join(texts, ", "));
}

}  // namespace

std::string ToYaml(const core::Bundle& bundle) {
  std::string out;
  for (const Json& object : ObjectsOf(bundle)) {
    if (!out.empty()) out += "---\n";
    Append(out, object, "");
  }
  return out;
}

std::string ToJson(const core::Bundle& bundle) {
  std::string out = "{\"items\": [";
  const char* between = "\n  ";
  for (const Json& object : ObjectsOf(bundle)) {
    out += between + JsonText(object);
    between = ",\n  ";
  }
  return out + "\n]}\n";
}

Table ToTable(const core::Bundle& bundle, std::string_view kind) {
  Table table{ColumnsOf(kind), {}};
  for (Json object : ObjectsOf(bundle)) {
    if (object["kind"] != kind) continue;
    if (kind == "grant") {
      const std::string on = object.contains("topic") ? "topic" : "group";
      object["on"] = on;
      object["name"] = object[on];
    } else if (object.contains("name")) {
      object[std::string(kind)] = object["name"];
    }
    std::vector<Cell> row;
    for (const std::string& column : table.columns) {
      row.push_back(object.contains(column) ? CellOf(object[column]) : Cell(std::monostate{}));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace lanemq::cli
