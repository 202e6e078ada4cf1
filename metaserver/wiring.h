#pragma once

#include <memory>

#include "common/base/slow_log.h"
#include "common/rpc/client.h"
#include "common/rpc/server.h"
#include "metaserver/access/access_part.h"
#include "metaserver/coordinator/coordinator.h"
#include "metaserver/coordinator/group_expiry.h"
#include "metaserver/coordinator/slot_keeper.h"
#include "metaserver/discovery/broker_registry.h"
#include "metaserver/governance/governance.h"
#include "metaserver/governance/hygiene_reminders.h"
#include "metaserver/handlers/services.h"
#include "metaserver/jobs/job_runner.h"
#include "metaserver/moves/move_runner.h"
#include "metaserver/oncall/alert_engine.h"
#include "metaserver/oncall/channel_sender.h"
#include "metaserver/oncall/facts_board.h"
#include "metaserver/oncall/notifier.h"
#include "metaserver/oncall/on_call.h"
#include "metaserver/options.h"
#include "metaserver/storage.h"

namespace lanemq::metaserver {

// What each part is told of the process' options.

[[nodiscard]] SnapshotCache::Options CacheOptions(const Options& options);
[[nodiscard]] CatalogService::Options CatalogOptions(const Options& options);
[[nodiscard]] BrokerRegistry::Options RegistryOptions(const Options& options);
[[nodiscard]] Coordinator::Options CoordinatorOptions(const Options& options);
[[nodiscard]] GroupExpiry::Options ExpiryOptions(const Options& options);
/// `self`: what others reach this process at. Each call names another owner of leases.
[[nodiscard]] SlotKeeper::Options KeeperOptions(const Options& options, const core::Endpoint& self);
[[nodiscard]] JobRunner::Options JobOptions(const Options& options, core::Endpoint self);
[[nodiscard]] MoveRunner::Options MoveOptions(const Options& options, const core::Endpoint& self);
[[nodiscard]] inline MoveRunner::Stores MoveStores(const Storage& storage) {
  return {storage.leases, storage.moves, storage.mover, storage.messages};
}

[[nodiscard]] Governance::Options GovernanceOptions(const Options& options,
                                                    const core::Endpoint& self);

[[nodiscard]] AccessPart::Options AccessOptions(const Options& options);
/// How other metaservers are called. kInvalidConfig: a file that cannot be read.
[[nodiscard]] Result<rpc::ClientOptions> PeerOptions(const Options& options);

/// Of the server itself, without whom it lets in.
[[nodiscard]] rpc::ServerOptions RpcOptions(const Options& options);

/// Says in the log when other metaservers will not know this one.
void WarnOfNoOwnToken(const Options& options);
/// Where others reach this process, which listens on `port`.
[[nodiscard]] core::Endpoint AdvertisedEndpoint(const Options& options, std::uint16_t port);

[[nodiscard]] SlowLog::Options SlowOptions(const Options& options);
[[nodiscard]] CurlChannelSender::Options ChannelOptions(const Options& options);
/// `cluster`: the id, which is not known at the start.
[[nodiscard]] Notifier::Options NotifierOptions(const Options& options, const core::Endpoint& self,
                                                std::function<std::string()> cluster);
[[nodiscard]] AlertEngine::Options AlertOptions(const Options& options,
                                                std::function<std::string()> cluster);
[[nodiscard]] FactsBoard::Options FactsOptions(const Options& options);
/// Started; ends with its destructor. All of them outlive it.
[[nodiscard]] std::unique_ptr<HygieneReminders> MakeHygiene(const Options& options,
                                                            const Storage& storage,
                                                            const SnapshotCache& cache,
                                                            const Services& services);
[[nodiscard]] OnCall::Options OnCallOptions(const Options& options, core::Endpoint self);

}  // namespace lanemq::metaserver
