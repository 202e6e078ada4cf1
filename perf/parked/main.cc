// What parked long polls cost a broker: memory, threads, and the produce throughput and latency of
// others. Rounds with and without them alternate; the medians are compared.
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <sys/resource.h>
#include <thread>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "lanemq_types.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/parked_consumers.h"
#include "tests/e2e/stop_signal.h"
#include "tests/support/wait_for.h"

namespace lanemq {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

struct Options {
  int consumers = 10'000;
  int rounds = 5;
  int producers = 8;
  double seconds = 4;
  bool is_mysql = false;
};

struct Round {
  double messages_per_s = 0;
  double p50_ms = 0;
  double p99_ms = 0;
};

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.at(values.size() / 2);
}

// Each producer sends batches of 10 x 1 KiB to a partition of its own, one after the other.
Round Produce(e2e::Cluster& cluster, const Options& options) {
  const SystemClock& clock = SystemClock::Instance();
  const auto seconds = std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::duration<double>(options.seconds));
  const MonotonicTime begun = clock.Now();
  const Deadline end{begun + seconds};
  std::vector<std::vector<double>> latencies_ms(static_cast<std::size_t>(options.producers));
  {
    std::vector<std::jthread> producers;
    for (std::size_t i = 0; i < latencies_ms.size(); ++i) {
      producers.emplace_back([&, i] {
        idl::ProduceRequest request;
        idl::ProducePartition& part = request.partitions.emplace_back();
        part.topic = "busy";
        part.partition = static_cast<std::int32_t>(i);
        part.messages.resize(10);
        for (auto& message : part.messages) message.__set_body(std::string(1'024, 'x'));
        while (!end.HasPassed(clock)) {
          const MonotonicTime sent = clock.Now();
          const auto reply = cluster.data_plane().ProduceSync(cluster.broker(0), request,
                                                              Deadline::After(clock, 30s));
          if (!reply.ok() || reply->partitions.at(0).__isset.error) continue;
          latencies_ms[i].push_back(
              std::chrono::duration<double, std::milli>(clock.Now() - sent).count());
        }
      });
    }
  }
  std::vector<double> all;
  for (const auto& some : latencies_ms) all.insert(all.end(), some.begin(), some.end());
  if (all.empty()) return {};
  std::sort(all.begin(), all.end());
  const auto count = static_cast<double>(all.size());
  return {10 * count / std::chrono::duration<double>(clock.Now() - begun).count(),
          all[all.size() / 2], all[all.size() * 99 / 100]};
}

/// CPU that a process has used, in ticks of 10 ms; -1 when it is gone.
std::int64_t CpuTicks(pid_t pid) {
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  std::string line;
  std::getline(file, line);
  std::istringstream rest(line.substr(std::min(line.size(), line.rfind(')') + 1)));
  std::string field;
  std::int64_t ticks = 0;
  for (int i = 3; i <= 15 && rest >> field; ++i) {
    if (i >= 14) ticks += std::stoll(field);  // utime, stime
  }
  return rest ? ticks : -1;
}

/// Ten thousand connections that come or go keep the broker busy for a while: that is not what
/// waiting costs.
bool WaitUntilQuiet(pid_t pid) {
  const SystemClock& clock = SystemClock::Instance();
  MonotonicTime since = clock.Now();
  std::int64_t ticks = CpuTicks(pid);
  return testing::WaitFor(
      [&] {
        const MonotonicTime now = clock.Now();
        if (now - since < 500ms) return false;
        const std::int64_t used = CpuTicks(pid) - std::exchange(ticks, CpuTicks(pid));
        since = now;
        return used <= 2;
      },
      60s, "the broker is quiet");
}

int Fail(const Error& error) {
  std::cerr << error.ToString() << "\n";
  return 1;
}

void Compare(const std::vector<Round>& without, const std::vector<Round>& with) {
  const auto line = [&](const char* name, double Round::*what) {
    const auto median = [&](const std::vector<Round>& rounds) {
      std::vector<double> values;
      for (const Round& round : rounds) values.push_back(round.*what);
      return Median(std::move(values));
    };
    const double a = median(without);
    const double b = median(with);
    std::cout << fmt::format("{:<24}{:>12.2f}{:>12.2f}{:>9.2f}\n", name, a, b, b / a);
  };
  std::cout << fmt::format("{:<24}{:>12}{:>12}{:>9}\n", "median of rounds", "without", "parked",
                           "ratio");
  line("produce, messages/s", &Round::messages_per_s);
  line("latency p50, ms", &Round::p50_ms);
  line("latency p99, ms", &Round::p99_ms);
}

int Run(const Options& options) {
  const auto engine = options.is_mysql ? testing::Engine::kMySql : testing::Engine::kMariaDb;
  auto started = e2e::Cluster::Start({.engine = engine, .brokers = 1});
  if (!started.ok()) return Fail(started.error());
  e2e::Cluster& cluster = **started;
  const auto busy = cluster.CreateTopic("busy", options.producers);
  const auto quiet = cluster.CreateTopic("quiet", 1);
  if (!busy.ok() || !quiet.ok()) return Fail((busy.ok() ? quiet : busy).error());
  const pid_t pid = cluster.broker_process(0).pid();
  static_cast<void>(Produce(cluster, options));  // Warm: the tail cache has its size afterwards.
  std::vector<Round> without;
  std::vector<Round> with;
  for (int i = 0; i < options.rounds; ++i) {
    if (!WaitUntilQuiet(pid)) return Fail({ErrorCode::kRequestTimedOut, "the broker is busy"});
    without.push_back(Produce(cluster, options));
    const std::int64_t rss = e2e::ResidentKib(pid);
    const e2e::ParkedConsumers parked(cluster.broker(0), "quiet", 0, options.consumers);
    const auto all =
        testing::WaitFor([&] { return parked.waiting() == options.consumers; }, 60s, "all parked");
    if (!all) return Fail({ErrorCode::kRequestTimedOut, all.message()});
    if (!WaitUntilQuiet(pid)) return Fail({ErrorCode::kRequestTimedOut, "the broker is busy"});
    std::cout << fmt::format(
        "round {}: {} parked in {:.1f} MiB more, {} threads\n", i + 1, options.consumers,
        static_cast<double>(e2e::ResidentKib(pid) - rss) / 1'024, e2e::ThreadsOf(pid));
    with.push_back(Produce(cluster, options));
    if (parked.errors() > 0) return Fail({ErrorCode::kUnknownServerError, "a fetch failed"});
  }
  std::cout << fmt::format("{}, {} producers, batches of 10 x 1 KiB, {} rounds of {} s each\n",
                           testing::NameOf(engine), options.producers, options.rounds,
                           options.seconds);
  Compare(without, with);
  return 0;
}

}  // namespace
}  // namespace lanemq

int main(int argc, char** argv) {
  lanemq::Options options;
  CLI::App app{"What parked long polls cost a broker."};
  app.add_option("--consumers", options.consumers, "Parked at a time")->capture_default_str();
  app.add_option("--rounds", options.rounds, "Of each kind, in turn")->capture_default_str();
  app.add_option("--producers", options.producers)->capture_default_str();
  app.add_option("--seconds", options.seconds, "Of one round")->capture_default_str();
  app.add_flag("--mysql", options.is_mysql, "MySQL instead of MariaDB");
  CLI11_PARSE(app, argc, argv);
  // A socket for each consumer.
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  return lanemq::Run(options);
}
