#pragma once

#include <string_view>

#include "common/core/store/offset_store.h"
#include "sql/driver/connection.h"

namespace lanemq::sql {

/// An offset row that the transaction has locked.
struct OwnedOffset {
  core::CommittedOffset stored;
  bool is_new = false;  ///< It was not there; without an offset yet.
};

/// Locks the row; makes one for `owner` at `epoch` where there is none. Does not judge.
Result<OwnedOffset> LockOwned(Connection& connection, std::string_view group,
                              const core::PartitionKey& key, const core::OffsetOwner& owner,
                              std::int64_t epoch);

/// Removes the row if LockOwned() has made it.
Status Forget(Connection& connection, std::string_view group, const OwnedOffset& owned);

}  // namespace lanemq::sql
