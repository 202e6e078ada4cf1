#include "common/core/policy/policy_json.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/core/access/access_rules.h"
#include "common/core/access/access_text.h"
#include "common/core/policy/policy_check.h"
#include "common/core/policy/policy_text.h"
#include "common/core/types/edit_distance.h"

namespace lanemq::core {
namespace {

using nlohmann::json;

constexpr std::size_t kComparedBytesMax = 64;

std::string_view Nearest(std::string_view wanted, const std::vector<std::string>& names) {
  const std::string_view cut = wanted.substr(0, kComparedBytesMax);
  return *std::min_element(names.begin(), names.end(), [&](const auto& a, const auto& b) {
    return EditDistance(cut, a) < EditDistance(cut, b);
  });
}

/// Reads the fields of one object and remembers which there are; faults go into one text.
class Reader {
 public:
  Reader(const json& object, std::string path, std::string& faults)
      : object_(object), path_(std::move(path)), faults_(faults) {
    if (!object_.is_object()) Fault("is not an object");
  }

  void Fault(std::string_view what, std::string_view key = {}) {
    std::string place = path_;
    if (!key.empty()) place += (place.empty() ? "" : ".") + std::string(key);
    if (!faults_.empty()) faults_ += "; ";
    faults_ += (place.empty() ? "it" : place) + " " + std::string(what);
  }

  /// nullptr: missing. What is null is missing, too.
  const json* Find(const char* key) {
    known_.emplace_back(key);
    if (!object_.is_object()) return nullptr;
    const auto found = object_.find(key);
    return found == object_.end() || found->is_null() ? nullptr : &*found;
  }

  void Read(const char* key, bool& out) {
    const json* const value = Find(key);
    if (value == nullptr) return;
    if (!value->is_boolean()) return Fault("is neither true nor false", key);
    out = value->get<bool>();
  }
  void Read(const char* key, std::string& out) {
    const json* const value = Find(key);
    if (value == nullptr) return;
    if (!value->is_string()) return Fault("is not a text", key);
    out = value->get<std::string>();
  }
  void Read(const char* key, std::int64_t& out) {
    std::optional<std::int64_t> number = out;
    Read(key, number);
    out = number.value_or(out);
  }
  void Read(const char* key, std::optional<std::int64_t>& out) {
    const json* const value = Find(key);
    if (value == nullptr) return;
    const bool is_large = value->is_number_unsigned() && value->get<std::uint64_t>() > INT64_MAX;
    if (!value->is_number_integer() || is_large) return Fault("is not a whole number", key);
    out = value->get<std::int64_t>();
  }
  void Read(const char* key, std::vector<std::string>& out) {
    const json* const value = Find(key);
    if (value == nullptr) return;
    std::vector<std::string> texts;
    if (!value->is_array()) return Fault("is not a list", key);
    for (const json& element : *value) {
      if (!element.is_string()) return Fault("has an element that is not a text", key);
      texts.push_back(element.get<std::string>());
    }
    out = std::move(texts);
  }
  void Read(const char* key, NumberRange& out) {
    const json* const value = Find(key);
    if (value == nullptr) return;
    Reader reader = Inner(*value, key);
    reader.Read("min", out.min);
    reader.Read("max", out.max);
    reader.Finish();
  }

  /// Of texts that stand for values: `parse` gives nullopt for others.
  template <typename T, typename Parse>
  void ReadValues(const char* key, std::vector<T>& out, Parse parse) {
    const json* const value = Find(key);
    if (value == nullptr) return;
    std::vector<std::string> texts;
    Read(key, texts);
    if (!value->is_array()) return;
    out.clear();
    for (const std::string& text : texts) {
      if (auto parsed = parse(text)) {
        out.push_back(*std::move(parsed));
      } else {
        Fault(fmt::format("has {}, which means nothing here", Quoted(text)), key);
      }
    }
  }

  Reader Inner(const json& value, const char* key) {
    return {value, path_.empty() ? key : path_ + "." + key, faults_};
  }

  /// Fields that nothing asked for.
  void Finish() {
    if (!object_.is_object()) return;
    for (const auto& [key, value] : object_.items()) {
      if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
      Fault(fmt::format("has no field {}; did you mean '{}'?", Quoted(key), Nearest(key, known_)));
    }
  }

 private:
  const json& object_;
  const std::string path_;
  std::string& faults_;
  std::vector<std::string> known_;
};

template <typename T>
json ToJson(const std::optional<T>& value) {
  return value ? json(*value) : json(nullptr);
}

json ToJson(const NumberRange& range) {
  return {{"min", ToJson(range.min)}, {"max", ToJson(range.max)}};
}

json ToJson(const std::optional<NameRule>& rule) {
  if (!rule) return nullptr;
  return {{"segments_min", rule->segments_min},
          {"segments_max", rule->segments_max},
          {"segment_bytes_min", rule->segment_bytes_min},
          {"segment_bytes_max", rule->segment_bytes_max},
          {"bytes_max", rule->bytes_max},
          {"punctuation", rule->punctuation},
          {"allows_upper_case", rule->allows_upper_case},
          {"begins_with_owner", rule->begins_with_owner},
          {"prefixes", rule->prefixes}};
}

json ToJson(const ApprovalRule& rule) {
  json actions = json::array();
  for (const Action action : rule.actions) actions.push_back(ToString(action));
  json approvers = json::array();
  for (const Approver& approver : rule.approvers) approvers.push_back(ToString(approver));
  return {{"is_automatic", rule.is_automatic},
          {"partitions_max", ToJson(rule.partitions_max)},
          {"messages_per_day_max", ToJson(rule.messages_per_day_max)},
          {"stored_bytes_max", ToJson(rule.stored_bytes_max)},
          {"tiers", rule.tiers},
          {"actions", std::move(actions)},
          {"is_for_own_team", rule.is_for_own_team},
          {"approvers", std::move(approvers)}};
}

void ReadNames(Reader& reader, const char* key, std::optional<NameRule>& out) {
  const json* const value = reader.Find(key);
  if (value == nullptr) return;
  NameRule rule;
  Reader inner = reader.Inner(*value, key);
  inner.Read("segments_min", rule.segments_min);
  inner.Read("segments_max", rule.segments_max);
  inner.Read("segment_bytes_min", rule.segment_bytes_min);
  inner.Read("segment_bytes_max", rule.segment_bytes_max);
  inner.Read("bytes_max", rule.bytes_max);
  inner.Read("punctuation", rule.punctuation);
  inner.Read("allows_upper_case", rule.allows_upper_case);
  inner.Read("begins_with_owner", rule.begins_with_owner);
  inner.Read("prefixes", rule.prefixes);
  inner.Finish();
  out = std::move(rule);
}

void ReadRequired(Reader& reader, RequiredFields& required) {
  const json* const value = reader.Find("required");
  if (value == nullptr) return;
  Reader inner = reader.Inner(*value, "required");
  inner.Read("description", required.description);
  inner.Read("owner", required.owner);
  inner.Read("tier", required.tier);
  inner.Read("traffic", required.traffic);
  inner.Finish();
}

void ReadApprovals(Reader& reader, ApprovalRules& rules) {
  const json* const value = reader.Find("approvals");
  if (value == nullptr) return;
  Reader kinds = reader.Inner(*value, "approvals");
  for (auto& [kind, rule] : rules) {
    const std::string name(ToString(kind));
    const json* const own = kinds.Find(name.c_str());
    if (own == nullptr) continue;
    Reader inner = kinds.Inner(*own, name.c_str());
    inner.Read("is_automatic", rule.is_automatic);
    inner.Read("partitions_max", rule.partitions_max);
    inner.Read("messages_per_day_max", rule.messages_per_day_max);
    inner.Read("stored_bytes_max", rule.stored_bytes_max);
    inner.Read("tiers", rule.tiers);
    inner.ReadValues("actions", rule.actions,
                     [](const std::string& text) { return ActionFromString(text); });
    inner.Read("is_for_own_team", rule.is_for_own_team);
    inner.ReadValues("approvers", rule.approvers,
                     [](const std::string& text) { return ApproverFromString(text); });
    inner.Finish();
  }
  kinds.Finish();
}

}  // namespace

std::string PolicyToText(const Policy& policy) {
  json approvals = json::object();
  for (const auto& [kind, rule] : policy.approvals) {
    approvals[std::string(ToString(kind))] = ToJson(rule);
  }
  const json object = {
      {"environment", policy.environment},
      {"topic_names", ToJson(policy.topic_names)},
      {"group_names", ToJson(policy.group_names)},
      {"reserved_suffixes", policy.reserved_suffixes},
      {"partitions", ToJson(policy.partitions)},
      {"retention_ms", ToJson(policy.retention_ms)},
      {"message_bytes_max", ToJson(policy.message_bytes_max)},
      {"required",
       {{"description", policy.required.description},
        {"owner", policy.required.owner},
        {"tier", policy.required.tier},
        {"traffic", policy.required.traffic}}},
      {"tiers", policy.tiers},
      {"grant_days_max", ToJson(policy.grant_days_max)},
      {"may_delete_topics_in_use", policy.may_delete_topics_in_use},
      {"sizing",
       {{"messages_per_partition_and_day", policy.sizing.messages_per_partition_and_day},
        {"partitions", ToJson(policy.sizing.partitions)}}},
      {"approvals", std::move(approvals)},
      {"request_days_max", policy.request_days_max},
  };
  // A policy that was not checked must not throw here.
  return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<Policy> PolicyFromText(std::string_view text) {
  const auto fail = [](const std::string& what) {
    return Error{ErrorCode::kInvalidConfig, "policy: " + what};
  };
  if (text.size() > kPolicyBytesMax) {
    return fail(fmt::format("{} bytes, {} at most", text.size(), kPolicyBytesMax));
  }
  const json object = json::parse(text, nullptr, false);
  if (object.is_discarded()) return fail("not JSON");
  Policy policy;
  std::string faults;
  Reader reader(object, "", faults);
  reader.Read("environment", policy.environment);
  ReadNames(reader, "topic_names", policy.topic_names);
  ReadNames(reader, "group_names", policy.group_names);
  reader.Read("reserved_suffixes", policy.reserved_suffixes);
  reader.Read("partitions", policy.partitions);
  reader.Read("retention_ms", policy.retention_ms);
  reader.Read("message_bytes_max", policy.message_bytes_max);
  ReadRequired(reader, policy.required);
  reader.Read("tiers", policy.tiers);
  reader.Read("grant_days_max", policy.grant_days_max);
  reader.Read("may_delete_topics_in_use", policy.may_delete_topics_in_use);
  if (const json* const sizing = reader.Find("sizing"); sizing != nullptr) {
    Reader inner = reader.Inner(*sizing, "sizing");
    inner.Read("messages_per_partition_and_day", policy.sizing.messages_per_partition_and_day);
    inner.Read("partitions", policy.sizing.partitions);
    inner.Finish();
  }
  ReadApprovals(reader, policy.approvals);
  reader.Read("request_days_max", policy.request_days_max);
  reader.Finish();
  if (!faults.empty()) return fail(faults);
  LANEMQ_RETURN_IF_ERROR(CheckPolicy(policy));
  return policy;
}

}  // namespace lanemq::core
