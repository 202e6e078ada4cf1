#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "common/base/clock.h"
#include "common/core/store/alert_store.h"
#include "common/core/store/governance_store.h"
#include "common/core/store/lease_store.h"
#include "common/core/store/message_store.h"
#include "common/guard/guard.h"
#include "metaserver/access/access_service.h"
#include "metaserver/catalog/catalog_service.h"
#include "metaserver/catalog/snapshot_cache.h"
#include "metaserver/governance/applier.h"
#include "metaserver/governance/governor.h"
#include "metaserver/governance/request_notices.h"
#include "metaserver/governance/request_waiters.h"
#include "metaserver/governance/topic_use.h"

namespace lanemq::metaserver {

/// What /status and metrics tell of requests.
struct GovernanceFactsShown {
  ApplierStats applier;
  RequestNotices::Counts notices;
};

/// Who decides, in one metaserver, put together: deciding, applying, waiting, telling.
///
/// Thread safety: Start() and Stop() from one owner; the rest from any thread.
class Governance {
 public:
  struct Options {
    Governor::Options governor;
    Applier::Options applier;
    RequestWaiters::Options waiters;
    RequestNotices::Options notices;
  };
  struct Parts {
    core::GovernanceStore& store;
    core::LeaseStore& leases;
    core::AlertStore& alerts;
    core::MessageStore& messages;
    CatalogService& catalog;
    SnapshotCache& cache;
    AccessService& book;
    const Guard& guard;
  };

  Governance(Options options, const Parts& parts, const Clock& clock);
  ~Governance() { Stop(); }
  Governance(const Governance&) = delete;
  Governance& operator=(const Governance&) = delete;

  void Start();
  void Stop();

  [[nodiscard]] core::GovernanceStore& store() { return parts_.store; }
  [[nodiscard]] Governor& governor() { return governor_; }
  [[nodiscard]] RequestWaiters& waiters() { return waiters_; }
  /// What there is at the moment. kMetadataUnavailable.
  Result<core::PolicyWorld> World();
  /// What somebody is at the moment.
  [[nodiscard]] core::Actor ActorOf(const core::Principal& principal) const;
  [[nodiscard]] GovernanceFactsShown Facts() const;

 private:
  Result<core::PolicyWorld> World(Deadline deadline);
  Result<bool> IsInUse(const std::string& topic, std::chrono::hours within, Deadline deadline);
  void Refresh();
  void OnStored();

  const Options options_;
  const Parts parts_;
  const Clock& clock_;
  TopicUse use_;
  RequestNotices notices_;
  RequestWaiters waiters_;
  Governor governor_;
  Applier applier_;
};

}  // namespace lanemq::metaserver
