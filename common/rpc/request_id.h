#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include <fmt/format.h>

namespace lanemq::rpc {

/// Names the calls of one server: a random word of this start and a counter, "5f3a9c01-42". Two
/// starts have one word by chance of 1 in 4 billion. A call carries the number; the text is made
/// when somebody reads it.
/// Thread safety: every method from any thread.
class RequestIds {
 public:
  explicit RequestIds(std::uint64_t start)
      : word_(fmt::format("{:08x}", static_cast<std::uint32_t>(start))) {}

  [[nodiscard]] std::uint64_t Next() { return next_.fetch_add(1, std::memory_order_relaxed); }
  [[nodiscard]] std::string ToText(std::uint64_t number) const {
    return word_ + "-" + std::to_string(number);
  }

 private:
  const std::string word_;
  std::atomic<std::uint64_t> next_{1};
};

}  // namespace lanemq::rpc
