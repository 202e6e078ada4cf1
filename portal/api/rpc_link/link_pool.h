#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <memory>
#include <string>

#include <nlohmann/json.hpp>

#include "common/base/mutex.h"
#include "common/base/time.h"
#include "portal/api/rpc_link/link.h"

namespace lanemq::portal {

/// A connection that has said who it is.
struct KnownLink {
  std::unique_ptr<Link> link;
  nlohmann::ordered_json identity;  ///< The answer to `authenticate`; null: it was not asked.
};

/// Connections that wait for the next call of the same caller to the same server. Bounded: the one
/// unused for longest goes first.
///
/// Thread safety: every method from any thread.
class LinkPool {
 public:
  struct Options {
    std::size_t idle_max = 1'000;
    std::chrono::milliseconds idle_time = std::chrono::seconds(60);
  };
  explicit LinkPool(Options options) : options_(options) {}

  /// The one used last; its link is null when there is none that is still open. `key` tells callers
  /// and servers apart; `group` callers alone.
  KnownLink Take(const std::string& key, MonotonicTime now);
  void Put(const std::string& key, const std::string& group, KnownLink link, MonotonicTime now);
  /// Closes those of a caller.
  void Drop(const std::string& group);
  /// Closes what has been idle for too long.
  void Sweep(MonotonicTime now);
  [[nodiscard]] std::size_t size() const;

 private:
  struct Idle {
    std::string key;
    std::string group;
    KnownLink link;
    MonotonicTime since;
  };

  const Options options_;
  mutable Mutex mutex_;
  std::list<Idle> idle_ LANEMQ_GUARDED_BY(mutex_);  // The last used first.
};

}  // namespace lanemq::portal
