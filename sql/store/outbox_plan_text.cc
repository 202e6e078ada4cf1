#include "sql/store/outbox_plan_text.h"

#include <iterator>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lanemq::sql {
namespace {

using nlohmann::json;

constexpr std::int64_t kVersion = 1;

Error Corrupt(std::string_view what) {
  return Error{ErrorCode::kCorruptMessage, fmt::format("outbox plan: {}", what)};
}

/// Throws json::exception when a field is missing or of another type.
core::OutboxGroup ToGroup(const json& from) {
  core::OutboxGroup group;
  from.at("topic").get_to(group.topic);
  from.at("partition").get_to(group.partition);
  from.at("delayed").get_to(group.is_delayed);
  from.at("producer").get_to(group.producer.value);
  from.at("base").get_to(group.base_sequence);
  from.at("ids").get_to(group.ids);
  return group;
}

}  // namespace

std::string ToPlanText(const core::OutboxPlan& plan) {
  std::string text = fmt::format("{{\"v\":{},\"groups\":[", kVersion);
  const auto out = std::back_inserter(text);
  bool is_first_group = true;
  for (const core::OutboxGroup& group : plan.groups) {
    if (!std::exchange(is_first_group, false)) text += ',';
    fmt::format_to(
        out, "{{\"topic\":{},\"partition\":{},\"delayed\":{},\"producer\":{},\"base\":{},\"ids\":[",
        json(group.topic).dump(-1, ' ', true, json::error_handler_t::replace), group.partition,
        group.is_delayed, group.producer.value, group.base_sequence);
    bool is_first = true;
    for (const std::int64_t id : group.ids) {
      if (!std::exchange(is_first, false)) text += ',';
      fmt::format_to(out, "{}", id);
    }
    text += "]}";
  }
  text += "]}";
  return text;
}

Result<core::OutboxPlan> ParsePlanText(std::string_view text) {
  core::OutboxPlan plan;
  if (text.empty()) return plan;
  try {
    const json parsed = json::parse(text);
    const auto version = parsed.at("v").get<std::int64_t>();
    if (version != kVersion) {
      return Corrupt(fmt::format("version {}; this program knows {}", version, kVersion));
    }
    for (const json& group : parsed.at("groups")) plan.groups.push_back(ToGroup(group));
  } catch (const json::exception& error) {
    return Corrupt(error.what());
  }
  return plan;
}

}  // namespace lanemq::sql
