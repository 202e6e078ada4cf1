// The embeddable relay: everything it consists of, put together. The only place here that sees SQL.
#include <algorithm>
#include <atomic>
#include <optional>
#include <thread>
#include <utility>

#include "client/outbox_relay/admin_pages.h"
#include "client/outbox_relay/janitor.h"
#include "client/outbox_relay/metrics.h"
#include "client/outbox_relay/options.h"
#include "client/outbox_relay/relay.h"
#include "client/outbox_relay/reporter.h"
#include "client/outbox_relay/wake_listener.h"
#include "client/src/cluster/cluster.h"
#include "client/src/publisher/cluster_publisher.h"
#include "common/base/log.h"
#include "common/base/mutex.h"
#include "common/rpc/admin_server.h"
#include "lanemq/outbox_relay.h"
#include "sql/driver/connection_pool.h"
#include "sql/migrate/migrator.h"
#include "sql/store/mysql_outbox_store.h"

namespace lanemq {
namespace {

constexpr const char* kVersion = "0.1.0";
constexpr std::chrono::seconds kInstallTimeout{10};
constexpr std::chrono::seconds kInstallPause{2};
// The relay's loop, the reporter, the janitor, and one to spare while another is being replaced.
constexpr std::size_t kConnections = 4;
// Of a connection: enough for it to be checked before the server ends it.
constexpr std::chrono::seconds kIdleMin{3};
constexpr std::chrono::seconds kCheckAfterIdle{1};

// Counts the statements of the pool.
class StatementCounter final : public sql::StatementObserver {
 public:
  explicit StatementCounter(client::RelayMetrics& metrics) : metrics_(metrics) {}
  void OnStatement(std::string_view /*name*/, std::chrono::nanoseconds /*took*/,
                   const Error* error) override {
    metrics_.OnStatement(error != nullptr);
  }

 private:
  client::RelayMetrics& metrics_;
};

sql::ConnectionOptions ConnectionOf(const OutboxRelayOptions& options) {
  sql::ConnectionOptions connection;
  connection.host = options.database_host;
  connection.port = options.database_port;
  connection.socket = options.database_socket;
  connection.user = options.database_user;
  connection.password = options.database_password;
  connection.schema = options.database_schema;
  connection.io_timeout = options.database_timeout;
  // Whoever takes over from a relay that hangs in a transaction waits for its locks.
  connection.idle_max = std::clamp(std::chrono::ceil<std::chrono::seconds>(options.lease_ttl),
                                   kIdleMin, sql::kSessionIdleMax);
  return connection;
}

client::RelayOptions EngineOf(const OutboxRelayOptions& options, std::string wake_address,
                              client::RelayObserver& observer) {
  client::RelayOptions engine;
  engine.name = options.name;
  engine.wake_address = std::move(wake_address);
  engine.lease_ttl = options.lease_ttl;
  engine.poll_min = options.poll_min;
  engine.poll_max = options.poll_max;
  engine.batch_rows = options.batch_rows;
  engine.request_timeout = options.request_timeout;
  engine.database_timeout = options.database_timeout;
  engine.planner.on_refusal = options.on_refusal == OnRefusal::kDead ? core::OutboxRefusal::kDead
                                                                     : core::OutboxRefusal::kBlock;
  engine.planner.attempts_max = options.attempts_max;
  engine.observer = &observer;
  return engine;
}

}  // namespace

class OutboxRelay::Impl {
 public:
  explicit Impl(OutboxRelayOptions options)
      : options_(std::move(options)),
        metrics_(options_.outbox_name, options_.name),
        statements_(metrics_),
        pool_("outbox's database", ConnectionOf(options_),
              {.connections_max = kConnections,
               .validate_after_idle = kCheckAfterIdle,
               .observer = &statements_}),
        store_(pool_, {.is_archiving = options_.is_archiving}),
        wake_([this] { Wake(); }) {}
  ~Impl() { Stop(std::chrono::seconds(5)); }

  Status Start();
  void Wake() {
    if (client::OutboxRelay* engine = engine_seen_; engine != nullptr) engine->Wake();
  }
  void Stop(std::chrono::milliseconds patience);
  [[nodiscard]] client::RelayPicture Picture() const;
  [[nodiscard]] const std::string& wake_address() const { return wake_address_; }
  [[nodiscard]] std::uint16_t admin_port() const { return admin_ ? admin_->port() : 0; }

 private:
  Status StartAdmin();
  void InstallThenStart();

  const OutboxRelayOptions options_;
  const Clock& clock_ = SystemClock::Instance();
  client::RelayMetrics metrics_;
  StatementCounter statements_;
  sql::ConnectionPool pool_;
  sql::MySqlOutboxStore store_;
  client::WakeListener wake_;
  std::string wake_address_;
  std::optional<client::Cluster> cluster_;
  std::optional<client::ClusterPublisher> publisher_;
  std::optional<client::OutboxRelay> engine_;
  std::atomic<client::OutboxRelay*> engine_seen_ = nullptr;
  std::optional<client::OutboxJanitor> janitor_;
  std::optional<client::OutboxReporter> reporter_;
  std::optional<rpc::AdminServer> admin_;
  std::atomic<bool> is_stopping_ = false;
  std::atomic<bool> is_installing_ = false;
  mutable Mutex install_mutex_;
  CondVar install_wake_;
  std::optional<Error> install_error_ LANEMQ_GUARDED_BY(install_mutex_);  // Of the last attempt.
  std::jthread installer_;
};

Status OutboxRelay::Impl::Start() {
  if (!options_.wake_listen.empty()) {
    LANEMQ_RETURN_IF_ERROR(wake_.Start(options_.wake_listen));
    wake_address_ = client::WakeAddressToTell(wake_.address(), options_.advertise_wake);
  }
  LANEMQ_ASSIGN_OR_RETURN(client::Security security, client::MakeSecurity(options_));
  cluster_.emplace(options_, std::move(security), "outbox");
  publisher_.emplace(*cluster_);
  engine_.emplace(EngineOf(options_, wake_address_, metrics_), store_, *publisher_, clock_);
  engine_seen_ = &*engine_;
  publisher_->SetListener([this] { Wake(); });
  reporter_.emplace(client::OutboxReporter::Options{options_.outbox_name, options_.name, kVersion},
                    store_, *cluster_, [this] { return engine_->Stats(); });
  if (options_.is_archiving) {
    janitor_.emplace(client::OutboxJanitor::Options{.keep = options_.keep}, store_, clock_,
                     [this] { return engine_->Stats().is_first; });
  }
  LANEMQ_RETURN_IF_ERROR(StartAdmin());
  LANEMQ_LOG(INFO, "outbox_relay.started", {"outbox", options_.outbox_name},
             {"database", client::DatabaseText(options_)}, {"relay", options_.name},
             {"wake_address", wake_address_});
  is_installing_ = options_.should_install;
  installer_ = std::jthread([this] { InstallThenStart(); });
  return {};
}

Status OutboxRelay::Impl::StartAdmin() {
  if (options_.admin_listen.empty()) return {};
  LANEMQ_ASSIGN_OR_RETURN(const client::ListenAddress at,
                          client::ParseListen(options_.admin_listen));
  admin_.emplace(rpc::AdminOptions{.host = at.host.empty() ? "0.0.0.0" : at.host, .port = at.port});
  client::AddRelayPages(*admin_, options_, kVersion, metrics_, [this] { return Picture(); });
  return admin_->Start();
}

void OutboxRelay::Impl::InstallThenStart() {
  std::optional<ErrorCode> last;
  while (is_installing_ && !is_stopping_) {
    const Status made = sql::MigrateOutbox(ConnectionOf(options_),
                                           Deadline::After(clock_, kInstallTimeout), clock_);
    if (made.ok()) {
      LANEMQ_LOG(INFO, "outbox_relay.installed", {"database", client::DatabaseText(options_)});
      is_installing_ = false;
      break;
    }
    if (last != made.error().code) {
      LANEMQ_LOG(WARN, "outbox_relay.not_installed", {"error", made.error().ToString()});
    }
    last = made.error().code;
    const Deadline again = Deadline::After(clock_, kInstallPause);
    MutexLock lock(install_mutex_);
    install_error_ = made.error();
    while (!is_stopping_ && !again.HasPassed(clock_)) {
      install_wake_.WaitFor(install_mutex_, again.Left(clock_));
    }
  }
  if (is_stopping_) return;
  engine_->Start();
  reporter_->Start();
  if (janitor_) janitor_->Start();
}

void OutboxRelay::Impl::Stop(std::chrono::milliseconds patience) {
  {
    MutexLock lock(install_mutex_);
    is_stopping_ = true;
    install_wake_.NotifyAll();
  }
  if (installer_.joinable()) installer_.join();
  wake_.Stop();
  if (janitor_) janitor_->Stop();
  if (engine_) engine_->Stop(patience);
  // Answers what is in flight, so that nothing comes after the publisher's end.
  if (cluster_) cluster_->Close();
  if (reporter_) reporter_->Stop();
  if (admin_) admin_->Stop();
}

client::RelayPicture OutboxRelay::Impl::Picture() const {
  client::RelayPicture picture;
  if (engine_) picture.relay = engine_->Stats();
  if (publisher_) picture.publish = publisher_->Counts();
  if (reporter_) picture.backlog = reporter_->Latest();
  if (janitor_) picture.archived_rows_deleted = janitor_->deleted();
  if (cluster_) {
    const client::MetadataPtr view = cluster_->View();
    picture.cluster_id = view->cluster_id;
    picture.metadata_version = view->version;
  }
  picture.wake_address = wake_address_;
  picture.wake_datagrams = wake_.datagrams();
  picture.wakes = wake_.wakes();
  picture.is_installing = is_installing_;
  if (picture.is_installing) {
    MutexLock lock(install_mutex_);
    picture.install_error = install_error_;
  }
  picture.is_stopping = is_stopping_;
  return picture;
}

Result<std::unique_ptr<OutboxRelay>> OutboxRelay::Create(const OutboxRelayOptions& options) {
  LANEMQ_RETURN_IF_ERROR(options.Validate());
  return std::unique_ptr<OutboxRelay>(
      new OutboxRelay(std::make_unique<Impl>(client::WithNames(options))));
}

OutboxRelay::OutboxRelay(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
OutboxRelay::~OutboxRelay() = default;

Status OutboxRelay::Start() { return impl_->Start(); }
void OutboxRelay::Wake() { impl_->Wake(); }
void OutboxRelay::Stop(std::chrono::milliseconds patience) { impl_->Stop(patience); }
std::string OutboxRelay::wake_address() const { return impl_->wake_address(); }
std::uint16_t OutboxRelay::admin_port() const { return impl_->admin_port(); }

OutboxRelayStats OutboxRelay::Stats() const {
  const client::RelayPicture picture = impl_->Picture();
  const client::RelayStats& relay = picture.relay;
  OutboxRelayStats stats;
  stats.published = relay.counts.published;
  stats.duplicates = picture.publish.duplicates;
  for (const auto& [code, count] : relay.counts.failures) stats.failed += count;
  stats.refused = relay.counts.refused;
  stats.dead = relay.counts.dead;
  stats.rounds = relay.rounds;
  stats.buckets = relay.buckets;
  stats.relays = relay.peers;
  stats.has_session = relay.session != 0;
  if (relay.store_error) {
    stats.last_error = relay.store_error->ToString();
  } else if (relay.counts.last_error) {
    stats.last_error = relay.counts.last_error->ToString();
  }
  return stats;
}

}  // namespace lanemq
