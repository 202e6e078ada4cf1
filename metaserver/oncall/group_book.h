#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/base/time.h"
#include "common/core/alert/objectives.h"
#include "common/core/types/ids.h"

namespace lanemq::metaserver {

/// What the coordinator of a group tells of it.
struct GroupDetails {
  std::string state;  ///< "Stable" and the like; also "PreparingRebalance", which is not stored.
  std::int32_t rebalances = 0;  ///< Of late: within the time that was asked for.
  /// By member id, as of `asked`: since the application last called Poll(). Members that do not
  /// tell it are left out.
  std::map<std::string, std::chrono::milliseconds, std::less<>> polls;
  MonotonicTime asked;
};

/// One group as the metadata database has it.
struct GroupEntry {
  std::int32_t members = 0;
  std::string state;
  std::optional<MonotonicTime>
      unstable_since;  ///< As seen from here; nullopt: it is Stable, or empty.
};

/// Messages consumed or produced per hour, of the last day.
struct HourlyNorms {
  std::unordered_map<core::TopicId, double> produced;  ///< Per second, in the median hour.
  std::map<std::pair<std::string, core::TopicId>, double> consumed;
  /// Messages in the hour that had the least, where all of the last 24 are known.
  std::unordered_map<core::TopicId, std::int64_t> least_produced;
};

/// What an evaluation knows besides samples, as last read. Immutable once made.
struct GroupBook {
  std::unordered_map<std::string, GroupEntry> groups;
  std::unordered_map<std::string, GroupDetails> details;   ///< Of groups in trouble.
  std::shared_ptr<const core::ObjectiveTable> objectives;  ///< nullptr: not read yet.
  std::shared_ptr<const HourlyNorms> norms;                ///< nullptr: not read yet.
  std::int64_t number = 0;                                 ///< Grows with each reading.
};

}  // namespace lanemq::metaserver
