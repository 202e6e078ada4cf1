#pragma once

#include <cstdint>
#include <string_view>

#include "common/base/result.h"
#include "common/core/types/ids.h"
#include "sql/driver/connection.h"
#include "sql/store/message_table.h"

namespace lanemq::sql {

/// Appends rows that are on the server already behind the newest row of `table`, as a part of the
/// transaction that `connection` is in: they are in the log when it commits.
///
/// `select_rows` is a query whose columns are named position, producer_id, sequence, codec, `key`,
/// headers and body, in this order; position is 0 to n-1, each once. It must not contain unescaped
/// input nor be connection.Text(). Offsets are dense behind the tail, timestamps are `now_us`
/// (microseconds since 1970) or the newest row's when that is later.
///
/// The transaction must be Isolation::kRepeatableRead: then the tail is locked from here on to its
/// end, so that a busy appender can neither starve it nor be starved: it waits, finds its offset
/// taken, and looks for the tail again, as it does when another broker has appended. In other
/// isolations it is as safe, but the race is run again each time it is lost.
///
/// Call it before the transaction changes much: whoever has done less is rolled back in a deadlock.
/// Answers the offset of position 0 (with no rows: the one that would have been). Errors:
/// kConflict: a race was lost, RunInTransaction() runs everything again; kUnknownTopicOrPartition.
Result<core::Offset> AppendSelected(Connection& connection, const MessageTable& table,
                                    std::string_view select_rows, std::int64_t now_us);

}  // namespace lanemq::sql
