#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

#include "common/base/random.h"
#include "common/base/time.h"

namespace lanemq::core {

/// Where keyless messages go: they stick to one partition until it has got a batch worth of bytes,
/// then move to another, chosen at random among those that do not fail (as Kafka's KIP-480/794).
///
/// A partition that failed is avoided for `avoid_for`; after that it is given one batch as a trial,
/// and avoided again until that is answered with success. When all fail, all are eligible.
/// Not thread-safe; one owner.
class StickyPartitioner {
 public:
  struct Options {
    std::size_t batch_bytes = 512u << 10;
    std::chrono::nanoseconds avoid_for = std::chrono::seconds(5);
  };
  StickyPartitioner(Options options, Random random) : options_(options), random_(random) {}

  /// The partition for the next message of `bytes`. Requires partitions > 0.
  std::int32_t Next(std::int32_t partitions, std::size_t bytes, MonotonicTime now);
  /// The partition's data node or broker refused or did not answer.
  void MarkFailed(std::int32_t partition, MonotonicTime now);
  void MarkWorking(std::int32_t partition) { avoid_until_.erase(partition); }

 private:
  [[nodiscard]] bool IsAvoided(std::int32_t partition, MonotonicTime now) const;
  [[nodiscard]] bool MustMove(std::int32_t partitions, MonotonicTime now) const;
  std::int32_t Choose(std::int32_t partitions, MonotonicTime now);

  Options options_;
  Random random_;
  std::int32_t current_ = -1;
  std::size_t current_bytes_ = 0;
  bool is_trial_ = false;  // The current partition failed before and is being tried.
  std::map<std::int32_t, MonotonicTime> avoid_until_;
};

}  // namespace lanemq::core
