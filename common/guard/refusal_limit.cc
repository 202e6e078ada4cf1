#include "common/guard/refusal_limit.h"

#include <algorithm>
#include <chrono>

namespace lanemq {
namespace {

constexpr std::chrono::seconds kSweepEvery{1};

std::string_view AddressOf(std::string_view peer) { return peer.substr(0, peer.rfind(':')); }

}  // namespace

double RefusalLimit::LeftAt(const Bucket& bucket, MonotonicTime now) const {
  const double seconds = std::chrono::duration<double>(now - bucket.at).count();
  return std::min(options_.per_second, bucket.left + seconds * options_.per_second);
}

bool RefusalLimit::Take(std::string_view peer, MonotonicTime now) {
  return TakeOf(std::string(AddressOf(peer)), now);
}

bool RefusalLimit::TakeOf(std::string key, MonotonicTime now) {
  MutexLock lock(mutex_);
  auto found = buckets_.find(key);
  if (found == buckets_.end()) {
    if (buckets_.size() >= options_.addresses_max) Sweep(now);
    // No key is an empty text: it stands for all that found no room.
    if (buckets_.size() >= options_.addresses_max) key.clear();
    found = buckets_.try_emplace(key, Bucket{options_.per_second, now}).first;
  }
  Bucket& bucket = found->second;
  bucket.left = LeftAt(bucket, now);
  bucket.at = now;
  if (bucket.left < 1) return false;
  bucket.left -= 1;
  return true;
}

std::size_t RefusalLimit::addresses() const {
  MutexLock lock(mutex_);
  return buckets_.size();
}

void RefusalLimit::Sweep(MonotonicTime now) {
  // A full table is looked through once a second, not once a refusal.
  if (now - swept_at_ < kSweepEvery && swept_at_ != MonotonicTime{}) return;
  swept_at_ = now;
  std::erase_if(buckets_, [&](const auto& entry) {
    return LeftAt(entry.second, now) >= options_.per_second;
  });
}

}  // namespace lanemq
