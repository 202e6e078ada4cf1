#include "metaserver/catalog/catalog_cache.h"

#include <utility>

#include "common/base/log.h"

namespace lanemq::metaserver {

CatalogCache::CatalogCache(core::CatalogStore& store,
                           std::function<void(const core::CatalogSnapshot&)> on_change,
                           const Clock& clock)
    : store_(store),
      on_change_(std::move(on_change)),
      clock_(clock),
      snapshot_(std::make_shared<core::CatalogSnapshot>()) {}

CatalogCache::~CatalogCache() { Stop(); }

Status CatalogCache::Refresh(Deadline deadline) {
  const MutexLock one_at_a_time(loading_);
  const auto version = store_.LoadVersion(deadline);
  if (version.ok() && *version == Get()->version) {
    MutexLock lock(mutex_);
    is_current_ = true;
    return {};
  }
  Result<core::CatalogSnapshot> loaded =
      version.ok() ? store_.LoadSnapshot(deadline) : Result<core::CatalogSnapshot>(version.error());
  if (!loaded.ok()) {
    MutexLock lock(mutex_);
    if (is_current_) {
      LANEMQ_LOG(WARN, "catalog.stale", {"error", loaded.error().ToString()});
    }
    is_current_ = false;
    return loaded.error();
  }
  auto next = std::make_shared<const core::CatalogSnapshot>(std::move(loaded).value());
  on_change_(*next);
  MutexLock lock(mutex_);
  snapshot_ = std::move(next);
  is_current_ = true;
  return {};
}

void CatalogCache::StartPolling(std::chrono::milliseconds pause,
                                std::chrono::milliseconds timeout) {
  poller_ = std::jthread([this, pause, timeout] {
    for (;;) {
      {
        MutexLock lock(mutex_);
        if (!is_stopped_) stopping_.WaitFor(mutex_, pause);
        if (is_stopped_) return;
      }
      (void)Refresh(Deadline::After(clock_, timeout));
    }
  });
}

void CatalogCache::Stop() {
  {
    MutexLock lock(mutex_);
    is_stopped_ = true;
  }
  stopping_.NotifyAll();
  if (poller_.joinable()) poller_.join();
}

CatalogCache::Snapshot CatalogCache::Get() const {
  MutexLock lock(mutex_);
  return snapshot_;
}

bool CatalogCache::IsCurrent() const {
  MutexLock lock(mutex_);
  return is_current_;
}

}  // namespace lanemq::metaserver
