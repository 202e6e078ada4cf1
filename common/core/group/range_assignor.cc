#include "common/core/group/assignor_input.h"

namespace lanemq::core::assignor {

Owners AssignRange(const Input& input) {
  Owners owners = NoOwners(input);
  for (std::size_t index = 0; index < input.topics.size(); ++index) {
    const Topic& topic = input.topics[index];
    const auto members = static_cast<std::int32_t>(topic.subscribers.size());
    const std::int32_t each = topic.partitions / members;
    const std::int32_t surplus = topic.partitions % members;
    std::int32_t next = 0;
    for (std::int32_t rank = 0; rank < members; ++rank) {
      const std::int32_t end = next + each + (rank < surplus ? 1 : 0);
      while (next < end) owners[index][next++] = topic.subscribers[rank];
    }
  }
  return owners;
}

}  // namespace lanemq::core::assignor
