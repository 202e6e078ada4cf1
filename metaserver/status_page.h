#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "common/core/group/group_types.h"
#include "common/core/store/outbox_registry.h"
#include "common/core/types/catalog.h"
#include "metaserver/access/access_part.h"
#include "metaserver/coordinator/coordinator_stats.h"
#include "metaserver/jobs/job_runner.h"

namespace lanemq::metaserver {

/// What /status tells.
struct StatusFacts {
  const core::CatalogSnapshot& snapshot;
  bool is_fresh = false;         ///< The last look at the metadata database succeeded.
  std::chrono::nanoseconds age;  ///< Of the snapshot.
  bool is_ready = false;
  JobStats jobs;
  CoordinatorStats groups;
  std::vector<core::RegisteredOutbox> outboxes;  ///< The worst, worst first.
  std::size_t outbox_count = 0;                  ///< Of all.
  AccessFacts access;
};

/// Pretty JSON.
[[nodiscard]] std::string StatusJson(const StatusFacts& facts);

}  // namespace lanemq::metaserver
