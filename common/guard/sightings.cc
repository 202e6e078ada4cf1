#include "common/guard/sightings.h"

#include <algorithm>

namespace lanemq {
namespace {

constexpr std::chrono::seconds kSweepEvery{1};

}  // namespace

bool Sightings::MayBeNew(const std::string& id, MonotonicTime now) {
  MutexLock lock(mutex_);
  if (gone_.contains(id)) return false;
  if (first_seen_.size() >= options_.ids_max && now - swept_at_ >= kSweepEvery) {
    swept_at_ = now;  // A full table is looked through once a second, not once a refusal.
    std::erase_if(first_seen_, [&](const auto& one) { return now - one.second > options_.kept; });
  }
  auto found = first_seen_.find(id);
  if (found == first_seen_.end()) {
    if (first_seen_.size() >= options_.ids_max) return false;
    found = first_seen_.emplace(id, now).first;
  } else if (now - found->second > options_.kept) {
    found->second = now;
  }
  return confirmed_ < found->second + options_.margin;
}

void Sightings::Confirm(MonotonicTime asked_at) {
  MutexLock lock(mutex_);
  confirmed_ = std::max(confirmed_, asked_at);
}

void Sightings::Gone(const std::string& id) {
  MutexLock lock(mutex_);
  if (!gone_.insert(id).second) return;
  gone_order_.push_back(id);
  if (gone_order_.size() <= options_.ids_max) return;
  gone_.erase(gone_order_.front());
  gone_order_.pop_front();
}

std::size_t Sightings::size() const {
  MutexLock lock(mutex_);
  return first_seen_.size();
}

}  // namespace lanemq
