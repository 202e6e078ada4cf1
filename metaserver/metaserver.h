#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/base/thread_pool.h"
#include "common/core/store/catalog_store.h"
#include "common/core/store/lease_store.h"
#include "common/core/store/message_store.h"
#include "common/core/store/node_admin.h"
#include "common/rpc/admin_server.h"
#include "common/rpc/server.h"
#include "metaserver/catalog/catalog_cache.h"
#include "metaserver/catalog/topic_service.h"
#include "metaserver/handlers/context.h"
#include "metaserver/jobs/background_jobs.h"
#include "metaserver/options.h"

namespace prometheus {
class Registry;
}

namespace lanemq::metaserver {

/// The databases as a metaserver uses them. Owned by main(), outlive the Metaserver.
struct Stores {
  core::CatalogStore& catalog;
  core::LeaseStore& leases;
  core::MessageStore& messages;
  core::NodeAdmin& nodes;
  /// Brings the metadata schema up to date; repeated until it works.
  std::function<Status(Deadline)> migrate;
  /// Told which data nodes there are.
  std::function<void(const core::CatalogSnapshot&)> on_catalog;
};

/// A metaserver: the parts, and who knows whom. Thread safety: one owner.
class Metaserver {
 public:
  Metaserver(MetaserverOptions options, Stores stores,
             const Clock& clock = SystemClock::Instance());
  ~Metaserver();

  /// Waits for the metadata database (readyz is 503 meanwhile), migrates, loads the catalogue,
  /// listens. `should_stop` ends the waiting early (kShuttingDown).
  Status Start(const std::function<bool()>& should_stop);
  /// Answers what is in flight, then Stop().
  Status Drain();
  void Stop();

  [[nodiscard]] std::uint16_t port() const { return server_->port(); }
  [[nodiscard]] std::uint16_t admin_port() const { return admin_.port(); }

 private:
  Status StartDatabase(const std::function<bool()>& should_stop);
  Status PrepareDatabase();
  void RegisterLoop();
  void AddAdminPages();
  [[nodiscard]] std::string StatusPage() const;
  [[nodiscard]] std::string ConfigPage() const;
  [[nodiscard]] core::Endpoint Advertised() const;

  const MetaserverOptions options_;
  Stores stores_;
  const Clock& clock_;
  std::atomic<bool> is_draining_{false};
  std::atomic<bool> is_ready_{false};
  std::atomic<bool> is_stopped_{false};
  CatalogCache cache_;
  TopicService topics_;
  BackgroundJobs jobs_;
  ThreadPool workers_;
  HandlerContext context_;
  std::shared_ptr<prometheus::Registry> registry_;
  std::function<void(const rpc::CallEvent&)> on_call_;
  std::unique_ptr<rpc::Server> server_;
  rpc::AdminServer admin_;
  Mutex mutex_;
  CondVar stopping_;
  std::jthread registrar_;
};

}  // namespace lanemq::metaserver
