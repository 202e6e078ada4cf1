#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "common/core/group/group_types.h"
#include "metaserver/coordinator/coordinator_stats.h"

namespace lanemq::metaserver {

/// Says in the log and in the counters what became of one group, from what is written of it: the
/// machine decides, and does not talk. Not thread-safe; one owner.
class GroupWatch {
 public:
  explicit GroupWatch(CoordinatorCounters& counters) : counters_(counters) {}

  /// As a new coordinator finds it.
  void OnLoaded(const core::StoredGroup& group);
  /// The member says that it leaves: its absence is then no expiry. Empty: the one with
  /// the instance id.
  void OnLeave(const std::string& member_id, const std::string& instance_id);
  /// A write begins.
  void OnWrite(const core::StoredGroup& group);
  /// The newest write is durable.
  void OnDurable();

  /// As of the newest write.
  [[nodiscard]] std::size_t members() const { return members_.size(); }

 private:
  CoordinatorCounters& counters_;
  std::map<std::string, std::string> members_;  ///< Member id -> instance id.
  std::set<std::string> leaving_;
  core::StoredGroup written_;  ///< Without its members.
  core::Generation stable_;    ///< The newest generation that was durable and Stable.
};

}  // namespace lanemq::metaserver
