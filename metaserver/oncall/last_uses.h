#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "common/core/store/lag_history.h"
#include "metaserver/oncall/lag_board.h"

namespace lanemq::metaserver {

/// How much was ever written to and read of a topic.
struct TopicTotals {
  core::TopicId topic;
  std::int64_t produced = 0;  ///< Ends of its partitions, summed up.
  std::int64_t consumed = 0;  ///< What all groups have committed, summed up.
};

/// Of every topic whose partitions were all read, by id. Empty when not every data node was read:
/// what groups have committed would look less than it is.
[[nodiscard]] std::vector<TopicTotals> TotalsOf(const LagPicture& picture);

/// When topics were last used, found out by comparing totals with those that were stored: whatever
/// has happened since is a use, also while nobody watched. A group that is deleted or reset counts
/// as one, too: it is said rather late than too early that nobody uses a topic.
/// Pure; not thread-safe.
class LastUses {
 public:
  explicit LastUses(std::vector<core::LastUse> stored);

  /// What is to be stored: new topics, and those that were used an hour after it was last stored
  /// that they were. A topic that has messages when it is first seen may have been used just then.
  [[nodiscard]] std::vector<core::LastUse> Changed(std::span<const TopicTotals> totals,
                                                   WallTime now) const;
  /// These are stored.
  void Put(std::span<const core::LastUse> uses);

 private:
  std::map<core::TopicId, core::LastUse> stored_;
};

}  // namespace lanemq::metaserver
