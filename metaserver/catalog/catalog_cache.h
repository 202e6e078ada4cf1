#pragma once

#include <functional>
#include <memory>
#include <thread>

#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/base/result.h"
#include "common/core/store/catalog_store.h"
#include "common/core/types/catalog.h"

namespace lanemq::metaserver {

/// The catalogue as of its newest version this process has seen: one immutable snapshot, replaced
/// whole. While the metadata database is away the last one is served on.
/// Thread safety: every method from any thread.
class CatalogCache {
 public:
  using Snapshot = std::shared_ptr<const core::CatalogSnapshot>;

  /// `on_change` is told of each new snapshot before it is published, one at a time.
  CatalogCache(core::CatalogStore& store,
               std::function<void(const core::CatalogSnapshot&)> on_change, const Clock& clock);
  ~CatalogCache();

  /// Reads the catalogue if its version is newer than what is known.
  Status Refresh(Deadline deadline);
  /// Starts to look for others' changes every `pause`; Stop() ends it.
  void StartPolling(std::chrono::milliseconds pause, std::chrono::milliseconds timeout);
  void Stop();

  [[nodiscard]] Snapshot Get() const;
  /// Whether the last look at the database succeeded.
  [[nodiscard]] bool IsCurrent() const;

 private:
  core::CatalogStore& store_;
  const std::function<void(const core::CatalogSnapshot&)> on_change_;
  const Clock& clock_;
  Mutex loading_;  ///< Held while loading: one load at a time.
  mutable Mutex mutex_;
  CondVar stopping_;
  Snapshot snapshot_ LANEMQ_GUARDED_BY(mutex_);
  bool is_current_ LANEMQ_GUARDED_BY(mutex_) = false;
  bool is_stopped_ LANEMQ_GUARDED_BY(mutex_) = false;
  std::jthread poller_;
};

}  // namespace lanemq::metaserver
