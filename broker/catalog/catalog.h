#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "broker/catalog/catalog_view.h"
#include "broker/catalog/meta_client.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"

namespace lanemq::broker {

struct CatalogOptions {
  std::vector<core::Endpoint> metaservers;  ///< First ones to ask; the catalogue names more.
  std::filesystem::path snapshot_file;      ///< Empty: none is kept.
  std::chrono::milliseconds call_timeout{2'000};
  /// Between two heartbeats while no metaserver has said otherwise.
  std::chrono::milliseconds heartbeat_interval{1'000};
  /// Refreshes that requests ask for are at least this far apart.
  std::chrono::milliseconds refresh_interval_min{100};
  std::size_t refresh_waiters_max = 1'000;
  /// Whether the catalogue may lack something of a data node that a newer metaserver would tell;
  /// empty: never. While it is so, the whole of it is asked for this often.
  std::function<bool()> may_lack_login;
  std::chrono::milliseconds lack_interval{30'000};
  core::Limits limits;
};

/// Keeps the catalogue: asks metaservers, tells them that this broker lives, and remembers what it
/// knows on disk, so that a restart needs neither metaserver nor metadata database. One thread.
///
/// Thread safety: View(), Refresh(), SetState() and the other accessors from any thread; Start()
/// and Stop() from the owner.
class Catalog {
 public:
  /// `on_change` is called with each new view, on this object's thread or in Start().
  Catalog(CatalogOptions options, MetaClient& meta, core::Broker self, const Clock& clock,
          std::function<void(const CatalogView&)> on_change);
  ~Catalog() { Stop(); }

  /// Loads the snapshot, asks the metaservers once (for at most `patience`), starts the thread.
  /// Never fails: without either, the catalogue is empty until a metaserver answers.
  void Start(std::chrono::milliseconds patience);
  /// The broker's own address, known after it listens. Before Start().
  void SetAddress(std::int32_t port, std::int32_t admin_port);
  void Stop();

  /// Never null.
  [[nodiscard]] std::shared_ptr<const CatalogView> View() const;
  /// True once there is a catalogue, from a metaserver or from disk.
  [[nodiscard]] bool is_loaded() const;
  /// When a metaserver last confirmed the catalogue.
  [[nodiscard]] std::optional<MonotonicTime> confirmed_at() const;
  [[nodiscard]] core::Broker self() const;
  /// The metaservers: those configured, then those that the catalogue names.
  [[nodiscard]] std::vector<core::Endpoint> Metaservers() const;

  /// Asks a metaserver soon; `then` is called afterwards, whatever came of it, at once when too
  /// many wait already. Bounded: see CatalogOptions.
  void Refresh(std::function<void()> then);

  /// Announces the state with a heartbeat at once.
  void SetState(core::BrokerState state);
  /// Leaves the registry. Best effort, within `patience`. After Stop().
  void Unregister(std::chrono::milliseconds patience);

 private:
  void Run();
  /// One round: a heartbeat, and the catalogue if it is newer or `is_asked`.
  void Round(bool is_asked);
  bool RoundWith(const core::Endpoint& server, bool is_asked, bool wants_all);
  /// Whether it is time to ask for what a metaserver of an older version has left out.
  [[nodiscard]] bool WantsAll() const;
  void Publish(core::CatalogSnapshot snapshot, bool is_new);
  /// The metaservers in the order in which they are asked.
  [[nodiscard]] std::vector<core::Endpoint> Servers() const;

  const CatalogOptions options_;
  MetaClient& meta_;
  const Clock& clock_;
  const std::function<void(const CatalogView&)> on_change_;
  std::chrono::milliseconds interval_;       // The thread's own.
  std::optional<core::Endpoint> preferred_;  // The thread's own: the server that answered last.
  bool was_reachable_ = true;                // The thread's own.
  MonotonicTime all_asked_at_;               // The thread's own: see CatalogOptions::lack_interval.
  std::int64_t all_asked_ = 0;               // The thread's own: so often, each server in turn.

  mutable Mutex mutex_;
  CondVar wake_;
  core::Broker self_ LANEMQ_GUARDED_BY(mutex_);
  std::shared_ptr<const CatalogView> view_ LANEMQ_GUARDED_BY(mutex_);
  bool is_loaded_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::optional<MonotonicTime> confirmed_at_ LANEMQ_GUARDED_BY(mutex_);
  std::vector<std::function<void()>> waiters_ LANEMQ_GUARDED_BY(mutex_);
  bool is_urgent_ LANEMQ_GUARDED_BY(mutex_) = false;
  bool is_stopping_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::jthread thread_;
};

}  // namespace lanemq::broker
