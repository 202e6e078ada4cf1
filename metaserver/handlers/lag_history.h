#pragma once

#include <cstdint>
#include <string>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/base/time.h"
#include "common/core/store/lag_history.h"
#include "lanemq_types.h"

namespace lanemq::metaserver {

/// What is asked of the history: [from, until) of one group and topic.
struct HistoryQuery {
  std::string group;  ///< Empty: the topic alone.
  core::TopicId topic;
  WallTime from;
  WallTime until;           ///< What is later than now counts as now.
  std::int32_t points = 1;  ///< At least 1: neighbours are joined until there are not more.
};

/// The answer to lagHistory, by time, in the finest resolution that reaches back to `from` and has
/// not too many points; what has not been summed up to it yet comes from finer rows. Errors: those
/// of LagHistory.
Result<idl::LagHistoryResponse> TellHistory(core::LagHistory& history, HistoryQuery query,
                                            Deadline deadline);

}  // namespace lanemq::metaserver
