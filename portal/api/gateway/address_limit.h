#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>

#include "common/base/mutex.h"
#include "common/base/time.h"

namespace lanemq::portal {

/// So many requests of one address in a time: a token bucket for each, a bounded number of them.
/// IPv6 addresses of one /64 count as one, since whoever has one has all of them.
///
/// Thread safety: every method from any thread.
class AddressLimit {
 public:
  struct Options {
    double per_second = 50;
    double burst = 100;
    std::size_t addresses_max = 10'000;  ///< The one unheard of for longest is forgotten.
  };
  explicit AddressLimit(Options options) : options_(options) {}

  /// Absent: go on. Else how long it takes until the next one may.
  std::optional<std::chrono::milliseconds> Take(const std::string& address, MonotonicTime now);

 private:
  struct Bucket {
    std::string network;
    double tokens;
    MonotonicTime at;
  };

  const Options options_;
  Mutex mutex_;
  std::list<Bucket> buckets_ LANEMQ_GUARDED_BY(mutex_);  // The last heard of first.
  std::unordered_map<std::string, std::list<Bucket>::iterator> by_network_
      LANEMQ_GUARDED_BY(mutex_);
};

}  // namespace lanemq::portal
