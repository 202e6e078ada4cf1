#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace lanemq {

/// One option by Kafka's dotted name. `set` parses a value; false when it does not parse.
struct NamedOption {
  std::string_view name;
  std::function<bool(std::string_view value)> set;
};

/// Sets the option called `name`. kInvalidConfig: there is none (the message suggests the nearest)
/// or the value does not parse.
Status SetNamedOption(const std::vector<NamedOption>& options, std::string_view name,
                      std::string_view value);

}  // namespace lanemq
