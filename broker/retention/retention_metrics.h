#pragma once

#include <string>

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

namespace lanemq::broker {

/// Metrics of retention. Thread safety: every method from any thread.
class RetentionMetrics {
 public:
  explicit RetentionMetrics(prometheus::Registry& registry);

  /// What is shown of one data node, by its name. Gauges are zero while another broker does it.
  struct OfNode {
    prometheus::Gauge& is_holder;
    prometheus::Gauge& last_success_seconds;
    prometheus::Gauge& unsplit_partitions;
    prometheus::Gauge& clock_off;
    prometheus::Counter& removed_messages;
    prometheus::Counter& dropped_segments;
    prometheus::Counter& lock_timeouts;
    prometheus::Counter& moves;
    prometheus::Counter& drops;
    prometheus::Counter& deletes;
    prometheus::Counter& splits;
    prometheus::Histogram& step_seconds;
    prometheus::Counter& expired_rows;
    prometheus::Counter& failures;
  };
  [[nodiscard]] OfNode Of(const std::string& node);

 private:
  prometheus::Family<prometheus::Gauge>& is_holder_;
  prometheus::Family<prometheus::Gauge>& last_success_;
  prometheus::Family<prometheus::Gauge>& unsplit_;
  prometheus::Family<prometheus::Gauge>& clock_off_;
  prometheus::Family<prometheus::Counter>& removed_;
  prometheus::Family<prometheus::Counter>& dropped_;
  prometheus::Family<prometheus::Counter>& lock_timeouts_;
  prometheus::Family<prometheus::Counter>& steps_;
  prometheus::Family<prometheus::Histogram>& step_seconds_;
  prometheus::Family<prometheus::Counter>& expired_;
  prometheus::Family<prometheus::Counter>& failures_;
};

}  // namespace lanemq::broker
