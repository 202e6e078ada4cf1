#pragma once

#include <cstdint>
#include <set>

#include "client/cli/app/session.h"
#include "client/cli/cluster/cluster.h"
#include "client/cli/move/move_table.h"

namespace lanemq::cli {

/// The moves with these ids as they are now; those that are forgotten are left out.
Result<std::map<std::int64_t, idl::PartitionMove>> AskForMoves(Cluster& cluster,
                                                               const std::set<std::int64_t>& ids);

/// How watching ended.
struct Watched {
  MoveSum sum;
  bool is_interrupted = false;
};
/// Asks once a second until all of them have ended, and shows how far they are. Servers that do not
/// answer for longer than the timeout end it.
Result<Watched> WatchMoves(Session& session, Cluster& cluster, const std::set<std::int64_t>& ids);

}  // namespace lanemq::cli
