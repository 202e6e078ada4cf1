// What it costs producers when retention removes nine tenths of a big partition.
#include <atomic>
#include <iostream>
#include <memory>
#include <sstream>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "lanemq_types.h"
#include "perf/load/pause.h"
#include "perf/load/server_settings.h"
#include "perf/retention/open_loop.h"
#include "tests/e2e/cluster.h"

namespace lanemq {
namespace {

using std::chrono_literals::operator""s;

constexpr double kRatioMax = 3;
constexpr double kStallMaxMs = 1'500;  // The lock wait is a second, and the DDL then goes away.

struct Options {
  std::int64_t rows = 1'000'000;
  std::size_t bytes = 256;
  int segments = 16;
  int per_second = 200;
  int before_s = 20;
  int reader_s = 15;
  int limit_s = 900;
  std::int64_t buffer_pool_mib = 1'024;
  bool is_mysql = false;
};

struct Bench {
  const Options& options;
  e2e::Cluster& cluster;
  e2e::TestTopic topic;

  [[nodiscard]] const std::string& Table() const { return topic.tables[0]; }
  /// The first row that stays.
  [[nodiscard]] std::int64_t FirstKept() const { return options.rows / 10 * 9 + 1; }
};

/// Where the table stands: log start, first row, table partitions.
struct Standing {
  std::int64_t start = 0;
  std::int64_t first = 0;
  std::int64_t parts = 0;
  bool operator==(const Standing&) const = default;
};

Deadline In(std::chrono::seconds wait) { return Deadline::After(SystemClock::Instance(), wait); }

void PauseFor(std::chrono::nanoseconds time) {
  perf::PauseUntil(SystemClock::Instance().Now() + time);
}

double SecondsSince(MonotonicTime begun) {
  return std::chrono::duration<double>(SystemClock::Instance().Now() - begun).count();
}

Status SetRetention(Bench& bench, const std::string& ms) {
  idl::AlterTopicRequest alter;
  alter.name = bench.topic.name;
  alter.__set_set_config({{"retention.ms", ms}});
  LANEMQ_RETURN_IF_ERROR(
      bench.cluster.control_plane().AlterTopicSync(bench.cluster.metaserver(), alter, In(20s)));
  return {};
}

// The parts that the janitor would have made in time, had the rows come one by one.
Status MakeSegments(Bench& bench) {
  const std::int64_t step = bench.options.rows / bench.options.segments;
  std::string parts;
  for (int i = 1; i <= bench.options.segments + 2; ++i) {
    parts += fmt::format("PARTITION p_{0} VALUES LESS THAN ({0}),", i * step);
  }
  LANEMQ_RETURN_IF_ERROR(bench.cluster.data_server().Query(
      "ALTER TABLE " + bench.Table() + " PARTITION BY RANGE (`offset`) (" + parts +
      "PARTITION p_tail VALUES LESS THAN MAXVALUE)"));
  return {};
}

// Nine tenths are 30 days old, the others a minute.
Status Load(Bench& bench) {
  constexpr std::int64_t kBatch = 100'000;
  testing::DatabaseServer& server = bench.cluster.data_server();
  const std::string ten =
      "(SELECT 0 d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 "
      "UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL "
      "SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9)";
  const std::int64_t now = SystemClock::Instance().WallNow().micros;
  constexpr std::int64_t kMinute = 60'000'000;
  constexpr std::int64_t kMonth = 30 * 24 * 60 * kMinute;
  // Durable again before anything is measured.
  LANEMQ_RETURN_IF_ERROR(server.Query("SET GLOBAL innodb_flush_log_at_trx_commit = 2"));
  for (std::int64_t from = 1; from <= bench.options.rows; from += kBatch) {
    const std::int64_t count = std::min(kBatch, bench.options.rows - from + 1);
    LANEMQ_RETURN_IF_ERROR(server.Query(fmt::format(
        "SET SESSION sql_log_bin = 0; INSERT INTO {} (`offset`, timestamp_us, producer_id, "
        "sequence, codec, body) SELECT n, IF(n < {}, {}, {}) + n, 0, 0, 0, REPEAT('x', {}) FROM "
        "(SELECT {} + a.d + 10*b.d + 100*c.d + 1000*e.d + 10000*f.d n FROM {} a, {} b, {} c, {} e, "
        "{} f) numbers WHERE n < {} ORDER BY n",
        bench.Table(), bench.FirstKept(), now - kMonth, now - kMinute, bench.options.bytes, from,
        ten, ten, ten, ten, ten, from + count)));
  }
  LANEMQ_RETURN_IF_ERROR(server.Query("SET GLOBAL innodb_flush_log_at_trx_commit = 1"));
  return {};
}

// What loading left to be written must not be measured.
Status SettleDown(Bench& bench) {
  testing::DatabaseServer& server = bench.cluster.data_server();
  LANEMQ_RETURN_IF_ERROR(server.Query("SET GLOBAL innodb_max_dirty_pages_pct = 0"));
  const MonotonicTime begun = SystemClock::Instance().Now();
  for (std::int64_t dirty = INT64_MAX; dirty > 500 && SecondsSince(begun) < 120;) {
    PauseFor(std::chrono::milliseconds(500));
    LANEMQ_ASSIGN_OR_RETURN(
        const std::string text,
        server.Query("SHOW GLOBAL STATUS LIKE 'innodb_buffer_pool_pages_dirty'"));
    std::string name;
    std::istringstream(text) >> name >> dirty;
  }
  LANEMQ_RETURN_IF_ERROR(server.Query("SET GLOBAL innodb_max_dirty_pages_pct = 90"));
  std::cout << fmt::format("settled after {:.0f} s\n", SecondsSince(begun));
  return {};
}

Result<Standing> Look(Bench& bench) {
  std::string schema = bench.Table();
  std::erase(schema, '`');
  const auto dot = schema.find('.');
  LANEMQ_ASSIGN_OR_RETURN(
      const std::string text,
      bench.cluster.data_server().Query(fmt::format(
          "SELECT log_start_offset FROM `{}_node`.partition_state WHERE topic_id = {}; SELECT "
          "MIN(`offset`) FROM {}; SELECT COUNT(*) FROM information_schema.PARTITIONS WHERE "
          "TABLE_SCHEMA = '{}' AND TABLE_NAME = '{}'",
          bench.cluster.schema_prefix(), bench.topic.id, bench.Table(), schema.substr(0, dot),
          schema.substr(dot + 1))));
  Standing standing;
  std::istringstream(text) >> standing.start >> standing.first >> standing.parts;
  return standing;
}

/// Whether all is removed before the limit.
bool WaitForEnd(Bench& bench, MonotonicTime begun) {
  Standing last;
  for (double said = -10; SecondsSince(begun) < bench.options.limit_s;) {
    const auto standing = Look(bench);
    const double now = SecondsSince(begun);
    if (standing.ok() && *standing != last && (now - said >= 5 || standing->parts != last.parts)) {
      std::cout << fmt::format("  {:6.1f} s  log start {:>10}  first row {:>10}  parts {}\n", now,
                               standing->start, standing->first, standing->parts);
      last = *standing;
      said = now;
    }
    if (standing.ok() && standing->start == bench.FirstKept() &&
        standing->first == bench.FirstKept()) {
      return true;
    }
    PauseFor(std::chrono::milliseconds(500));
  }
  return false;
}

// Rows that came behind the broker's back have no snapshot of producers: its first look reads them
// all, and what was sent meanwhile is answered late.
Status WarmUp(perf::OpenLoopProducer& producer) {
  const MonotonicTime begun = SystemClock::Instance().Now();
  while (SecondsSince(begun) < 120) {
    PauseFor(2s);
    const perf::Part part = producer.TakePart();
    if (part.ms.Count() > 0 && part.longest_ms < 500) return {};
  }
  return Error{ErrorCode::kRequestTimedOut, "the producer did not get going in two minutes"};
}

void Show(const char* what, perf::Part& part) {
  std::cout << fmt::format(
      "{:<28} {:>7} messages, p50 {:7.2f} ms, p99 {:7.2f} ms, longest {:8.1f} ms, failed {}\n",
      what, part.ms.Count(), part.ms.Percentile(0.5), part.ms.Percentile(0.99), part.longest_ms,
      part.failed);
}

void ShowSteps(const Bench& bench) {
  std::istringstream lines(bench.cluster.LogTails(100'000));
  for (std::string line; std::getline(lines, line);) {
    for (const char* event : {"retention.dropped", "retention.split", "retention.busy",
                              "retention.start_moved", "retention.failed"}) {
      if (line.find(event) != std::string::npos) std::cout << "  " << line << "\n";
    }
  }
}

/// The exit code: 2 below a bar.
Result<int> Measure(Bench& bench) {
  const Options& options = bench.options;
  LANEMQ_RETURN_IF_ERROR(SetRetention(bench, "-1"));
  LANEMQ_RETURN_IF_ERROR(MakeSegments(bench));
  const MonotonicTime loading = SystemClock::Instance().Now();
  LANEMQ_RETURN_IF_ERROR(Load(bench));
  std::cout << fmt::format("loaded {} rows of {} bytes in {:.0f} s\n", options.rows, options.bytes,
                           SecondsSince(loading));
  LANEMQ_RETURN_IF_ERROR(SettleDown(bench));
  perf::OpenLoopProducer producer(bench.cluster.broker(0), bench.topic.name, options.per_second,
                                  options.bytes);
  LANEMQ_RETURN_IF_ERROR(WarmUp(producer));
  PauseFor(std::chrono::seconds(options.before_s));
  perf::Part before = producer.TakePart();
  Show("before", before);

  perf::Part with_reader;
  if (options.reader_s > 0) {
    // Two parts, since the bars differ: a reader may cost a lock wait, removal alone may not.
    std::jthread reader([&] {
      (void)bench.cluster.data_server().Query(
          fmt::format("START TRANSACTION; SELECT MAX(`offset`) FROM {}; DO SLEEP({}); COMMIT",
                      bench.Table(), options.reader_s));
    });
    PauseFor(1s);
    LANEMQ_RETURN_IF_ERROR(SetRetention(bench, "604800000"));
    reader.join();
    with_reader = producer.TakePart();
    Show("with an open reader", with_reader);
  } else {
    LANEMQ_RETURN_IF_ERROR(SetRetention(bench, "604800000"));
  }
  const bool is_done = WaitForEnd(bench, SystemClock::Instance().Now());
  perf::Part during = producer.TakePart();
  Show("while rows go", during);
  ShowSteps(bench);
  const double ratio = during.ms.Percentile(0.99) / std::max(before.ms.Percentile(0.99), 1e-9);
  const double stall = std::max(with_reader.longest_ms, during.longest_ms);
  std::cout << fmt::format(
      "all removed: {}; p99 {:.2f} times as before (bar {:.0f}); longest {:.0f} ms (bar {:.0f})\n",
      is_done ? "yes" : "NO", ratio, kRatioMax, stall, kStallMaxMs);
  const bool is_good = is_done && ratio <= kRatioMax && stall <= kStallMaxMs &&
                       before.failed + with_reader.failed + during.failed == 0;
  return is_good ? 0 : 2;
}

Result<int> Run(const Options& options) {
  e2e::ClusterOptions how;
  how.engine = options.is_mysql ? testing::Engine::kMySql : testing::Engine::kMariaDb;
  how.brokers = 2;
  how.broker_flags = {"--retention-interval-ms=1000"};
  LANEMQ_ASSIGN_OR_RETURN(const auto cluster, e2e::Cluster::Start(how));
  LANEMQ_ASSIGN_OR_RETURN(auto topic, cluster->CreateTopic("big", 1));
  LANEMQ_ASSIGN_OR_RETURN(const std::string settings,
                          perf::SetUpServer(cluster->data_server(), options.buffer_pool_mib));
  std::cout << settings;
  Bench bench{options, *cluster, std::move(topic)};
  return Measure(bench);
}

}  // namespace
}  // namespace lanemq

int main(int argc, char** argv) {
  lanemq::Options options;
  CLI::App app{"What it costs producers when retention removes nine tenths of a big partition."};
  app.option_defaults()->always_capture_default();
  app.add_option("--rows", options.rows, "In the partition, before")
      ->check(CLI::Range(1'000, 100'000'000));
  app.add_option("--bytes", options.bytes, "Of a message");
  app.add_option("--segments", options.segments, "Table partitions")->check(CLI::Range(2, 28));
  app.add_option("--rate", options.per_second, "Messages a second")->check(CLI::Range(1, 10'000));
  app.add_option("--before", options.before_s, "Seconds measured before");
  app.add_option("--reader", options.reader_s,
                 "Seconds that a reader's transaction is open; 0: none");
  app.add_option("--limit", options.limit_s, "Seconds to wait for the end");
  app.add_option("--buffer-pool", options.buffer_pool_mib, "MiB");
  app.add_flag("--mysql", options.is_mysql, "MySQL instead of MariaDB");
  CLI11_PARSE(app, argc, argv);
  const auto code = lanemq::Run(options);
  if (code.ok()) return *code;
  std::cerr << code.error().ToString() << "\n";
  return 1;
}
