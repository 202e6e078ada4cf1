#include "common/core/quota/eviction_guard.h"

#include <algorithm>

namespace lanemq::core {

EvictionGuard::Verdict EvictionGuard::Decide(std::span<const BrokerSilence> alive,
                                             MonotonicTime now) {
  while (!evictions_.empty() && evictions_.front() + options_.window <= now) evictions_.pop_front();

  Verdict verdict;
  for (const BrokerSilence& broker : alive) {
    if (broker.silent_for > options_.session_timeout) verdict.evict.push_back(broker);
  }
  // Brokers that vanish together do so within one heartbeat interval, not in one instant: half a
  // session without a word from anybody shows it before the first of them runs out.
  const bool is_anybody_heard =
      std::any_of(alive.begin(), alive.end(), [&](const BrokerSilence& broker) {
        return broker.silent_for <= options_.session_timeout / 2;
      });
  if (!verdict.evict.empty() && alive.size() > 1 && !is_anybody_heard) {
    verdict.held_back = verdict.evict.size();
    verdict.evict.clear();
    verdict.suspects_itself = true;
    return verdict;
  }
  std::sort(verdict.evict.begin(), verdict.evict.end(),
            [](const BrokerSilence& a, const BrokerSilence& b) {
              return a.silent_for != b.silent_for ? a.silent_for > b.silent_for : a.id < b.id;
            });
  // The share is of the brokers there were before the window's evictions.
  const std::size_t allowed =
      std::max<std::size_t>((alive.size() + evictions_.size()) / options_.one_in, 1);
  const std::size_t left = allowed > evictions_.size() ? allowed - evictions_.size() : 0;
  if (verdict.evict.size() > left) {
    verdict.held_back = verdict.evict.size() - left;
    verdict.evict.resize(left);
  }
  evictions_.insert(evictions_.end(), verdict.evict.size(), now);
  return verdict;
}

}  // namespace lanemq::core
