#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <thread>

#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/core/store/catalog_store.h"

namespace lanemq::metaserver {

/// The newest catalogue this metaserver knows, whether or not the metadata database answers.
///
/// One thread looks at the version every `poll_interval`; this server's own changes are loaded by
/// Reload() before they are answered.
/// Thread safety: every method from any thread; Start() and Stop() from one owner.
class SnapshotCache {
 public:
  using SnapshotPtr = std::shared_ptr<const core::CatalogSnapshot>;
  struct Options {
    std::chrono::milliseconds poll_interval{300};
    std::chrono::milliseconds load_timeout{5'000};
  };

  /// `on_nodes` is called with the data nodes of each new snapshot, before others can see it.
  SnapshotCache(Options options, core::CatalogStore& store, const Clock& clock,
                std::function<void(std::span<const core::DataNode>)> on_nodes);
  ~SnapshotCache() { Stop(); }

  /// Loads the first snapshot. The errors of CatalogStore::LoadSnapshot().
  Status Load();
  /// Begins to poll.
  void Start();
  void Stop();

  /// Never null; version 0 before Load().
  [[nodiscard]] SnapshotPtr Current() const;
  /// Loads the catalogue now: what was committed before the call is in Current() after it. When the
  /// database does not answer, the poll will catch up.
  void Reload();

  /// Whether the last look at the database succeeded.
  [[nodiscard]] bool is_fresh() const { return is_fresh_; }
  /// When the cache last agreed with the database.
  [[nodiscard]] MonotonicTime confirmed_at() const;

 private:
  void Run();
  Status LoadNow();
  void Note(const Status& status);

  const Options options_;
  core::CatalogStore& store_;
  const Clock& clock_;
  const std::function<void(std::span<const core::DataNode>)> on_nodes_;
  std::atomic<bool> is_fresh_{false};

  /// Held while on_nodes_ and the exchange run, so that versions are published in order.
  Mutex publish_mutex_;
  mutable Mutex mutex_;  // After publish_mutex_.
  CondVar wake_;
  SnapshotPtr current_ LANEMQ_GUARDED_BY(mutex_);
  MonotonicTime confirmed_at_ LANEMQ_GUARDED_BY(mutex_);
  bool is_stopping_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::jthread thread_;
};

}  // namespace lanemq::metaserver
