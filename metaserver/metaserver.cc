#include "metaserver/metaserver.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include "common/base/log.h"
#include "common/base/random.h"
#include "metaserver/handlers/control_plane.h"

namespace lanemq::metaserver {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kDatabasePatience{5'000};
constexpr milliseconds kStartPause{500};

rpc::ServerOptions ServerOptionsOf(const MetaserverOptions& options) {
  rpc::ServerOptions out;
  out.host = options.listen_host;
  out.port = options.listen_port;
  out.threads = options.rpc_threads;
  out.name = "meta";
  out.limits = options.rpc_limits;
  return out;
}

// Counts and times every call by its method and result.
std::function<void(const rpc::CallEvent&)> CallMetrics(prometheus::Registry& registry) {
  auto& calls = prometheus::BuildCounter()
                    .Name("lanemq_meta_requests_total")
                    .Help("Requests answered, by method and error code")
                    .Register(registry);
  auto& seconds = prometheus::BuildHistogram()
                      .Name("lanemq_meta_request_duration_seconds")
                      .Help("From the request's arrival to its answer, by method")
                      .Register(registry);
  return [&calls, &seconds](const rpc::CallEvent& event) {
    const std::string method(event.method.substr(0, 40));
    const std::string code = event.error ? std::string(NameOf(*event.error)) : "OK";
    calls.Add({{"method", method}, {"code", code}}).Increment();
    seconds
        .Add({{"method", method}},
             prometheus::Histogram::BucketBoundaries{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                     0.25, 0.5, 1, 2.5, 5, 10, 30})
        .Observe(std::chrono::duration<double>(event.duration).count());
  };
}

}  // namespace

Metaserver::Metaserver(MetaserverOptions options, Stores stores, const Clock& clock)
    : options_(std::move(options)),
      stores_(std::move(stores)),
      clock_(clock),
      cache_(stores_.catalog, stores_.on_catalog, clock),
      topics_(stores_.catalog, stores_.messages, cache_),
      jobs_(options_, fmt::format("metaserver-{:x}", Random::FromSystem().PositiveId()),
            stores_.catalog, stores_.leases, cache_, topics_, clock),
      workers_({.name = "meta-worker",
                .threads = options_.worker_threads,
                .queue_max = options_.worker_queue_max}),
      context_{options_, stores_.catalog, stores_.nodes, cache_,
               topics_,  workers_,        clock_,        is_draining_},
      registry_(std::make_shared<prometheus::Registry>()),
      on_call_(CallMetrics(*registry_)),
      admin_({.host = options_.admin_host, .port = options_.admin_port}) {
  rpc::ServerOptions server_options = ServerOptionsOf(options_);
  server_options.on_call = on_call_;
  server_ = std::make_unique<rpc::Server>(
      std::move(server_options),
      std::make_shared<idl::ControlPlaneAsyncProcessor>(std::make_shared<ControlPlane>(context_)));
}

Metaserver::~Metaserver() { Stop(); }

Status Metaserver::Start(const std::function<bool()>& should_stop) {
  AddAdminPages();
  LANEMQ_RETURN_IF_ERROR(admin_.Start());
  LANEMQ_RETURN_IF_ERROR(StartDatabase(should_stop));
  LANEMQ_RETURN_IF_ERROR(server_->Start());
  cache_.StartPolling(options_.version_poll, kDatabasePatience);
  jobs_.Start();
  registrar_ = std::jthread([this] { RegisterLoop(); });
  is_ready_ = true;
  LANEMQ_LOG(INFO, "metaserver.ready", {"port", port()}, {"cluster", cache_.Get()->cluster_id},
             {"version", cache_.Get()->version});
  return {};
}

Status Metaserver::PrepareDatabase() {
  const Deadline deadline = Deadline::After(clock_, options_.request_timeout);
  LANEMQ_RETURN_IF_ERROR(stores_.migrate(deadline));
  const std::string fresh_id = fmt::format("{:016x}", Random::FromSystem().PositiveId());
  LANEMQ_RETURN_IF_ERROR(stores_.catalog.EnsureCluster(fresh_id, deadline));
  return cache_.Refresh(deadline);
}

Status Metaserver::StartDatabase(const std::function<bool()>& should_stop) {
  const Deadline patience = Deadline::After(clock_, options_.startup_timeout);
  for (;;) {
    const Status prepared = PrepareDatabase();
    if (prepared.ok()) return {};
    // A schema of another version does not get better by waiting.
    if (prepared.error().code == ErrorCode::kFailedPrecondition) return prepared;
    if (patience.HasPassed(clock_)) return prepared.error().Wrap("metadata database");
    LANEMQ_LOG(WARN, "metaserver.waiting_for_database", {"error", prepared.error().ToString()});
    if (should_stop()) return Error{ErrorCode::kShuttingDown, "stopped while starting"};
    MutexLock lock(mutex_);
    stopping_.WaitFor(mutex_, kStartPause);
  }
}

core::Endpoint Metaserver::Advertised() const {
  return {options_.advertise_host,
          options_.advertise_port != 0 ? options_.advertise_port : server_->port()};
}

void Metaserver::RegisterLoop() {
  while (!is_stopped_) {
    const Deadline deadline = Deadline::After(clock_, kDatabasePatience);
    const auto changed = stores_.catalog.RegisterMetaserver(Advertised(), deadline);
    if (changed.ok() && *changed) (void)cache_.Refresh(deadline);
    MutexLock lock(mutex_);
    if (is_stopped_) return;
    stopping_.WaitFor(mutex_, options_.register_every);
  }
}

Status Metaserver::Drain() {
  is_draining_ = true;
  const Status drained = server_->Drain(options_.drain_timeout);
  Stop();
  return drained;
}

void Metaserver::Stop() {
  {
    MutexLock lock(mutex_);
    if (is_stopped_.exchange(true)) return;
    stopping_.NotifyAll();
  }
  server_->Stop();
  workers_.Stop();
  if (registrar_.joinable()) registrar_.join();
  jobs_.Stop();
  cache_.Stop();
  admin_.Stop();
}

void Metaserver::AddAdminPages() {
  admin_.Handle("/healthz", [](const std::string&) { return rpc::AdminReply{200, "ok\n"}; });
  admin_.Handle("/readyz", [this](const std::string&) {
    if (is_draining_) return rpc::AdminReply{503, "draining\n"};
    if (!is_ready_) return rpc::AdminReply{503, "waiting for the metadata database\n"};
    return rpc::AdminReply{200, "ready\n"};
  });
  admin_.Handle("/version", [this](const std::string&) {
    return rpc::AdminReply{200, options_.version + "\n"};
  });
  admin_.Handle("/status", [this](const std::string&) {
    return rpc::AdminReply{200, StatusPage(), "application/json"};
  });
  admin_.Handle("/config", [this](const std::string&) {
    return rpc::AdminReply{200, ConfigPage(), "application/json"};
  });
  admin_.Handle("/metrics", rpc::MetricsHandler(registry_));
}

std::string Metaserver::StatusPage() const {
  const auto snapshot = cache_.Get();
  nlohmann::json page;
  page["state"] = is_draining_ ? "draining" : is_ready_ ? "active" : "starting";
  page["cluster_id"] = snapshot->cluster_id;
  page["catalog_version"] = snapshot->version;
  page["metadata_database"] = cache_.IsCurrent() ? "reachable" : "unreachable";
  page["runs_background_jobs"] = jobs_.IsLeader();
  page["topics"] = snapshot->topics.size();
  page["data_nodes"] = snapshot->nodes.size();
  page["brokers"] = nlohmann::json::array();
  for (const core::Broker& broker : snapshot->brokers) {
    const char* const states[] = {"unknown", "active", "draining", "dead"};
    page["brokers"].push_back({{"broker_id", broker.id.value},
                               {"address", fmt::format("{}:{}", broker.host, broker.port)},
                               {"state", states[static_cast<int>(broker.state)]}});
  }
  return page.dump(2) + "\n";
}

std::string Metaserver::ConfigPage() const {
  nlohmann::json page;
  page["listen"] = fmt::format("{}:{}", options_.listen_host, options_.listen_port);
  page["advertise"] = fmt::format("{}:{}", options_.advertise_host, options_.advertise_port);
  page["heartbeat_interval_ms"] = options_.heartbeat_interval.count();
  page["session_timeout_ms"] = options_.session_timeout.count();
  page["lease_ttl_ms"] = options_.lease_ttl.count();
  page["request_timeout_ms"] = options_.request_timeout.count();
  page["version_poll_ms"] = options_.version_poll.count();
  return page.dump(2) + "\n";
}

}  // namespace lanemq::metaserver
