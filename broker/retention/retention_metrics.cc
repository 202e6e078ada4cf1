#include "broker/retention/retention_metrics.h"

namespace lanemq::broker {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;
using prometheus::Histogram;

template <typename Builder>
auto& Declare(Builder builder, prometheus::Registry& registry, const char* name, const char* help) {
  return builder.Name(name).Help(help).Register(registry);
}

}  // namespace

RetentionMetrics::RetentionMetrics(prometheus::Registry& registry)
    : is_holder_(Declare(BuildGauge(), registry, "lanemq_retention_is_holder",
                         "1: this broker removes old messages of the data node; 0: another one")),
      last_success_(Declare(BuildGauge(), registry,
                            "lanemq_retention_last_success_timestamp_seconds",
                            "When this broker last looked at a partition of the data node, or took "
                            "a step, without a failure and by a catalogue that is confirmed")),
      unsplit_(Declare(BuildGauge(), registry, "lanemq_retention_unsplit_partitions",
                       "Partitions whose newest rows are too many to be split off; old ones go one "
                       "by one")),
      clock_off_(Declare(BuildGauge(), registry, "lanemq_retention_clock_off",
                         "1 while the node's clock and the broker's differ too much: nothing is "
                         "condemned")),
      removed_(Declare(BuildCounter(), registry, "lanemq_retention_removed_messages_total",
                       "Messages that the log start went past")),
      dropped_(Declare(BuildCounter(), registry, "lanemq_retention_dropped_segments_total",
                       "Table partitions dropped")),
      lock_timeouts_(Declare(BuildCounter(), registry, "lanemq_retention_lock_timeouts_total",
                             "Steps put off because the table was in use")),
      steps_(Declare(BuildCounter(), registry, "lanemq_retention_steps_total",
                     "Steps done: move_start, drop, delete, split")),
      step_seconds_(Declare(BuildHistogram(), registry, "lanemq_retention_step_seconds",
                            "How long a step took")),
      expired_(Declare(BuildCounter(), registry, "lanemq_retention_expired_rows_total",
                       "Old rows removed that are no messages: resets, trims, losses, audit")),
      failures_(Declare(BuildCounter(), registry, "lanemq_retention_failures_total",
                        "Looks and steps that failed and are tried again")) {}

RetentionMetrics::OfNode RetentionMetrics::Of(const std::string& node) {
  const prometheus::Labels labels{{"node", node}};
  const auto step = [&](const char* kind) -> prometheus::Counter& {
    return steps_.Add({{"node", node}, {"kind", kind}});
  };
  return {.is_holder = is_holder_.Add(labels),
          .last_success_seconds = last_success_.Add(labels),
          .unsplit_partitions = unsplit_.Add(labels),
          .clock_off = clock_off_.Add(labels),
          .removed_messages = removed_.Add(labels),
          .dropped_segments = dropped_.Add(labels),
          .lock_timeouts = lock_timeouts_.Add(labels),
          .moves = step("move_start"),
          .drops = step("drop"),
          .deletes = step("delete"),
          .splits = step("split"),
          .step_seconds = step_seconds_.Add(
              labels, Histogram::BucketBoundaries{0.01, 0.03, 0.1, 0.3, 1, 3, 10}),
          .expired_rows = expired_.Add(labels),
          .failures = failures_.Add(labels)};
}

}  // namespace lanemq::broker
