#include "sql/store/move_session.h"

#include <utility>

#include <fmt/format.h>

#include "sql/statements/statements.h"
#include "sql/store/message_table.h"
#include "sql/store/to_status.h"

namespace lanemq::sql {
namespace {

constexpr std::chrono::seconds kCleanUpTime{5};

/// 64 characters at most: a prefix has 48.
std::string LockName(const core::DataNode& node, const core::PartitionKey& key) {
  const auto hash = static_cast<std::uint32_t>(key.topic.value * 1'000'003 + key.partition);
  return fmt::format("{}:move:{:08x}", node.schema_prefix, hash);
}

Status TakeLock(Connection& connection, const std::string& name) {
  bool is_taken = false;
  LANEMQ_RETURN_IF_ERROR(
      connection.Query(statements::kTakeMoveLock, {std::string_view(name)}, [&](const Row& row) {
        is_taken = !row.IsNull(0) && row.Int64(0) == 1;
        return false;
      }));
  if (is_taken) return {};
  return Error{ErrorCode::kThrottled, "another session moves the partition"};
}

/// The session as its pool expects it; else it is not used again, and the server lets go of
/// everything with it. `lock`: may be null.
void CleanUp(Connection& connection, const std::string* lock, const Clock& clock) {
  if (!connection.is_usable()) return;
  connection.SetDeadline(Deadline::After(clock, kCleanUpTime));  // Whatever the caller's.
  Status clean;
  if (lock != nullptr) {
    clean = connection.Query(statements::kLetGoOfMoveLock, {std::string_view(*lock)},
                             [](const Row&) { return false; });
  }
  if (clean.ok()) {
    clean = RunMoveText(connection, statements::kMoveUsualWait.name,
                        std::string(statements::kMoveUsualWait.text));
  }
  if (!clean.ok()) connection.Abandon();
}

}  // namespace

Status RunMoveText(Connection& connection, std::string_view name, std::string text) {
  connection.Text() = std::move(text);
  return ToStatus(connection.UpdateText(name));
}

Status RunMoveStep(const DataNodes& nodes, const core::PartitionLocation& location,
                   Deadline deadline, const std::function<Status(const MoveStep&)>& body) {
  LANEMQ_ASSIGN_OR_RETURN(const auto node, nodes.Find(location.node));
  LANEMQ_ASSIGN_OR_RETURN(PooledConnection connection,
                          node->pool.Checkout(Access::kWrite, deadline));
  const std::string lock = LockName(node->node, location.key);
  Status done = RunMoveText(*connection, statements::kMoveLockWait.name,
                            std::string(statements::kMoveLockWait.text));
  if (done.ok()) done = TakeLock(*connection, lock);
  if (done.ok()) done = body({*connection, node->node});
  CleanUp(*connection, &lock, nodes.clock());
  return done;
}

Status WithShortWaits(Connection& connection, const Clock& clock,
                      const std::function<Status()>& body) {
  Status done = RunMoveText(connection, statements::kMoveLockWait.name,
                            std::string(statements::kMoveLockWait.text));
  if (done.ok()) done = body();
  CleanUp(connection, nullptr, clock);
  return done;
}

Result<bool> HasTable(Connection& connection, const MessageTable& table) {
  table.SelectIdentities(core::kFirstOffset, 0, connection.Text());
  const Status looked = connection.QueryText("look_for_table", [](const Row&) { return false; });
  if (looked.ok()) return true;
  if (looked.error().code == ErrorCode::kUnknownTopicOrPartition) return false;
  return looked.error();
}

Status ChangeRole(const MoveStep& step, const core::PartitionLocation& at, TableRole from,
                  TableRole to) {
  const std::string& prefix = step.node.schema_prefix;
  MessageTable(prefix, at, from).ChangeRole(to, step.connection.Text());
  const Status changed = ToStatus(step.connection.UpdateText("change_table_role"));
  if (changed.ok() || changed.error().code != ErrorCode::kUnknownTopicOrPartition) return changed;
  LANEMQ_ASSIGN_OR_RETURN(const bool is_done,
                          HasTable(step.connection, MessageTable(prefix, at, to)));
  return is_done ? Status{} : changed;
}

Status DropTable(const MoveStep& step, const core::PartitionLocation& at, TableRole role,
                 std::string_view name) {
  const std::string& prefix = step.node.schema_prefix;
  const MessageTable table(prefix, at, role);
  LANEMQ_ASSIGN_OR_RETURN(const bool is_it, HasTable(step.connection, table));
  if (is_it) {
    table.Drop(step.connection.Text());
    return ToStatus(step.connection.UpdateText(name));
  }
  for (const TableRole other : {TableRole::kOpen, TableRole::kArriving, TableRole::kSealed}) {
    LANEMQ_ASSIGN_OR_RETURN(const bool is_other,
                            HasTable(step.connection, MessageTable(prefix, at, other)));
    if (is_other) {
      return Error{ErrorCode::kFailedPrecondition,
                   table.name() + " is not what is to be dropped: it has another role"};
    }
  }
  return {};
}

}  // namespace lanemq::sql
