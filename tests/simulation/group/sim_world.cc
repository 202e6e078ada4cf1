#include "tests/simulation/group/sim_world.h"

#include <utility>

#include <fmt/format.h>

#include "tests/simulation/group/sim_coordinator.h"
#include "tests/simulation/group/sim_member.h"

namespace lanemq::simulation {

World::World(std::uint64_t seed, Defect defect_, bool is_traced)
    : random(seed), defect(defect_), is_traced_(is_traced) {
  stored.group_id = std::string("g");
  rows.has_generation_fence =
      defect != Defect::kRowsIgnoreGeneration && defect != Defect::kRowsUnfenced;
  rows.has_member_fence = defect != Defect::kRowsIgnoreMember && defect != Defect::kRowsUnfenced;
}

World::~World() = default;

void World::After(std::chrono::nanoseconds delay, std::function<void()> action) {
  events_.push(
      {now + delay, ++last_order_, std::make_shared<std::function<void()>>(std::move(action))});
}

void World::RunUntil(MonotonicTime end) {
  while (!events_.empty() && events_.top().at <= end) {
    const Event event = events_.top();
    events_.pop();
    now = event.at;
    ++counts.events;
    (*event.action)();
  }
  now = end;
}

milliseconds World::Between(milliseconds low, milliseconds high) {
  const auto span = static_cast<std::uint64_t>((high - low).count()) + 1;
  return low + milliseconds(static_cast<std::int64_t>(random.Below(span)));
}

void World::Send(const std::function<void()>& deliver) {
  if (OneIn(faults.loss)) return;
  After(Between(milliseconds(1), faults.delay_max), deliver);
  if (OneIn(faults.duplication)) After(Between(milliseconds(1), faults.delay_max), deliver);
}

void World::SendToCoordinator(std::int64_t epoch, const Request& request) {
  if (epoch == 0) return;
  Send([this, epoch, request] { coordinators[static_cast<std::size_t>(epoch - 1)]->On(request); });
}

void World::SendToMember(std::size_t process, const Reply& reply) {
  Send([this, process, reply] { members[process]->OnReply(reply); });
}

void World::Trace(std::string_view who, const std::string& what) const {
  if (!is_traced_) return;
  fmt::print("{:9.3f} {:<14} {}\n", std::chrono::duration<double>(now.since_start).count(), who,
             what);
}

}  // namespace lanemq::simulation
