#include "common/core/partition/sticky_partitioner.h"

#include <vector>

namespace lanemq::core {

bool StickyPartitioner::IsAvoided(std::int32_t partition, MonotonicTime now) const {
  const auto found = avoid_until_.find(partition);
  return found != avoid_until_.end() && now < found->second;
}

bool StickyPartitioner::MustMove(std::int32_t partitions, MonotonicTime now) const {
  if (current_ < 0 || current_ >= partitions) return true;
  if (current_bytes_ >= options_.batch_bytes) return true;
  return !is_trial_ && IsAvoided(current_, now);
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
  if (MustMove(partitions, now)) {
    current_ = Choose(partitions, now);
    current_bytes_ = 0;
    const auto failed = avoid_until_.find(current_);
    is_trial_ = failed != avoid_until_.end();
    if (is_trial_) failed->second = now + options_.avoid_for;
  }
  current_bytes_ += bytes;
  return current_;
}

void StickyPartitioner::MarkFailed(std::int32_t partition, MonotonicTime now) {
  avoid_until_[partition] = now + options_.avoid_for;
  if (partition == current_) is_trial_ = false;
}

}  // namespace lanemq::core
