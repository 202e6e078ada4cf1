#include "perf/rebalance/timeline.h"

#include <algorithm>
#include <string_view>

namespace lanemq::perf {
namespace {

// "m0" and "m0#2", its second process, are the same member when it is restarted.
std::string_view MemberOf(std::string_view process) { return process.substr(0, process.find('#')); }

}  // namespace

using checker::GroupEventKind;

Timeline::Timeline(const std::vector<checker::GroupMemberLog>& logs) {
  for (const auto& log : logs) {
    for (const auto& event : log.events) {
      newest_ns_ = std::max(newest_ns_, event.at_ns);
      const bool is_assigned = event.kind == GroupEventKind::kAssigned;
      const bool is_taken =
          event.kind == GroupEventKind::kRevoked || event.kind == GroupEventKind::kLost;
      if (is_assigned || is_taken) {
        changes_[event.partition].push_back({event.at_ns, log.name, is_assigned});
      }
    }
  }
  for (auto& [partition, changes] : changes_) {
    std::stable_sort(changes.begin(), changes.end(),
                     [](const Change& a, const Change& b) { return a.at_ns < b.at_ns; });
  }
}

std::map<std::int32_t, std::string> Timeline::OwnersAt(std::int64_t at_ns,
                                                       const std::set<std::string>& dead) const {
  std::map<std::int32_t, std::string> owners;
  for (const auto& [partition, changes] : changes_) {
    for (const Change& change : changes) {
      if (change.at_ns > at_ns) break;
      if (change.is_assigned) {
        owners[partition] = change.member;
      } else if (owners.contains(partition) && owners[partition] == change.member) {
        owners.erase(partition);
      }
    }
    if (owners.contains(partition) && dead.contains(owners[partition])) owners.erase(partition);
  }
  return owners;
}

bool Timeline::IsSettled(std::int32_t partitions, std::size_t members,
                         const std::set<std::string>& dead) const {
  const auto owners = OwnersAt(newest_ns_, dead);
  const auto all = static_cast<std::size_t>(partitions);
  if (owners.size() != all) return false;
  std::map<std::string, std::size_t> shares;
  for (const auto& [partition, owner] : owners) ++shares[owner];
  const std::size_t most = (all + members - 1) / members;
  return shares.size() == std::min(all, members) &&
         std::ranges::all_of(shares, [&](const auto& share) { return share.second <= most; });
}

RebalanceFigures Timeline::Since(std::int64_t at_ns, const std::set<std::string>& dead) const {
  RebalanceFigures figures;
  const auto before = OwnersAt(at_ns);
  const auto after = OwnersAt(newest_ns_, dead);
  std::int64_t last = at_ns;
  for (const auto& [partition, changes] : changes_) {
    const auto old_owner = before.find(partition);
    const auto new_owner = after.find(partition);
    const bool has_moved = old_owner != before.end() && new_owner != after.end() &&
                           MemberOf(old_owner->second) != MemberOf(new_owner->second);
    if (has_moved) ++figures.moved;
    std::int64_t stopped_at =
        old_owner != before.end() && dead.contains(old_owner->second) ? at_ns : -1;
    for (const Change& change : changes) {
      if (change.at_ns <= at_ns || dead.contains(change.member)) continue;
      if (!change.is_assigned) {
        stopped_at = change.at_ns;
        continue;
      }
      last = std::max(last, change.at_ns);
      if (stopped_at < 0) continue;
      figures.stops_ms.push_back(static_cast<double>(change.at_ns - stopped_at) / 1e6);
      if (!has_moved) ++figures.interrupted;
      stopped_at = -1;
    }
  }
  figures.stable_ms = static_cast<double>(last - at_ns) / 1e6;
  return figures;
}

}  // namespace lanemq::perf
