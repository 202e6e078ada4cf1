#pragma once

#include <cstdint>
#include <random>

namespace lanemq {

/// A seeded source of random numbers. Production seeds it from the system; tests print the seed.
/// Not thread-safe; one owner.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  /// A generator seeded from the operating system.
  static Random FromSystem();

  /// Uniform in [0, bound). Requires bound > 0.
  std::uint64_t Below(std::uint64_t bound) {
    return std::uniform_int_distribution<std::uint64_t>(0, bound - 1)(engine_);
  }
  /// Uniform in [0, 1).
  double Unit() { return std::uniform_real_distribution<double>(0, 1)(engine_); }
  /// A positive 63-bit number: unique in practice, for producer and client ids.
  std::int64_t PositiveId() {
    return static_cast<std::int64_t>(Below(0x7fffffffffffffffULL - 1) + 1);
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace lanemq
