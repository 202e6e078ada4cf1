#include "common/core/store/message_tracer.h"

#include <algorithm>

namespace lanemq::core {

MessagePlace PlaceOf(const MessageTrace& trace, Offset offset) {
  if (offset < trace.log_start) return MessagePlace::kRemoved;
  if (trace.record) return MessagePlace::kStored;
  if (trace.lost_at) return MessagePlace::kLost;
  return offset < trace.log_end ? MessagePlace::kMissing : MessagePlace::kNotYet;
}

GroupPlace PlaceIn(const GroupTrace& group, Offset offset, Offset log_start) {
  if (group.letter) return GroupPlace::kDeadLetter;
  if (group.retry) return GroupPlace::kRetrying;
  const bool is_passed = group.committed > offset;
  const bool is_removed = offset < log_start;
  if (!is_passed && !is_removed) {
    return group.attempts > 0 ? GroupPlace::kHandling : GroupPlace::kNotRead;
  }
  return !is_passed || group.removed_unread ? GroupPlace::kRemovedUnread : GroupPlace::kPassed;
}

Cover CoverOf(const DeadLetterFilter& filter, const PartitionKey& key, Offset offset) {
  if (filter.partition && *filter.partition != key) return Cover::kNone;
  if (filter.topic && *filter.topic != key.topic) return Cover::kNone;
  if (filter.ids.empty()) return Cover::kMaybe;
  const bool is_named = std::ranges::any_of(
      filter.ids, [&](const FailedId& id) { return id.key == key && id.offset == offset; });
  return is_named ? Cover::kExact : Cover::kNone;
}

}  // namespace lanemq::core
