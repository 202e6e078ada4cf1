#include "sql/store/log_append.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace lanemq::sql {
namespace {

struct Tail {
  std::int64_t next = 0;
  std::int64_t timestamp_us = 0;  ///< Of the newest row; 0: none.
};

/// The end of the log, locked as far as the isolation allows.
Result<Tail> LockTail(Connection& connection, const MessageTable& table) {
  std::optional<std::int64_t> log_start;
  std::int64_t from = 0;
  table.SelectTail(connection.Text());
  LANEMQ_RETURN_IF_ERROR(connection.QueryText("read_tail", [&](const Row& row) {
    log_start = row.Int64(0);
    from = row.IsNull(1) ? *log_start : row.Int64(1);
    return false;
  }));
  if (!log_start) {
    return Error{ErrorCode::kUnknownTopicOrPartition, table.name() + " has no partition_state row"};
  }
  // Upwards from a row that is committed: it waits for an append that is under way without holding
  // the gap which that one still needs. Downwards (ORDER BY ... DESC LIMIT 1) takes the gap first,
  // and an append of several rows is a deadlock.
  connection.Text() = fmt::format(
      "SELECT COALESCE(MAX(`offset`)+1,0),COALESCE(MAX(timestamp_us),0) FROM {} WHERE `offset`>={} "
      "FOR UPDATE",
      table.name(), from);
  Tail tail;
  LANEMQ_RETURN_IF_ERROR(connection.QueryText("lock_tail", [&](const Row& row) {
    tail = {std::max(row.Int64(0), *log_start), row.Int64(1)};
    return false;
  }));
  return tail;
}

}  // namespace

Result<core::Offset> AppendSelected(Connection& connection, const MessageTable& table,
                                    std::string_view select_rows, std::int64_t now_us) {
  LANEMQ_ASSIGN_OR_RETURN(const Tail tail, LockTail(connection, table));
  std::string& text = connection.Text();
  text.clear();
  fmt::format_to(std::back_inserter(text),
                 "INSERT INTO {} (`offset`,timestamp_us,producer_id,sequence,codec,`key`,headers,"
                 "body) SELECT {}+r.position,{},r.producer_id,r.sequence,r.codec,r.`key`,r.headers,"
                 "r.body FROM ({}) r",
                 table.name(), tail.next, std::max(now_us, tail.timestamp_us), select_rows);
  const auto inserted = connection.UpdateText("append_selected");
  if (!inserted.ok()) {
    Error error = inserted.error();
    // Somebody else has appended: everything again, behind it.
    if (error.code == ErrorCode::kAlreadyExists) error.code = ErrorCode::kConflict;
    return error;
  }
  return core::Offset{tail.next};
}

}  // namespace lanemq::sql
