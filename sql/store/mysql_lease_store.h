#pragma once

#include <vector>

#include "common/core/store/lease_store.h"
#include "sql/driver/connection_pool.h"
#include "sql/store/meta_time.h"

namespace lanemq::sql {

/// Leases in the metadata schema.
class MySqlLeaseStore final : public core::LeaseStore {
 public:
  /// `pool`, whose default schema is the metadata schema, must outlive the store.
  explicit MySqlLeaseStore(ConnectionPool& pool, MetaNow now = {})
      : pool_(pool), now_(std::move(now)) {}

  Result<core::Lease> Acquire(std::string_view name, std::string_view owner,
                              std::chrono::milliseconds ttl, Deadline deadline) override;
  Status Renew(const core::Lease& lease, std::chrono::milliseconds ttl, Deadline deadline) override;
  Status Release(const core::Lease& lease, Deadline deadline) override;
  Result<std::vector<core::Lease>> Running(std::string_view prefix, Deadline deadline) override;

 private:
  ConnectionPool& pool_;
  const MetaNow now_;
};

}  // namespace lanemq::sql
