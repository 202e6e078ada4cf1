// What sampling the lag of many groups costs: time in SQL, processor time here and in the server.
#include <cstdint>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "perf/lag/lagging_node.h"
#include "perf/load/figures.h"
#include "perf/load/server_settings.h"
#include "sql/store/mysql_lag_source.h"

namespace lanemq {
namespace {

struct Options {
  perf::LagLoad load;
  int rounds = 20;
  double interval_s = 5;  ///< Between rounds, of what a share of a core is reckoned.
  std::int64_t buffer_pool_mib = 512;
  bool is_mysql = false;
  bool is_mariadb = false;
};

/// Adds up the time of all statements of one thread.
class SqlTime final : public sql::StatementObserver {
 public:
  void OnStatement(std::string_view, std::chrono::nanoseconds took, const Error*) override {
    total_ += took;
    ++statements_;
  }
  [[nodiscard]] double Ms() const {
    return std::chrono::duration<double, std::milli>(total_).count();
  }
  [[nodiscard]] std::int64_t statements() const { return statements_; }

 private:
  std::chrono::nanoseconds total_{0};
  std::int64_t statements_ = 0;
};

/// Rounds of one kind of load, as a line of the table.
class Rounds {
 public:
  Rounds(testing::DatabaseServer& server, const perf::LaggingNode& node, const Options& options)
      : server_(server), node_(node), options_(options), nodes_(NodeOptions()) {
    nodes_.Update(std::span(&node.node(), 1));
  }

  /// `knows_ends`: as every round but the first does.
  Status Measure(std::string_view name, bool knows_ends) {
    sql::MySqlLagSource source(nodes_, node_.node().id);
    std::vector<core::Offset> ends(node_.locations().size(), core::Offset{1});
    LANEMQ_RETURN_IF_ERROR(Sample(source, ends));  // Opens tables and the connection.
    perf::Latencies wall;
    perf::Latencies sql;
    perf::Latencies client;
    const double server_before = perf::CpuMsOf(server_.pid());
    const std::int64_t statements = time_.statements();
    for (int i = 0; i < options_.rounds; ++i) {
      if (!knows_ends) ends.assign(ends.size(), core::Offset{1});
      const MonotonicTime begun = SystemClock::Instance().Now();
      const double sql_before = time_.Ms();
      const double client_before = perf::CpuMsOfThread();
      LANEMQ_RETURN_IF_ERROR(Sample(source, ends));
      client.Add(perf::CpuMsOfThread() - client_before);
      sql.Add(time_.Ms() - sql_before);
      wall.Add(
          std::chrono::duration<double, std::milli>(SystemClock::Instance().Now() - begun).count());
    }
    const double server = (perf::CpuMsOf(server_.pid()) - server_before) / options_.rounds;
    const double share = 100 / (options_.interval_s * 1e3);
    std::cout << fmt::format(
        "| {} | {} | {} | {} | {:.0f} | {:.0f} | {:.0f} | {:.0f} | {:.1f} % | {:.1f} % |\n",
        testing::NameOf(server_.engine()), name, lagging_,
        (time_.statements() - statements) / options_.rounds, wall.Percentile(0.5),
        wall.Percentile(1), sql.Percentile(0.5), client.Percentile(0.5),
        client.Percentile(0.5) * share, server * share);
    return {};
  }

 private:
  sql::DataNodeOptions NodeOptions() {
    sql::DataNodeOptions options{.user = server_.user()};
    options.pool.observer = &time_;
    return options;
  }
  Status Sample(sql::MySqlLagSource& source, std::vector<core::Offset>& ends) {
    const auto round =
        source.Sample({node_.locations(), ends},
                      Deadline::After(SystemClock::Instance(), std::chrono::seconds{30}));
    if (!round.ok()) return round.error();
    lagging_ = 0;
    for (const core::LagSample& sample : round->groups) {
      lagging_ += sample.LagMessages() > 0 && sample.oldest_unread ? 1 : 0;
    }
    for (std::size_t i = 0; i < ends.size(); ++i) ends[i] = round->partitions[i].end;
    return {};
  }

  testing::DatabaseServer& server_;
  const perf::LaggingNode& node_;
  const Options& options_;
  SqlTime time_;
  sql::DataNodes nodes_;
  int lagging_ = 0;
};

Status MeasureEngine(testing::Engine engine, const Options& options) {
  LANEMQ_ASSIGN_OR_RETURN(const auto server,
                          testing::DatabaseServer::Start({.engine = engine, .extra_flags = {}}));
  LANEMQ_ASSIGN_OR_RETURN(const std::string settings,
                          perf::SetUpServer(*server, options.buffer_pool_mib));
  std::cout << settings;
  LANEMQ_ASSIGN_OR_RETURN(perf::LaggingNode node, perf::LaggingNode::Make(*server, options.load));
  std::cout << "| engine | groups | lagging | statements | wall ms p50 | max | SQL ms p50 | client "
               "CPU ms p50 | client of a core | server of a core |\n"
               "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n";
  Rounds rounds(*server, node, options);
  LANEMQ_RETURN_IF_ERROR(node.CatchUp());
  LANEMQ_RETURN_IF_ERROR(rounds.Measure("caught up", true));
  LANEMQ_RETURN_IF_ERROR(rounds.Measure("caught up, ends not known", false));
  LANEMQ_RETURN_IF_ERROR(node.FallBehind());
  return rounds.Measure("all behind", true);
}

int Measure(const Options& options) {
  std::cout << fmt::format(
      "{} groups on {} partitions of {} table partitions: {} group-partitions; a round every {} "
      "s\n",
      options.load.groups, options.load.topics * options.load.partitions, options.load.segments,
      options.load.groups * options.load.topics * options.load.partitions, options.interval_s);
  for (const testing::Engine engine : testing::Engines()) {
    const bool is_mysql = engine == testing::Engine::kMySql;
    if (is_mysql ? options.is_mariadb : options.is_mysql) continue;
    const Status done = MeasureEngine(engine, options);
    if (!done.ok()) {
      std::cerr << testing::NameOf(engine) << ": " << done.error().ToString() << "\n";
      return 1;
    }
  }
  return 0;
}

}  // namespace
}  // namespace lanemq

int main(int argc, char** argv) {
  lanemq::Options options;
  CLI::App app{"What a round of the lag sampler costs."};
  app.add_option("--topics", options.load.topics)->capture_default_str()->check(CLI::Range(1, 990));
  app.add_option("--partitions", options.load.partitions, "Of each topic")
      ->capture_default_str()
      ->check(CLI::Range(1, 990));
  app.add_option("--groups", options.load.groups)->capture_default_str()->check(CLI::Range(1, 900));
  app.add_option("--rows", options.load.rows, "In each log")
      ->capture_default_str()
      ->check(CLI::Range(4, 900));
  app.add_option("--segments", options.load.segments, "Table partitions of each log")
      ->capture_default_str()
      ->check(CLI::Range(1, 64));
  app.add_option("--rounds", options.rounds)->capture_default_str()->check(CLI::Range(1, 10'000));
  app.add_option("--interval", options.interval_s, "Seconds between rounds, for the shares")
      ->capture_default_str();
  app.add_option("--buffer-pool-mib", options.buffer_pool_mib, "Of the database server")
      ->capture_default_str()
      ->check(CLI::Range(16, 65'536));
  app.add_flag("--mysql", options.is_mysql, "MySQL alone");
  app.add_flag("--mariadb", options.is_mariadb, "MariaDB alone");
  CLI11_PARSE(app, argc, argv);
  return lanemq::Measure(options);
}
