#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

#include "common/base/mutex.h"
#include "common/base/time.h"

namespace lanemq {

/// How often an address may present a token that is refused: `per_second`, and as many at once.
///
/// Guessing 256 bits is hopeless at any rate; this keeps a client with a wrong token, which tries
/// for ever, from filling logs. What is right is never held up.
/// Bounded: when `addresses_max` are being limited, all further ones share one allowance.
/// Thread safety: every method from any thread.
class RefusalLimit {
 public:
  struct Options {
    double per_second = 10;
    std::size_t addresses_max = 10'000;
  };

  RefusalLimit() : RefusalLimit(Options{}) {}
  explicit RefusalLimit(Options options) : options_(options) {}

  /// Counts a refusal. False: too many, for now. `peer`: "address:port", of which the port does not
  /// count.
  bool Take(std::string_view peer, MonotonicTime now);
  /// The same of whoever `key` stands for.
  bool TakeOf(std::string key, MonotonicTime now);
  [[nodiscard]] std::size_t addresses() const;

 private:
  struct Bucket {
    double left = 0;
    MonotonicTime at;
  };
  /// Forgets the addresses whose allowance is whole again.
  void Sweep(MonotonicTime now) LANEMQ_REQUIRES(mutex_);
  [[nodiscard]] double LeftAt(const Bucket& bucket, MonotonicTime now) const;

  const Options options_;
  mutable Mutex mutex_;
  std::unordered_map<std::string, Bucket> buckets_ LANEMQ_GUARDED_BY(mutex_);
  MonotonicTime swept_at_ LANEMQ_GUARDED_BY(mutex_);
};

}  // namespace lanemq
