#include "portal/api/rpc_link/link_pool.h"

#include <algorithm>
#include <utility>

namespace lanemq::portal {

KnownLink LinkPool::Take(const std::string& key, MonotonicTime now) {
  for (;;) {
    std::list<Idle> taken;
    {
      MutexLock lock(mutex_);
      const auto found = std::ranges::find(idle_, key, &Idle::key);
      if (found == idle_.end()) return {};
      taken.splice(taken.begin(), idle_, found);
    }
    Idle& idle = taken.front();
    // Servers close what is idle, and what is revoked; those are closed here outside the lock.
    if (now - idle.since < options_.idle_time && idle.link.link->IsFresh()) {
      return std::move(idle.link);
    }
  }
}

void LinkPool::Put(const std::string& key, const std::string& group, KnownLink link,
                   MonotonicTime now) {
  std::list<Idle> closed;
  MutexLock lock(mutex_);
  idle_.push_front({key, group, std::move(link), now});
  while (idle_.size() > options_.idle_max) {
    closed.splice(closed.begin(), idle_, std::prev(idle_.end()));
  }
}

void LinkPool::Drop(const std::string& group) {
  std::list<Idle> closed;
  MutexLock lock(mutex_);
  for (auto at = idle_.begin(); at != idle_.end();) {
    const auto next = std::next(at);
    if (at->group == group) closed.splice(closed.begin(), idle_, at);
    at = next;
  }
}

void LinkPool::Sweep(MonotonicTime now) {
  std::list<Idle> closed;
  MutexLock lock(mutex_);
  while (!idle_.empty() && now - idle_.back().since >= options_.idle_time) {
    closed.splice(closed.begin(), idle_, std::prev(idle_.end()));
  }
}

std::size_t LinkPool::size() const {
  MutexLock lock(mutex_);
  return idle_.size();
}

}  // namespace lanemq::portal
