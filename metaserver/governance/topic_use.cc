#include "metaserver/governance/topic_use.h"

#include <functional>

namespace lanemq::metaserver {
namespace {

/// Whether `is_use` holds of the tail of any partition.
Result<bool> AnyTail(core::MessageStore& messages, const core::Topic& topic, Deadline deadline,
                     const std::function<bool(const core::TailInfo&)>& is_use) {
  for (const core::Partition& partition : topic.partitions) {
    const auto tail = messages.ReadTail(topic.LocationOf(partition), deadline);
    if (tail.ok()) {
      if (is_use(*tail)) return true;
    } else if (tail.error().code != ErrorCode::kUnknownTopicOrPartition) {
      return tail.error();
    }
  }
  return false;
}

}  // namespace

Result<bool> TopicUse::IsWritten(const core::Topic& topic, std::chrono::hours within,
                                 Deadline deadline) const {
  const std::int64_t since = clock_.WallNow().micros - std::chrono::microseconds(within).count();
  return AnyTail(messages_, topic, deadline, [since](const core::TailInfo& tail) {
    return tail.last && tail.last->timestamp.micros >= since;
  });
}

Result<bool> TopicUse::WasWritten(const core::Topic& topic, Deadline deadline) const {
  return AnyTail(messages_, topic, deadline, [](const core::TailInfo& tail) {
    return tail.End().value > core::kFirstOffset.value;
  });
}

}  // namespace lanemq::metaserver
