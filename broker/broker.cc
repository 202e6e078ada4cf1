#include "broker/broker.h"

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <prometheus/collectable.h>

#include "DataPlane.h"
#include "broker/handlers/data_plane.h"
#include "common/base/log.h"
#include "common/base/random.h"

namespace lanemq::broker {
namespace {

core::Broker Self(const BrokerOptions& options, const Clock& clock) {
  core::Broker self;
  self.id = core::BrokerId{options.broker_id};
  self.host = options.advertise_host;
  self.incarnation = Random::FromSystem().PositiveId();
  self.version = options.version;
  self.started_at = clock.WallNow();
  return self;
}

/// Of one incarnation: a broker that was restarted must not take its former self for itself.
std::string NameOfDutyOwner(const BrokerOptions& options) {
  return fmt::format("broker {} {:x}", options.broker_id, Random::FromSystem().PositiveId());
}

AccessFeedOptions ForAccess(const BrokerOptions& options) {
  AccessFeedOptions out;
  if (!options.data_dir.empty()) out.file = options.data_dir / "access.snapshot";
  out.interval = options.access_interval;
  return out;
}

CatalogOptions ForCatalog(const BrokerOptions& options, const Stores& stores) {
  CatalogOptions out;
  out.metaservers = options.metaservers;
  if (!options.data_dir.empty()) out.snapshot_file = options.data_dir / "catalog.snapshot";
  out.limits = options.limits;
  out.may_lack_login = [&stores] { return stores.MayLackLogin(); };
  return out;
}

}  // namespace

Broker::Broker(BrokerOptions options, Stores& stores, MetaClient& meta, const Clock& clock)
    : options_(std::move(options)),
      stores_(stores),
      clock_(clock),
      metrics_(core::BrokerId{options_.broker_id}),
      slow_log_(options_.slow_log ? options_.slow_log
                                  : std::make_shared<SlowLog>(SlowLog::Options{}, clock)),
      call_log_(*slow_log_),
      guard_(options_.auth, clock),
      quotas_(metrics_, clock),
      metered_(stores.messages(), metrics_, clock),
      store_(metered_, PlaceHooks(), clock),
      data_loss_(metrics_,
                 [this](const core::PartitionKey& key, core::Offset first, core::Offset last) {
                   janitors_.RecordLoss(key, first, core::Offset{last.value + 1},
                                        fmt::format("broker {}", options_.broker_id));
                 }),
      memory_(options_.append_memory_bytes_max),
      view_(options_.tail_cache_bytes_max),
      timer_(clock),
      workers_(options_.workers),
      reader_(store_, view_, data_loss_, metrics_, clock, options_.sql_timeout),
      fetches_(FetchManager::Make(options_.fetch, store_, view_, reader_, workers_, timer_,
                                  metrics_, clock, options_.sql_timeout)),
      writers_(WriterContext{store_, workers_, timer_, view_, memory_, data_loss_, metrics_, clock,
                             options_.append, options_.sql_timeout,
                             [this](core::TopicId topic) { return PartyOf(topic); }}),
      catalog_(ForCatalog(options_, stores_), meta, Self(options_, clock), clock,
               [this](const CatalogView& view) { OnCatalog(view); }),
      access_(ForAccess(options_), meta, guard_, clock, AccessHooks()),
      duties_(
          stores_, *metrics_.registry(), DutyOptionsOf(), NameOfDutyOwner(options_), clock_,
          [this](const core::PartitionKey& key) { return Locate(key); },
          [this](const core::PartitionKey& key, core::Offset end) {
            view_.AdvanceEnd(key, end, clock_.Now());
          }),
      janitors_(
          stores_, *metrics_.registry(), JanitorOptionsOf(), NameOfDutyOwner(options_), clock_,
          [this](const core::PartitionKey& key, core::Offset start) { view_.SetStart(key, start); },
          [this] { return catalog_.confirmed_at(); }),
      handlers_{catalog_,
                writers_,
                *fetches_,
                view_,
                reader_,
                stores_,
                workers_,
                metrics_,
                guard_,
                quotas_,
                clock_,
                core::BrokerId{options_.broker_id},
                options_.limits,
                options_.sql_timeout,
                [this](core::NodeId node, const core::PartitionKey&, WallTime earliest) {
                  duties_.OnScheduled(node, earliest);
                },
                slow_log_,
                options_.retention.catalog_age_max,
                store_,
                options_.settings},
      certificates_(options_.tls),
      server_(std::make_unique<rpc::Server>(
          ServerOptions(),
          std::make_shared<idl::DataPlaneAsyncProcessor>(std::make_shared<DataPlane>(handlers_)))),
      admin_({.host = options_.admin_host, .port = options_.admin_port}) {
  fetches_->SetPlaceCheck(
      [this](const core::PartitionLocation& location) { return Locate(location.key) == location; });
}

Broker::~Broker() { Stop(); }

rpc::ServerOptions Broker::ServerOptions() {
  rpc::ServerOptions out;
  out.host = options_.listen_host;
  out.port = options_.listen_port;
  out.threads = options_.rpc_threads;
  out.name = "broker";
  out.limits = options_.rpc_limits;
  out.tls = options_.tls;
  out.must_identify = guard_.is_on();
  if (guard_.asks()) {
    out.identify = [this](const std::string& name) { return guard_.Identify(name); };
    out.admit = [this](const rpc::RequestHead& head) { return guard_.Admit(head); };
  }
  out.on_call = [this](const rpc::CallEvent& event) {
    // Names come from whoever connects: each would be remembered for good.
    const bool is_known = core::FindAccess(event.method) != nullptr;
    const std::string_view method = is_known ? event.method : "other";
    metrics_.Rpc(method).Observe(ToSeconds(event.duration));
    if (event.error) metrics_.RpcErrors(method, lanemq::NameOf(*event.error)).Increment();
    call_log_.OnCall(event);
  };
  out.on_limit = [this](rpc::LimitKind kind) { metrics_.Limits(rpc::NameOf(kind)).Increment(); };
  return out;
}

AccessFeed::Hooks Broker::AccessHooks() {
  return {[this] { return catalog_.Metaservers(); },
          [this] { return catalog_.View()->snapshot().cluster_id; },
          [this] {
            quotas_.SetBook(guard_.book());
            server_->CloseConnections(guard_.IsVoid());
            fetches_->OnRightsChanged();
          }};
}

Status Broker::Start() {
  AddAdminPages();
  access_.Load();
  quotas_.SetBook(guard_.book());
  LANEMQ_RETURN_IF_ERROR(admin_.Start());
  LANEMQ_RETURN_IF_ERROR(server_->Start());
  certificates_.Start();
  const auto advertised = options_.advertise_port != 0 ? options_.advertise_port : server_->port();
  catalog_.SetAddress(advertised, admin_.port());
  const Deadline patience = Deadline::After(clock_, options_.start_patience);
  catalog_.Start(options_.start_patience);
  access_.Start(patience.Left(clock_));
  LANEMQ_LOG(INFO, "broker.started", {"broker_id", options_.broker_id}, {"port", server_->port()},
             {"catalog_version", catalog_.View()->snapshot().version});
  return {};
}

std::uint64_t Broker::PartyOf(core::TopicId topic) const {
  const auto book = guard_.book();
  if (book == nullptr) return 0;
  const auto view = catalog_.View();
  const TopicEntry* entry = view->FindTopic(topic);
  if (entry == nullptr) return 0;
  const auto owner = book->OwnerOf(core::ResourceKind::kTopic, entry->topic->name);
  return owner.empty() ? 0 : std::hash<std::string_view>()(owner);
}

void Broker::OnCatalog(const CatalogView& view) {
  const auto& brokers = view.snapshot().brokers;
  quotas_.SetBrokers(static_cast<std::size_t>(
      std::ranges::count(brokers, core::BrokerState::kActive, &core::Broker::state)));
  stores_.UpdateNodes(view.snapshot().nodes);
  duties_.UpdateNodes(view.snapshot().nodes);
  janitors_.Update(view.snapshot());
  writers_.RemoveUnless([&](const core::PartitionLocation& location) {
    const TopicEntry* const topic = view.FindTopic(location.key.topic);
    if (topic == nullptr) {
      view_.Remove(location.key);
      return false;
    }
    // What readers know of a partition that moved is as true at its new place.
    const auto found = view.Find(topic->topic->name, location.key.partition);
    return !found.ok() || found->location == location;
  });
  fetches_->OnPlacesChanged();
}

PlacedStore::Hooks Broker::PlaceHooks() {
  return {.is_active = [this](const core::PartitionKey& key) { return Locate(key).has_value(); },
          .refresh = [this] { catalog_.Refresh([] {}); }};
}

DutyOptions Broker::DutyOptionsOf() const {
  DutyOptions out = options_.duties;
  out.sql_timeout = options_.sql_timeout;
  return out;
}

JanitorOptions Broker::JanitorOptionsOf() const {
  JanitorOptions out = options_.retention;
  out.sql_timeout = options_.sql_timeout;
  return out;
}

std::optional<core::PartitionLocation> Broker::Locate(const core::PartitionKey& key) const {
  const auto view = catalog_.View();
  const TopicEntry* topic = view->FindTopic(key.topic);
  if (topic == nullptr) return std::nullopt;
  const auto found = view->Find(topic->topic->name, key.partition);
  return found.ok() ? std::optional(found->location) : std::nullopt;
}

Status Broker::Drain() {
  is_draining_ = true;
  LANEMQ_LOG(INFO, "broker.draining", {"parked", fetches_->parked()});
  catalog_.SetState(core::BrokerState::kDraining);
  const Status drained = server_->Drain(options_.drain_timeout, [this] { fetches_->Drain(); });
  catalog_.Stop();
  access_.Stop();
  duties_.Stop();
  janitors_.Stop();
  catalog_.Unregister(std::chrono::seconds(2));
  LANEMQ_LOG(INFO, "broker.drained", {"complete", drained.ok()});
  Stop();
  return drained;
}

void Broker::Stop() {
  if (std::exchange(is_stopped_, true)) return;
  access_.Stop();
  fetches_->Drain();
  server_->Stop();
  certificates_.Stop();
  catalog_.Stop();
  duties_.Stop();
  janitors_.Stop();
  timer_.Stop();
  workers_.Stop();
  admin_.Stop();
}

}  // namespace lanemq::broker
