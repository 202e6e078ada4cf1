#include "common/core/alert/objectives.h"

namespace lanemq::core {
namespace {

constexpr std::string_view kAll = "*";

/// Fields that `row` has.
void Overlay(const ObjectiveRow& row, LagObjective& objective) {
  objective.objective = row.objective.value_or(objective.objective);
  objective.allowed_messages = row.allowed_messages.value_or(objective.allowed_messages);
  objective.owner = row.owner.value_or(objective.owner);
  objective.tier = row.tier.value_or(objective.tier);
  objective.alerts_on = row.alerts_on.value_or(objective.alerts_on);
}

}  // namespace

ObjectiveTable::ObjectiveTable(std::span<const ObjectiveRow> rows) {
  for (const ObjectiveRow& row : rows) groups_[row.group].insert_or_assign(row.topic, row);
}

LagObjective ObjectiveTable::Find(std::string_view group, std::string_view topic) const {
  LagObjective objective;
  const auto overlay = [&](std::string_view of_group, std::string_view of_topic) {
    const auto topics = groups_.find(of_group);
    if (topics == groups_.end()) return;
    const auto row = topics->second.find(of_topic);
    if (row != topics->second.end()) Overlay(row->second, objective);
  };
  overlay(kAll, kAll);  // The widest first: what is more exact is written over it.
  overlay(kAll, topic);
  overlay(group, kAll);
  overlay(group, topic);
  return objective;
}

}  // namespace lanemq::core
