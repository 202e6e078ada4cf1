#include "common/core/partition/sticky_partitioner.h"

#include <vector>

namespace lanemq::core {

bool StickyPartitioner::IsAvoided(std::int32_t partition, MonotonicTime now) const {
  const auto found = failed_at_.find(partition);
  return found != failed_at_.end() && now - found->second < options_.avoid_for;
}

std::int32_t StickyPartitioner::Choose(std::int32_t partitions, MonotonicTime now) {
  std::vector<std::int32_t> eligible;
  for (std::int32_t p = 0; p < partitions; ++p) {
    if (!IsAvoided(p, now)) eligible.push_back(p);
  }
  if (eligible.empty()) {
    return static_cast<std::int32_t>(random_.Below(static_cast<std::uint64_t>(partitions)));
  }
  // Not the same one twice in a row while there is a choice: load spreads evenly.
  if (eligible.size() > 1) std::erase(eligible, current_);
  return eligible[random_.Below(eligible.size())];
}

std::int32_t StickyPartitioner::Next(std::int32_t partitions, std::size_t bytes,
                                     MonotonicTime now) {
  if (current_ < 0 || current_ >= partitions || current_bytes_ >= options_.batch_bytes ||
      IsAvoided(current_, now)) {
    current_ = Choose(partitions, now);
    current_bytes_ = 0;
  }
  current_bytes_ += bytes;
  return current_;
}

void StickyPartitioner::MarkFailed(std::int32_t partition, MonotonicTime now) {
  failed_at_[partition] = now;
}

}  // namespace lanemq::core
