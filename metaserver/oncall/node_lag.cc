#include "metaserver/oncall/node_lag.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace lanemq::metaserver {
namespace {

auto OrderOf(const core::LagSample& sample) {
  return std::tie(sample.group, sample.key.topic, sample.key.partition);
}

bool Moved(const core::LagSample& before, const core::LagSample& now) {
  return before.committed != now.committed || before.committed_at != now.committed_at;
}

}  // namespace

NodeLag::Plan NodeLag::Next(std::span<const core::PartitionLocation> all) {
  Plan plan;
  std::unordered_map<core::PartitionKey, Memory> kept;
  kept.reserve(all.size());
  for (const core::PartitionLocation& location : all) {
    const auto found = memory_.find(location.key);
    const bool is_known = found != memory_.end();
    Memory memory = is_known ? found->second : Memory{core::kFirstOffset, core::kFirstOffset};
    memory.is_asked = !is_known || memory.quiet < options_.quiet_after ||
                      memory.skipped + 1 >= options_.quiet_every;
    if (memory.is_asked) {
      plan.partitions.push_back(location);
      plan.known_ends.push_back(memory.end);
    }
    // Counted back when it is answered: one that fails is asked for again.
    ++memory.skipped;
    kept.emplace(location.key, memory);
  }
  memory_ = std::move(kept);
  return plan;
}

void NodeLag::Note(core::LagRound& round) {
  for (const core::PartitionSample& partition : round.partitions) {
    const auto found = memory_.find(partition.key);
    if (found == memory_.end()) continue;
    Memory& memory = found->second;
    const bool is_same = memory.start == partition.start && memory.end == partition.end;
    memory.quiet = is_same ? memory.quiet + 1 : 0;
    memory.skipped = 0;
    memory.start = partition.start;
    memory.end = partition.end;
  }
}

void NodeLag::Take(const Plan& plan, core::LagRound&& round) {
  Note(round);
  auto next = std::make_shared<NodeSamples>();
  next->node = node_;
  next->at = round.at;
  next->number = samples_ ? samples_->number + 1 : 1;
  next->rows_dropped = round.rows_dropped;
  const auto is_asked = [&](core::PartitionKey key) {
    const auto found =
        std::ranges::lower_bound(plan.partitions, key, {}, &core::PartitionLocation::key);
    return found != plan.partitions.end() && found->key == key;
  };
  const auto loud = [&](core::PartitionKey key) {
    if (const auto found = memory_.find(key); found != memory_.end()) found->second.quiet = 0;
  };
  std::ranges::sort(round.groups, {}, OrderOf);
  static const std::vector<SampledGroup> kNone;
  const std::vector<SampledGroup>& before = samples_ ? samples_->groups : kNone;
  next->groups.reserve(std::max(before.size(), round.groups.size()));
  auto old = before.begin();
  const auto keep_old_until = [&](const core::LagSample* limit) {
    for (; old != before.end() && (!limit || OrderOf(old->sample) < OrderOf(*limit)); ++old) {
      const core::PartitionKey key = old->sample.key;
      if (!memory_.contains(key)) continue;
      if (!is_asked(key)) next->groups.push_back(*old);
    }
  };
  for (core::LagSample& sample : round.groups) {
    keep_old_until(&sample);
    const bool is_same_row = old != before.end() && OrderOf(old->sample) == OrderOf(sample);
    if (!is_same_row || Moved(old->sample, sample) || sample.LagMessages() > 0) loud(sample.key);
    if (is_same_row) ++old;
    next->groups.push_back({std::move(sample), round.at});
  }
  keep_old_until(nullptr);

  next->partitions = std::move(round.partitions);
  if (samples_) {
    for (const core::PartitionSample& partition : samples_->partitions) {
      if (memory_.contains(partition.key) && !is_asked(partition.key)) {
        next->partitions.push_back(partition);
      }
    }
  }
  std::ranges::sort(next->partitions, {}, &core::PartitionSample::key);
  samples_ = std::move(next);
}

}  // namespace lanemq::metaserver
