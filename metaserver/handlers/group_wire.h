#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/core/group/group_types.h"
#include "common/rpc/responder.h"
#include "lanemq_types.h"
#include "metaserver/coordinator/group_slot.h"
#include "metaserver/coordinator/state_name.h"

namespace lanemq::metaserver {

/// kInvalidGroupId unless 1 to 249 bytes without control characters.
[[nodiscard]] Status CheckGroupId(const std::string& group);
/// 1 to `bytes_max` bytes of printable ASCII: topics' and protocols' names.
[[nodiscard]] bool IsName(const std::string& name, std::size_t bytes_max);
inline constexpr std::size_t kTopicBytesMax = 249;
/// kInvalidRequest unless all are topics' names and partitions, and not too many. `what` is said in
/// the error.
[[nodiscard]] Result<std::vector<core::TopicPartition>> FromWire(
    const std::string& what, const std::vector<idl::TopicPartition>& partitions);
[[nodiscard]] std::vector<idl::TopicPartition> ToWire(
    const std::vector<core::TopicPartition>& partitions);
/// As the leader sees a member.
[[nodiscard]] idl::GroupMemberInfo ToWire(const core::GroupMember& member);

/// Who calls; null: nobody has said it.
template <typename T>
std::shared_ptr<const core::Caller> CallerOf(const rpc::Responder<T>& responder) {
  const auto call = responder.context();
  return call ? call->caller() : nullptr;
}

/// The call waits without a thread: it is given up when its client goes away.
template <typename T>
void GiveUpOnCancel(GroupSlot& slot, CallTicket ticket, const rpc::Responder<T>& responder) {
  if (ticket.call == 0 || responder.is_answered()) return;
  if (const auto call = responder.context()) call->NoteWaitsForOthers();
  responder.OnCancel([&slot, ticket = std::move(ticket)] { slot.Forget(ticket); });
}

}  // namespace lanemq::metaserver
