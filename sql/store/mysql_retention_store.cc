#include "sql/store/mysql_retention_store.h"

#include <algorithm>
#include <functional>
#include <tuple>
#include <utility>

#include "sql/driver/transaction.h"
#include "sql/statements/statements.h"
#include "sql/store/meta_access.h"
#include "sql/store/on_node.h"
#include "sql/store/retention_rows.h"

namespace lanemq::sql {
namespace {

using core::LogSegment;
using core::Offset;

constexpr std::chrono::seconds kUnlockTime{5};

/// Runs a DDL statement on `table` under a lock of the table, which is waited for a second at most:
/// everybody else on the table queues up behind it meanwhile. The lock comes first because MariaDB
/// waits twice inside ALTER TABLE (measured: inserts stood 2.0 to 2.3 s, with the lock 1.0 s), and
/// because what fails then has not begun. A process that is frozen in between holds the table for
/// two seconds: then the server ends its session.
Status RunDdl(Connection& connection, const Clock& clock, std::string_view name, std::string lock,
              std::string text) {
  const auto run = [&](std::string_view what, std::string statement) {
    connection.Text() = std::move(statement);
    return ToStatus(connection.UpdateText(what));
  };
  LANEMQ_RETURN_IF_ERROR(
      run(statements::kShortLockWait.name, std::string(statements::kShortLockWait.text)));
  Status done = run("lock_message_table", std::move(lock));
  if (done.ok()) done = run(name, std::move(text));
  if (!connection.is_usable()) return done;  // The server lets go when the session ends.
  // Whatever the caller's deadline: the session goes back to its pool without a lock.
  connection.SetDeadline(Deadline::After(clock, kUnlockTime));
  Status clean = run("unlock_message_table", "UNLOCK TABLES");
  if (clean.ok()) {
    clean = run(statements::kUsualLockWait.name, std::string(statements::kUsualLockWait.text));
  }
  // Without effect on the outcome, which is known. The server lets go of the lock with the session.
  if (!clean.ok()) connection.Abandon();
  return done;
}

/// Deletes what `find` shows, one by one: the search locks nothing.
Result<std::int64_t> ExpireExplicitOffsets(Connection& connection, std::int64_t hours,
                                           std::int64_t max) {
  std::vector<std::tuple<std::string, std::int64_t, std::int64_t>> old;
  LANEMQ_RETURN_IF_ERROR(
      connection.Query(statements::kFindOldExplicitOffsets, {hours, max}, [&](const Row& row) {
        old.emplace_back(row.String(0), row.Int64(1), row.Int64(2));
        return true;
      }));
  std::sort(old.begin(), old.end());
  std::int64_t expired = 0;
  for (const auto& [group, topic, partition] : old) {
    LANEMQ_ASSIGN_OR_RETURN(const std::int64_t rows,
                            connection.Update(statements::kDeleteOldExplicitOffset,
                                              {std::string_view(group), topic, partition, hours}));
    expired += rows;
  }
  return expired;
}

Result<std::int64_t> ExpireAudit(Connection& connection, std::int64_t hours, std::int64_t max) {
  std::optional<std::int64_t> last;
  LANEMQ_RETURN_IF_ERROR(
      connection.Query(statements::kFindOldDeadLetterAudit, {max, hours}, [&](const Row& row) {
        if (!row.IsNull(0)) last = row.Int64(0);
        return false;
      }));
  if (!last) return 0;
  return connection.Update(statements::kDeleteDeadLetterAudit, {*last, max});
}

Result<std::int64_t> ExpireRedriveJobs(Connection& connection, std::int64_t max) {
  std::vector<std::int64_t> ids;
  LANEMQ_RETURN_IF_ERROR(
      connection.Query(statements::kFindRedrivesTooMany, {}, [&](const Row& row) {
        ids.push_back(row.Int64(0));
        return std::ssize(ids) < max;
      }));
  for (const std::int64_t id : ids) {
    LANEMQ_RETURN_IF_ERROR(ToStatus(connection.Update(statements::kDeleteRedrive, {id})));
  }
  return std::ssize(ids);
}

/// The rules that are one statement of (hours, limit).
const Statement* StatementOf(std::string_view rule) {
  if (rule == "group_resets") return &statements::kExpireGroupResets;
  if (rule == "partition_trims") return &statements::kExpirePartitionTrims;
  if (rule == "retention_losses") return &statements::kExpireRetentionLosses;
  if (rule == "data_losses") return &statements::kExpireDataLosses;
  if (rule == "audit_events") return &statements::kExpireNodeAuditEvents;
  return nullptr;
}

Result<std::int64_t> ExpireOne(Connection& connection, std::string_view rule, std::int64_t hours,
                               std::int64_t max) {
  if (rule == "redrive_jobs") return ExpireRedriveJobs(connection, max);
  if (rule == "dead_letter_audit") return ExpireAudit(connection, hours, max);
  if (rule == "explicit_offsets") return ExpireExplicitOffsets(connection, hours, max);
  if (const Statement* const statement = StatementOf(rule)) {
    return connection.Update(*statement, {hours, max});
  }
  return Error{ErrorCode::kInvalidRequest, "no expiry rule " + std::string(rule)};
}

}  // namespace

Result<std::int64_t> MySqlRetentionStore::DropSegments(const core::PartitionLocation& location,
                                                       std::span<const Offset> bounds,
                                                       Deadline deadline) {
  LANEMQ_ASSIGN_OR_RETURN(const auto node, nodes_.Find(node_));
  const RetentionTable table(node->node.schema_prefix, location);
  // Not repeated here when the table is busy: the caller waits first.
  LANEMQ_ASSIGN_OR_RETURN(PooledConnection connection,
                          node->pool.Checkout(Access::kWrite, deadline));
  LANEMQ_ASSIGN_OR_RETURN(const Offset log_start, ReadLogStart(*connection, location.key));
  LANEMQ_ASSIGN_OR_RETURN(const auto segments, ReadSegments(*connection, table));
  std::vector<Offset> condemned;
  for (const LogSegment& segment : segments) {
    const bool is_asked =
        segment.bound && std::ranges::find(bounds, *segment.bound) != bounds.end();
    if (is_asked && *segment.bound <= log_start) condemned.push_back(*segment.bound);
  }
  if (condemned.empty()) return 0;
  const Status done = RunDdl(*connection, nodes_.clock(), "drop_segments", table.Lock(),
                             table.DropSegments(condemned));
  // Another janitor was quicker.
  if (!done.ok() && done.error().code == ErrorCode::kNotFound) return 0;
  LANEMQ_RETURN_IF_ERROR(done);
  return std::ssize(condemned);
}

Result<std::int64_t> MySqlRetentionStore::DeleteRows(const core::PartitionLocation& location,
                                                     Offset low, Offset to, std::int64_t max,
                                                     Deadline deadline) {
  std::int64_t deleted = 0;
  LANEMQ_RETURN_IF_ERROR(
      WriteOn(nodes_, node_, deadline, [&](Connection& connection, const auto& node) -> Status {
        LANEMQ_ASSIGN_OR_RETURN(const Offset log_start, ReadLogStart(connection, location.key));
        connection.Text() = RetentionTable(node.schema_prefix, location)
                                .DeleteRows(low, std::min(to, log_start), max);
        LANEMQ_ASSIGN_OR_RETURN(deleted, connection.UpdateText("delete_rows"));
        return {};
      }));
  return deleted;
}

Status MySqlRetentionStore::SplitTail(const core::PartitionLocation& location, Offset bound,
                                      std::int64_t rows_max, Deadline deadline) {
  LANEMQ_ASSIGN_OR_RETURN(const auto node, nodes_.Find(node_));
  const RetentionTable table(node->node.schema_prefix, location);
  LANEMQ_ASSIGN_OR_RETURN(PooledConnection connection,
                          node->pool.Checkout(Access::kWrite, deadline));
  // Not of a partition that moves.
  LANEMQ_RETURN_IF_ERROR(ToStatus(ReadLogStart(*connection, location.key)));
  LANEMQ_ASSIGN_OR_RETURN(const auto segments, ReadSegments(*connection, table));
  const Offset last = segments.size() > 1 ? *segments[segments.size() - 2].bound : Offset{0};
  if (bound <= last) {
    return Error{ErrorCode::kAlreadyExists, "the log is split up to " + std::to_string(last.value)};
  }
  LANEMQ_ASSIGN_OR_RETURN(
      const auto rows, ReadNumber(*connection, "count_tail", table.CountRows(last, rows_max + 1)));
  if (rows.value_or(0) > rows_max) {
    return Error{ErrorCode::kFailedPrecondition,
                 "the tail has more than " + std::to_string(rows_max) + " rows"};
  }
  return RunDdl(*connection, nodes_.clock(), "split_tail", table.Lock(), table.SplitTail(bound));
}

Result<std::vector<core::RetentionLoss>> MySqlRetentionStore::Losses(WallTime since,
                                                                     std::size_t max,
                                                                     Deadline deadline) {
  using Losses = std::vector<core::RetentionLoss>;
  return ReadOn<Losses>(
      nodes_, node_, deadline, [&](Connection& connection, const auto&) -> Result<Losses> {
        Losses losses;
        LANEMQ_RETURN_IF_ERROR(connection.Query(
            statements::kReadLosses, {since.micros, static_cast<std::int64_t>(max)},
            [&](const Row& row) {
              losses.push_back(
                  {.group = row.String(0),
                   .key = {core::TopicId{row.Int64(1)}, static_cast<std::int32_t>(row.Int64(2))},
                   .from = Offset{row.Int64(3)},
                   .to = Offset{row.Int64(4)},
                   .reason = row.String(5),
                   .at = WallTime{row.Int64(6)}});
              return true;
            }));
        return losses;
      });
}

Result<std::int64_t> MySqlRetentionStore::Expire(std::string_view rule, std::chrono::hours age,
                                                 std::int32_t max, const core::Fence& fence,
                                                 Deadline deadline) {
  std::int64_t expired = 0;
  LANEMQ_ASSIGN_OR_RETURN(const auto node, nodes_.Find(node_));
  LANEMQ_RETURN_IF_ERROR(
      RunInTransaction(node->pool, deadline, [&](Connection& connection) -> Status {
        LANEMQ_RETURN_IF_ERROR(CheckFence(connection, fence));
        LANEMQ_ASSIGN_OR_RETURN(expired, ExpireOne(connection, rule, age.count(), max));
        return {};
      }));
  return expired;
}

}  // namespace lanemq::sql
