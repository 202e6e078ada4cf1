#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "broker/access/access_feed.h"
#include "broker/append/memory_budget.h"
#include "broker/append/writers.h"
#include "broker/catalog/catalog.h"
#include "broker/catalog/meta_client.h"
#include "broker/data_loss.h"
#include "broker/duties/duties.h"
#include "broker/fetch/fetch_manager.h"
#include "broker/fetch/log_reader.h"
#include "broker/fetch/log_view.h"
#include "broker/handlers/handler_context.h"
#include "broker/metered_store.h"
#include "broker/metrics.h"
#include "broker/node_workers.h"
#include "broker/options.h"
#include "broker/placed_store.h"
#include "broker/quota/quotas.h"
#include "broker/retention/janitors.h"
#include "broker/stores.h"
#include "broker/timer.h"
#include "common/base/slow_log.h"
#include "common/guard/certificate_watch.h"
#include "common/guard/guard.h"
#include "common/rpc/admin_server.h"
#include "common/rpc/call_log.h"
#include "common/rpc/server.h"

namespace lanemq::broker {

/// A broker: the parts, and who knows whom. It owns no state that matters: what it knows is
/// rebuilt from the databases.
///
/// Thread safety: one owner. `stores`, `meta` and `clock` outlive it. The destructor stops it.
class Broker {
 public:
  Broker(BrokerOptions options, Stores& stores, MetaClient& meta,
         const Clock& clock = SystemClock::Instance());
  ~Broker();
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;

  /// Loads the catalogue and who may do what, listens, joins the registry. kInvalidConfig when an
  /// address cannot be used. Returns within start_patience and a little, whatever is down.
  Status Start();
  /// Leaves in order: tells the registry, refuses new requests (SHUTTING_DOWN), answers parked
  /// fetches, finishes what is in flight, unregisters. At most drain_timeout, then Stop().
  Status Drain();
  /// Closes everything. Idempotent.
  void Stop();

  [[nodiscard]] std::uint16_t port() const { return server_->port(); }
  [[nodiscard]] std::uint16_t admin_port() const { return admin_.port(); }
  [[nodiscard]] const Catalog& catalog() const { return catalog_; }
  [[nodiscard]] const Guard& guard() const { return guard_; }
  [[nodiscard]] const MemoryBudget& memory() const { return memory_; }
  [[nodiscard]] Metrics& metrics() { return metrics_; }
  [[nodiscard]] std::size_t parked_fetches() const { return fetches_->parked(); }

 private:
  [[nodiscard]] rpc::ServerOptions ServerOptions();
  [[nodiscard]] AccessFeed::Hooks AccessHooks();
  void OnCatalog(const CatalogView& view);
  [[nodiscard]] PlacedStore::Hooks PlaceHooks();
  /// Whose turns the topic's inserts take: its owner's. 0: nobody's.
  [[nodiscard]] std::uint64_t PartyOf(core::TopicId topic) const;
  [[nodiscard]] DutyOptions DutyOptionsOf() const;
  [[nodiscard]] JanitorOptions JanitorOptionsOf() const;
  /// nullopt: the catalogue does not have it, or not any more.
  [[nodiscard]] std::optional<core::PartitionLocation> Locate(const core::PartitionKey& key) const;
  void AddAdminPages();
  [[nodiscard]] std::string StatusPage() const;
  [[nodiscard]] std::string ConfigPage() const;
  void SampleGauges();

  const BrokerOptions options_;
  Stores& stores_;
  const Clock& clock_;
  Metrics metrics_;
  const std::shared_ptr<SlowLog> slow_log_;
  rpc::CallLog call_log_;
  Guard guard_;
  Quotas quotas_;
  MeteredStore metered_;
  PlacedStore store_;
  DataLossAlarm data_loss_;
  MemoryBudget memory_;
  LogView view_;
  Timer timer_;
  NodeWorkers workers_;
  LogReader reader_;
  std::shared_ptr<FetchManager> fetches_;
  Writers writers_;
  Catalog catalog_;
  AccessFeed access_;
  Duties duties_;
  Janitors janitors_;
  HandlerContext handlers_;
  CertificateWatch certificates_;
  std::unique_ptr<rpc::Server> server_;
  rpc::AdminServer admin_;
  std::atomic<bool> is_draining_{false};
  bool is_stopped_ = false;
};

}  // namespace lanemq::broker
