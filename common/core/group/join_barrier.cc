#include "common/core/group/join_barrier.h"

#include <algorithm>

namespace lanemq::core {

void JoinBarrier::Start(MonotonicTime now, std::chrono::milliseconds initial_delay,
                        std::chrono::milliseconds limit) {
  initial_delay_ = initial_delay;
  limit_ = now + limit;
  deadline_ = limit_;
  OnNewMember(now);
}

void JoinBarrier::OnNewMember(MonotonicTime now) {
  if (initial_delay_.count() > 0) deadline_ = std::min(now + initial_delay_, limit_);
}

bool JoinBarrier::IsOver(MonotonicTime now, bool have_all_joined) const {
  return now >= deadline_ || (have_all_joined && initial_delay_.count() == 0);
}

}  // namespace lanemq::core
