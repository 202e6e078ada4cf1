#include "metaserver/wiring.h"

#include <algorithm>
#include <array>
#include <unistd.h>
#include <utility>

#include "common/base/log.h"
#include "common/base/random.h"
#include "common/rpc/tls.h"
#include "common/rpc/token_file.h"

namespace lanemq::metaserver {
namespace {

std::string HostName() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  return name.data();
}

/// The book of a large cluster, which brokers ask for.
constexpr std::size_t kReplyBytesMax = 64u << 20;

bool IsEveryAddress(const std::string& host) { return host == "0.0.0.0" || host == "::"; }

/// At least a moment: nothing is waited for by spinning.
std::chrono::milliseconds Scaled(std::chrono::milliseconds time, double factor) {
  const double scaled = static_cast<double>(time.count()) * factor;
  return std::max(std::chrono::milliseconds{static_cast<std::int64_t>(scaled)},
                  std::chrono::milliseconds{50});
}

core::LagWindows Windows(const Options& options) {
  core::LagWindows windows;
  for (std::chrono::milliseconds* time :
       {&windows.shortest, &windows.longest, &windows.fresh, &windows.slow_for, &windows.point,
        &windows.gap, &windows.rewind_for}) {
    *time = Scaled(*time, options.on_call_time_scale);
  }
  // What is quiet is looked at in every fourth round: that is no gap yet.
  windows.gap = std::max(windows.gap, 6 * options.lag_interval);
  windows.point = std::max(windows.point, windows.gap / 2);
  return windows;
}

core::LeaseTrust::Options SlotLease(const Options& options) {
  return {.ttl = options.group_slot_lease, .margin = options.group_slot_lease / 5};
}

core::AlertTimes Times(const Options& options) {
  core::AlertTimes times;
  times.resolve_after = options.alert_resolve_after;
  return times.Scaled(options.on_call_time_scale);
}

}  // namespace

SnapshotCache::Options CacheOptions(const Options& options) {
  return {.poll_interval = options.poll_interval};
}

CatalogService::Options CatalogOptions(const Options& options) {
  CatalogService::Options out{.change_timeout = options.change_timeout,
                              .undelete_retention = options.topic_undelete_retention};
  if (auto hosts = core::LoginHosts::Parse(options.node_user_hosts); hosts.ok()) {
    out.servers_login_hosts = *std::move(hosts);
  }
  return out;
}

BrokerRegistry::Options RegistryOptions(const Options& options) {
  return {.session_timeout = options.session_timeout};
}

Coordinator::Options CoordinatorOptions(const Options& options) {
  Coordinator::Options coordinator;
  core::GroupLimits& limits = coordinator.slot.limits;
  limits.session_timeout_min = options.group_min_session_timeout;
  limits.session_timeout_max = options.group_max_session_timeout;
  limits.initial_rebalance_delay = options.group_initial_rebalance_delay;
  limits.members_max = static_cast<std::size_t>(options.group_max_size);
  coordinator.slot.lease = SlotLease(options);
  return coordinator;
}

GroupExpiry::Options ExpiryOptions(const Options& options) {
  GroupExpiry::Options expiry;
  expiry.retention = options.offsets_retention;
  expiry.every = options.offsets_retention_check_interval;
  return expiry;
}

SlotKeeper::Options KeeperOptions(const Options& options, const core::Endpoint& self) {
  using std::chrono::milliseconds;
  SlotKeeper::Options keeper;
  keeper.self = self;
  keeper.owner = LeaseOwner(self, Random::FromSystem().PositiveId());
  keeper.lease = SlotLease(options);
  keeper.tick = std::clamp(options.group_slot_lease / 20, milliseconds{20}, milliseconds{500});
  keeper.call_timeout =
      std::clamp(options.group_slot_lease / 5, milliseconds{200}, milliseconds{3'000});
  return keeper;
}

JobRunner::Options JobOptions(const Options& options, core::Endpoint self) {
  JobRunner::Options jobs;
  jobs.owner = LeaseOwner(self, Random::FromSystem().PositiveId());
  jobs.self = std::move(self);
  jobs.tick = options.heartbeat_interval;
  jobs.lease = {.ttl = options.lease_ttl, .margin = options.lease_ttl / 5};
  jobs.eviction = {.session_timeout = options.session_timeout,
                   .one_in = static_cast<std::size_t>(options.eviction_one_in),
                   .window = options.eviction_window};
  jobs.finish_every = options.finish_interval;
  return jobs;
}

Governance::Options GovernanceOptions(const Options& options, const core::Endpoint& self) {
  Governance::Options governance;
  governance.applier.owner = LeaseOwner(self, Random::FromSystem().PositiveId());
  governance.applier.tick = std::min(options.heartbeat_interval, governance.applier.tick);
  governance.applier.lease = {.ttl = options.lease_ttl, .margin = options.lease_ttl / 5};
  governance.notices.every = std::min(2 * options.heartbeat_interval, governance.notices.every);
  return governance;
}

MoveRunner::Options MoveOptions(const Options& options, const core::Endpoint& self) {
  MoveRunner::Options moves;
  moves.owner = LeaseOwner(self, Random::FromSystem().PositiveId());
  moves.tick = std::min(options.heartbeat_interval, moves.tick);
  moves.lease = {.ttl = options.lease_ttl, .margin = options.lease_ttl / 5};
  return moves;
}

AccessPart::Options AccessOptions(const Options& options) {
  AccessPart::Options access;
  access.auth = options.auth;
  access.setup_token_file = options.setup_token_file;
  access.book.poll_interval = options.poll_interval;
  return access;
}

Result<rpc::ClientOptions> PeerOptions(const Options& options) {
  rpc::ClientOptions peers;
  peers.name = "on-call";
  peers.connections_per_endpoint_max = 1;
  peers.connect_timeout = std::chrono::milliseconds{500};
  if (!options.token_file.empty()) {
    LANEMQ_ASSIGN_OR_RETURN(peers.token, rpc::TokenFromFile(options.token_file));
  }
  // All metaservers of a cluster speak alike.
  const rpc::TlsServerOptions& own = options.auth.tls;
  if (!own.certificate_file.empty()) {
    rpc::TlsClientOptions tls;
    tls.ca_file = options.ca_file;
    if (!own.client_ca_file.empty()) {
      tls.certificate_file = own.certificate_file;
      tls.key_file = own.key_file;
    }
    LANEMQ_ASSIGN_OR_RETURN(peers.tls, rpc::TlsClient::Make(std::move(tls)));
  }
  return peers;
}

SlowLog::Options SlowOptions(const Options& options) {
  return {.request = options.slow_request, .sql = options.slow_sql};
}

CurlChannelSender::Options ChannelOptions(const Options& options) {
  CurlChannelSender::Options channels;
  channels.transfer.proxy = options.alert_proxy;
  channels.transfer.ca_file = options.alert_ca_file;
  channels.secrets_dir = options.alert_secrets_dir;
  return channels;
}

Notifier::Options NotifierOptions(const Options& options, const core::Endpoint& self,
                                  std::function<std::string()> cluster) {
  Notifier::Options notifier;
  notifier.times = Times(options);
  notifier.tick =
      std::max(Scaled(notifier.tick, options.on_call_time_scale), std::chrono::milliseconds{50});
  notifier.runbook_url = options.alert_runbook_url;
  notifier.watchdog_url = options.alert_watchdog_url;
  notifier.self = self.host + ":" + std::to_string(self.port);
  notifier.cluster = std::move(cluster);
  return notifier;
}

AlertEngine::Options AlertOptions(const Options& options, std::function<std::string()> cluster) {
  AlertEngine::Options alerts;
  alerts.times = Times(options);
  alerts.time_scale = options.on_call_time_scale;
  alerts.settings_every = std::max(Scaled(alerts.settings_every, options.on_call_time_scale),
                                   std::chrono::milliseconds{100});
  alerts.blind_after = Scaled(alerts.blind_after, options.on_call_time_scale);
  alerts.cluster = std::move(cluster);
  return alerts;
}

FactsBoard::Options FactsOptions(const Options& options) {
  const double scale = options.on_call_time_scale;
  FactsBoard::Options facts;
  facts.times.every = std::max(Scaled(facts.times.every, scale), std::chrono::milliseconds{500});
  facts.times.slow_every =
      std::max(Scaled(facts.times.slow_every, scale), std::chrono::milliseconds{500});
  for (auto* within : {&facts.times.query.letters_within, &facts.times.query.losses_within}) {
    *within = Scaled(std::chrono::duration_cast<std::chrono::milliseconds>(*within), scale);
  }
  // Checked with the other options.
  if (auto parsed = ParseCapacities(options.node_capacity_bytes); parsed.ok()) {
    facts.capacities = *std::move(parsed);
  }
  return facts;
}

std::unique_ptr<HygieneReminders> MakeHygiene(const Options& options, const Storage& storage,
                                              const SnapshotCache& cache,
                                              const Services& services) {
  HygieneReminders::Options hygiene;
  hygiene.every = options.hygiene_interval;
  hygiene.again_in = std::min(hygiene.again_in, hygiene.every);
  const auto world = [&services]() -> Result<core::PolicyWorld> {
    Governance* const governance = services.governance;
    if (governance != nullptr) return governance->World();
    return Error{ErrorCode::kMetadataUnavailable, "this metaserver starts"};
  };
  auto reminders = std::make_unique<HygieneReminders>(
      std::move(hygiene),
      HygieneReminders::Parts{storage.governance, storage.alerts, storage.lag_history,
                              [&cache] { return cache.Current(); }, world},
      services.clock);
  reminders->Start();
  return reminders;
}

OnCall::Options OnCallOptions(const Options& options, core::Endpoint self) {
  const double scale = options.on_call_time_scale;
  OnCall::Options on_call;
  on_call.owner = LeaseOwner(self, Random::FromSystem().PositiveId());
  on_call.self = std::move(self);
  on_call.tick = std::min(options.heartbeat_interval, options.lease_ttl / 10);
  on_call.lease = {.ttl = options.lease_ttl, .margin = options.lease_ttl / 5};
  on_call.call_timeout =
      std::clamp(options.lease_ttl / 5, std::chrono::milliseconds{200}, on_call.call_timeout);
  on_call.sampler.interval = options.lag_interval;
  on_call.evaluation.windows = Windows(options);
  on_call.groups.every = options.lag_interval;
  on_call.groups.rebalances_within = Scaled(std::chrono::minutes{15}, scale);
  on_call.history.write_every = Scaled(on_call.history.write_every, scale);
  return on_call;
}

rpc::ServerOptions RpcOptions(const Options& options) {
  rpc::ServerOptions server;
  server.host = options.listen_host;
  server.port = options.listen_port;
  server.name = "meta";
  server.limits.reply_bytes_max = kReplyBytesMax;
  server.limits.unidentified.connections_per_address_max =
      static_cast<std::size_t>(options.unidentified_per_address_max);
  return server;
}

void WarnOfNoOwnToken(const Options& options) {
  if (options.auth.mode == AuthMode::kNone || !options.token_file.empty() ||
      !options.auth.tls.client_ca_file.empty()) {
    return;
  }
  LANEMQ_LOG(WARN, "metaserver.no_own_token",
             {"other_metaservers_refuse", "to describe groups to this one"},
             {"to_change_that", "--token-file, of a service of kind server"});
}

core::Endpoint AdvertisedEndpoint(const Options& options, std::uint16_t port) {
  core::Endpoint self{options.advertise_host, options.advertise_port};
  if (self.host.empty()) {
    self.host = IsEveryAddress(options.listen_host) ? HostName() : options.listen_host;
  }
  if (self.port == 0) self.port = port;
  return self;
}

}  // namespace lanemq::metaserver
