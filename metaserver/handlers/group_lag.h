#pragma once

#include <span>

#include "common/base/result.h"
#include "common/base/time.h"
#include "common/core/types/catalog.h"
#include "lanemq_types.h"
#include "metaserver/oncall/lag_board.h"

namespace lanemq::metaserver {

/// The answer to groupLag: those of `picture` that are asked for, worst first. `topics`: of the
/// catalogue, tell where partitions are. Partitions whose node was not read for 60 s before `now`
/// are UNKNOWN, and a group all of whose partitions are. Error: kInvalidRequest.
Result<idl::GroupLagResponse> TellLag(const LagPicture& picture,
                                      std::span<const core::Topic> topics,
                                      const idl::GroupLagRequest& request, MonotonicTime now);

}  // namespace lanemq::metaserver
