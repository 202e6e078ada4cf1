#include <algorithm>
#include <chrono>
#include <optional>

#include "metaserver/handlers/group_wire.h"
#include "metaserver/handlers/handlers.h"

namespace lanemq::metaserver {
namespace {

/// A year: sums with it do not overflow.
constexpr std::int64_t kPollAgeMaxMs = 365LL * 86'400'000;

}  // namespace

void GroupHeartbeat(Services& services, const idl::GroupHeartbeatRequest& request,
                    const rpc::Responder<idl::GroupHeartbeatResponse>& responder) {
  if (const Status valid = CheckGroupId(request.group); !valid.ok()) {
    return responder.Fail(valid.error());
  }
  core::MemberCall beat;
  beat.member_id = request.member_id;
  beat.generation = core::Generation{request.generation};
  if (request.__isset.group_instance_id) beat.instance_id = request.group_instance_id;
  GroupSlot& slot = services.coordinator.SlotOf(request.group);
  std::optional<std::chrono::milliseconds> poll_age;
  if (request.__isset.last_poll_age_ms && request.last_poll_age_ms >= 0) {
    poll_age = std::chrono::milliseconds{std::min(request.last_poll_age_ms, kPollAgeMaxMs)};
  }
  const auto done = [&slot, responder](const Status& status) {
    if (!status.ok()) return responder.Fail(status.error());
    idl::GroupHeartbeatResponse out;
    if (slot.is_degraded()) out.__set_is_degraded(true);
    responder.Respond(out);
  };
  slot.Heartbeat(request.group, beat, done, poll_age, CallerOf(responder));
}

}  // namespace lanemq::metaserver
