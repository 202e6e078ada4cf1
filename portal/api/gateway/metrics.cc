#include "portal/api/gateway/metrics.h"

namespace lanemq::portal {
namespace {

void RaiseTo(prometheus::Counter& counter, double value) {
  if (const double more = value - counter.Value(); more > 0) counter.Increment(more);
}

}  // namespace

GatewayMetrics::GatewayMetrics()
    : registry_(std::make_shared<prometheus::Registry>()),
      requests_(prometheus::BuildCounter()
                    .Name("lanemq_portal_requests_total")
                    .Help("HTTP requests by route and status")
                    .Register(*registry_)),
      refused_(prometheus::BuildCounter()
                   .Name("lanemq_portal_refused_total")
                   .Help("Requests that were refused before the cluster was asked, by why")
                   .Register(*registry_)),
      server_(
          prometheus::BuildCounter()
              .Name("lanemq_portal_server_events_total")
              .Help("Connections accepted and refused; requests shed, malformed, timed_out, failed")
              .Register(*registry_)),
      gauges_(prometheus::BuildGauge()
                  .Name("lanemq_portal_held")
                  .Help("Open connections, requests that wait for a thread, idle links to servers")
                  .Register(*registry_)),
      seconds_(prometheus::BuildHistogram()
                   .Name("lanemq_portal_request_seconds")
                   .Help("From the whole request to its reply")
                   .Register(*registry_)
                   .Add({}, prometheus::Histogram::BucketBoundaries{0.001, 0.002, 0.005, 0.01, 0.02,
                                                                    0.05, 0.1, 0.2, 0.5, 1, 2, 5,
                                                                    10, 30, 60})) {}

void GatewayMetrics::OnRequest(const std::string& route, int status,
                               std::chrono::nanoseconds took) {
  requests_.Add({{"route", route}, {"status", std::to_string(status)}}).Increment();
  seconds_.Observe(std::chrono::duration<double>(took).count());
}

void GatewayMetrics::OnRefused(const std::string& why) { refused_.Add({{"why", why}}).Increment(); }

void GatewayMetrics::Sample(const Gauges& gauges) {
  MutexLock lock(mutex_);
  gauges_.Add({{"what", "connections"}}).Set(gauges.connections);
  gauges_.Add({{"what", "queued_requests"}}).Set(gauges.queued);
  gauges_.Add({{"what", "idle_links"}}).Set(gauges.links);
  RaiseTo(server_.Add({{"event", "accepted"}}), gauges.accepted);
  RaiseTo(server_.Add({{"event", "refused_connection"}}), gauges.refused_connections);
  RaiseTo(server_.Add({{"event", "shed"}}), gauges.shed);
  RaiseTo(server_.Add({{"event", "malformed"}}), gauges.malformed);
  RaiseTo(server_.Add({{"event", "timed_out"}}), gauges.timed_out);
  RaiseTo(server_.Add({{"event", "failed"}}), gauges.failed);
}

}  // namespace lanemq::portal
