#pragma once

#include <functional>

#include "common/core/store/catalog_store.h"
#include "sql/driver/connection_pool.h"

namespace lanemq::sql {

/// Runs `body`, which only reads, on a connection of the metadata database; once more on another
/// one when the first turns out to be broken.
Status ReadMeta(ConnectionPool& pool, Deadline deadline,
                const std::function<Status(Connection&)>& body);

/// kFenced unless the term of `fence` is the newest. Inside a transaction: the term cannot end
/// before the transaction does.
Status CheckFence(Connection& connection, const core::Fence& fence);

}  // namespace lanemq::sql
