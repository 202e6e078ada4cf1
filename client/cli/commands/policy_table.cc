#include "client/cli/commands/policy_table.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "client/cli/output/json_text.h"
#include "client/cli/text/policy_flags.h"
#include "client/cli/text/time_text.h"

namespace lanemq::cli {
namespace {

constexpr std::string_view kAllTopics = "*";

/// Nodes that have the same policy of one topic.
struct Variant {
  std::string topic;  ///< Empty: all topics.
  idl::RetryPolicy policy;
  std::vector<std::int64_t> node_ids;
  std::optional<idl::GroupPolicy> newest;  ///< Absent: the default.
};

/// Of policies with every field set.
bool AreEqual(const idl::RetryPolicy& a, const idl::RetryPolicy& b) {
  const auto fields = [](const idl::RetryPolicy& p) {
    return std::tie(p.max_attempts, p.first_delay_ms, p.max_delay_ms, p.multiplier, p.delays_ms,
                    p.jitter, p.fatal_reasons, p.retryable_reasons);
  };
  return fields(a) == fields(b);
}

std::vector<Variant> VariantsOf(const PolicyPicture& picture) {
  std::vector<Variant> variants;
  for (const idl::GroupPolicy& each : picture.policies) {
    const idl::RetryPolicy full = WithDefaults(each.policy);
    const auto found = std::ranges::find_if(variants, [&](const Variant& variant) {
      return variant.topic == each.topic && AreEqual(variant.policy, full);
    });
    Variant& variant = found != variants.end()
                           ? *found
                           : variants.emplace_back(Variant{each.topic, full, {}, std::nullopt});
    if (each.__isset.node_id) variant.node_ids.push_back(each.node_id);
    if (!variant.newest || variant.newest->at_us < each.at_us) variant.newest = each;
  }
  const bool has_general =
      std::ranges::any_of(variants, [](const Variant& variant) { return variant.topic.empty(); });
  if (!has_general) variants.push_back({"", WithDefaults({}), {}, std::nullopt});
  std::ranges::stable_sort(variants, {}, &Variant::topic);
  return variants;
}

std::string NodesText(const PolicyPicture& picture, const std::vector<std::int64_t>& ids) {
  std::vector<std::string> names;
  for (const std::int64_t id : ids) {
    const auto node = std::ranges::find(picture.nodes, id, &idl::DataNode::node_id);
    names.push_back(node != picture.nodes.end() ? node->name : fmt::format("#{}", id));
  }
  std::ranges::sort(names);
  return fmt::format("{}", fmt::join(names, ","));
}

Cell ListCell(const std::vector<std::string>& words) {
  if (words.empty()) return std::monostate{};
  return fmt::format("{}", fmt::join(words, ","));
}

std::string JsonList(const std::vector<std::string>& words) {
  std::vector<std::string> texts;
  for (const std::string& word : words) texts.push_back(JsonCell(word));
  return fmt::format("[{}]", fmt::join(texts, ","));
}

std::string VariantJson(const PolicyPicture& picture, const Variant& variant) {
  const idl::RetryPolicy& policy = variant.policy;
  std::vector<std::string> nodes;
  for (const std::int64_t id : variant.node_ids) nodes.push_back(NodesText(picture, {id}));
  const auto& newest = variant.newest;
  const bool has_time = newest && newest->__isset.at_us;
  const bool has_who = newest && newest->__isset.requested_by;
  return fmt::format(
      "{{\"topic\":{},\"is_default\":{},\"max_attempts\":{},\"first_delay_ms\":{},"
      "\"max_delay_ms\":{},\"multiplier\":{},\"delays_ms\":[{}],\"jitter\":{},"
      "\"fatal_reasons\":{},\"retryable_reasons\":{},\"nodes\":{},\"set_at\":{},"
      "\"requested_by\":{}}}",
      variant.topic.empty() ? "null" : JsonCell(variant.topic), JsonCell(!newest.has_value()),
      policy.max_attempts, policy.first_delay_ms, policy.max_delay_ms, JsonCell(policy.multiplier),
      fmt::join(policy.delays_ms, ","), JsonCell(policy.jitter), JsonList(policy.fatal_reasons),
      JsonList(policy.retryable_reasons), JsonList(nodes),
      has_time ? JsonCell(FormatTime(WallTime{newest->at_us})) : "null",
      has_who ? JsonCell(newest->requested_by) : "null");
}

}  // namespace

Table PoliciesTable(const PolicyPicture& picture) {
  Table table{{"topic", "max_attempts", "delays", "jitter", "fatal_reasons", "retryable_reasons",
               "nodes", "set_at", "requested_by"},
              {}};
  for (const Variant& variant : VariantsOf(picture)) {
    Cell at;
    Cell who;
    if (variant.newest && variant.newest->__isset.at_us) {
      at = FormatTime(WallTime{variant.newest->at_us});
    }
    if (variant.newest && !variant.newest->requested_by.empty()) {
      who = variant.newest->requested_by;
    }
    table.rows.push_back(
        {variant.topic.empty() ? std::string(kAllTopics) : variant.topic,
         std::int64_t{variant.policy.max_attempts}, DelaysText(variant.policy),
         fmt::format("{}%", variant.policy.jitter * 100), ListCell(variant.policy.fatal_reasons),
         ListCell(variant.policy.retryable_reasons),
         variant.newest ? NodesText(picture, variant.node_ids) : "(default)", at, who});
  }
  return table;
}

std::string PoliciesJson(const PolicyPicture& picture, bool has_lines) {
  std::string text = has_lines ? "" : "{\"items\":[";
  std::string_view before = has_lines ? "" : "\n  ";
  for (const Variant& variant : VariantsOf(picture)) {
    text += before;
    text += VariantJson(picture, variant);
    if (has_lines) text += '\n';
    if (!has_lines) before = ",\n  ";
  }
  return has_lines ? text : text + "\n]}\n";
}

std::vector<std::string> PolicyWarnings(const PolicyPicture& picture) {
  std::map<std::string, std::vector<Variant>> by_topic;
  for (Variant& variant : VariantsOf(picture)) {
    if (variant.newest) by_topic[variant.topic].push_back(std::move(variant));
  }
  std::vector<std::string> warnings;
  for (const auto& [topic, variants] : by_topic) {
    const std::string of = topic.empty() ? "" : fmt::format(" for topic {}", topic);
    if (variants.size() > 1) {
      warnings.push_back(fmt::format("data nodes have different policies{}; set it again", of));
    }
    std::set<std::int64_t> has;
    for (const Variant& variant : variants) {
      has.insert(variant.node_ids.begin(), variant.node_ids.end());
    }
    std::vector<std::int64_t> lacks;
    for (const idl::DataNode& node : picture.nodes) {
      if (node.state != idl::NodeState::DISABLED && !has.contains(node.node_id)) {
        lacks.push_back(node.node_id);
      }
    }
    if (!lacks.empty()) {
      warnings.push_back(fmt::format("data node {} does not have the policy{}; set it again",
                                     NodesText(picture, lacks), of));
    }
  }
  return warnings;
}

std::optional<idl::RetryPolicy> PolicyOf(const PolicyPicture& picture, const std::string& topic) {
  const idl::GroupPolicy* newest = nullptr;
  for (const idl::GroupPolicy& each : picture.policies) {
    if (each.topic == topic && (newest == nullptr || newest->at_us < each.at_us)) newest = &each;
  }
  if (newest == nullptr) return std::nullopt;
  return WithDefaults(newest->policy);
}

idl::RetryPolicy EffectivePolicy(const PolicyPicture& picture, const std::string& topic) {
  if (const auto own = PolicyOf(picture, topic)) return *own;
  if (const auto general = PolicyOf(picture, "")) return *general;
  return WithDefaults({});
}

}  // namespace lanemq::cli
