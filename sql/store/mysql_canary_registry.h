#pragma once

#include <span>
#include <utility>
#include <vector>

#include "common/core/store/canary_registry.h"
#include "sql/driver/connection_pool.h"
#include "sql/store/meta_time.h"

namespace lanemq::sql {

/// The canaries' reports in the metadata schema: a row per instance and node. New ones that come at
/// the same moment may exceed kRowsMax by as many.
class MySqlCanaryRegistry final : public core::CanaryRegistry {
 public:
  /// `pool`, whose default schema is the metadata schema, must outlive the registry.
  explicit MySqlCanaryRegistry(ConnectionPool& pool, MetaNow now = {})
      : pool_(pool), now_(std::move(now)) {}

  /// One row after the other: on an error those before it are kept.
  Status Report(std::span<const core::CanaryReport> reports, Deadline deadline) override;
  Result<std::vector<core::RegisteredCanary>> List(Deadline deadline) override;

 private:
  Status ForgetSilent(std::span<const core::RegisteredCanary> silent, Deadline deadline);

  ConnectionPool& pool_;
  const MetaNow now_;
};

}  // namespace lanemq::sql
