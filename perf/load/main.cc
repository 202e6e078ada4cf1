// ./dev bench: one table per engine, the raw database and LaneMQ in turn in one run.
#include <array>
#include <fstream>
#include <functional>
#include <iostream>
#include <sstream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "common/base/log.h"
#include "perf/load/ours.h"
#include "perf/load/raw_database.h"
#include "perf/load/server_settings.h"
#include "tests/e2e/cluster.h"

namespace lanemq::perf {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Fewer than fit into a broker's tail cache, and enough that going back to their start is rare.
constexpr std::int64_t kTailRecords = 100'000;

struct Options {
  std::string engine = "all";
  int rounds = 3;
  int seconds_each = 3;
  std::vector<std::string> only;
};

/// CPU seconds a process has used so far, user and system.
double CpuSeconds(pid_t pid) {
  std::ifstream stat(fmt::format("/proc/{}/stat", pid));
  std::string text;
  std::getline(stat, text);
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

// The medians, over the rounds, of the percentiles of one workload.
class Percentiles {
 public:
  void Add(Latencies& round) {
    for (std::size_t i = 0; i < kShares.size(); ++i) {
      values_[i].push_back(round.Percentile(kShares[i]));
    }
  }
  [[nodiscard]] double P99() const { return Median(values_[2]); }
  [[nodiscard]] std::string Text() const {
    return fmt::format("p50 {:.1f} p95 {:.1f} p99 {:.1f} max {:.1f} ms", Median(values_[0]),
                       Median(values_[1]), Median(values_[2]), Median(values_[3]));
  }

 private:
  static constexpr std::array kShares{0.5, 0.95, 0.99, 1.0};
  std::array<std::vector<double>, kShares.size()> values_;
};

class Bench {
 public:
  Bench(e2e::Cluster& cluster, const Options& options)
      : cluster_(cluster),
        options_(options),
        raw_({.port = cluster.data_server().port()}, "raw_ceiling"),
        ours_(cluster.bootstrap()),
        each_(options.seconds_each) {}

  Status Run() {
    fmt::print("| workload | raw (median) | LaneMQ (median) | ratio | bar | broker CPU/msg |\n");
    fmt::print("| --- | --- | --- | --- | --- | --- |\n");
    for (const int bytes : {1024, 100}) {
      for (const int partitions : {1, 4, 16}) {
        LANEMQ_RETURN_IF_ERROR(Produce(bytes, partitions, 500));
      }
    }
    LANEMQ_RETURN_IF_ERROR(Produce(1024, 4, 10));
    LANEMQ_RETURN_IF_ERROR(SyncProduce());
    LANEMQ_RETURN_IF_ERROR(Consume());
    LANEMQ_RETURN_IF_ERROR(EndToEnd(2'000, milliseconds(1)));
    LANEMQ_RETURN_IF_ERROR(EndToEnd(5'000, milliseconds(1)));
    return EndToEnd(5'000, milliseconds(10));
  }

 private:
  [[nodiscard]] bool IsWanted(const std::string& name) const {
    if (options_.only.empty()) return true;
    for (const std::string& part : options_.only) {
      if (name.find(part) != std::string::npos) return true;
    }
    return false;
  }

  Result<std::string> NewTopic(int partitions) {
    const std::string name = fmt::format("bench-{}", ++topics_);
    LANEMQ_RETURN_IF_ERROR(cluster_.CreateTopic(name, partitions));
    return name;
  }

  double BrokerCpu() {
    double sum = 0;
    for (int i = 0; i < cluster_.brokers(); ++i)
      sum += CpuSeconds(cluster_.broker_process(i).pid());
    return sum;
  }

  Status Produce(int bytes, int partitions, int batch) {
    const std::string name =
        fmt::format("(a) produce {} B, {} partition(s), batches of {}", bytes, partitions, batch);
    if (!IsWanted(name)) return {};
    std::vector<double> raw;
    std::vector<double> ours;
    double cpu = 0;
    double messages = 0;
    for (int round = 0; round < options_.rounds; ++round) {
      LANEMQ_RETURN_IF_ERROR(raw_.Prepare(partitions));
      LANEMQ_ASSIGN_OR_RETURN(const Throughput r, raw_.Insert(partitions, batch, bytes, each_));
      raw.push_back(r.PerSecond());
      LANEMQ_RETURN_IF_ERROR(raw_.Prepare(1));
      LANEMQ_ASSIGN_OR_RETURN(const std::string topic, NewTopic(partitions));
      const double before = BrokerCpu();
      LANEMQ_ASSIGN_OR_RETURN(const Throughput o,
                              ours_.ProduceAsync({topic, partitions, bytes, batch, each_}));
      cpu += BrokerCpu() - before;
      messages += static_cast<double>(o.messages);
      ours.push_back(o.PerSecond());
    }
    const char* bar = batch == 10                        ? "10,000/s"
                      : bytes == 1024 && partitions == 4 ? "0.6"
                      : bytes == 100                     ? "0.4"
                                                         : "";
    Print(name, fmt::format("{:.0f}/s", Median(raw)), fmt::format("{:.0f}/s", Median(ours)),
          Median(ours) / Median(raw), bar, fmt::format("{:.1f} us", 1e6 * cpu / messages));
    return {};
  }

  Status SyncProduce() {
    const std::string name = "(b) synchronous produce 1 KiB, p50";
    if (!IsWanted(name)) return {};
    std::vector<double> raw;
    std::vector<double> ours;
    for (int round = 0; round < options_.rounds; ++round) {
      LANEMQ_RETURN_IF_ERROR(raw_.Prepare(1));
      LANEMQ_ASSIGN_OR_RETURN(Latencies r, raw_.InsertSingly(1024, each_));
      raw.push_back(r.Percentile(0.5));
      LANEMQ_ASSIGN_OR_RETURN(const std::string topic, NewTopic(1));
      LANEMQ_ASSIGN_OR_RETURN(Latencies o, ours_.ProduceSync(topic, 1024, each_));
      ours.push_back(o.Percentile(0.5));
    }
    Print(name, fmt::format("{:.2f} ms", Median(raw)), fmt::format("{:.2f} ms", Median(ours)),
          Median(ours) / Median(raw), "<= 2.5", "");
    return {};
  }

  Status Consume() {
    if (!IsWanted("(c) consume")) return {};
    LANEMQ_RETURN_IF_ERROR(raw_.Prepare(1));
    LANEMQ_RETURN_IF_ERROR(raw_.Insert(1, 500, 1024, seconds(2)));
    LANEMQ_ASSIGN_OR_RETURN(const std::string topic, NewTopic(1));
    LANEMQ_ASSIGN_OR_RETURN(const Throughput filled,
                            ours_.ProduceAsync({topic, 1, 1024, 500, seconds(2)}));
    std::vector<double> raw;
    std::vector<double> tail;
    std::vector<double> backlog;
    for (int round = 0; round < options_.rounds; ++round) {
      LANEMQ_ASSIGN_OR_RETURN(const Throughput r, raw_.Select(1'000, each_));
      raw.push_back(r.PerSecond());
      // The newest are in the broker's memory; a restarted broker has none.
      LANEMQ_ASSIGN_OR_RETURN(
          const Throughput t,
          ours_.Consume(topic, std::max<std::int64_t>(1, filled.messages - kTailRecords), each_));
      tail.push_back(t.PerSecond());
      LANEMQ_ASSIGN_OR_RETURN(const Throughput b, ours_.Consume(topic, 1, each_));
      backlog.push_back(b.PerSecond());
    }
    Print("(c) tail consume 1 KiB", "", fmt::format("{:.0f}/s", Median(tail)), 0, "300,000/s", "");
    Print("(c) whole partition consume 1 KiB, cached as far as memory goes",
          fmt::format("{:.0f}/s", Median(raw)), fmt::format("{:.0f}/s", Median(backlog)),
          Median(backlog) / Median(raw), "", "");
    return BacklogFromDisk(topic, Median(raw));
  }

  // Brokers that have just started hold nothing in memory: every record comes from the database.
  Status BacklogFromDisk(const std::string& topic, double raw) {
    std::vector<double> ours;
    for (int round = 0; round < options_.rounds; ++round) {
      for (int i = 0; i < cluster_.brokers(); ++i) {
        cluster_.KillBroker(i);
        LANEMQ_RETURN_IF_ERROR(cluster_.StartBroker(i));
      }
      Ours fresh(cluster_.bootstrap());
      LANEMQ_ASSIGN_OR_RETURN(const Throughput b, fresh.Consume(topic, 1, each_));
      ours.push_back(b.PerSecond());
    }
    ours_ = Ours(cluster_.bootstrap());
    Print("(c) backlog consume 1 KiB, brokers just started", fmt::format("{:.0f}/s", raw),
          fmt::format("{:.0f}/s", Median(ours)), Median(ours) / raw, "0.6", "");
    return {};
  }

  Status EndToEnd(int rate, milliseconds linger) {
    const std::string name = fmt::format(
        "(d) end to end at {}/s, 1 KiB, 4 partitions, linger {} ms", rate, linger.count());
    if (!IsWanted(name)) return {};
    Percentiles raw;
    Percentiles ours;
    for (int round = 0; round < options_.rounds; ++round) {
      LANEMQ_RETURN_IF_ERROR(raw_.Prepare(4));
      LANEMQ_ASSIGN_OR_RETURN(Latencies r, raw_.InsertAtRate(4, rate, 1024, each_));
      raw.Add(r);
      LANEMQ_RETURN_IF_ERROR(raw_.Prepare(1));
      LANEMQ_ASSIGN_OR_RETURN(const std::string topic, NewTopic(4));
      LANEMQ_ASSIGN_OR_RETURN(Latencies o, ours_.EndToEnd(topic, 4, rate, 1024, linger, each_));
      ours.Add(o);
    }
    Print(name, raw.Text(), ours.Text(), ours.P99() / raw.P99(),
          rate == 5'000 ? "p99 <= 30 ms" : "", "");
    return {};
  }

  static void Print(const std::string& name, const std::string& raw, const std::string& ours,
                    double ratio, const std::string& bar, const std::string& cpu) {
    fmt::print("| {} | {} | {} | {} | {} | {} |\n", name, raw, ours,
               ratio > 0 ? fmt::format("{:.2f}", ratio) : "", bar, cpu);
    std::fflush(stdout);
  }

  e2e::Cluster& cluster_;
  const Options options_;
  RawDatabase raw_;
  Ours ours_;
  const seconds each_;
  int topics_ = 0;
};

Status RunEngine(testing::Engine engine, const Options& options) {
  LANEMQ_ASSIGN_OR_RETURN(const auto cluster, e2e::Cluster::Start({.engine = engine}));
  // What is read back must fit, or the raw reader is measured against the disk.
  LANEMQ_ASSIGN_OR_RETURN(const std::string settings, SetUpServer(cluster->data_server(), 1'024));
  fmt::print(
      "\n### {}\n\n{}{} rounds of {} s, medians; raw and LaneMQ in turn; 2 brokers, 1 client "
      "process\n\n",
      NameOf(engine), settings, options.rounds, options.seconds_each);
  return Bench(*cluster, options).Run();
}

int Main(int argc, char** argv) {
  Options options;
  CLI::App app("Measures LaneMQ against the raw database, in one run on this machine.",
               "lanemq-perf");
  app.add_option("--engine", options.engine, "mariadb, mysql or all")
      ->check(CLI::IsMember({"mariadb", "mysql", "all"}))
      ->capture_default_str();
  app.add_option("--rounds", options.rounds, "Rounds of each workload; the median is printed")
      ->check(CLI::Range(1, 99))
      ->capture_default_str();
  app.add_option("--seconds", options.seconds_each, "Length of one round")
      ->check(CLI::Range(1, 600))
      ->capture_default_str();
  app.add_option("--only", options.only, "Workloads whose name has this in it")->delimiter(',');
  CLI11_PARSE(app, argc, argv);
  SetUpLogging("lanemq-perf", LogLevel::WARN);
  int code = 0;
  for (const auto engine : {testing::Engine::kMariaDb, testing::Engine::kMySql}) {
    const bool is_wanted = options.engine == "all" ||
                           (options.engine == "mysql") == (engine == testing::Engine::kMySql);
    if (!is_wanted) continue;
    if (testing::ServerProgram(engine).empty()) {
      std::cerr << "lanemq-perf: " << NameOf(engine) << " is not installed: SKIPPED\n";
      continue;
    }
    if (const Status status = RunEngine(engine, options); !status.ok()) {
      std::cerr << "lanemq-perf: " << NameOf(engine) << ": " << status.error().ToString() << "\n";
      code = 1;
    }
  }
  return code;
}

}  // namespace
}  // namespace lanemq::perf

int main(int argc, char** argv) { return lanemq::perf::Main(argc, argv); }
