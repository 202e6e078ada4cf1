#pragma once

#include <functional>
#include <memory>
#include <span>

#include "common/base/slow_log.h"
#include "common/core/store/access_store.h"
#include "common/core/store/alert_store.h"
#include "common/core/store/audit_log.h"
#include "common/core/store/canary_registry.h"
#include "common/core/store/catalog_store.h"
#include "common/core/store/governance_store.h"
#include "common/core/store/group_store.h"
#include "common/core/store/lag_history.h"
#include "common/core/store/lag_source.h"
#include "common/core/store/lease_store.h"
#include "common/core/store/message_store.h"
#include "common/core/store/move_store.h"
#include "common/core/store/node_admin.h"
#include "common/core/store/node_facts.h"
#include "common/core/store/node_vault.h"
#include "common/core/store/offset_store.h"
#include "common/core/store/outbox_registry.h"
#include "common/core/store/partition_mover.h"
#include "common/core/store/people_store.h"

namespace lanemq::metaserver {

/// Everything a metaserver keeps elsewhere. main.cc fills it in; nothing here knows SQL.
/// The stores are not owned and outlive the metaserver.
struct Storage {
  core::CatalogStore& catalog;
  core::LeaseStore& leases;
  core::MessageStore& messages;
  core::NodeAdmin& nodes;
  const core::NodeVault& vault;
  core::GroupStore& groups;
  core::OutboxRegistry& outboxes;
  core::AlertStore& alerts;
  core::LagHistory& lag_history;
  core::CanaryRegistry& canaries;
  core::AccessStore& access;
  core::AuditLog& audit;
  core::PeopleStore& people;
  core::GovernanceStore& governance;
  core::MoveStore& moves;
  core::PartitionMover& mover;
  /// The committed offsets on one data node.
  std::function<std::unique_ptr<core::OffsetStore>(core::NodeId)> offsets_on;
  /// The lag of groups on one data node.
  std::function<std::unique_ptr<core::LagSource>(core::NodeId)> lag_on;
  /// What alerts are about on one data node, besides lag.
  std::function<std::unique_ptr<core::NodeFactsSource>(core::NodeId)> facts_on;
  /// Brings the metadata schema up to date; called at the start, until it succeeds.
  std::function<Status(Deadline)> migrate;
  /// Told the data nodes of each new catalogue, so that `messages` can reach them.
  std::function<void(std::span<const core::DataNode>)> on_nodes;
  /// Where slow statements are written down; requests go there, too. Null: to one of their own.
  std::shared_ptr<SlowLog> slow_log = nullptr;
};

}  // namespace lanemq::metaserver
