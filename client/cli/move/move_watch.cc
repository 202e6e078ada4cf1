#include "client/cli/move/move_watch.h"

#include <chrono>
#include <utility>

#include "client/cli/terminal/interrupt.h"
#include "common/rpc/governance_client.h"

namespace lanemq::cli {
namespace {

constexpr std::chrono::seconds kEvery{1};
constexpr std::int32_t kPageMax = 1'000;

}  // namespace

Result<std::map<std::int64_t, idl::PartitionMove>> AskForMoves(Cluster& cluster,
                                                               const std::set<std::int64_t>& ids) {
  std::map<std::int64_t, idl::PartitionMove> found;
  if (ids.empty()) return found;
  idl::ListMovesRequest request;
  request.__set_include_finished(true);
  request.__set_max(kPageMax);
  request.__set_before_id(*ids.rbegin() + 1);
  while (true) {
    cluster.RestartTimeout();
    LANEMQ_ASSIGN_OR_RETURN(const idl::ListMovesResponse reply,
                            cluster.Control(&rpc::GovernanceClient::ListMovesSync, request));
    for (const idl::PartitionMove& move : reply.moves) {
      if (ids.contains(move.id)) found[move.id] = move;
    }
    const bool is_last = reply.moves.empty() || reply.moves.back().id <= *ids.begin();
    if (is_last) return found;
    request.__set_before_id(reply.moves.back().id);
  }
}

Result<Watched> WatchMoves(Session& session, Cluster& cluster, const std::set<std::int64_t>& ids) {
  const InterruptGuard guard;
  Watched watched;
  std::set<std::string> told;
  while (true) {
    LANEMQ_ASSIGN_OR_RETURN(const auto moves, AskForMoves(cluster, ids));
    watched.sum = SumUp(moves);
    for (const std::string& fault : watched.sum.faults) {
      if (told.insert(fault).second) session.out().Complain(fault);
    }
    if (watched.sum.under_way == 0) return watched;
    if (session.out().WantsProgress()) session.out().Progress(ProgressText(watched.sum));
    if (!guard.Pause(kEvery)) {
      watched.is_interrupted = true;
      return watched;
    }
  }
}

}  // namespace lanemq::cli
