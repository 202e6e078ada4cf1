#pragma once

#include <optional>
#include <string_view>

#include "common/base/result.h"
#include "common/core/store/governance_store.h"
#include "sql/driver/connection.h"

namespace lanemq::sql {

// Requests for changes as rows of the metadata schema. Errors are the driver's, and
// kFailedPrecondition for a row that only a newer version understands.

/// With its bundle.
Result<std::optional<core::StoredRequest>> ReadRequest(Connection& connection, std::int64_t id);

struct LockedRequest {
  core::StoredRequest stored;  ///< Without its bundle.
  bool has_bundle = false;     ///< In its own row: a metaserver wrote it that knows no other place.
};
/// Holds its row until the transaction ends. nullopt: there is none.
Result<std::optional<LockedRequest>> LockRequest(Connection& connection, std::int64_t id);

Result<core::Bundle> ReadBundle(Connection& connection, std::int64_t request);
Status SaveBundle(Connection& connection, std::int64_t request, const core::Bundle& bundle);
/// A row of list_change_requests. nullopt: not understood here.
std::optional<core::StoredRequest> RequestFromListRow(const Row& row);

/// The column `retry_at`: NULL unless it is being applied.
[[nodiscard]] Param RetryOf(const core::ChangeRequest& request);
/// Writes the row of this id and version, without its bundle, which is none of it any more. False:
/// it has another version, or is gone.
Result<bool> UpdateRequest(Connection& connection, const core::StoredRequest& stored);

/// Keeps what happened to the request, which was `before` (null: it was not there), until somebody
/// is told. In the transaction in which it happens, and once in it.
Status KeepEvent(Connection& connection, Param now, const core::ChangeRequest* before,
                 const core::ChangeRequest& after);
/// An alert notice that no alert makes. Whoever is on call sends it. One that is there stays.
Status InsertForOnCall(Connection& connection, const core::AlertNotice& notice);

}  // namespace lanemq::sql
