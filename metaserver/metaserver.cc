#include "metaserver/metaserver.h"

#include <algorithm>
#include <array>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "ControlPlane.h"
#include "common/base/log.h"
#include "common/base/random.h"
#include "common/rpc/admin_server.h"
#include "common/rpc/server.h"
#include "metaserver/coordinator/group_expiry.h"
#include "metaserver/coordinator/slot_keeper.h"
#include "metaserver/discovery/outbox_board.h"
#include "metaserver/handlers/control_plane.h"
#include "metaserver/jobs/job_runner.h"
#include "metaserver/metrics.h"

namespace lanemq::metaserver {
namespace {

constexpr std::chrono::milliseconds kStartAttemptTimeout{10'000};
constexpr std::chrono::milliseconds kStartPause{500};
/// Each is several time series, and one line of /status.
constexpr std::size_t kOutboxSeriesMax = 500;
constexpr std::size_t kOutboxesShown = 100;

std::string HostName() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  return name.data();
}

bool IsEveryAddress(const std::string& host) { return host == "0.0.0.0" || host == "::"; }

SnapshotCache::Options CacheOptions(const Options& options) {
  return {.poll_interval = options.poll_interval};
}

CatalogService::Options CatalogOptions(const Options& options) {
  return {.change_timeout = options.change_timeout};
}

BrokerRegistry::Options RegistryOptions(const Options& options) {
  return {.session_timeout = options.session_timeout};
}

core::LeaseTrust::Options SlotLease(const Options& options) {
  return {.ttl = options.group_slot_lease, .margin = options.group_slot_lease / 5};
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

/// The worst first.
nlohmann::ordered_json OutboxesJson(const std::vector<core::RegisteredOutbox>& worst,
                                    std::size_t count) {
  nlohmann::ordered_json json = {{"count", count}, {"worst", nlohmann::ordered_json::array()}};
  for (const core::RegisteredOutbox& outbox : worst) {
    const core::OutboxReport& report = outbox.report;
    json["worst"].push_back(
        {{"outbox", report.outbox},
         {"ready", report.ready},
         {"held", report.held},
         {"dead", report.dead},
         {"oldest_age_ms", report.oldest_age.count()},
         {"silent_ms",
          std::chrono::duration_cast<std::chrono::milliseconds>(outbox.silent_for).count()},
         {"relays", report.relays},
         {"unowned_buckets", report.unowned_buckets},
         {"last_error", report.last_error}});
  }
  return json;
}

}  // namespace

class Metaserver::Impl {
 public:
  Impl(Options options, Storage storage, const Clock& clock)
      : options_(std::move(options)),
        storage_(std::move(storage)),
        clock_(clock),
        cache_(CacheOptions(options_), storage_.catalog, clock, storage_.on_nodes),
        catalog_(CatalogOptions(options_), storage_.catalog, storage_.messages, storage_.nodes,
                 cache_, clock),
        registry_(RegistryOptions(options_), storage_.catalog, cache_, clock),
        coordinator_(CoordinatorOptions(options_), storage_.groups,
                     {[this] { return NodesWithOffsets(); }, storage_.offsets_on}, clock),
        expiry_(ExpiryOptions(options_), storage_.groups, coordinator_, clock),
        directory_(options_.group_slot_lease, clock),
        outboxes_({}, storage_.outboxes, clock),
        services_{.catalog = catalog_,
                  .registry = registry_,
                  .cache = cache_,
                  .nodes = storage_.nodes,
                  .groups = storage_.groups,
                  .outboxes = storage_.outboxes,
                  .coordinator = coordinator_,
                  .directory = directory_,
                  .clock = clock,
                  .heartbeat_interval = options_.heartbeat_interval,
                  .version = Version()},
        admin_({.host = options_.admin_host, .port = options_.admin_port}) {
    AddAdminPages();
  }

  Status Start() {
    LANEMQ_RETURN_IF_ERROR(admin_.Start());
    LANEMQ_RETURN_IF_ERROR(WaitForDatabase());
    LANEMQ_RETURN_IF_ERROR(Serve());
    cache_.Start();
    const core::Endpoint self = Self();
    // Known to others before the first request; when this fails the job repeats it.
    if (storage_.catalog.RegisterMetaserver(self, Deadline::After(clock_, kStartAttemptTimeout))
            .ok()) {
      cache_.Reload();
    }
    {
      MutexLock lock(mutex_);
      jobs_ = std::make_unique<JobRunner>(JobOptions(options_, self), storage_.leases,
                                          storage_.catalog, catalog_, cache_, clock_);
      jobs_->Start();
    }
    coordinator_.Start();
    keeper_ = std::make_unique<SlotKeeper>(KeeperOptions(options_, self), storage_.leases,
                                           coordinator_, directory_, clock_);
    keeper_->Tick();  // A metaserver that is ready knows who coordinates what.
    keeper_->Start();
    expiry_.Start();
    outboxes_.Start();
    is_ready_ = true;
    LANEMQ_LOG(INFO, "metaserver.ready", {"host", self.host}, {"port", self.port},
               {"admin_port", admin_.port()}, {"cluster", cache_.Current()->cluster_id},
               {"version", cache_.Current()->version});
    return {};
  }

  void RequestStop() {
    MutexLock lock(mutex_);
    is_stopping_ = true;
    wake_.NotifyAll();
  }

  void Stop() {
    RequestStop();
    is_ready_ = false;
    services_.is_draining = true;
    expiry_.Stop();
    outboxes_.Stop();
    if (server_) {
      // Members go to the next coordinator at once, and find it.
      const Status drained = server_->Drain(options_.drain_timeout, [this] {
        if (keeper_) keeper_->Stop();
      });
      if (!drained.ok()) {
        LANEMQ_LOG(WARN, "metaserver.drain_cut", {"error", drained.error().message});
      }
      handler_->Stop();
    }
    if (keeper_) keeper_->Stop();
    coordinator_.Stop();
    cache_.Stop();
    // Not under the lock: the jobs' last step may take a while, and the admin pages look at them.
    if (jobs_) jobs_->Stop();
    admin_.Stop();
  }

  [[nodiscard]] std::uint16_t port() const { return server_ ? server_->port() : 0; }
  [[nodiscard]] std::uint16_t admin_port() const { return admin_.port(); }

 private:
  Status WaitForDatabase() {
    const MonotonicTime give_up = clock_.Now() + options_.startup_timeout;
    for (int attempt = 1;; ++attempt) {
      const Status opened = OpenDatabase();
      if (opened.ok()) return {};
      const bool is_hopeless = opened.error().code == ErrorCode::kFailedPrecondition ||
                               opened.error().code == ErrorCode::kInvalidConfig;
      if (is_hopeless || clock_.Now() + kStartPause >= give_up) {
        return opened.error().Wrap(
            fmt::format("metadata database {}:{}", options_.meta_host, options_.meta_port));
      }
      LANEMQ_LOG(WARN, "metaserver.waiting_for_database",
                 {"address", fmt::format("{}:{}", options_.meta_host, options_.meta_port)},
                 {"attempt", attempt}, {"error", opened.error().ToString()});
      MutexLock lock(mutex_);
      if (!is_stopping_) wake_.WaitFor(mutex_, kStartPause);
      if (is_stopping_) return Error{ErrorCode::kShuttingDown, "told to stop before it was ready"};
    }
  }

  Status OpenDatabase() {
    const Deadline deadline = Deadline::After(clock_, kStartAttemptTimeout);
    if (options_.migrate) LANEMQ_RETURN_IF_ERROR(storage_.migrate(deadline));
    const std::string fresh_id = fmt::format("{:016x}", Random::FromSystem().PositiveId());
    const auto cluster = storage_.catalog.EnsureCluster(fresh_id, deadline);
    if (!cluster.ok()) return cluster.error();
    return cache_.Load();
  }

  Status Serve() {
    handler_ = std::make_shared<ControlPlane>(
        ControlPlane::Options{.change_threads = static_cast<std::size_t>(options_.change_threads)},
        services_);
    rpc::ServerOptions server;
    server.host = options_.listen_host;
    server.port = options_.listen_port;
    server.name = "meta";
    server.on_call = [this](const rpc::CallEvent& event) { metrics_.OnCall(event); };
    server_ = std::make_unique<rpc::Server>(
        server, std::make_shared<idl::ControlPlaneAsyncProcessor>(handler_));
    return server_->Start();
  }

  [[nodiscard]] core::Endpoint Self() const {
    core::Endpoint self{options_.advertise_host, options_.advertise_port};
    if (self.host.empty()) {
      self.host = IsEveryAddress(options_.listen_host) ? HostName() : options_.listen_host;
    }
    if (self.port == 0) self.port = server_->port();
    return self;
  }

  [[nodiscard]] Result<std::vector<core::DataNode>> NodesWithOffsets() const {
    // A node that was added since must not be left out.
    if (!cache_.is_fresh()) {
      return Error{ErrorCode::kMetadataUnavailable, "the data nodes are not known for certain"};
    }
    std::vector<core::DataNode> nodes = cache_.Current()->nodes;
    std::erase_if(
        nodes, [](const core::DataNode& node) { return node.state == core::NodeState::kDisabled; });
    return nodes;
  }

  [[nodiscard]] JobStats Jobs() const {
    MutexLock lock(mutex_);
    return jobs_ ? jobs_->Stats() : JobStats{};
  }

  [[nodiscard]] CoordinatorStats Groups() const {
    CoordinatorStats groups = coordinator_.Stats();
    // A database that hangs has not been noticed as one that fails.
    if (is_ready_ && !directory_.is_fresh()) groups.is_degraded = true;
    return groups;
  }

  void AddAdminPages() {
    admin_.Handle("/healthz", [](const std::string&) { return rpc::AdminReply{200, "ok\n"}; });
    admin_.Handle("/readyz", [this](const std::string&) {
      // A server with a cached catalogue is ready: it answers while the database is down.
      if (!is_ready_) return rpc::AdminReply{503, "not ready\n"};
      const bool is_degraded = Groups().is_degraded;
      return rpc::AdminReply{200, is_degraded ? "ready; groups cannot rebalance: the metadata "
                                                "database does not answer\n"
                                              : "ready\n"};
    });
    admin_.Handle("/version", [](const std::string&) {
      return rpc::AdminReply{200, "lanemq-metaserver " + Version() + "\n"};
    });
    admin_.Handle("/config", [this](const std::string&) {
      return rpc::AdminReply{200, options_.ToJson(), "application/json"};
    });
    admin_.Handle("/status", [this](const std::string&) {
      return rpc::AdminReply{200, StatusJson(), "application/json"};
    });
    admin_.Handle("/metrics", [this, render = rpc::MetricsHandler(metrics_.registry())](
                                  const std::string& query) {
      const bool is_up = is_ready_;
      metrics_.Update(cache_, Jobs(), is_up ? server_->Stats() : rpc::ServerStats{}, clock_.Now());
      metrics_.Update(Groups());
      metrics_.Update(outboxes_.Worst(kOutboxSeriesMax), outboxes_.count());
      return render(query);
    });
  }

  std::string StatusJson() const {
    const auto snapshot = cache_.Current();
    const JobStats jobs = Jobs();
    const CoordinatorStats groups = Groups();
    const auto of = [&](core::GroupState state) {
      return groups.groups[static_cast<std::size_t>(state)];
    };
    const auto age = clock_.Now() - cache_.confirmed_at();
    nlohmann::ordered_json json = {
        {"role", "metaserver"},
        {"version", Version()},
        {"is_ready", is_ready_.load()},
        {"cluster_id", snapshot->cluster_id},
        {"catalog",
         {{"version", snapshot->version},
          {"is_fresh", cache_.is_fresh()},
          {"age_ms", std::chrono::duration_cast<std::chrono::milliseconds>(age).count()},
          {"topics", snapshot->topics.size()},
          {"nodes", snapshot->nodes.size()},
          {"brokers", snapshot->brokers.size()},
          {"metaservers", snapshot->metaservers.size()}}},
        {"jobs",
         {{"is_leader", jobs.token.has_value()},
          {"token", jobs.token.value_or(0)},
          {"terms", jobs.terms},
          {"evicted", jobs.evicted},
          {"held_back", jobs.held_back},
          {"suspects_itself", jobs.suspects_itself},
          {"finished_topics", jobs.finished_topics},
          {"unfinished_topics", jobs.unfinished_topics},
          {"failures", jobs.failures}}},
        {"groups",
         {{"slots_held", groups.slots_held},
          {"slots_loading", groups.slots_loading},
          {"is_degraded", groups.is_degraded},
          {"preparing_rebalance", of(core::GroupState::kPreparingRebalance)},
          {"completing_rebalance", of(core::GroupState::kCompletingRebalance)},
          {"stable", of(core::GroupState::kStable)},
          {"empty", of(core::GroupState::kEmpty)},
          {"members", groups.members},
          {"rebalances", groups.rebalances}}}};
    json["outboxes"] = OutboxesJson(outboxes_.Worst(kOutboxesShown), outboxes_.count());
    return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  }

  const Options options_;
  const Storage storage_;
  const Clock& clock_;
  Metrics metrics_;
  SnapshotCache cache_;
  CatalogService catalog_;
  BrokerRegistry registry_;
  Coordinator coordinator_;
  GroupExpiry expiry_;
  SlotDirectory directory_;
  OutboxBoard outboxes_;
  Services services_;
  std::atomic<bool> is_ready_{false};

  mutable Mutex mutex_;
  CondVar wake_;
  bool is_stopping_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::unique_ptr<JobRunner> jobs_;  // Set once, under the lock.
  std::unique_ptr<SlotKeeper> keeper_;
  std::shared_ptr<ControlPlane> handler_;
  std::unique_ptr<rpc::Server> server_;
  rpc::AdminServer admin_;
};

Metaserver::Metaserver(Options options, Storage storage, const Clock& clock)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(storage), clock)) {}
Metaserver::~Metaserver() { impl_->Stop(); }

Status Metaserver::Start() { return impl_->Start(); }
void Metaserver::RequestStop() { impl_->RequestStop(); }
void Metaserver::Stop() { impl_->Stop(); }
std::uint16_t Metaserver::port() const { return impl_->port(); }
std::uint16_t Metaserver::admin_port() const { return impl_->admin_port(); }

}  // namespace lanemq::metaserver
