#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include "common/base/mutex.h"

namespace lanemq::portal {

/// What operators see of the gateway. Thread safety: every method from any thread.
class GatewayMetrics {
 public:
  GatewayMetrics();

  /// `route` is "GET /topics/{name}", of the table of routes, or one word for what is none of them:
  /// never what a client sent.
  void OnRequest(const std::string& route, int status, std::chrono::nanoseconds took);
  /// "rate", "sign_in_rate", "forged", "unauthenticated", "host", "waiting", "oidc".
  void OnRefused(const std::string& why);

  struct Gauges {
    double connections = 0;
    double queued = 0;
    double links = 0;
    double accepted = 0;
    double refused_connections = 0;
    double shed = 0;
    double malformed = 0;
    double timed_out = 0;
    double failed = 0;
  };
  void Sample(const Gauges& gauges);
  [[nodiscard]] const std::shared_ptr<prometheus::Registry>& registry() const { return registry_; }

 private:
  const std::shared_ptr<prometheus::Registry> registry_;
  prometheus::Family<prometheus::Counter>& requests_;
  prometheus::Family<prometheus::Counter>& refused_;
  prometheus::Family<prometheus::Counter>& server_;
  prometheus::Family<prometheus::Gauge>& gauges_;
  prometheus::Histogram& seconds_;
  Mutex mutex_;
};

}  // namespace lanemq::portal
