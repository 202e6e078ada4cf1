#include "broker/fetch/parked_fetches.h"

#include <algorithm>
#include <utility>

namespace lanemq::broker {

FetchId ParkedFetches::NewId() {
  MutexLock lock(mutex_);
  return ++last_id_;
}

bool ParkedFetches::Park(FetchId id, std::unique_ptr<FetchCall>& call) {
  MutexLock lock(mutex_);
  if (calls_.size() >= calls_max_) return false;
  for (const FetchSlot& slot : call->slots) {
    Waiters& waiters = waiters_[slot.location.key];
    waiters.location = slot.location;
    waiters.calls.insert(id);
  }
  calls_.emplace(id, std::move(call));
  return true;
}

std::unique_ptr<FetchCall> ParkedFetches::TakeLocked(FetchId id) {
  const auto it = calls_.find(id);
  if (it == calls_.end()) return nullptr;
  std::unique_ptr<FetchCall> call = std::move(it->second);
  calls_.erase(it);
  for (const FetchSlot& slot : call->slots) {
    const auto waiters = waiters_.find(slot.location.key);
    if (waiters == waiters_.end()) continue;  // Two slots of one partition.
    waiters->second.calls.erase(id);
    if (waiters->second.calls.empty()) waiters_.erase(waiters);
  }
  return call;
}

std::unique_ptr<FetchCall> ParkedFetches::Take(FetchId id) {
  MutexLock lock(mutex_);
  return TakeLocked(id);
}

std::unique_ptr<FetchCall> ParkedFetches::TakeForbidden(FetchId id) {
  MutexLock lock(mutex_);
  const auto it = calls_.find(id);
  if (it == calls_.end() || !it->second->is_allowed) return nullptr;
  return it->second->is_allowed(*it->second) ? nullptr : TakeLocked(id);
}

std::unique_ptr<FetchCall> ParkedFetches::TakeUnless(
    FetchId id, const std::function<bool(const core::PartitionLocation&)>& is_current) {
  std::vector<core::PartitionLocation> places;
  {
    MutexLock lock(mutex_);
    const auto it = calls_.find(id);
    if (it == calls_.end()) return nullptr;
    for (const FetchSlot& slot : it->second->slots) places.push_back(slot.location);
  }
  // Without the lock: it asks elsewhere. An id waits at the same places all its life.
  return std::ranges::all_of(places, is_current) ? nullptr : Take(id);
}

std::vector<ParkedFetches::Taken> ParkedFetches::TakeWaitingOn(const core::PartitionKey& key) {
  std::vector<Taken> out;
  MutexLock lock(mutex_);
  const auto it = waiters_.find(key);
  if (it == waiters_.end()) return out;
  std::vector<FetchId> ids;
  ids.assign(it->second.calls.begin(), it->second.calls.end());
  out.reserve(ids.size());
  for (const FetchId id : ids) out.push_back({id, TakeLocked(id)});
  return out;
}

std::vector<ParkedFetches::Taken> ParkedFetches::TakeAll() {
  MutexLock lock(mutex_);
  std::vector<Taken> out;
  out.reserve(calls_.size());
  for (auto& [id, call] : calls_) out.push_back({id, std::move(call)});
  calls_.clear();
  waiters_.clear();
  return out;
}

std::vector<core::PartitionLocation> ParkedFetches::PartitionsOf(core::NodeId node) const {
  MutexLock lock(mutex_);
  std::vector<core::PartitionLocation> out;
  for (const auto& [key, waiters] : waiters_) {
    if (waiters.location.node == node) out.push_back(waiters.location);
  }
  return out;
}

std::vector<FetchId> ParkedFetches::Ids() const {
  MutexLock lock(mutex_);
  std::vector<FetchId> ids;
  ids.reserve(calls_.size());
  for (const auto& [id, call] : calls_) ids.push_back(id);
  return ids;
}

std::size_t ParkedFetches::size() const {
  MutexLock lock(mutex_);
  return calls_.size();
}

}  // namespace lanemq::broker
