#include "broker/catalog/catalog.h"

#include <algorithm>
#include <pthread.h>
#include <utility>

#include "broker/catalog/snapshot_file.h"
#include "common/base/log.h"

namespace lanemq::broker {
namespace {

/// Whether `told` has no login of a node that `known` has one of.
bool LacksLogin(const core::CatalogSnapshot& told, const core::CatalogSnapshot& known) {
  return std::ranges::any_of(known.nodes, [&](const core::DataNode& node) {
    if (node.sealed_credentials.empty()) return false;
    const auto found = std::ranges::find(told.nodes, node.id, &core::DataNode::id);
    return found == told.nodes.end() || found->sealed_credentials.empty();
  });
}

bool IsNews(const core::CatalogSnapshot& told, const core::CatalogSnapshot& known, bool is_all) {
  // A metaserver of an older version leaves logins out.
  if (told.version == known.version && LacksLogin(told, known)) return false;
  // What was asked for anew may be what is here, or older.
  return !is_all || (told.version >= known.version && !(told == known));
}

}  // namespace

Catalog::Catalog(CatalogOptions options, MetaClient& meta, core::Broker self, const Clock& clock,
                 std::function<void(const CatalogView&)> on_change)
    : options_(std::move(options)),
      meta_(meta),
      clock_(clock),
      on_change_(std::move(on_change)),
      interval_(options_.heartbeat_interval),
      self_(std::move(self)),
      view_(std::make_shared<const CatalogView>(core::CatalogSnapshot{}, options_.limits)) {}

void Catalog::SetAddress(std::int32_t port, std::int32_t admin_port) {
  MutexLock lock(mutex_);
  self_.port = port;
  self_.admin_port = admin_port;
}

void Catalog::Start(std::chrono::milliseconds patience) {
  if (!options_.snapshot_file.empty()) {
    auto loaded = LoadCatalog(options_.snapshot_file);
    if (loaded.ok()) {
      LANEMQ_LOG(INFO, "catalog.loaded", {"version", loaded->version},
                 {"topics", loaded->topics.size()});
      Publish(std::move(loaded).value(), false);
    } else if (loaded.error().code != ErrorCode::kNotFound) {
      LANEMQ_LOG(WARN, "catalog.snapshot_unusable", {"error", loaded.error().ToString()});
    }
  }
  thread_ = std::jthread([this] { Run(); });
  pthread_setname_np(thread_.native_handle(), "catalog");
  const Deadline deadline = Deadline::After(clock_, patience);
  MutexLock lock(mutex_);
  while (!confirmed_at_ && !deadline.HasPassed(clock_)) {
    wake_.WaitFor(mutex_, std::min<std::chrono::nanoseconds>(deadline.Left(clock_),
                                                             std::chrono::milliseconds(20)));
  }
}

void Catalog::Stop() {
  {
    MutexLock lock(mutex_);
    is_stopping_ = true;
  }
  wake_.NotifyAll();
  if (thread_.joinable()) thread_.join();
  std::vector<std::function<void()>> waiters;
  {
    MutexLock lock(mutex_);
    waiters.swap(waiters_);
  }
  for (const auto& then : waiters) then();
}

std::shared_ptr<const CatalogView> Catalog::View() const {
  MutexLock lock(mutex_);
  return view_;
}

bool Catalog::is_loaded() const {
  MutexLock lock(mutex_);
  return is_loaded_;
}

std::optional<MonotonicTime> Catalog::confirmed_at() const {
  MutexLock lock(mutex_);
  return confirmed_at_;
}

core::Broker Catalog::self() const {
  MutexLock lock(mutex_);
  return self_;
}

void Catalog::Refresh(std::function<void()> then) {
  {
    MutexLock lock(mutex_);
    if (!is_stopping_ && waiters_.size() < options_.refresh_waiters_max) {
      waiters_.push_back(std::move(then));
      then = nullptr;
    }
  }
  if (then) {
    then();
  } else {
    wake_.NotifyAll();
  }
}

void Catalog::SetState(core::BrokerState state) {
  {
    MutexLock lock(mutex_);
    self_.state = state;
    is_urgent_ = true;
  }
  wake_.NotifyAll();
}

void Catalog::Run() {
  MonotonicTime asked_at{std::chrono::nanoseconds::min() / 2};
  for (;;) {
    std::vector<std::function<void()>> waiters;
    {
      MutexLock lock(mutex_);
      for (;;) {
        if (is_stopping_) return;
        const auto since = clock_.Now() - asked_at;
        const bool is_wanted = is_urgent_ || !waiters_.empty();
        const std::chrono::nanoseconds wait =
            (is_wanted ? options_.refresh_interval_min : interval_) - since;
        if (wait.count() <= 0) break;
        wake_.WaitFor(mutex_, wait);
      }
      is_urgent_ = false;
      waiters.swap(waiters_);
    }
    asked_at = clock_.Now();
    Round(!waiters.empty());
    for (const auto& then : waiters) then();
  }
}

std::vector<core::Endpoint> Catalog::Metaservers() const {
  std::vector<core::Endpoint> servers = options_.metaservers;
  const auto view = View();
  for (const core::Endpoint& server : view->snapshot().metaservers) {
    if (std::ranges::find(servers, server) == servers.end()) servers.push_back(server);
  }
  return servers;
}

std::vector<core::Endpoint> Catalog::Servers() const {
  std::vector<core::Endpoint> servers = Metaservers();
  if (preferred_) {
    std::erase(servers, *preferred_);
    servers.insert(servers.begin(), *preferred_);
  }
  return servers;
}

void Catalog::Round(bool is_asked) {
  const bool wants_all = WantsAll();
  std::vector<core::Endpoint> servers = wants_all ? Metaservers() : Servers();
  if (wants_all && !servers.empty()) {
    // Each in its turn: the preferred one may be the one that leaves something out.
    std::ranges::rotate(servers, servers.begin() + (all_asked_++ % std::ssize(servers)));
  }
  const auto before = View();
  for (const core::Endpoint& server : servers) {
    if (RoundWith(server, is_asked, wants_all)) {
      if (!wants_all || View() != before) preferred_ = server;
      if (!std::exchange(was_reachable_, true))
        LANEMQ_LOG(INFO, "catalog.metaserver_is_back", {"port", server.port});
      return;
    }
  }
  preferred_.reset();
  interval_ = options_.heartbeat_interval;
  if (std::exchange(was_reachable_, false))
    LANEMQ_LOG(WARN, "catalog.no_metaserver", {"serving", "from memory"});
}

bool Catalog::WantsAll() const {
  if (!options_.may_lack_login || !is_loaded()) return false;
  return clock_.Now() - all_asked_at_ >= options_.lack_interval && options_.may_lack_login();
}

bool Catalog::RoundWith(const core::Endpoint& server, bool is_asked, bool wants_all) {
  const auto view = View();
  const std::int64_t known = view->snapshot().version;
  const std::string& cluster = view->snapshot().cluster_id;
  const core::Broker self = this->self();
  auto beat = meta_.Heartbeat(server, self, {known, cluster},
                              Deadline::After(clock_, options_.call_timeout));
  if (!beat.ok()) {
    LANEMQ_LOG(DEBUG, "catalog.heartbeat_failed", {"server", server.host}, {"port", server.port},
               {"error", beat.error().ToString()});
    if (beat.error().code == ErrorCode::kInconsistentClusterId) {
      // Its address is another cluster's by now, or ours was made anew.
      LANEMQ_LOG(ERROR, "catalog.metaserver_of_another_cluster", {"server", server.host},
                 {"port", server.port}, {"error", beat.error().message},
                 {"if_the_cluster_was_made_anew", "remove this broker's catalogue file"});
      return false;
    }
    if (beat.error().code == ErrorCode::kFenced) {
      LANEMQ_LOG(ERROR, "catalog.broker_id_in_use", {"broker_id", self.id.value},
                 {"error", beat.error().message});
      // The catalogue can still be had; clients are not sent here, and writing stays correct.
    } else if (RetryOf(beat.error().code) != Retry::kNever &&
               beat.error().code != ErrorCode::kMetadataUnavailable) {
      return false;
    }
  } else {
    interval_ = std::clamp<std::chrono::milliseconds>(beat->interval, std::chrono::milliseconds(50),
                                                      std::chrono::minutes(1));
    if (beat->metadata_version == known && known != 0 && !is_asked && !wants_all) {
      MutexLock lock(mutex_);
      confirmed_at_ = clock_.Now();
      return true;
    }
  }
  if (wants_all) all_asked_at_ = clock_.Now();
  auto catalog =
      meta_.Catalog(server, wants_all ? 0 : known, Deadline::After(clock_, options_.call_timeout));
  if (!catalog.ok()) {
    LANEMQ_LOG(DEBUG, "catalog.refresh_failed", {"server", server.host}, {"port", server.port},
               {"error", catalog.error().ToString()});
    return false;
  }
  if (catalog->has_value() && !cluster.empty() && (*catalog)->cluster_id != cluster) return false;
  const bool is_news = catalog->has_value() && IsNews(**catalog, view->snapshot(), wants_all);
  if (is_news) Publish(std::move(**catalog), true);
  {
    MutexLock lock(mutex_);
    confirmed_at_ = clock_.Now();
  }
  wake_.NotifyAll();
  return true;
}

void Catalog::Publish(core::CatalogSnapshot snapshot, bool is_new) {
  auto view = std::make_shared<const CatalogView>(std::move(snapshot), options_.limits);
  {
    MutexLock lock(mutex_);
    view_ = view;
    is_loaded_ = true;
  }
  on_change_(*view);
  if (!is_new || options_.snapshot_file.empty()) return;
  const Status saved = SaveCatalog(options_.snapshot_file, view->snapshot());
  if (!saved.ok()) {
    LANEMQ_LOG(WARN, "catalog.snapshot_not_saved", {"error", saved.error().ToString()});
  }
}

void Catalog::Unregister(std::chrono::milliseconds patience) {
  const Deadline deadline = Deadline::After(clock_, patience);
  const core::Broker self = this->self();
  for (const core::Endpoint& server : Servers()) {
    if (deadline.HasPassed(clock_)) return;
    if (meta_.Unregister(server, self.id, self.incarnation, deadline).ok()) return;
  }
}

}  // namespace lanemq::broker
