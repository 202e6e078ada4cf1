#include "metaserver/oncall/last_uses.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>

namespace lanemq::metaserver {
namespace {

/// So that topics in use cost a row an hour, not one each time.
constexpr std::int64_t kPrecisionUs = std::chrono::microseconds{std::chrono::hours{1}}.count();

/// Whether `last` is too old to stand for a use that is seen now.
bool IsOld(const std::optional<WallTime>& last, WallTime now) {
  return !last || now.micros - last->micros >= kPrecisionUs;
}

}  // namespace

std::vector<TopicTotals> TotalsOf(const LagPicture& picture) {
  std::vector<TopicTotals> totals;
  if (!picture.is_whole) return totals;
  std::map<core::TopicId, std::int64_t> consumed;
  for (const core::GroupTopicLag& group : picture.groups) {
    std::int64_t& sum = consumed[group.topic];
    // Not the position: retention moves that. Negative: nothing was committed.
    for (const core::JudgedPartition& partition : group.partitions) {
      sum += std::max<std::int64_t>(partition.sample.committed.value, 0);
    }
  }
  for (const TopicRate& topic : picture.topics) {
    if (topic.is_whole) totals.push_back({topic.topic, topic.produced, consumed[topic.topic]});
  }
  return totals;
}

LastUses::LastUses(std::vector<core::LastUse> stored) { Put(stored); }

void LastUses::Put(std::span<const core::LastUse> uses) {
  for (const core::LastUse& use : uses) stored_[use.topic] = use;
}

std::vector<core::LastUse> LastUses::Changed(std::span<const TopicTotals> totals,
                                             WallTime now) const {
  std::vector<core::LastUse> changed;
  for (const TopicTotals& topic : totals) {
    const auto found = stored_.find(topic.topic);
    if (found == stored_.end()) {
      const auto at = topic.produced > 0 ? std::optional(now) : std::nullopt;
      changed.push_back({topic.topic, now, at, at, topic.produced, topic.consumed});
      continue;
    }
    core::LastUse use = found->second;
    if (topic.produced != use.produced && IsOld(use.produced_at, now)) {
      use.produced = topic.produced;
      use.produced_at = now;
    }
    if (topic.consumed != use.consumed && IsOld(use.consumed_at, now)) {
      use.consumed = topic.consumed;
      use.consumed_at = now;
    }
    if (use != found->second) changed.push_back(use);
  }
  return changed;
}

}  // namespace lanemq::metaserver
