// What belongs to a partition beside its log, made equal after the seal: nothing of it changes at
// the source any more. Most of it may have been copied ahead, and changed since.
#include <string>
#include <utility>
#include <vector>

#include "sql/statements/statements.h"
#include "sql/store/move_session.h"
#include "sql/store/move_walk.h"
#include "sql/store/moving_partition.h"
#include "sql/store/mysql_partition_mover.h"
#include "sql/store/on_node.h"

namespace lanemq::sql {
namespace {

using core::CopyLimits;
using core::PartitionMove;
using core::StateCopied;
using core::StatePlace;

constexpr std::int64_t kPoliciesPerPage = 200;

/// Waits until nobody writes any more what he read before the seal: such a transaction shares the
/// arrival's row, looks whether the source is sealed only then (CopyAhead), and ends before this
/// does; one that begins later finds it sealed.
Status WaitForWhoeverIsAhead(const MoveEnds& ends, const PartitionMove& move) {
  return WithShortWaits(ends.target, ends.clock, [&] {
    return ChangeArrival(ends.target, move, ArrivalState::kArriving, ArrivalState::kArriving);
  });
}

struct Policy {
  std::string group;
  std::int64_t topic = 0;
  std::string policy;
  std::string requested_by;
  std::string at;
};

Result<std::vector<Policy>> ReadPolicies(Connection& source, const core::PartitionKey& key,
                                         const Policy& after) {
  std::vector<Policy> policies;
  LANEMQ_RETURN_IF_ERROR(source.Query(
      statements::kReadMovingPolicies,
      {std::string_view(after.group), std::string_view(after.group), after.topic, key.topic.value,
       key.topic.value, std::int64_t{key.partition}, kPoliciesPerPage},
      [&](const Row& row) {
        policies.push_back(
            {row.String(0), row.Int64(1), row.String(2), row.String(3), row.String(4)});
        return true;
      }));
  return policies;
}

/// Policies belong to groups, and stay at the source as well; the newer one of two stays. They are
/// few: each repetition copies all of them.
Status CopyPolicies(const MoveEnds& ends, const PartitionMove& move) {
  Policy after{.topic = -1};
  while (true) {
    LANEMQ_ASSIGN_OR_RETURN(const auto policies, ReadPolicies(ends.source, move.from.key, after));
    if (policies.empty()) return {};
    LANEMQ_RETURN_IF_ERROR(WhileArriving(ends, move, [&]() -> Status {
      for (const Policy& policy : policies) {
        LANEMQ_RETURN_IF_ERROR(ToStatus(ends.target.Update(
            statements::kCopyPolicy,
            {std::string_view(policy.group), policy.topic, std::string_view(policy.policy),
             std::string_view(policy.requested_by), std::string_view(policy.at)})));
      }
      return {};
    }));
    after = policies.back();
  }
}

Result<StateCopied> MakeEqual(const MoveEnds& ends, const PartitionMove& move,
                              const StatePlace& after, const CopyLimits& limits) {
  LANEMQ_ASSIGN_OR_RETURN(const auto partition, NeedMoving(ends.source, move.from.key));
  LANEMQ_RETURN_IF_ERROR(partition.CheckSealedBy(move));
  LANEMQ_RETURN_IF_ERROR(WaitForWhoeverIsAhead(ends, move));
  StateWalk walk(ends, move, limits, [] { return Status{}; });
  LANEMQ_ASSIGN_OR_RETURN(StateCopied copied, walk.Run(after, false));
  if (copied.is_whole) LANEMQ_RETURN_IF_ERROR(CopyPolicies(ends, move));
  return copied;
}

}  // namespace

Result<StateCopied> MySqlPartitionMover::CopyState(const PartitionMove& move,
                                                   const StatePlace& after, CopyLimits limits,
                                                   Deadline deadline) {
  return OnBothEnds(nodes_, move, deadline,
                    [&](const MoveEnds& ends) { return MakeEqual(ends, move, after, limits); });
}

}  // namespace lanemq::sql
