#pragma once

#include <functional>
#include <utility>

#include "common/core/store/move_store.h"
#include "sql/driver/connection_pool.h"
#include "sql/store/meta_time.h"

namespace lanemq::sql {

/// Moves of partitions, beside the catalogue in the metadata schema.
class MySqlMoveStore final : public core::MoveStore {
 public:
  /// `pool`, whose default schema is the metadata schema, must outlive the store.
  explicit MySqlMoveStore(ConnectionPool& pool, MetaNow now = {})
      : pool_(pool), now_(std::move(now)) {}

  Result<std::vector<core::BegunMove>> Begin(const core::NewMoves& moves, bool is_dry_run,
                                             const core::AuditNote& note,
                                             Deadline deadline) override;
  Status Advance(const core::MoveAdvance& advance, const core::Fence& fence,
                 Deadline deadline) override;
  Status Switch(std::int64_t id, const core::Fence& fence, Deadline deadline) override;
  Result<core::MoveRecord> Cancel(std::int64_t id, const core::AuditNote& note,
                                  Deadline deadline) override;
  Result<std::vector<core::MoveRecord>> LoadUnfinished(Deadline deadline) override;
  Result<std::vector<core::MoveRecord>> List(std::int64_t before_id, std::size_t max,
                                             Deadline deadline) override;
  Result<std::int64_t> Expire(std::chrono::microseconds age, std::size_t max,
                              const core::Fence& fence, Deadline deadline) override;

 private:
  ConnectionPool& pool_;
  const MetaNow now_;
};

}  // namespace lanemq::sql
