#pragma once

#include <atomic>
#include <chrono>
#include <string>

#include "common/base/clock.h"
#include "common/core/store/node_admin.h"
#include "metaserver/catalog/catalog_service.h"
#include "metaserver/catalog/snapshot_cache.h"
#include "metaserver/discovery/broker_registry.h"

namespace lanemq::metaserver {

/// What the handlers work with. Outlives the server.
struct Services {
  CatalogService& catalog;
  BrokerRegistry& registry;
  SnapshotCache& cache;
  core::NodeAdmin& nodes;
  const Clock& clock;
  std::chrono::milliseconds heartbeat_interval{1'000};
  std::string version;
  std::atomic<bool> is_draining{false};
};

}  // namespace lanemq::metaserver
