#include "broker/duties/duty_metrics.h"

namespace lanemq::broker {
namespace {

using prometheus::Histogram;

template <typename Builder>
auto& Declare(Builder builder, prometheus::Registry& registry, const char* name, const char* help) {
  return builder.Name(name).Help(help).Register(registry);
}

prometheus::Counter& Counter(prometheus::Registry& registry, const char* name, const char* help) {
  return Declare(prometheus::BuildCounter(), registry, name, help).Add({});
}

prometheus::Family<prometheus::Gauge>& Gauges(prometheus::Registry& registry, const char* name,
                                              const char* help) {
  return Declare(prometheus::BuildGauge(), registry, name, help);
}

}  // namespace

DutyMetrics::DutyMetrics(prometheus::Registry& registry)
    : is_holder_(Gauges(registry, "lanemq_duties_held",
                        "1: this broker has the duties of the data node; 0: another one")),
      pending_(Gauges(registry, "lanemq_delayed_pending_partitions",
                      "Partitions of the data node with delayed messages")),
      overdue_(Gauges(registry, "lanemq_delayed_oldest_overdue_seconds",
                      "How long the most overdue delayed message has waited; alert when it grows")),
      failures_(Declare(prometheus::BuildCounter(), registry, "lanemq_duties_failures_total",
                        "Steps of duties that failed and are tried again")),
      delayed_moved(Counter(registry, "lanemq_delayed_moved_total",
                            "Delayed messages that became due and were appended")),
      delayed_lateness(Declare(prometheus::BuildHistogram(), registry,
                               "lanemq_delayed_lateness_seconds",
                               "From a message's due time to its append, by the data node's clock")
                           .Add({}, Histogram::BucketBoundaries{0.005, 0.01, 0.02, 0.05, 0.1, 0.2,
                                                                0.5, 1, 2, 5, 10, 30, 60, 300})),
      letters_redriven(Counter(registry, "lanemq_dead_letters_redriven_total",
                               "Dead letters that redrives have moved")),
      letters_expired(Counter(registry, "lanemq_dead_letters_expired_total",
                              "Dead letters removed because of their age")) {}

DutyMetrics::OfNode DutyMetrics::Of(const std::string& node) {
  const prometheus::Labels labels{{"node", node}};
  return {is_holder_.Add(labels), pending_.Add(labels), overdue_.Add(labels),
          failures_.Add(labels)};
}

}  // namespace lanemq::broker
