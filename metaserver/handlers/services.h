#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/slow_log.h"
#include "common/core/store/access_store.h"
#include "common/core/store/alert_store.h"
#include "common/core/store/audit_log.h"
#include "common/core/store/canary_registry.h"
#include "common/core/store/group_store.h"
#include "common/core/store/lag_history.h"
#include "common/core/store/move_store.h"
#include "common/core/store/node_admin.h"
#include "common/core/store/outbox_registry.h"
#include "common/core/store/people_store.h"
#include "common/guard/guard.h"
#include "common/guard/settings.h"
#include "metaserver/access/access_service.h"
#include "metaserver/access/audit_reader.h"
#include "metaserver/access/denial_log.h"
#include "metaserver/catalog/catalog_service.h"
#include "metaserver/catalog/snapshot_cache.h"
#include "metaserver/coordinator/coordinator.h"
#include "metaserver/coordinator/slot_directory.h"
#include "metaserver/discovery/broker_registry.h"
#include "metaserver/oncall/channel_sender.h"

namespace lanemq::metaserver {

class FactsBoard;
class Governance;
class JobRunner;
class MoveRunner;
class OnCall;
class PasswordCheck;

/// What the handlers work with. Outlives the server.
struct Services {
  Guard& guard;
  AccessService& book;  ///< What the guard goes by.
  DenialLog& denials;
  core::AccessStore& access;
  core::AuditLog& audit;
  AuditReader& audits;  ///< That one, and those of data nodes.
  core::PeopleStore& people;
  PasswordCheck& passwords;
  CatalogService& catalog;
  BrokerRegistry& registry;
  SnapshotCache& cache;
  core::NodeAdmin& nodes;
  core::GroupStore& groups;
  core::OutboxRegistry& outboxes;
  core::AlertStore& alerts;
  core::LagHistory& lag_history;
  core::CanaryRegistry& canaries;
  core::MoveStore& moves;
  ChannelSender& channels;  ///< For tests of channels.
  Coordinator& coordinator;
  SlotDirectory& directory;
  const Clock& clock;
  std::chrono::milliseconds heartbeat_interval{1'000};
  std::string version;
  std::vector<Setting> settings;
  WallTime started_at = clock.WallNow();
  std::string runbook_url;  ///< See RunbookUrl().
  std::shared_ptr<SlowLog> slow_log = std::make_shared<SlowLog>(SlowLog::Options{});
  std::atomic<bool> is_draining{false};
  std::atomic<OnCall*> on_call{nullptr};         ///< nullptr while the server starts.
  std::atomic<FactsBoard*> facts{nullptr};       ///< The same.
  std::atomic<Governance*> governance{nullptr};  ///< The same.
  std::atomic<JobRunner*> jobs{nullptr};         ///< The same.
  std::atomic<MoveRunner*> mover{nullptr};       ///< The same.
};

}  // namespace lanemq::metaserver
