#include "common/core/audit/audited_changes.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/base/check.h"
#include "common/core/alert/alert_checks.h"
#include "common/core/alert/alert_kinds.h"

namespace lanemq::core {
namespace {

using nlohmann::json;

std::string ToText(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// The one that is there, for what both have in common.
template <typename T>
const T& Either(const T* before, const T* after) {
  LANEMQ_CHECK(before != nullptr || after != nullptr);
  return after != nullptr ? *after : *before;
}

std::string_view NameOf(NodeState state) {
  switch (state) {
    case NodeState::kWritable:
      return "writable";
    case NodeState::kClosed:
      return "closed";
    case NodeState::kDisabled:
      return "disabled";
  }
  LANEMQ_CHECK(false);
}

template <typename T>
void SetIf(json& object, const char* name, const std::optional<T>& value) {
  if (value) object[name] = *value;
}

void SetIf(json& object, const char* name, const std::optional<std::chrono::milliseconds>& value) {
  if (value) object[name] = value->count();
}

json ToJson(const Topic& topic) {
  json out = {{"id", topic.id.value},
              {"partitions", topic.partitions.size()},
              {"config", topic.config},
              {"description", topic.description}};
  if (topic.deletion) {
    out["deleted_by"] = topic.deletion->by;
    out["purge_at_us"] = topic.deletion->purge_at.micros;
  }
  return out;
}

json ToJson(const DataNode& node) {
  return {{"id", node.id.value},
          {"host", node.host},
          {"port", node.port},
          {"schema_prefix", node.schema_prefix},
          {"state", NameOf(node.state)},
          {"schemas_max", node.schemas_max},
          {"tables_per_schema_max", node.tables_per_schema_max},
          {"credentials", node.sealed_credentials.empty() ? "servers' files" : "kept"}};
}

json ToJson(const AlertRuleChange& rule) {
  json object = json::object();
  SetIf(object, "is_on", rule.is_on);
  SetIf(object, "threshold", rule.threshold);
  SetIf(object, "for_ms", rule.for_at_least);
  if (rule.severity) object["severity"] = ToString(*rule.severity);
  SetIf(object, "owner", rule.owner);
  return object;
}

json ToJson(const AlertChannel& channel) {
  return {{"type", ToString(channel.type)},
          {"url_origin", UrlOrigin(channel.url)},
          {"recipients", channel.recipients},
          {"sender", channel.sender},
          {"owners", channel.owners},
          {"severity", ToString(channel.lowest)},
          {"secret_file", channel.secret_file},
          {"user", channel.user},
          {"is_on", channel.is_on}};
}

json ToJson(const AlertSilence& silence) {
  return {{"kind", silence.kind},
          {"subject", silence.subject},
          {"until_us", silence.until.micros},
          {"reason", silence.reason},
          {"created_by", silence.created_by}};
}

json ToJson(const ObjectiveRow& row) {
  json object = json::object();
  SetIf(object, "objective_ms", row.objective);
  SetIf(object, "allowed_messages", row.allowed_messages);
  SetIf(object, "owner", row.owner);
  SetIf(object, "tier", row.tier);
  SetIf(object, "alerts_on", row.alerts_on);
  return object;
}

/// Empty for what is not there.
template <typename T>
std::string TextOf(const T* thing) {
  return thing == nullptr ? std::string() : ToText(ToJson(*thing));
}

}  // namespace

AuditedChange TopicChanged(const Topic* before, const Topic* after) {
  return {"topic", Either(before, after).name, TextOf(before), TextOf(after)};
}

AuditedChange DataNodeChanged(const DataNode* before, const DataNode* after) {
  AuditedChange change{"data_node", Either(before, after).name, TextOf(before), TextOf(after)};
  if (before == nullptr || after == nullptr || before->sealed_credentials.empty() ||
      after->sealed_credentials.empty() ||
      before->sealed_credentials == after->sealed_credentials) {
    return change;
  }
  json now = ToJson(*after);
  now["credentials"] = "changed";
  change.after_json = ToText(now);
  return change;
}

AuditedChange BrokerRemoved(BrokerId id, std::int64_t incarnation, const Endpoint& address) {
  const json before = {
      {"incarnation", incarnation}, {"host", address.host}, {"port", address.port}};
  return {"broker", fmt::format("{}", id.value), ToText(before), {}};
}

AuditedChange GroupRemoved(std::string_view group_id, Generation generation,
                           std::string_view protocol) {
  const json before = {{"generation", generation.value}, {"protocol", protocol}};
  return {"group", std::string(group_id), ToText(before), {}};
}

AuditedChange RuleChanged(std::string_view kind, const AlertRuleChange* before,
                          const AlertRuleChange* after) {
  return {"alert_rule", std::string(kind), TextOf(before), TextOf(after)};
}

AuditedChange ChannelChanged(std::string_view name, const AlertChannel* before,
                             const AlertChannel* after) {
  AuditedChange change{"alert_channel", std::string(name), TextOf(before), {}};
  if (after == nullptr) return change;
  json now = ToJson(*after);
  if (before != nullptr && before->url != after->url &&
      UrlOrigin(before->url) == UrlOrigin(after->url)) {
    now["url_replaced"] = true;
  }
  change.after_json = ToText(now);
  return change;
}

AuditedChange ChannelTested(const AlertChannel& channel) {
  return {"alert_channel", channel.name, {}, TextOf(&channel)};
}

AuditedChange SilenceChanged(const AlertSilence* before, const AlertSilence* after) {
  return {"silence", fmt::format("{}", Either(before, after).id), TextOf(before), TextOf(after)};
}

AuditedChange ObjectiveChanged(const ObjectiveRow* before, const ObjectiveRow* after) {
  const ObjectiveRow& row = Either(before, after);
  return {"lag_objective", row.group + "/" + row.topic, TextOf(before), TextOf(after)};
}

AuditedChange OutboxForgotten(const OutboxReport& newest) {
  const json before = {{"relay", newest.relay},
                       {"ready", newest.ready},
                       {"held", newest.held},
                       {"dead", newest.dead}};
  return {"outbox", newest.outbox, ToText(before), {}};
}

}  // namespace lanemq::core
