#pragma once

#include <atomic>
#include <cstddef>

namespace lanemq::broker {

/// Bytes of messages that were received and not yet answered, over all partitions: what bounds a
/// broker's memory when databases are slow. Thread safety: every method from any thread.
class MemoryBudget {
 public:
  explicit MemoryBudget(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  /// False, and nothing is taken, when it would exceed the budget.
  [[nodiscard]] bool TryTake(std::size_t bytes) {
    const std::size_t before = used_.fetch_add(bytes, std::memory_order_relaxed);
    if (before + bytes <= bytes_max_) return true;
    used_.fetch_sub(bytes, std::memory_order_relaxed);
    return false;
  }
  void Give(std::size_t bytes) { used_.fetch_sub(bytes, std::memory_order_relaxed); }
  [[nodiscard]] std::size_t used() const { return used_.load(std::memory_order_relaxed); }

 private:
  const std::size_t bytes_max_;
  std::atomic<std::size_t> used_{0};
};

}  // namespace lanemq::broker
