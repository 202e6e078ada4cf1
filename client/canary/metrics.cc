#include "client/canary/metrics.h"

namespace lanemq::client {
namespace {

prometheus::Histogram::BucketBoundaries Buckets() {
  return {0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30};
}

double ToSeconds(std::chrono::nanoseconds d) { return std::chrono::duration<double>(d).count(); }

// A counter of something that is counted elsewhere.
void RaiseTo(prometheus::Counter& counter, std::int64_t value) {
  const double more = static_cast<double>(value) - counter.Value();
  if (more > 0) counter.Increment(more);
}

}  // namespace

CanaryMetrics::CanaryMetrics(const std::string& name)
    : registry_(std::make_shared<prometheus::Registry>()),
      messages_(prometheus::BuildCounter()
                    .Name("lanemq_canary_messages_total")
                    .Help("Messages by data node and what became of them: ok, late (back after a "
                          "second), lost (acknowledged, not back in 30 s), duplicate, "
                          "produce_error")
                    .Register(*registry_)),
      end_to_end_(prometheus::BuildHistogram()
                      .Name("lanemq_canary_end_to_end_seconds")
                      .Help("From the sending of a message to its reading")
                      .Register(*registry_)),
      last_success_(prometheus::BuildGauge()
                        .Name("lanemq_canary_last_success_timestamp_seconds")
                        .Help("When a message of the data node last came back; at first, when "
                              "the canary began to look")
                        .Register(*registry_)) {
  prometheus::BuildGauge()
      .Name("lanemq_canary_info")
      .Help("1; who this is")
      .Register(*registry_)
      .Add({{"canary", name}})
      .Set(1);
}

CanaryMetrics::Series& CanaryMetrics::Of(const std::string& node) {
  Series& series = series_[node];
  if (series.ok != nullptr) return series;
  const auto count = [&](const char* result) {
    return &messages_.Add({{"node", node}, {"result", result}});
  };
  series.ok = count("ok");
  series.late = count("late");
  series.lost = count("lost");
  series.duplicate = count("duplicate");
  series.produce_error = count("produce_error");
  series.end_to_end = &end_to_end_.Add({{"node", node}}, Buckets());
  series.last_success = &last_success_.Add({{"node", node}});
  return series;
}

void CanaryMetrics::OnBack(const std::string& node, std::chrono::nanoseconds took) {
  MutexLock lock(mutex_);
  Of(node).end_to_end->Observe(ToSeconds(took));
}

void CanaryMetrics::Forget(const std::string& node) {
  MutexLock lock(mutex_);
  const auto at = series_.find(node);
  if (at == series_.end()) return;
  Series& series = at->second;
  for (prometheus::Counter* counter :
       {series.ok, series.late, series.lost, series.duplicate, series.produce_error}) {
    messages_.Remove(counter);
  }
  end_to_end_.Remove(series.end_to_end);
  last_success_.Remove(series.last_success);
  series_.erase(at);
}

void CanaryMetrics::Sample(const std::vector<NodePicture>& nodes, WallTime wall_now) {
  MutexLock lock(mutex_);
  for (const NodePicture& node : nodes) {
    Series& series = Of(node.node);
    RaiseTo(*series.ok, node.counts.ok);
    RaiseTo(*series.late, node.counts.late);
    RaiseTo(*series.lost, node.counts.lost);
    RaiseTo(*series.duplicate, node.counts.duplicates);
    RaiseTo(*series.produce_error, node.counts.produce_errors);
    series.last_success->Set(static_cast<double>(wall_now.micros) / 1e6 -
                             ToSeconds(node.silent_for));
  }
}

}  // namespace lanemq::client
