#include "client/src/options/nearest_name.h"

#include <algorithm>
#include <cstddef>

#include "common/core/types/edit_distance.h"

namespace lanemq::client {

std::string_view NearestName(std::string_view wanted, std::span<const std::string_view> names) {
  std::string_view nearest;
  std::size_t fewest = std::max<std::size_t>(2, wanted.size() / 3) + 1;
  for (const std::string_view name : names) {
    const std::size_t edits = core::EditDistance(wanted, name);
    if (edits < fewest) {
      fewest = edits;
      nearest = name;
    }
  }
  return nearest;
}

}  // namespace lanemq::client
