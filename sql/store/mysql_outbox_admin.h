#pragma once

#include <string>
#include <utility>
#include <vector>

#include "common/core/store/outbox_admin.h"
#include "sql/driver/connection_pool.h"
#include "sql/store/meta_time.h"

namespace lanemq::sql {

/// The outbox of a team's schema, for people.
class MySqlOutboxAdmin final : public core::OutboxAdmin {
 public:
  /// `pool`, whose default schema is the team's, must outlive it.
  explicit MySqlOutboxAdmin(ConnectionPool& pool, MetaNow now = {})
      : pool_(pool), now_(std::move(now)) {}

  Result<std::vector<core::OutboxMessage>> List(core::OutboxState state,
                                                const std::optional<std::string>& topic,
                                                std::int64_t after_id, std::int32_t limit,
                                                Deadline deadline) override;
  Result<std::vector<core::OutboxHold>> Holds(std::int32_t limit, Deadline deadline) override;
  Result<std::int64_t> Retry(const std::vector<std::int64_t>& ids, Deadline deadline) override;
  Result<std::int64_t> RetryDead(const std::optional<std::string>& topic,
                                 Deadline deadline) override;
  Result<std::int64_t> RetryHolds(Deadline deadline) override;
  Result<std::int64_t> Drop(const std::vector<std::int64_t>& ids, Deadline deadline) override;
  Result<std::vector<core::OutboxPeer>> Peers(Deadline deadline) override;
  Result<core::OutboxStats> Stats(Deadline deadline) override;

 private:
  ConnectionPool& pool_;
  const MetaNow now_;
};

}  // namespace lanemq::sql
