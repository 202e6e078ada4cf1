#include "common/core/group/assignor_input.h"

namespace lanemq::core::assignor {

Owners AssignCooperativeSticky(const Input& input) {
  Owners owners = AssignSticky(input);
  const Owners rightful = ClaimedOwners(input);
  // A stale claim counts here as well: its member may still be at work on the partition.
  for (std::size_t rank = 0; rank < input.members.size(); ++rank) {
    for (const TopicPartition& held : input.members[rank].group_member->subscription.owned) {
      const Index topic = FindTopic(input, held.topic);
      if (topic == kNobody || held.partition < 0) continue;
      if (held.partition >= input.topics[topic].partitions) continue;
      Index& owner = owners[topic][held.partition];
      const bool stays = owner == rightful[topic][held.partition];
      if (owner != static_cast<Index>(rank) && !stays) owner = kNobody;
    }
  }
  return owners;
}

}  // namespace lanemq::core::assignor
