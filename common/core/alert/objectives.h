#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "common/core/alert/alert_types.h"
#include "common/core/lag/lag_verdict.h"

namespace lanemq::core {

/// What groups promise, from rows that are more or less exact. Each field is of the most exact row
/// that has it: (group, topic), (group, *), (*, topic), (*, *), and then the built-in one.
/// Not thread-safe to build; then const.
class ObjectiveTable {
 public:
  ObjectiveTable() = default;
  explicit ObjectiveTable(std::span<const ObjectiveRow> rows);

  [[nodiscard]] LagObjective Find(std::string_view group, std::string_view topic) const;

 private:
  using Topics = std::map<std::string, ObjectiveRow, std::less<>>;
  std::map<std::string, Topics, std::less<>> groups_;
};

}  // namespace lanemq::core
