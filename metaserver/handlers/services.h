#pragma once

#include <atomic>
#include <chrono>
#include <string>

#include "common/base/clock.h"
#include "common/core/store/group_store.h"
#include "common/core/store/node_admin.h"
#include "common/core/store/outbox_registry.h"
#include "metaserver/catalog/catalog_service.h"
#include "metaserver/catalog/snapshot_cache.h"
#include "metaserver/coordinator/coordinator.h"
#include "metaserver/coordinator/slot_directory.h"
#include "metaserver/discovery/broker_registry.h"

namespace lanemq::metaserver {

/// What the handlers work with. Outlives the server.
struct Services {
  CatalogService& catalog;
  BrokerRegistry& registry;
  SnapshotCache& cache;
  core::NodeAdmin& nodes;
  core::GroupStore& groups;
  core::OutboxRegistry& outboxes;
  Coordinator& coordinator;
  SlotDirectory& directory;
  const Clock& clock;
  std::chrono::milliseconds heartbeat_interval{1'000};
  std::string version;
  std::atomic<bool> is_draining{false};
};

}  // namespace lanemq::metaserver
