// What belongs to a partition beside its log, copied after the seal: nothing of it changes any
// more, so where the copy goes on is after the last row that the target has of each table.
#include <algorithm>
#include <string>
#include <utility>

#include "sql/driver/transaction.h"
#include "sql/statements/statements.h"
#include "sql/store/move_clear.h"
#include "sql/store/move_session.h"
#include "sql/store/move_text.h"
#include "sql/store/moving_partition.h"
#include "sql/store/mysql_partition_mover.h"
#include "sql/store/on_node.h"

namespace lanemq::sql {
namespace {

using core::CopyLimits;
using core::PartitionMove;
using core::StateCopied;

constexpr std::size_t kPacketReserve = 1'024;
constexpr std::int64_t kPoliciesPerPage = 200;

/// Both ends of a copy, each with a session of its own.
struct Ends {
  Connection& source;
  Connection& target;
  const Clock& clock;
};

/// Runs `body` at the target while the arrival stays this move's.
template <typename Body>
Status WhileArriving(const Ends& ends, const PartitionMove& move, const Body& body) {
  return WithShortWaits(ends.target, ends.clock, [&]() -> Status {
    LANEMQ_ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(ends.target));
    LANEMQ_RETURN_IF_ERROR(ToStatus(NeedArriving(ends.target, move, true)));
    LANEMQ_RETURN_IF_ERROR(body());
    return transaction.Commit();
  });
}

/// The target's last row of `table`; nullopt: there is none.
Result<std::optional<StateCursor>> LastCopied(Connection& target, const StateTable& table,
                                              const core::PartitionKey& key) {
  std::optional<StateCursor> last;
  target.Text() = SelectLastText(table, key);
  LANEMQ_RETURN_IF_ERROR(target.QueryText("read_last_copied", [&](const Row& row) {
    last.emplace();
    for (unsigned i = 0; i < table.order.size(); ++i) last->push_back(row.String(i));
    return false;
  }));
  return last;
}

/// How many of the next rows fit into `limits`, the first always.
Result<std::int64_t> RowsThatFit(Connection& source, const StateTable& table,
                                 const core::PartitionKey& key, const StateCursor& after,
                                 const CopyLimits& limits) {
  std::int64_t rows = 0;
  std::int64_t bytes = 0;
  source.Text() = SelectSizesText(table, key, after, std::max<std::int64_t>(limits.rows_max, 1));
  LANEMQ_RETURN_IF_ERROR(source.QueryText("size_moved_rows", [&](const Row& row) {
    bytes += row.Int64(0);
    if (rows > 0 && bytes > limits.bytes_max) return false;
    ++rows;
    return true;
  }));
  return rows;
}

/// Copies the next rows of `table`; none: there are no more.
Status CopyPage(const Ends& ends, const PartitionMove& move, const StateTable& table,
                const CopyLimits& limits, StateCopied& page) {
  const core::PartitionKey& key = move.from.key;
  LANEMQ_ASSIGN_OR_RETURN(const auto last, LastCopied(ends.target, table, key));
  if (last && table.order.empty()) return {};  // The only row.
  const StateCursor after = last.value_or(StateCursor{});
  LANEMQ_ASSIGN_OR_RETURN(const std::int64_t max,
                          RowsThatFit(ends.source, table, key, after, limits));
  if (max == 0) return {};
  RowCopy rows(table);
  bool is_too_big = false;
  const auto statement_max =
      static_cast<std::size_t>(ends.target.server().max_allowed_packet) - kPacketReserve;
  ends.source.Text() = SelectRowsText(table, key, after, max);
  LANEMQ_RETURN_IF_ERROR(ends.source.StreamText("read_moved_rows", max, [&](const Row& row) {
    is_too_big = !rows.Add(row, statement_max);
    return !is_too_big;
  }));
  if (rows.rows() == 0) {
    return MoveError(is_too_big ? ErrorCode::kMessageTooLarge : ErrorCode::kConflict, move,
                     std::string(table.name) + (is_too_big ? ": a row exceeds the target's "
                                                             "max_allowed_packet"
                                                           : ": rows went away"));
  }
  LANEMQ_RETURN_IF_ERROR(WhileArriving(ends, move, [&]() -> Status {
    for (std::string& statement : rows.statements()) {
      ends.target.Text() = std::move(statement);
      LANEMQ_RETURN_IF_ERROR(ToStatus(ends.target.UpdateText("insert_moved_rows")));
    }
    return {};
  }));
  page.rows = rows.rows();
  page.bytes = rows.bytes();
  return {};
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
Status CopyPolicies(const Ends& ends, const PartitionMove& move) {
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

Result<StateCopied> CopyTables(const Ends& ends, const PartitionMove& move,
                               const CopyLimits& limits) {
  StateCopied copied;
  for (const StateTable& table : StateTables()) {
    StateCopied page;
    do {
      page = {};
      const CopyLimits left{limits.rows_max - copied.rows, limits.bytes_max - copied.bytes};
      if (copied.rows > 0 && (left.rows_max <= 0 || left.bytes_max <= 0)) return copied;
      LANEMQ_RETURN_IF_ERROR(CopyPage(ends, move, table, left, page));
      copied.rows += page.rows;
      copied.bytes += page.bytes;
    } while (page.rows > 0);
  }
  LANEMQ_RETURN_IF_ERROR(CopyPolicies(ends, move));
  copied.is_whole = true;
  return copied;
}

}  // namespace

Result<StateCopied> MySqlPartitionMover::CopyState(const PartitionMove& move, CopyLimits limits,
                                                   Deadline deadline) {
  LANEMQ_RETURN_IF_ERROR(CheckPlaces(move));
  LANEMQ_ASSIGN_OR_RETURN(const auto node, nodes_.Find(move.to.node));
  LANEMQ_ASSIGN_OR_RETURN(PooledConnection target, node->pool.Checkout(Access::kWrite, deadline));
  return ReadOn<StateCopied>(nodes_, move.from.node, deadline,
                             [&](Connection& source, const core::DataNode&) -> Result<StateCopied> {
                               LANEMQ_ASSIGN_OR_RETURN(const auto partition,
                                                       NeedMoving(source, move.from.key));
                               LANEMQ_RETURN_IF_ERROR(partition.CheckSealedBy(move));
                               return CopyTables({source, *target, nodes_.clock()}, move, limits);
                             });
}

}  // namespace lanemq::sql
