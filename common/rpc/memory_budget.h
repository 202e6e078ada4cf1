#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace lanemq::rpc {

/// A number of bytes that many users share. Thread-safe.
class MemoryBudget {
 public:
  explicit MemoryBudget(std::size_t bytes_max) : bytes_max_(static_cast<std::int64_t>(bytes_max)) {}

  /// False, and nothing is taken, when `bytes` would exceed what is left.
  [[nodiscard]] bool TryTake(std::size_t bytes) {
    const auto amount = static_cast<std::int64_t>(bytes);
    if (used_.fetch_add(amount, std::memory_order_relaxed) + amount <= bytes_max_) return true;
    used_.fetch_sub(amount, std::memory_order_relaxed);
    return false;
  }
  /// Takes what is in use already: what is left may be less than nothing afterwards.
  void Take(std::size_t bytes) {
    used_.fetch_add(static_cast<std::int64_t>(bytes), std::memory_order_relaxed);
  }
  [[nodiscard]] bool is_exceeded() const { return used() > bytes_max_; }
  void Give(std::size_t bytes) {
    used_.fetch_sub(static_cast<std::int64_t>(bytes), std::memory_order_relaxed);
  }
  [[nodiscard]] std::int64_t used() const { return used_.load(std::memory_order_relaxed); }

 private:
  const std::int64_t bytes_max_;
  std::atomic<std::int64_t> used_{0};
};

}  // namespace lanemq::rpc
