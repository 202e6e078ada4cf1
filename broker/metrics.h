#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include "common/base/time.h"
#include "common/core/types/ids.h"

namespace lanemq::broker {

/// Every metric of a broker, declared here. Updates are lock-free; the label of an RPC or SQL
/// operation is looked up, so callers on hot paths keep the reference.
/// Thread safety: every method from any thread.
class Metrics {
 public:
  explicit Metrics(core::BrokerId broker);

  [[nodiscard]] std::shared_ptr<prometheus::Registry> registry() const { return registry_; }
  /// Latency of one kind of RPC, by its IDL name.
  prometheus::Histogram& Rpc(std::string_view method);
  prometheus::Counter& RpcErrors(std::string_view method, std::string_view code);
  /// Latency of one kind of store call.
  prometheus::Histogram& Sql(std::string_view operation);
  prometheus::Counter& SqlErrors(std::string_view operation, std::string_view code);
  prometheus::Counter& Limits(std::string_view limit);
  /// Records that groups' handlers failed: "retry", "dead", "lost", "done" or "stale".
  prometheus::Counter& GroupFailures(std::string_view outcome);
  /// What operators did: "redrive", "edit", "drop" or "cancel".
  prometheus::Counter& DeadLetterOperations(std::string_view action);
  /// What callers may not do, by the error's name; of requests with many partitions, each topic.
  prometheus::Counter& AccessRefused(std::string_view code);
  /// What would have been refused, by method, since the start.
  void SetObservedRefusals(std::string_view method, std::uint64_t total);
  /// Connections that ended, by why, since the start.
  void SetConnectionsClosed(std::string_view reason, std::uint64_t total);
  void SetCertificateEnd(WallTime at);
  /// What teams did above a quota. `mode`: "enforce", refused; "log", only counted. As many as
  /// there are teams with quotas.
  prometheus::Counter& QuotaThrottled(std::string_view team, std::string_view what,
                                      std::string_view mode);

 private:
  std::shared_ptr<prometheus::Registry> registry_;
  prometheus::Family<prometheus::Histogram>& rpc_seconds_;
  prometheus::Family<prometheus::Counter>& rpc_errors_;
  prometheus::Family<prometheus::Histogram>& sql_seconds_;
  prometheus::Family<prometheus::Counter>& sql_errors_;
  prometheus::Family<prometheus::Counter>& limits_;
  prometheus::Family<prometheus::Counter>& group_failures_;
  prometheus::Family<prometheus::Counter>& dead_letter_operations_;
  prometheus::Family<prometheus::Counter>& access_refused_;
  prometheus::Family<prometheus::Counter>& observed_refusals_;
  prometheus::Family<prometheus::Counter>& connections_closed_;
  prometheus::Family<prometheus::Gauge>& certificate_end_;
  prometheus::Family<prometheus::Counter>& quota_throttled_;

 public:
  prometheus::Histogram& append_batch_records;
  prometheus::Counter& append_records;
  prometheus::Counter& append_contention;
  prometheus::Counter& append_throttled;
  prometheus::Counter& data_loss;
  prometheus::Counter& fetch_records_from_cache;
  prometheus::Counter& fetch_records_from_database;
  prometheus::Counter& end_polls;
  prometheus::Gauge& append_queue_bytes;
  prometheus::Gauge& tail_cache_bytes;
  prometheus::Gauge& parked_fetches;
  prometheus::Gauge& connections;
  prometheus::Gauge& unidentified_connections;
  prometheus::Gauge& reply_bytes;
  prometheus::Gauge& catalog_version;
  prometheus::Gauge& catalog_age_seconds;
  prometheus::Gauge& access_book_version;
  prometheus::Gauge& access_book_age_seconds;
  prometheus::Gauge& tls_certificate_days_left;
};

/// Seconds, for histograms.
[[nodiscard]] inline double ToSeconds(std::chrono::nanoseconds d) {
  return std::chrono::duration<double>(d).count();
}

}  // namespace lanemq::broker
