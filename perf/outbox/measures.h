#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "lanemq/consumer.h"
#include "lanemq/outbox_relay.h"
#include "perf/load/figures.h"
#include "perf/outbox/business.h"
#include "tests/e2e/cluster.h"

namespace lanemq::perf {

struct OutboxBenchOptions {
  std::string only;  ///< Empty: everything.
  int rate = 500;
  int seconds = 10;
  int rounds = 3;
  int backlog = 100'000;
  int published = 1'000'000;
  int bytes = 1'000;
  int partitions = 4;
  int threads = 4;
  bool has_own_data_server = false;

  [[nodiscard]] bool Wants(const std::string& name) const { return only.empty() || only == name; }
};

/// Measures one outbox on one cluster; prints a line per figure. Not thread-safe.
class OutboxBench {
 public:
  OutboxBench(e2e::Cluster& cluster, testing::DatabaseServer& server,
              const OutboxBenchOptions& options)
      : cluster_(cluster),
        server_(server),
        options_(options),
        body_(static_cast<std::size_t>(options.bytes), 'x') {}

  /// From the business's COMMIT to a consumer having the message, at a fixed rate. False: the
  /// median is above 50 ms.
  Result<bool> MeasureLatency();
  /// One relay empties a backlog, against SELECT and produce of as much.
  Status MeasureDrain();
  /// Transactions per second with and without a message.
  Status MeasureCost();
  /// Statements per second of a relay with nothing to do.
  Status MeasureIdle();
  /// Transactions per second while published rows are cleaned up, against without. False: below
  /// 0.9.
  Result<bool> MeasureCleanup();

 private:
  Result<std::unique_ptr<OutboxRelay>> StartRelay(
      bool is_archiving = false, std::chrono::seconds keep = std::chrono::hours(168));
  Result<std::unique_ptr<Outbox>> OpenOutbox(const OutboxRelay* relay);
  /// The business runs for a while; transactions per second.
  Result<double> RunBusiness(Outbox& outbox, bool has_message, std::chrono::milliseconds span,
                             Latencies* latencies);
  Result<double> Drain(const std::string& topic);
  Result<double> SelectAndProduce(const std::string& topic);
  Status FillBacklog(const std::string& topic);
  Result<double> QuestionsPerSecond();
  Status FillPublished();
  /// Of FillPublished(), those that are left.
  Result<std::int64_t> Published();

  e2e::Cluster& cluster_;
  testing::DatabaseServer& server_;
  const OutboxBenchOptions& options_;
  const std::string body_;
};

}  // namespace lanemq::perf
