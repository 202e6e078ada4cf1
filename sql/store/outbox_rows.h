#pragma once

#include <string_view>

#include "common/base/result.h"
#include "common/core/store/outbox_store.h"
#include "common/core/types/outbox.h"
#include "sql/driver/connection.h"
#include "sql/driver/statement.h"

namespace lanemq::sql {

/// Header of a message whose headers, inserted by plain SQL, do not decode: their text as it is.
/// So nothing is lost, and no row stops the reading of others.
inline constexpr std::string_view kBadHeaders = "bad-headers";

/// A row of the statements of outbox_text.h that select messages.
[[nodiscard]] core::OutboxMessage ToOutboxMessage(const Row& row);

/// A row of those that select holds. kCorruptMessage when its domain is none.
Result<core::OutboxHold> ToOutboxHold(const Row& row);

/// All sessions by id; of `own`, its buckets, and the free ones.
Result<core::OutboxView> ReadOutboxView(Connection& connection, Param now, std::int64_t own);

Result<core::OutboxStats> ReadOutboxStats(Connection& connection, Param now);

/// Says that the tables are missing, or of another version, and what to do.
[[nodiscard]] Status OfOutbox(Status status);

}  // namespace lanemq::sql
