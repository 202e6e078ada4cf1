#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/core/types/ids.h"
#include "common/core/types/move.h"
#include "sql/driver/connection.h"
#include "sql/store/data_nodes.h"
#include "sql/store/message_table.h"

namespace lanemq::sql {

/// What a step of a move works with on one data node.
struct MoveStep {
  Connection& connection;
  const core::DataNode& node;
};

/// Runs `body` on a session of the node that alone works on this partition's moves there, and whose
/// waits for locks are two seconds at most.
///
/// Tables change their role and are dropped only so: what `body` has read of the move is still true
/// when its DDL arrives at the server. The right is a named lock of the session: when this process
/// hangs in between, the server ends the session after five seconds, and with it both the right and
/// the chance to send anything more. Two partitions may share a name: then one waits for the other.
///
/// Errors besides those of `body`: kThrottled, also when another session works on the partition;
/// kDataNodeUnavailable.
Status RunMoveStep(const DataNodes& nodes, const core::PartitionLocation& location,
                   Deadline deadline, const std::function<Status(const MoveStep&)>& body);

/// Runs `body`, which begins a transaction at once, on a session that the server ends after five
/// seconds of silence: who hangs in the middle does not keep others from the rows he has locked.
Status WithShortWaits(Connection& connection, const Clock& clock,
                      const std::function<Status()>& body);

/// Sends `text`.
Status RunMoveText(Connection& connection, std::string_view name, std::string text);
/// Changes the role of the partition's table. OK when it was done before.
/// Errors: kConflict: somebody has used the table for more than two seconds;
/// kUnknownTopicOrPartition: there is no table, or it has neither role.
Status ChangeRole(const MoveStep& step, const core::PartitionLocation& at, TableRole from,
                  TableRole to);
/// Drops the partition's table, if there is one. kFailedPrecondition: it has not this role. `name`
/// is the statement's, for whoever observes.
Status DropTable(const MoveStep& step, const core::PartitionLocation& at, TableRole role,
                 std::string_view name);
/// Whether there is such a table with the role of `table`.
Result<bool> HasTable(Connection& connection, const MessageTable& table);

}  // namespace lanemq::sql
