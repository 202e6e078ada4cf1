#include "common/core/log/append_matching.h"

namespace lanemq::core {

AppendMatching::AppendMatching(const std::deque<AppendRequest>& queue) {
  for (const AppendRequest& request : queue) {
    if (!request.is_attempted) continue;
    const std::size_t index = wanted_.size();
    wanted_.push_back({request.id, std::vector<Offset>(request.records.size()), 0, {}});
    for (std::size_t i = 0; i < request.records.size(); ++i) {
      const Record& record = *request.records[i];
      // A repetition within the queue is left to the planner, which answers it as a duplicate.
      places_.try_emplace({record.producer, record.sequence}, Place{index, i});
    }
  }
}

void AppendMatching::Look(std::span<const RecordIdentity> rows) {
  if (places_.empty()) return;
  for (const RecordIdentity& row : rows) {
    const auto it = places_.find({row.producer, row.sequence});
    if (it == places_.end()) continue;
    Wanted& wanted = wanted_[it->second.request];
    Offset& offset = wanted.offsets[it->second.record];
    if (offset.value != 0) continue;
    offset = row.offset;
    wanted.timestamp = row.timestamp;
    if (++wanted.seen == wanted.offsets.size()) complete_.push_back(it->second.request);
  }
}

std::vector<std::pair<AppendRequestId, AppendOutcome>> AppendMatching::TakeFound() {
  std::vector<std::pair<AppendRequestId, AppendOutcome>> out;
  for (const std::size_t index : complete_) {
    const Wanted& wanted = wanted_[index];
    AppendOutcome outcome;
    outcome.timestamp = wanted.timestamp;
    for (const Offset offset : wanted.offsets) {
      auto& runs = outcome.offsets;
      if (!runs.empty() && runs.back().first.value + runs.back().count == offset.value) {
        ++runs.back().count;
      } else {
        runs.push_back({offset, 1});
      }
    }
    out.emplace_back(wanted.id, std::move(outcome));
  }
  complete_.clear();
  return out;
}

}  // namespace lanemq::core
