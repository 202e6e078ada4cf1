#include "metaserver/catalog/snapshot_cache.h"

#include <utility>

#include "common/base/log.h"

namespace lanemq::metaserver {

SnapshotCache::SnapshotCache(Options options, core::CatalogStore& store, const Clock& clock,
                             std::function<void(std::span<const core::DataNode>)> on_nodes)
    : options_(options),
      store_(store),
      clock_(clock),
      on_nodes_(std::move(on_nodes)),
      current_(std::make_shared<core::CatalogSnapshot>()) {}

Status SnapshotCache::Load() {
  Status loaded = LoadNow();
  is_fresh_ = loaded.ok();
  return loaded;
}

void SnapshotCache::Start() {
  thread_ = std::jthread([this] { Run(); });
}

void SnapshotCache::Stop() {
  {
    MutexLock lock(mutex_);
    is_stopping_ = true;
    wake_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

SnapshotCache::SnapshotPtr SnapshotCache::Current() const {
  MutexLock lock(mutex_);
  return current_;
}

MonotonicTime SnapshotCache::confirmed_at() const {
  MutexLock lock(mutex_);
  return confirmed_at_;
}

void SnapshotCache::Reload() { Note(LoadNow()); }

Status SnapshotCache::LoadNow() {
  const MonotonicTime asked_at = clock_.Now();
  LANEMQ_ASSIGN_OR_RETURN(auto loaded,
                          store_.LoadSnapshot(Deadline::After(clock_, options_.load_timeout)));
  const auto snapshot = std::make_shared<const core::CatalogSnapshot>(std::move(loaded));
  MutexLock publishing(publish_mutex_);
  // Two loads may overtake each other: the version only grows.
  if (snapshot->version > Current()->version) on_nodes_(snapshot->nodes);
  MutexLock lock(mutex_);
  if (snapshot->version > current_->version) current_ = snapshot;
  confirmed_at_ = std::max(confirmed_at_, asked_at);
  return {};
}

void SnapshotCache::Note(const Status& status) {
  const bool was_fresh = is_fresh_.exchange(status.ok());
  if (was_fresh && !status.ok()) {
    LANEMQ_LOG(WARN, "catalog.database_lost", {"error", status.error().ToString()},
               {"serving_version", Current()->version});
  } else if (!was_fresh && status.ok()) {
    LANEMQ_LOG(INFO, "catalog.database_back", {"version", Current()->version});
  }
}

void SnapshotCache::Run() {
  while (true) {
    {
      MutexLock lock(mutex_);
      if (!is_stopping_) wake_.WaitFor(mutex_, options_.poll_interval);
      if (is_stopping_) return;
    }
    const MonotonicTime asked_at = clock_.Now();
    const auto version = store_.LoadVersion(Deadline::After(clock_, options_.load_timeout));
    if (!version.ok()) {
      Note(version.error());
    } else if (*version != Current()->version) {
      Note(LoadNow());
    } else {
      {
        MutexLock lock(mutex_);
        confirmed_at_ = std::max(confirmed_at_, asked_at);
      }
      Note({});
    }
  }
}

}  // namespace lanemq::metaserver
