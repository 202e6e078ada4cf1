#pragma once

#include <optional>
#include <string_view>

#include "common/base/result.h"
#include "common/core/store/governance_store.h"
#include "sql/driver/connection.h"
#include "sql/store/access_change.h"

namespace lanemq::sql {

// Requests for changes and facts as rows of the metadata schema. Errors are the driver's, and
// kFailedPrecondition for a row that only a newer version understands.

/// With its bundle, when `statement` reads it: find_change_request, lock_change_request.
Result<std::optional<core::StoredRequest>> ReadRequest(Connection& connection,
                                                       const Statement& statement, std::int64_t id);
/// A row of list_change_requests. nullopt: not understood here.
std::optional<core::StoredRequest> RequestFromListRow(const Row& row);

/// The column `retry_at`: NULL unless it is being applied.
[[nodiscard]] Param RetryOf(const core::ChangeRequest& request);
/// Writes the row of this id and version. False: it has another version, or is gone.
Result<bool> UpdateRequest(Connection& connection, const core::StoredRequest& stored);

/// Of a bundle's things. Each tells the audit log when something was changed.
Status SaveTopicFacts(AccessChange& change, std::string_view name,
                      const core::GovernanceFacts::OfTopic& facts);
Result<core::GovernanceFacts::OfTopic> FindTopicFacts(Connection& connection,
                                                      std::string_view name);
Status SaveGroupFacts(AccessChange& change, std::string_view name,
                      const core::GovernanceFacts::OfGroup& facts);
Status DeleteGroupFacts(AccessChange& change, std::string_view name);
Result<core::GovernanceFacts> ReadFacts(Connection& connection);

}  // namespace lanemq::sql
