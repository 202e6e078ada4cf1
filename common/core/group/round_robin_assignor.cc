#include <algorithm>

#include "common/core/group/assignor_input.h"

namespace lanemq::core::assignor {

Owners AssignRoundRobin(const Input& input) {
  Owners owners = NoOwners(input);
  Index turn = 0;  // Whose turn it is; who is not subscribed is passed over.
  for (std::size_t index = 0; index < input.topics.size(); ++index) {
    const auto& subscribers = input.topics[index].subscribers;
    for (Index& owner : owners[index]) {
      const auto next = std::ranges::lower_bound(subscribers, turn);
      owner = next == subscribers.end() ? subscribers.front() : *next;
      turn = owner + 1;
    }
  }
  return owners;
}

}  // namespace lanemq::core::assignor
