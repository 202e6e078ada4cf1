#include "common/core/store/group_store.h"

#include "common/core/partition/partitioner.h"

namespace lanemq::core {

std::string_view StoredReason(std::string_view reason) {
  if (reason.size() <= kStoredReasonBytesMax) return reason;
  std::size_t end = kStoredReasonBytesMax;
  // Bytes 10xxxxxx continue a character: it began before them.
  while (end > 0 && (static_cast<unsigned char>(reason[end]) & 0xC0) == 0x80) --end;
  return reason.substr(0, end);
}

int GroupSlot(std::string_view group_id) { return PartitionForKey(group_id, kGroupSlots); }

std::string GroupSlotLease(int slot) {
  const std::string digits = std::to_string(slot);
  return (slot < 10 ? "group-slot-0" : "group-slot-") + digits;
}

}  // namespace lanemq::core
