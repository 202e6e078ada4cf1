#include "portal/api/gateway/address_limit.h"

#include <algorithm>
#include <cmath>

#include "portal/api/gateway/client_address.h"

namespace lanemq::portal {

std::optional<std::chrono::milliseconds> AddressLimit::Take(const std::string& address,
                                                            MonotonicTime now) {
  const std::string network = NetworkOf(address);
  MutexLock lock(mutex_);
  const auto found = by_network_.find(network);
  if (found == by_network_.end()) {
    buckets_.push_front({network, options_.burst, now});
    by_network_[network] = buckets_.begin();
    if (buckets_.size() > options_.addresses_max) {
      by_network_.erase(buckets_.back().network);
      buckets_.pop_back();
    }
  } else {
    buckets_.splice(buckets_.begin(), buckets_, found->second);
  }
  Bucket& bucket = buckets_.front();
  const double passed = std::chrono::duration<double>(now - bucket.at).count();
  bucket.tokens = std::min(options_.burst, bucket.tokens + passed * options_.per_second);
  bucket.at = now;
  if (bucket.tokens >= 1) {
    bucket.tokens -= 1;
    return std::nullopt;
  }
  const double seconds = (1 - bucket.tokens) / options_.per_second;
  return std::chrono::milliseconds(static_cast<std::int64_t>(std::ceil(seconds * 1000)));
}

}  // namespace lanemq::portal
