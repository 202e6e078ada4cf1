#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include "client/canary/node_probe.h"
#include "common/base/mutex.h"

namespace lanemq::client {

/// Every metric of a canary, declared here; one set of series per data node.
/// Thread safety: every method from any thread, but Sample() from one at a time.
class CanaryMetrics {
 public:
  explicit CanaryMetrics(const std::string& name);

  [[nodiscard]] std::shared_ptr<prometheus::Registry> registry() const { return registry_; }
  void OnBack(const std::string& node, std::chrono::nanoseconds took);
  /// The series of a node that is no longer looked at go.
  void Forget(const std::string& node);
  /// Brings everything that is not counted when it happens up to date. `wall_now` is the time.
  void Sample(const std::vector<NodePicture>& nodes, WallTime wall_now);

 private:
  struct Series {
    prometheus::Counter* ok = nullptr;
    prometheus::Counter* late = nullptr;
    prometheus::Counter* lost = nullptr;
    prometheus::Counter* duplicate = nullptr;
    prometheus::Counter* produce_error = nullptr;
    prometheus::Histogram* end_to_end = nullptr;
    prometheus::Gauge* last_success = nullptr;
  };
  Series& Of(const std::string& node) LANEMQ_REQUIRES(mutex_);

  std::shared_ptr<prometheus::Registry> registry_;
  prometheus::Family<prometheus::Counter>& messages_;
  prometheus::Family<prometheus::Histogram>& end_to_end_;
  prometheus::Family<prometheus::Gauge>& last_success_;
  Mutex mutex_;
  std::map<std::string, Series> series_ LANEMQ_GUARDED_BY(mutex_);
};

}  // namespace lanemq::client
