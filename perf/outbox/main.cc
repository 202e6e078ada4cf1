// What an outbox costs and how fast its relay is: docs in perf/README.md.
#include <atomic>
#include <iostream>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "common/base/log.h"
#include "perf/load/server_settings.h"
#include "perf/outbox/measures.h"

namespace lanemq::perf {
namespace {

Result<bool> RunEngine(testing::Engine engine, const OutboxBenchOptions& options) {
  LANEMQ_ASSIGN_OR_RETURN(
      const auto cluster,
      e2e::Cluster::Start({.engine = engine, .has_own_data_server = options.has_own_data_server}));
  testing::DatabaseServer& server =
      options.has_own_data_server ? cluster->metadata_server() : cluster->data_server();
  LANEMQ_ASSIGN_OR_RETURN(const std::string settings, SetUpServer(server, 1'024));
  if (options.has_own_data_server) {
    LANEMQ_RETURN_IF_ERROR(SetUpServer(cluster->data_server(), 1'024));
  }
  fmt::print("\n{}: {}\n", testing::NameOf(engine), settings);
  OutboxBench bench(*cluster, server, options);
  bool is_good = true;
  LANEMQ_RETURN_IF_ERROR(InstallShop(server));
  if (options.Wants("latency")) {
    LANEMQ_ASSIGN_OR_RETURN(const bool good, bench.MeasureLatency());
    is_good = is_good && good;
  }
  if (options.Wants("drain")) LANEMQ_RETURN_IF_ERROR(bench.MeasureDrain());
  if (options.Wants("cost")) LANEMQ_RETURN_IF_ERROR(bench.MeasureCost());
  if (options.Wants("idle")) LANEMQ_RETURN_IF_ERROR(bench.MeasureIdle());
  if (options.Wants("cleanup")) {
    LANEMQ_ASSIGN_OR_RETURN(const bool good, bench.MeasureCleanup());
    is_good = is_good && good;
  }
  return is_good;
}

int Main(int argc, char** argv) {
  OutboxBenchOptions options;
  std::string engine = "all";
  CLI::App app("Latency, throughput and cost of a transactional outbox.", "lanemq-perf-outbox");
  app.add_option("--engine", engine)
      ->check(CLI::IsMember({"all", "mariadb", "mysql"}))
      ->capture_default_str();
  app.add_option("--only", options.only, "latency, drain, cost, idle or cleanup")
      ->check(CLI::IsMember({"latency", "drain", "cost", "idle", "cleanup"}));
  app.add_option("--rate", options.rate, "transactions per second for latency")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  app.add_option("--seconds", options.seconds)->check(CLI::Range(1, 3'600))->capture_default_str();
  app.add_option("--rounds", options.rounds)->check(CLI::Range(1, 100))->capture_default_str();
  app.add_option("--backlog", options.backlog)
      ->check(CLI::Range(1'000, 10'000'000))
      ->capture_default_str();
  app.add_option("--published", options.published, "rows to clean up")
      ->check(CLI::Range(1'000, 100'000'000))
      ->capture_default_str();
  app.add_option("--bytes", options.bytes)->check(CLI::Range(1, 100'000))->capture_default_str();
  app.add_option("--partitions", options.partitions)
      ->check(CLI::Range(1, 99))
      ->capture_default_str();
  app.add_option("--business-threads", options.threads)
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  app.add_flag("--own-data-server", options.has_own_data_server,
               "the topic is on a second server; default: on the business's");
  CLI11_PARSE(app, argc, argv);
  SetUpLogging("lanemq-perf-outbox", LogLevel::WARN);
  bool is_good = true;
  for (const testing::Engine each : testing::Engines()) {
    const bool is_mysql = each == testing::Engine::kMySql;
    if (engine != "all" && (engine == "mysql") != is_mysql) continue;
    const auto result = RunEngine(each, options);
    if (!result.ok()) {
      std::cerr << "lanemq-perf-outbox: " << result.error().ToString() << "\n";
      return 1;
    }
    is_good = is_good && *result;
  }
  return is_good ? 0 : 2;
}

}  // namespace
}  // namespace lanemq::perf

int main(int argc, char** argv) { return lanemq::perf::Main(argc, argv); }
