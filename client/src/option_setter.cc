#include "client/src/option_setter.h"

#include <algorithm>
#include <numeric>

namespace lanemq {
namespace {

// Levenshtein's edit distance, by rows.
std::size_t Distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row[b.size()];
}

}  // namespace

Status SetNamedOption(const std::vector<NamedOption>& options, std::string_view name,
                      std::string_view value) {
  const NamedOption* nearest = nullptr;
  std::size_t nearest_distance = 0;
  for (const NamedOption& option : options) {
    if (option.name == name) {
      if (option.set(value)) return {};
      return Error{ErrorCode::kInvalidConfig,
                   std::string(name) + ": cannot be '" + std::string(value) + "'"};
    }
    const std::size_t distance = Distance(option.name, name);
    if (nearest == nullptr || distance < nearest_distance) {
      nearest = &option;
      nearest_distance = distance;
    }
  }
  std::string message = "no option '" + std::string(name) + "'";
  if (nearest != nullptr) message += "; did you mean '" + std::string(nearest->name) + "'?";
  return Error{ErrorCode::kInvalidConfig, std::move(message)};
}

}  // namespace lanemq
