#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "common/base/result.h"
#include "common/core/types/outbox.h"
#include "sql/driver/connection.h"

namespace lanemq::sql {

/// The current epoch of a session, whose row is locked until the transaction ends; nullopt: gone.
Result<std::optional<core::FencingToken>> LockOutboxSession(Connection& connection,
                                                            std::int64_t session);

/// Locks the session's row. kFenced unless it has exactly this epoch.
Status FenceOutbox(Connection& connection, const core::OutboxSession& session);

[[nodiscard]] Error OutboxFenced(const core::OutboxSession& session);

/// Runs `run(part)` with up to `max` of `all` at a time.
template <typename T, typename Run>
Status InOutboxParts(const std::vector<T>& all, std::size_t max, const Run& run) {
  for (std::size_t i = 0; i < all.size(); i += max) {
    const auto part = std::span<const T>(all).subspan(i, std::min(max, all.size() - i));
    LANEMQ_RETURN_IF_ERROR(run(part));
  }
  return {};
}

}  // namespace lanemq::sql
