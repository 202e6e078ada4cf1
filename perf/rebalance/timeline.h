#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/checker/group_events.h"

namespace lanemq::perf {

/// What one change of membership did to a group, from the event files of its members.
struct RebalanceFigures {
  double stable_ms = 0;          ///< From the change to the last partition handed out.
  std::vector<double> stops_ms;  ///< Of each partition that moved: without an owner for so long.
  std::int64_t moved = 0;  ///< Partitions whose owner changed; a restarted member is the same.
  std::int64_t interrupted = 0;  ///< Partitions that stopped though their owner stayed.
};

/// Who owns each partition, as the members' event files say. Pure.
class Timeline {
 public:
  explicit Timeline(const std::vector<checker::GroupMemberLog>& logs);

  /// Owner of each partition at `at_ns`; processes in `dead` own nothing.
  [[nodiscard]] std::map<std::int32_t, std::string> OwnersAt(
      std::int64_t at_ns, const std::set<std::string>& dead = {}) const;
  /// True when each of `partitions` has exactly one owner among the processes not in `dead`, and
  /// `members` share them evenly: a cooperative rebalance pauses while nobody lacks anything.
  [[nodiscard]] bool IsSettled(std::int32_t partitions, std::size_t members,
                               const std::set<std::string>& dead) const;
  /// The change that happened at `at_ns`; `dead` died in it, without a word.
  [[nodiscard]] RebalanceFigures Since(std::int64_t at_ns, const std::set<std::string>& dead) const;
  /// The newest event of any member; 0 without one.
  [[nodiscard]] std::int64_t newest_ns() const { return newest_ns_; }

 private:
  struct Change {
    std::int64_t at_ns;
    std::string member;
    bool is_assigned;
  };
  std::map<std::int32_t, std::vector<Change>> changes_;  ///< By time.
  std::int64_t newest_ns_ = 0;
};

}  // namespace lanemq::perf
