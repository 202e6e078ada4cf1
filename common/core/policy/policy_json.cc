#include "common/core/policy/policy_json.h"

#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/core/access/access_rules.h"
#include "common/core/policy/json_reader.h"
#include "common/core/policy/policy_check.h"
#include "common/core/policy/policy_text.h"

namespace lanemq::core {
namespace {

using nlohmann::json;

void ReadRange(JsonReader& reader, const char* key, NumberRange& out) {
  const json* const value = reader.Find(key);
  if (value == nullptr) return;
  JsonReader inner = reader.Inner(*value, key);
  inner.Read("min", out.min);
  inner.Read("max", out.max);
  inner.Finish();
}

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

void ReadNames(JsonReader& reader, const char* key, std::optional<NameRule>& out) {
  const json* const value = reader.Find(key);
  if (value == nullptr) return;
  NameRule rule;
  JsonReader inner = reader.Inner(*value, key);
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

void ReadRequired(JsonReader& reader, RequiredFields& required) {
  const json* const value = reader.Find("required");
  if (value == nullptr) return;
  JsonReader inner = reader.Inner(*value, "required");
  inner.Read("description", required.description);
  inner.Read("owner", required.owner);
  inner.Read("tier", required.tier);
  inner.Read("traffic", required.traffic);
  inner.Finish();
}

void ReadApprovals(JsonReader& reader, ApprovalRules& rules) {
  const json* const value = reader.Find("approvals");
  if (value == nullptr) return;
  JsonReader kinds = reader.Inner(*value, "approvals");
  for (auto& [kind, rule] : rules) {
    const std::string name(ToString(kind));
    const json* const own = kinds.Find(name.c_str());
    if (own == nullptr) continue;
    JsonReader inner = kinds.Inner(*own, name.c_str());
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
  JsonReader reader(object, "", faults);
  reader.Read("environment", policy.environment);
  ReadNames(reader, "topic_names", policy.topic_names);
  ReadNames(reader, "group_names", policy.group_names);
  reader.Read("reserved_suffixes", policy.reserved_suffixes);
  ReadRange(reader, "partitions", policy.partitions);
  ReadRange(reader, "retention_ms", policy.retention_ms);
  reader.Read("message_bytes_max", policy.message_bytes_max);
  ReadRequired(reader, policy.required);
  reader.Read("tiers", policy.tiers);
  reader.Read("grant_days_max", policy.grant_days_max);
  reader.Read("may_delete_topics_in_use", policy.may_delete_topics_in_use);
  if (const json* const sizing = reader.Find("sizing"); sizing != nullptr) {
    JsonReader inner = reader.Inner(*sizing, "sizing");
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
