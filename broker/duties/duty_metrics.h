#pragma once

#include <memory>
#include <string>

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

namespace lanemq::broker {

/// Metrics of the duties. Thread safety: every method from any thread.
class DutyMetrics {
 public:
  explicit DutyMetrics(prometheus::Registry& registry);

  /// What is shown of one data node, by its name. Zero while another broker has its duties.
  struct OfNode {
    prometheus::Gauge& is_holder;
    prometheus::Gauge& pending_partitions;
    prometheus::Gauge& overdue_seconds;
    prometheus::Counter& failures;
  };
  [[nodiscard]] OfNode Of(const std::string& node);

 private:
  prometheus::Family<prometheus::Gauge>& is_holder_;
  prometheus::Family<prometheus::Gauge>& pending_;
  prometheus::Family<prometheus::Gauge>& overdue_;
  prometheus::Family<prometheus::Counter>& failures_;

 public:
  prometheus::Counter& delayed_moved;
  prometheus::Histogram& delayed_lateness;
  prometheus::Counter& letters_redriven;
  prometheus::Counter& letters_expired;
};

}  // namespace lanemq::broker
