#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <span>
#include <vector>

#include "common/base/time.h"
#include "common/core/types/catalog.h"

namespace lanemq::core {

/// A broker that is not dead, and how long ago its last heartbeat was by the database's clock.
struct BrokerSilence {
  BrokerId id;
  std::int64_t incarnation = 0;
  std::chrono::microseconds silent_for{};
  bool operator==(const BrokerSilence&) const = default;
};

/// Decides which silent brokers are declared dead, and protects the cluster from a registry that
/// has gone blind: a network fault, a paused metaserver or a slow database looks like the death of
/// many brokers, and clients told to avoid all of them have nowhere to go.
///
/// Within one window at most `1 / one_in` of the brokers are evicted, rounded down, but at least
/// one; the longest silent first. When none of several brokers has been heard of for half a session
/// nobody is evicted: then the fault is ours.
/// Pure: told the time. Not thread-safe; one owner.
class EvictionGuard {
 public:
  struct Options {
    std::chrono::microseconds session_timeout = std::chrono::seconds{6};
    /// 3: a third. Range: from 1.
    std::size_t one_in = 3;
    std::chrono::nanoseconds window = std::chrono::seconds{30};
  };

  struct Verdict {
    std::vector<BrokerSilence> evict;  ///< Longest silent first.
    std::size_t held_back = 0;         ///< Silent too long, but not evicted now.
    bool suspects_itself = false;      ///< Nobody has been heard of lately.
  };

  EvictionGuard() = default;
  explicit EvictionGuard(Options options) : options_(options) {}

  /// What to do now. `alive` is every broker that is not dead. Remembers the verdict as done: a
  /// broker that was not evicted after all only makes the guard more careful.
  [[nodiscard]] Verdict Decide(std::span<const BrokerSilence> alive, MonotonicTime now);

 private:
  Options options_;
  std::deque<MonotonicTime> evictions_;  ///< Within the window, oldest first.
};

}  // namespace lanemq::core
