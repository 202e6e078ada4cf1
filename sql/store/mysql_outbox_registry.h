#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "common/core/store/outbox_registry.h"
#include "sql/driver/connection_pool.h"
#include "sql/store/meta_time.h"

namespace lanemq::sql {

/// The outboxes' reports in the metadata schema: one row each. New ones that come at the same
/// moment may exceed kOutboxesMax by as many.
class MySqlOutboxRegistry final : public core::OutboxRegistry {
 public:
  /// `pool`, whose default schema is the metadata schema, must outlive the registry.
  explicit MySqlOutboxRegistry(ConnectionPool& pool, MetaNow now = {})
      : pool_(pool), now_(std::move(now)) {}

  Status Report(const core::OutboxReport& report, std::string_view reporter,
                Deadline deadline) override;
  Result<std::vector<core::RegisteredOutbox>> List(Deadline deadline) override;
  Status Forget(std::string_view outbox, const core::AuditNote& note, Deadline deadline) override;

 private:
  ConnectionPool& pool_;
  const MetaNow now_;
};

}  // namespace lanemq::sql
