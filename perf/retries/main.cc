// What failures cost: a group whose handlers fail one record in ten once, against one whose
// handlers fail none, in turn, in one run.
#include <atomic>
#include <iostream>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "common/base/log.h"
#include "lanemq/lanemq.h"
#include "lanemq/runner.h"
#include "lanemq_types.h"
#include "perf/load/figures.h"
#include "perf/load/pause.h"
#include "tests/e2e/cluster.h"
#include "tests/support/wait_for.h"

namespace lanemq::perf {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

/// What handlers do.
struct Workload {
  const char* name;
  const char* topic;
  int messages;
  std::chrono::microseconds work;  ///< Each call waits so long, as for another service.
  int threads;
};

struct Options {
  std::string engine = "all";
  int rounds = 3;
  int messages = 1'000'000;
  int messages_of_work = 100'000;
  int work_us = 1'000;
  int work_threads = 16;
  int partitions = 4;
  int bytes = 100;
  int retry_per_mille = 100;
  int retry_delay_ms = 100;
  double bar = 0.6;
};

class RetryBench {
 public:
  RetryBench(e2e::Cluster& cluster, const Options& options, const Workload& workload)
      : cluster_(cluster), options_(options), workload_(workload) {}

  /// Fills the topic that all groups read.
  Status Fill() {
    LANEMQ_RETURN_IF_ERROR(cluster_.CreateTopic(workload_.topic, options_.partitions));
    ProducerOptions producing;
    producing.bootstrap_servers = cluster_.bootstrap();
    producing.linger = 5ms;
    LANEMQ_ASSIGN_OR_RETURN(const auto producer, Producer::Create(producing));
    std::atomic<int> unstored = 0;
    for (int i = 0; i < workload_.messages; ++i) {
      ProducerRecord record;
      record.topic = workload_.topic;
      record.partition = i % options_.partitions;
      record.key = fmt::format("k{}", i % 1'000);
      record.body = std::string(static_cast<std::size_t>(options_.bytes), 'x');
      LANEMQ_RETURN_IF_ERROR(producer->Send(std::move(record), [&](const auto& result) {
        if (!result.ok()) ++unstored;
      }));
    }
    LANEMQ_RETURN_IF_ERROR(producer->Flush(120s));
    if (unstored == 0) return {};
    return Error{ErrorCode::kOutcomeUnknown, fmt::format("{} not stored", unstored.load())};
  }

  /// A new group reads everything; records done per second, from the first call of a handler to the
  /// last record done, the retries' waits included.
  Result<double> Run(const std::string& group, int retry_per_mille) {
    LANEMQ_RETURN_IF_ERROR(SetPolicy(group));
    std::atomic<std::int64_t> begun_ns = 0;
    std::atomic<std::int64_t> ended_ns = 0;
    std::atomic<int> done = 0;
    std::atomic<int> failed = 0;
    RunnerOptions running;
    running.consumer.bootstrap_servers = cluster_.bootstrap();
    running.consumer.group_id = group;
    running.consumer.auto_offset_reset = OffsetReset::kEarliest;
    running.topics = {workload_.topic};
    running.order = HandlingOrder::kKey;
    running.threads = workload_.threads;
    running.unfinished_max = 10'000;
    LANEMQ_ASSIGN_OR_RETURN(
        const auto runner, Runner::Create(running, [&](const ConsumedRecord& record) {
          std::int64_t none = 0;
          const std::int64_t now = SystemClock::Instance().Now().since_start.count();
          begun_ns.compare_exchange_strong(none, now);
          if (workload_.work.count() > 0) {
            PauseUntil(SystemClock::Instance().Now() + workload_.work);
          }
          const bool fails = record.attempt == 1 && record.offset * 7 % 1'000 < retry_per_mille;
          if (fails) {
            ++failed;
            return Outcome::Retry("busy");
          }
          if (++done == workload_.messages) {
            ended_ns = SystemClock::Instance().Now().since_start.count();
          }
          return Outcome::Ok();
        }));
    Status status;
    std::thread thread([&] { status = runner->Run(); });
    const auto all = testing::WaitFor([&] { return ended_ns != 0; }, 120s, "everything done");
    runner->Stop();
    thread.join();
    LANEMQ_RETURN_IF_ERROR(status);
    if (!all) return Error{ErrorCode::kRequestTimedOut, all.message()};
    const int expected =
        static_cast<int>(std::int64_t{workload_.messages} * retry_per_mille / 1'000);
    if (failed < expected * 9 / 10 || failed > expected * 11 / 10) {
      return Error{ErrorCode::kFailedPrecondition,
                   fmt::format("{} failed, not about {}", failed.load(), expected)};
    }
    const double seconds = static_cast<double>(ended_ns - begun_ns) / 1e9;
    return workload_.messages / seconds;
  }

 private:
  Status SetPolicy(const std::string& group) {
    idl::SetGroupPolicyRequest request;
    request.group = group;
    idl::RetryPolicy policy;
    policy.__set_delays_ms({options_.retry_delay_ms});
    request.__set_policy(policy);
    LANEMQ_RETURN_IF_ERROR(cluster_.data_plane().SetGroupPolicySync(
        cluster_.broker(0), request, Deadline::After(SystemClock::Instance(), 20s)));
    return {};
  }

  e2e::Cluster& cluster_;
  const Options& options_;
  const Workload& workload_;
};

// False: below the bar.
Result<bool> Compare(e2e::Cluster& cluster, testing::Engine engine, const Options& options,
                     const Workload& workload) {
  RetryBench bench(cluster, options, workload);
  LANEMQ_RETURN_IF_ERROR(bench.Fill());
  std::vector<double> without;
  std::vector<double> with;
  for (int round = 0; round < options.rounds; ++round) {
    const auto group = [&](const char* kind) {
      return fmt::format("{}-{}-{}", workload.topic, kind, round);
    };
    LANEMQ_ASSIGN_OR_RETURN(const double plain, bench.Run(group("plain"), 0));
    LANEMQ_ASSIGN_OR_RETURN(const double failing,
                            bench.Run(group("fails"), options.retry_per_mille));
    without.push_back(plain);
    with.push_back(failing);
  }
  const double ratio = Median(with) / Median(without);
  fmt::print("| {} | {} | {:.0f} | {:.0f} | {:.2f} | {:.1f} |\n", testing::NameOf(engine),
             workload.name, Median(without), Median(with), ratio, options.bar);
  std::cout << std::flush;
  return ratio >= options.bar;
}

Result<bool> RunEngine(testing::Engine engine, const Options& options) {
  LANEMQ_ASSIGN_OR_RETURN(
      const auto cluster,
      e2e::Cluster::Start(
          {.engine = engine, .metaserver_flags = {"--group-initial-rebalance-delay-ms=0"}}));
  const std::string name =
      fmt::format("wait {} us, {} threads", options.work_us, options.work_threads);
  const Workload nothing{"do nothing", "idle", options.messages, {}, 4};
  const Workload work{name.c_str(), "busy", options.messages_of_work,
                      std::chrono::microseconds(options.work_us), options.work_threads};
  LANEMQ_ASSIGN_OR_RETURN(const bool first, Compare(*cluster, engine, options, nothing));
  LANEMQ_ASSIGN_OR_RETURN(const bool second, Compare(*cluster, engine, options, work));
  return first && second;
}

int Main(int argc, char** argv) {
  Options options;
  CLI::App app("Throughput of a group with failing handlers against one without.",
               "lanemq-perf-retries");
  app.add_option("--engine", options.engine)
      ->check(CLI::IsMember({"all", "mariadb", "mysql"}))
      ->capture_default_str();
  app.add_option("--rounds", options.rounds)->check(CLI::Range(1, 100))->capture_default_str();
  app.add_option("--messages", options.messages, "for handlers that do nothing")
      ->check(CLI::Range(1'000, 10'000'000))
      ->capture_default_str();
  app.add_option("--messages-of-work", options.messages_of_work, "for handlers that wait")
      ->check(CLI::Range(1'000, 10'000'000))
      ->capture_default_str();
  app.add_option("--work-us", options.work_us, "how long those wait")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--work-threads", options.work_threads)
      ->check(CLI::Range(1, 1'024))
      ->capture_default_str();
  app.add_option("--partitions", options.partitions)
      ->check(CLI::Range(1, 99))
      ->capture_default_str();
  app.add_option("--bytes", options.bytes)->check(CLI::Range(1, 100'000))->capture_default_str();
  app.add_option("--retry-per-mille", options.retry_per_mille)
      ->check(CLI::Range(1, 1'000))
      ->capture_default_str();
  app.add_option("--retry-delay-ms", options.retry_delay_ms)
      ->check(CLI::Range(0, 60'000))
      ->capture_default_str();
  app.add_option("--bar", options.bar, "exit code 2 when the ratio is below")
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  SetUpLogging("lanemq-perf-retries", LogLevel::WARN);
  fmt::print(
      "{} messages of {} bytes, {} partitions, median of {} rounds; {} of 1000 fail once\n\n",
      options.messages, options.bytes, options.partitions, options.rounds, options.retry_per_mille);
  fmt::print("| engine | records/s, none fails | records/s, some fail | ratio | bar |\n");
  fmt::print("| --- | --- | --- | --- | --- |\n");
  bool is_good = true;
  for (const testing::Engine engine : testing::Engines()) {
    const bool is_mysql = engine == testing::Engine::kMySql;
    if (options.engine != "all" && (options.engine == "mysql") != is_mysql) continue;
    const auto result = RunEngine(engine, options);
    if (!result.ok()) {
      std::cerr << "lanemq-perf-retries: " << result.error().ToString() << "\n";
      return 1;
    }
    is_good = is_good && *result;
  }
  return is_good ? 0 : 2;
}

}  // namespace
}  // namespace lanemq::perf

int main(int argc, char** argv) { return lanemq::perf::Main(argc, argv); }
