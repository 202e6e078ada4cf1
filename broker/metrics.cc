#include "broker/metrics.h"

#include <string>

namespace lanemq::broker {
namespace {

using prometheus::Histogram;

Histogram::BucketBoundaries LatencyBuckets() {
  return {0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30};
}

template <typename Builder>
auto& Declare(Builder builder, prometheus::Registry& registry, const char* name, const char* help) {
  return builder.Name(name).Help(help).Register(registry);
}

prometheus::Counter& Counter(prometheus::Registry& registry, const char* name, const char* help) {
  return Declare(prometheus::BuildCounter(), registry, name, help).Add({});
}

prometheus::Gauge& Gauge(prometheus::Registry& registry, const char* name, const char* help) {
  return Declare(prometheus::BuildGauge(), registry, name, help).Add({});
}

/// Of what is counted elsewhere; two scrapes at once may be a little off, and the next one is not.
void SetTotal(prometheus::Counter& counter, std::uint64_t total) {
  const double missing = static_cast<double>(total) - counter.Value();
  if (missing > 0) counter.Increment(missing);
}

}  // namespace

Metrics::Metrics(core::BrokerId broker)
    : registry_(std::make_shared<prometheus::Registry>()),
      rpc_seconds_(Declare(prometheus::BuildHistogram(), *registry_, "lanemq_broker_rpc_seconds",
                           "From the decoded request to its reply, long polls included")),
      rpc_errors_(Declare(prometheus::BuildCounter(), *registry_, "lanemq_broker_rpc_errors_total",
                          "Requests answered with a declared error")),
      sql_seconds_(Declare(prometheus::BuildHistogram(), *registry_, "lanemq_broker_sql_seconds",
                           "Store calls, waiting for a connection included")),
      sql_errors_(Declare(prometheus::BuildCounter(), *registry_, "lanemq_broker_sql_errors_total",
                          "Store calls that failed")),
      limits_(Declare(prometheus::BuildCounter(), *registry_, "lanemq_broker_limit_hits_total",
                      "Times an RPC server limit was hit")),
      group_failures_(Declare(prometheus::BuildCounter(), *registry_, "lanemq_group_failures_total",
                              "Records that handlers of consumer groups failed, by what came of "
                              "it; stale: reported by who had them no more")),
      dead_letter_operations_(Declare(prometheus::BuildCounter(), *registry_,
                                      "lanemq_dead_letter_operations_total",
                                      "What operators did to dead letters, by request")),
      access_refused_(Declare(prometheus::BuildCounter(), *registry_,
                              "lanemq_broker_access_refused_total",
                              "What callers may not do; of requests with many partitions, each "
                              "topic")),
      observed_refusals_(Declare(prometheus::BuildCounter(), *registry_,
                                 "lanemq_access_observed_refusals_total",
                                 "What --auth=token would have refused and --auth=observe served")),
      connections_closed_(Declare(prometheus::BuildCounter(), *registry_,
                                  "lanemq_broker_connections_closed_total",
                                  "Connections that ended, by why")),
      certificate_end_(Declare(prometheus::BuildGauge(), *registry_,
                               "lanemq_tls_certificate_expires_timestamp_seconds",
                               "When the listener's certificate ends; absent without TLS")),
      quota_throttled_(Declare(prometheus::BuildCounter(), *registry_,
                               "lanemq_broker_quota_throttled_total",
                               "Batches and fetches of teams above a quota; mode log: they were "
                               "served all the same")),
      append_batch_records(
          Declare(prometheus::BuildHistogram(), *registry_, "lanemq_broker_append_batch_records",
                  "Rows per insert")
              .Add({}, Histogram::BucketBoundaries{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000})),
      append_records(Counter(*registry_, "lanemq_broker_append_records_total",
                             "Messages stored by this broker")),
      append_contention(Counter(*registry_, "lanemq_broker_append_contention_total",
                                "Inserts lost to another broker writing the same partition")),
      append_throttled(Counter(*registry_, "lanemq_broker_append_throttled_total",
                               "Batches refused because a queue or the memory budget was full")),
      data_loss(Counter(*registry_, "lanemq_broker_data_loss_total",
                        "Messages that were acknowledged and are missing; alert on any")),
      fetch_records_from_cache(Counter(*registry_, "lanemq_broker_fetch_cache_records_total",
                                       "Messages served from memory")),
      fetch_records_from_database(Counter(*registry_, "lanemq_broker_fetch_database_records_total",
                                          "Messages read from the database for fetches")),
      end_polls(Counter(*registry_, "lanemq_broker_end_polls_total",
                        "Grouped polls for partitions that fetches wait on")),
      append_queue_bytes(Gauge(*registry_, "lanemq_broker_append_queue_bytes",
                               "Messages received and not yet answered")),
      tail_cache_bytes(
          Gauge(*registry_, "lanemq_broker_tail_cache_bytes", "Newest messages held in memory")),
      parked_fetches(Gauge(*registry_, "lanemq_broker_parked_fetches", "Long polls waiting")),
      connections(Gauge(*registry_, "lanemq_broker_connections", "Open client connections")),
      unidentified_connections(Gauge(*registry_, "lanemq_broker_unidentified_connections",
                                     "Those of them that have not said who they are, and must")),
      reply_bytes(Gauge(*registry_, "lanemq_broker_reply_bytes",
                        "Replies that clients have not taken yet")),
      catalog_version(Gauge(*registry_, "lanemq_broker_catalog_version", "Version in use")),
      catalog_age_seconds(Gauge(*registry_, "lanemq_broker_catalog_age_seconds",
                                "Since a metaserver last confirmed the catalogue")),
      access_book_version(Gauge(*registry_, "lanemq_broker_access_book_version",
                                "Version of who may do what; 0: none, or authentication is off")),
      access_book_age_seconds(Gauge(*registry_, "lanemq_broker_access_book_age_seconds",
                                    "Since a metaserver last confirmed who may do what, or since "
                                    "the start; 0: authentication is off")),
      tls_certificate_days_left(Gauge(*registry_, "lanemq_broker_tls_certificate_days_left",
                                      "Until the listener's certificate ends; 0 without TLS")) {
  Declare(prometheus::BuildGauge(), *registry_, "lanemq_broker_info", "1; who this is")
      .Add({{"broker_id", std::to_string(broker.value)}})
      .Set(1);
}

prometheus::Histogram& Metrics::Rpc(std::string_view method) {
  return rpc_seconds_.Add({{"method", std::string(method)}}, LatencyBuckets());
}

prometheus::Counter& Metrics::RpcErrors(std::string_view method, std::string_view code) {
  return rpc_errors_.Add({{"method", std::string(method)}, {"code", std::string(code)}});
}

prometheus::Histogram& Metrics::Sql(std::string_view operation) {
  return sql_seconds_.Add({{"operation", std::string(operation)}}, LatencyBuckets());
}

prometheus::Counter& Metrics::SqlErrors(std::string_view operation, std::string_view code) {
  return sql_errors_.Add({{"operation", std::string(operation)}, {"code", std::string(code)}});
}

prometheus::Counter& Metrics::Limits(std::string_view limit) {
  return limits_.Add({{"limit", std::string(limit)}});
}

prometheus::Counter& Metrics::GroupFailures(std::string_view outcome) {
  return group_failures_.Add({{"outcome", std::string(outcome)}});
}

prometheus::Counter& Metrics::DeadLetterOperations(std::string_view action) {
  return dead_letter_operations_.Add({{"action", std::string(action)}});
}

void Metrics::SetObservedRefusals(std::string_view method, std::uint64_t total) {
  SetTotal(observed_refusals_.Add({{"method", std::string(method)}}), total);
}

void Metrics::SetConnectionsClosed(std::string_view reason, std::uint64_t total) {
  SetTotal(connections_closed_.Add({{"reason", std::string(reason)}}), total);
}

void Metrics::SetCertificateEnd(WallTime at) {
  certificate_end_.Add({}).Set(static_cast<double>(at.micros) / 1e6);
}

prometheus::Counter& Metrics::AccessRefused(std::string_view code) {
  return access_refused_.Add({{"code", std::string(code)}});
}

prometheus::Counter& Metrics::QuotaThrottled(std::string_view team, std::string_view what,
                                             std::string_view mode) {
  return quota_throttled_.Add(
      {{"team", std::string(team)}, {"what", std::string(what)}, {"mode", std::string(mode)}});
}

}  // namespace lanemq::broker
