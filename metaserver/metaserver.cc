#include "metaserver/metaserver.h"

#include <utility>

#include <fmt/format.h>

#include "ControlPlane.h"
#include "common/base/log.h"
#include "common/base/random.h"
#include "common/rpc/admin_server.h"
#include "common/rpc/call_log.h"
#include "common/rpc/server.h"
#include "metaserver/access/sign_in.h"
#include "metaserver/coordinator/group_access.h"
#include "metaserver/discovery/outbox_board.h"
#include "metaserver/governance/governance.h"
#include "metaserver/handlers/control_plane.h"
#include "metaserver/metrics.h"
#include "metaserver/oncall/facts_board.h"
#include "metaserver/oncall/facts_observations.h"
#include "metaserver/oncall/group_describer.h"
#include "metaserver/oncall/on_call.h"
#include "metaserver/status_page.h"
#include "metaserver/wiring.h"

namespace lanemq::metaserver {
namespace {

constexpr std::chrono::milliseconds kStartAttemptTimeout{10'000};
constexpr std::chrono::milliseconds kStartPause{500};
/// Each is several time series, and one line of /status.
constexpr std::size_t kOutboxSeriesMax = 500;
constexpr std::size_t kOutboxesShown = 100;

}  // namespace

class Metaserver::Impl {
 public:
  Impl(Options options, Storage storage, const Clock& clock)
      : options_(std::move(options)),
        storage_(std::move(storage)),
        clock_(clock),
        cache_(CacheOptions(options_), storage_.catalog, clock, storage_.on_nodes),
        catalog_(CatalogOptions(options_), storage_.catalog, storage_.messages, storage_.nodes,
                 storage_.vault, cache_, clock),
        registry_(RegistryOptions(options_), storage_.catalog, cache_, clock),
        coordinator_(CoordinatorOptions(options_), storage_.groups,
                     {[this] { return NodesWithOffsets(); }, storage_.offsets_on}, clock),
        expiry_(ExpiryOptions(options_), storage_.groups, coordinator_, clock),
        directory_(options_.group_slot_lease, clock),
        outboxes_({}, storage_.outboxes, clock),
        channels_(ChannelOptions(options_), clock),
        access_(AccessOptions(options_), storage_.access, storage_.audit, clock),
        group_access_({}, coordinator_, access_.guard(), clock),
        passwords_(storage_.people, clock),
        audits_({}, storage_.audit, storage_.nodes, clock),
        services_{.guard = access_.guard(),
                  .book = access_.service(),
                  .denials = access_.denials(),
                  .access = storage_.access,
                  .audit = storage_.audit,
                  .audits = audits_,
                  .people = storage_.people,
                  .passwords = passwords_,
                  .catalog = catalog_,
                  .registry = registry_,
                  .cache = cache_,
                  .nodes = storage_.nodes,
                  .groups = storage_.groups,
                  .outboxes = storage_.outboxes,
                  .alerts = storage_.alerts,
                  .lag_history = storage_.lag_history,
                  .canaries = storage_.canaries,
                  .moves = storage_.moves,
                  .channels = channels_,
                  .coordinator = coordinator_,
                  .directory = directory_,
                  .clock = clock,
                  .heartbeat_interval = options_.heartbeat_interval,
                  .version = Version(),
                  .settings = options_.settings,
                  .runbook_url = options_.alert_runbook_url,
                  .slow_log = storage_.slow_log ? storage_.slow_log
                                                : std::make_shared<SlowLog>(SlowOptions(options_))},
        admin_({.host = options_.admin_host, .port = options_.admin_port}) {
    AddAdminPages();
  }

  Status Start() {
    LANEMQ_RETURN_IF_ERROR(access_.LoadCertificates());
    LANEMQ_ASSIGN_OR_RETURN(const rpc::ClientOptions peers, PeerOptions(options_));
    WarnOfOpenDoors(options_.auth, options_.listen_host);
    WarnOfNoOwnToken(options_);
    LANEMQ_RETURN_IF_ERROR(admin_.Start());
    LANEMQ_RETURN_IF_ERROR(WaitForDatabase());
    LANEMQ_RETURN_IF_ERROR(Serve());
    access_.Start(*server_);
    cache_.Start();
    const core::Endpoint self = AdvertisedEndpoint(options_, server_->port());
    // Known to others before the first request; when this fails the job repeats it.
    if (storage_.catalog.RegisterMetaserver(self, Deadline::After(clock_, kStartAttemptTimeout))
            .ok()) {
      cache_.Reload();
    }
    catalog_.ResealNodes();
    jobs_ = std::make_unique<JobRunner>(JobOptions(options_, self), storage_.leases,
                                        storage_.catalog, storage_.audit, catalog_, cache_, clock_);
    jobs_->Start();
    services_.jobs = jobs_.get();
    coordinator_.Start();
    keeper_ = std::make_unique<SlotKeeper>(KeeperOptions(options_, self), storage_.leases,
                                           coordinator_, directory_, clock_);
    keeper_->Tick();  // A metaserver that is ready knows who coordinates what.
    keeper_->Start();
    expiry_.Start();
    group_access_.Start();
    outboxes_.Start();
    StartOnCall(self, peers);
    StartGovernance(self);
    StartMoves(self);
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
    group_access_.Stop();
    outboxes_.Stop();
    // What is being sent is marked as sent while the term is still ours.
    if (notifier_) notifier_->Stop();
    if (on_call_) on_call_->Stop();
    if (alerts_) alerts_->Stop();
    // Whoever waits for a request is answered before the server drains.
    if (governance_) governance_->Stop();
    if (mover_) mover_->Stop();
    if (server_) {
      // Members go to the next coordinator at once, and find it.
      const Status drained = server_->Drain(options_.drain_timeout, [this] {
        if (keeper_) keeper_->Stop();
      });
      if (!drained.ok()) {
        LANEMQ_LOG(WARN, "metaserver.drain_cut", {"error", drained.error().message});
      }
      handler_->Stop();
      access_.Stop();
    }
    if (keeper_) keeper_->Stop();
    coordinator_.Stop();
    cache_.Stop();
    if (jobs_) jobs_->Stop();
    admin_.Stop();
  }

  [[nodiscard]] std::uint16_t port() const { return server_ ? server_->port() : 0; }
  [[nodiscard]] std::uint16_t admin_port() const { return admin_.port(); }

 private:
  void StartOnCall(const core::Endpoint& self, const rpc::ClientOptions& peers) {
    describer_ = std::make_unique<GroupDescriber>(services_, self, peers);
    const OnCall::Stores stores{
        .leases = storage_.leases,
        .groups = storage_.groups,
        .alerts = &storage_.alerts,
        .history = &storage_.lag_history,
        .lag_on = storage_.lag_on,
        .describe = [this](const std::string& group,
                           Deadline deadline) { return describer_->Describe(group, deadline); },
        // Asked after StartAlerts() only.
        .canary_failing_for = [this] { return facts_->CanaryFailingFor(); }};
    on_call_ = std::make_unique<OnCall>(OnCallOptions(options_, self), stores, cache_, clock_);
    StartAlerts(self);
    on_call_->Start();
    services_.facts = facts_.get();
    services_.on_call = on_call_.get();
  }

  void StartGovernance(const core::Endpoint& self) {
    const Governance::Parts parts{.store = storage_.governance,
                                  .leases = storage_.leases,
                                  .alerts = storage_.alerts,
                                  .messages = storage_.messages,
                                  .catalog = catalog_,
                                  .cache = cache_,
                                  .book = access_.service(),
                                  .guard = access_.guard()};
    governance_ = std::make_unique<Governance>(GovernanceOptions(options_, self), parts, clock_);
    governance_->Start();
    services_.governance = governance_.get();
  }

  void StartMoves(const core::Endpoint& self) {
    mover_ = std::make_unique<MoveRunner>(
        MoveOptions(options_, self), MoveStores(storage_), [this] { cache_.Reload(); }, clock_);
    mover_->Start();
    services_.mover = mover_.get();
  }

  void StartAlerts(const core::Endpoint& self) {
    const auto cluster = [this] { return cache_.Current()->cluster_id; };
    notifier_ = std::make_unique<Notifier>(NotifierOptions(options_, self, cluster),
                                           storage_.alerts, channels_, clock_);
    alerts_ = std::make_unique<AlertEngine>(AlertOptions(options_, cluster), storage_.alerts,
                                            on_call_->board(), *notifier_, clock_);
    alerts_->AddSource(lag_observations_);
    facts_ = std::make_unique<FactsBoard>(
        FactsOptions(options_),
        FactsBoard::Stores{storage_.facts_on, storage_.nodes, storage_.leases, storage_.canaries,
                           outboxes_},
        cache_, clock_);
    for (ObservationSource* source : std::initializer_list<ObservationSource*>{
             &node_observations_, &cluster_observations_, &canary_observations_}) {
      alerts_->AddSource(*source);
    }
    on_call_->AddPart(*facts_);
    on_call_->AddPart(*alerts_);
    hygiene_ = MakeHygiene(options_, storage_, cache_, services_);
    on_call_->AddPart(*hygiene_);
    notifier_->Start();
    alerts_->Start();
  }

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
    LANEMQ_RETURN_IF_ERROR(storage_.catalog.EnsureCluster(fresh_id, deadline));
    LANEMQ_RETURN_IF_ERROR(cache_.Load());
    return access_.LoadBook(deadline);
  }

  Status Serve() {
    handler_ = std::make_shared<ControlPlane>(
        ControlPlane::Options{.change_threads = static_cast<std::size_t>(options_.change_threads)},
        services_);
    rpc::ServerOptions server = RpcOptions(options_);
    server.on_limit = [this](rpc::LimitKind kind) { metrics_.OnLimit(kind); };
    access_.Apply(server);
    server.on_call = [this](const rpc::CallEvent& event) {
      metrics_.OnCall(event);
      call_log_.OnCall(event);
    };
    server_ = std::make_unique<rpc::Server>(
        server, std::make_shared<idl::ControlPlaneAsyncProcessor>(handler_));
    return server_->Start();
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
    const JobRunner* jobs = services_.jobs;
    return jobs != nullptr ? jobs->Stats() : JobStats{};
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
      return rpc::AdminReply{200, Groups().is_degraded
                                      ? "ready; groups cannot rebalance: the metadata "
                                        "database does not answer\n"
                                      : "ready\n"};
    });
    admin_.Handle("/version", [](const std::string&) {
      return rpc::AdminReply{200, "lanemq-metaserver " + Version() + "\n"};
    });
    admin_.Handle("/debug/slow", [this](const std::string&) {
      return rpc::AdminReply{200, services_.slow_log->ToJson(), "application/json"};
    });
    admin_.Handle("/config", [this](const std::string&) {
      return rpc::AdminReply{200, options_.ToJson(), "application/json"};
    });
    admin_.Handle("/status", [this](const std::string&) {
      return rpc::AdminReply{
          200,
          StatusJson({*cache_.Current(), cache_.is_fresh(), clock_.Now() - cache_.confirmed_at(),
                      is_ready_.load(), Jobs(), Groups(), outboxes_.Worst(kOutboxesShown),
                      outboxes_.count(), access_.Facts()}),
          "application/json"};
    });
    admin_.Handle("/metrics", [this, render = rpc::MetricsHandler(metrics_.registry())](
                                  const std::string& query) {
      const bool is_up = is_ready_;
      metrics_.Update(cache_, Jobs(), is_up ? server_->Stats() : rpc::ServerStats{}, clock_.Now());
      metrics_.Update(Groups());
      metrics_.Update(access_.Facts());
      if (Governance* governance = services_.governance) metrics_.Update(governance->Facts());
      if (MoveRunner* mover = services_.mover) metrics_.Update(mover->Facts());
      metrics_.Update(outboxes_.Worst(kOutboxSeriesMax), outboxes_.count());
      rpc::AdminReply reply = render(query);
      if (const OnCall* on_call = services_.on_call) reply.body += on_call->MetricsText();
      return reply;
    });
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
  CurlChannelSender channels_;
  AccessPart access_;
  GroupAccess group_access_;
  PasswordCheck passwords_;
  AuditReader audits_;
  Services services_;
  rpc::CallLog call_log_{*services_.slow_log};
  std::atomic<bool> is_ready_{false};

  Mutex mutex_;
  CondVar wake_;
  bool is_stopping_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::unique_ptr<JobRunner> jobs_;
  std::unique_ptr<SlotKeeper> keeper_;
  std::unique_ptr<GroupDescriber> describer_;
  std::unique_ptr<OnCall> on_call_;
  LagObservations lag_observations_{[this] { return cache_.Current(); }};
  std::unique_ptr<FactsBoard> facts_;
  const LookAtFacts look_at_facts_ = [this] { return facts_->Look(); };
  NodeObservations node_observations_{look_at_facts_, options_.lag_interval};
  ClusterObservations cluster_observations_{look_at_facts_};
  CanaryObservations canary_observations_{look_at_facts_};
  std::unique_ptr<Notifier> notifier_;
  std::unique_ptr<Governance> governance_;
  std::unique_ptr<MoveRunner> mover_;
  std::unique_ptr<AlertEngine> alerts_;
  std::unique_ptr<HygieneReminders> hygiene_;
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
