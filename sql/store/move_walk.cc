#include "sql/store/move_walk.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "sql/driver/transaction.h"
#include "sql/store/move_clear.h"
#include "sql/store/move_session.h"
#include "sql/store/moving_partition.h"
#include "sql/store/on_node.h"
#include "sql/store/to_status.h"

namespace lanemq::sql {
namespace {

using core::CopyLimits;
using core::PartitionKey;
using core::StateCopied;
using core::StatePlace;

constexpr std::size_t kPacketReserve = 1'024;
constexpr std::int64_t kRangeRows = 2'000;
constexpr std::int64_t kPartRows = 125;
// So that whoever carries the move out can look around: some tenths of a second.
constexpr std::int64_t kCheckedPerStep = 64'000;
constexpr int kRangesPerStep = 200;

/// Columns of SelectRowsText() before `order`.
constexpr unsigned kBeforeOrder = 2;

/// The key of the `place`th row behind `after`; nullopt: there are fewer.
Result<std::optional<StateCursor>> KeyAt(Connection& connection, const StateTable& table,
                                         const PartitionKey& key, const StateCursor& after,
                                         std::int64_t place) {
  std::optional<StateCursor> found;
  if (table.order.empty()) return found;  // There is one row at most.
  connection.Text() = SelectKeyText(table, key, after, place);
  LANEMQ_RETURN_IF_ERROR(connection.QueryText("find_moved_key", [&](const Row& row) {
    found.emplace();
    for (unsigned i = 0; i < table.order.size(); ++i) found->push_back(row.String(i));
    return false;
  }));
  return found;
}

struct Fitting {
  std::int64_t rows = 0;
  bool is_all = true;  ///< The range has no more.
};

/// How many of the range's first rows fit into `limits`, the first always.
Result<Fitting> RowsThatFit(Connection& source, const StateTable& table, const PartitionKey& key,
                            const StateRange& range, const CopyLimits& limits) {
  Fitting fitting;
  std::int64_t bytes = 0;
  source.Text() = SelectSizesText(table, key, range, limits.rows_max + 1);
  LANEMQ_RETURN_IF_ERROR(source.QueryText("size_moved_rows", [&](const Row& row) {
    bytes += row.Int64(0);
    if (fitting.rows > 0 && (bytes > limits.bytes_max || fitting.rows >= limits.rows_max)) {
      fitting.is_all = false;
      return false;
    }
    ++fitting.rows;
    return true;
  }));
  return fitting;
}

}  // namespace

Result<StateCopied> OnBothEnds(const DataNodes& nodes, const core::PartitionMove& move,
                               Deadline deadline,
                               const std::function<Result<StateCopied>(const MoveEnds&)>& body) {
  LANEMQ_RETURN_IF_ERROR(CheckPlaces(move));
  LANEMQ_ASSIGN_OR_RETURN(const auto node, nodes.Find(move.to.node));
  LANEMQ_ASSIGN_OR_RETURN(PooledConnection target, node->pool.Checkout(Access::kWrite, deadline));
  return ReadOn<StateCopied>(
      nodes, move.from.node, deadline,
      [&](Connection& source, const core::DataNode&) {
        return body({source, *target, nodes.clock()});
      },
      Access::kWrite);
}

Status WhileArriving(const MoveEnds& ends, const core::PartitionMove& move,
                     const std::function<Status()>& body) {
  return WithShortWaits(ends.target, ends.clock, [&]() -> Status {
    LANEMQ_ASSIGN_OR_RETURN(Transaction transaction, Transaction::Begin(ends.target));
    LANEMQ_RETURN_IF_ERROR(ToStatus(NeedArriving(ends.target, move, true)));
    LANEMQ_RETURN_IF_ERROR(body());
    return transaction.Commit();
  });
}

Result<StateCheck> CheckState(Connection& connection, const StateTable& table,
                              const PartitionKey& key, const StateRange& range) {
  StateCheck check;
  connection.Text() = SelectCheckText(table, key, range);
  LANEMQ_RETURN_IF_ERROR(connection.QueryText("check_moved_rows", [&](const Row& row) {
    check.rows = row.Int64(0);
    const std::string sum = row.String(1);
    std::from_chars(sum.data(), sum.data() + sum.size(), check.sum);
    return false;
  }));
  return check;
}

bool StateWalk::IsSpent() const {
  if (ranges_ >= kRangesPerStep || copied_.rows_checked >= kCheckedPerStep) return true;
  return copied_.rows > 0 &&
         (copied_.rows >= limits_.rows_max || copied_.bytes >= limits_.bytes_max);
}

CopyLimits StateWalk::Left() const {
  return {std::max<std::int64_t>(limits_.rows_max - copied_.rows, 1),
          limits_.bytes_max - copied_.bytes};
}

Result<StateCopied> StateWalk::Run(const StatePlace& place, bool only_messages) {
  copied_.next = place;
  for (StatePlace& at = copied_.next; at.table < StateTables().size(); at = {at.table + 1, {}}) {
    const StateTable& table = StateTables()[at.table];
    if (only_messages && !table.has_messages) continue;
    for (bool is_end = false; !is_end;) {
      if (IsSpent()) return copied_;
      LANEMQ_ASSIGN_OR_RETURN(is_end, Step(table));
    }
  }
  copied_.is_whole = true;
  return copied_;
}

Result<StateRange> StateWalk::NextRange(const StateTable& table, std::int64_t rows) {
  StateRange range{copied_.next.after, {}};
  LANEMQ_ASSIGN_OR_RETURN(auto to, KeyAt(ends_.source, table, move_.from.key, range.after, rows));
  if (to) range.to = *std::move(to);
  return range;
}

Result<bool> StateWalk::Step(const StateTable& table) {
  const PartitionKey& key = move_.from.key;
  const bool is_part = parts_left_ > 0;
  LANEMQ_ASSIGN_OR_RETURN(StateRange range, NextRange(table, is_part ? kPartRows : kRangeRows));
  LANEMQ_ASSIGN_OR_RETURN(const StateCheck source, CheckState(ends_.source, table, key, range));
  LANEMQ_ASSIGN_OR_RETURN(StateCheck target, CheckState(ends_.target, table, key, range));
  ++ranges_;
  copied_.rows_checked += source.rows;
  if (source != target) {
    const bool is_mostly_there = target.rows > source.rows / 2 && target.rows <= kRangeRows;
    if (!is_part && source.rows > kPartRows && is_mostly_there) {
      parts_left_ = kRangeRows / kPartRows;
      return false;
    }
    if (target.rows > kRangeRows) {  // The source has lost so many: no more at once.
      LANEMQ_ASSIGN_OR_RETURN(auto to, KeyAt(ends_.target, table, key, range.after, kRangeRows));
      if (to) range.to = *std::move(to);
    }
    LANEMQ_RETURN_IF_ERROR(Copy(table, target, range));
  }
  const bool is_end = range.to.empty();
  parts_left_ = is_end ? 0 : std::max(parts_left_ - 1, 0);
  copied_.next.after = std::move(range.to);
  return is_end;
}

Status StateWalk::Copy(const StateTable& table, const StateCheck& target, StateRange& range) {
  const PartitionKey& key = move_.from.key;
  LANEMQ_ASSIGN_OR_RETURN(const Fitting fitting,
                          RowsThatFit(ends_.source, table, key, range, Left()));
  RowCopy rows(table);
  StateCursor last;
  bool is_too_big = false;
  const auto statement_max =
      static_cast<std::size_t>(ends_.target.server().max_allowed_packet) - kPacketReserve;
  ends_.source.Text() = SelectRowsText(table, key, range, fitting.rows);
  LANEMQ_RETURN_IF_ERROR(
      ends_.source.StreamText("read_moved_rows", fitting.rows, [&](const Row& row) {
        is_too_big = !rows.Add(row, statement_max);
        if (is_too_big) return false;
        last.clear();
        for (unsigned i = 0; i < table.order.size(); ++i) {
          last.push_back(row.String(kBeforeOrder + i));
        }
        return true;
      }));
  if (is_too_big && rows.rows() == 0) {
    return MoveError(ErrorCode::kMessageTooLarge, move_,
                     std::string(table.name) + ": a row exceeds the target's max_allowed_packet");
  }
  // The rest is the next step's. Fewer rows than there were: somebody works on, and has taken them.
  if (is_too_big || (!fitting.is_all && rows.rows() > 0)) range.to = std::move(last);
  return Write(table, target, range, rows);
}

Status StateWalk::Write(const StateTable& table, const StateCheck& target, const StateRange& range,
                        RowCopy& rows) {
  std::int64_t deleted = 0;
  LANEMQ_RETURN_IF_ERROR(WhileArriving(ends_, move_, [&]() -> Status {
    LANEMQ_RETURN_IF_ERROR(may_write_());
    if (target.rows > 0) {
      ends_.target.Text() = DeleteRangeText(table, move_.to.key, range);
      LANEMQ_ASSIGN_OR_RETURN(deleted, ends_.target.UpdateText("delete_changed_rows"));
    }
    for (std::string& statement : rows.statements()) {
      ends_.target.Text() = std::move(statement);
      LANEMQ_RETURN_IF_ERROR(ToStatus(ends_.target.UpdateText("insert_moved_rows")));
    }
    return {};
  }));
  copied_.rows += rows.rows() + deleted;
  copied_.bytes += rows.bytes();
  return {};
}

}  // namespace lanemq::sql
