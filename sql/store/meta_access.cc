#include "sql/store/meta_access.h"

#include <optional>

#include <fmt/format.h>

#include "sql/statements/statements.h"
#include "sql/store/meta_error.h"

namespace lanemq::sql {

Status ReadMeta(ConnectionPool& pool, Deadline deadline,
                const std::function<Status(Connection&)>& body) {
  for (int attempt = 1;; ++attempt) {
    auto connection = pool.Checkout(Access::kRead, deadline);
    if (!connection.ok()) return OfMetadata(connection.error());
    const Status read = body(**connection);
    // A pooled connection may have died while it was idle: one more, fresh one.
    if (read.ok() || (*connection)->is_usable() || attempt == 2 ||
        deadline.HasPassed(pool.clock())) {
      return OfMetadata(read);
    }
  }
}

Status CheckFence(Connection& connection, const core::Fence& fence) {
  std::optional<std::int64_t> epoch;
  LANEMQ_RETURN_IF_ERROR(connection.Query(statements::kReadFence, {std::string_view(fence.lease)},
                                          [&](const Row& row) {
                                            epoch = row.Int64(0);
                                            return false;
                                          }));
  if (epoch == fence.token.value) return {};
  return Error{ErrorCode::kFenced, fmt::format("lease '{}': term {} was followed by {}",
                                               fence.lease, fence.token.value, epoch.value_or(0))};
}

}  // namespace lanemq::sql
