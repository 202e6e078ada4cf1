// How late delayed messages are: many of them, scheduled beforehand, become due evenly over a
// while.
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <iostream>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "common/base/random.h"
#include "lanemq_types.h"
#include "perf/load/figures.h"
#include "perf/load/pause.h"
#include "perf/load/server_settings.h"
#include "tests/e2e/cluster.h"

namespace lanemq {
namespace {

using std::chrono_literals::operator""s;

constexpr std::int64_t kBatch = 1'000;
constexpr std::size_t kCancelBatch = 100;

struct Options {
  std::int64_t count = 1'000'000;
  int partitions = 8;
  int brokers = 2;
  double spread_s = 60;
  double lead_s = 120;  ///< Between the first schedule and the first due time.
  std::size_t bytes = 100;
  int cancel_per_mille = 100;
  std::int64_t buffer_pool_mib = 1'024;
  bool is_mysql = false;
};

/// A message that somebody cancels.
struct Doomed {
  std::int64_t index = 0;
  std::string handle;
  idl::CancelState::type answer = idl::CancelState::NOT_FOUND;
};

/// What was seen of one partition.
struct Seen {
  perf::Latencies appended_ms;  ///< Append minus due, by the data node's clock.
  perf::Latencies received_ms;  ///< Consumer's receipt minus due; one machine, one clock.
  std::int64_t early = 0;
  std::int64_t doubled = 0;
  std::int64_t received = 0;
  std::vector<bool> is_there;  ///< By index.
};

struct Run {
  e2e::Cluster& cluster;
  const Options& options;
  std::int64_t first_due_us = 0;
  std::atomic<bool> has_failed{false};
  std::vector<std::vector<Doomed>> doomed;  ///< By partition, in a random order.
  std::vector<std::atomic<std::int64_t>> cancelled_of;

  Run(e2e::Cluster& where, const Options& how, std::int64_t first_us)
      : cluster(where),
        options(how),
        first_due_us(first_us),
        doomed(static_cast<std::size_t>(how.partitions)),
        cancelled_of(static_cast<std::size_t>(how.partitions)) {}
  [[nodiscard]] std::int64_t PerPartition() const { return options.count / options.partitions; }
  [[nodiscard]] std::int64_t DueOf(std::int64_t index) const {
    return first_due_us + static_cast<std::int64_t>(static_cast<double>(index) * options.spread_s *
                                                    1e6 / static_cast<double>(PerPartition()));
  }
};

Deadline In(std::chrono::seconds wait) { return Deadline::After(SystemClock::Instance(), wait); }

// Message i of the partition has i as the beginning of its body.
void Schedule(Run& run, std::int32_t partition) {
  Random random = Random::FromSystem();
  auto& doomed = run.doomed[static_cast<std::size_t>(partition)];
  for (std::int64_t from = 0; from < run.PerPartition() && !run.has_failed; from += kBatch) {
    idl::ScheduleRequest request;
    idl::SchedulePartition& part = request.partitions.emplace_back();
    part.topic = "later";
    part.partition = partition;
    part.__set_producer_id(partition + 1);
    part.__set_base_sequence(from);
    for (std::int64_t i = from; i < std::min(from + kBatch, run.PerPartition()); ++i) {
      idl::DelayedMessage& message = part.messages.emplace_back();
      std::string body = fmt::format("{} ", i);
      body.resize(std::max(body.size(), run.options.bytes), 'x');
      message.message.__set_body(std::move(body));
      message.due_us = run.DueOf(i);
    }
    const auto& broker = run.cluster.broker(partition % run.options.brokers);
    const auto reply = run.cluster.data_plane().ScheduleSync(broker, request, In(60s));
    if (!reply.ok() || reply->partitions.at(0).__isset.error) {
      std::cerr << (reply.ok() ? reply->partitions[0].error.message : reply.error().ToString())
                << "\n";
      run.has_failed = true;
      return;
    }
    const auto& handles = reply->partitions[0].handles;
    for (std::size_t i = 0; i < handles.size(); ++i) {
      if (random.PositiveId() % 1'000 >= run.options.cancel_per_mille) continue;
      doomed.push_back({.index = from + static_cast<std::int64_t>(i), .handle = handles[i]});
    }
  }
  for (std::size_t i = doomed.size(); i > 1; --i) {
    std::swap(doomed[i - 1], doomed[static_cast<std::size_t>(random.PositiveId()) % i]);
  }
}

// A half at once, before anything is due, the others while messages are moved.
void Cancel(Run& run, std::int32_t partition) {
  auto& doomed = run.doomed[static_cast<std::size_t>(partition)];
  const std::size_t half = doomed.size() / 2;
  for (std::size_t from = 0; from < doomed.size(); from += kCancelBatch) {
    if (from > half) {
      const double share =
          static_cast<double>(from - half) / static_cast<double>(doomed.size() - half);
      const auto at =
          run.first_due_us + static_cast<std::int64_t>(share * run.options.spread_s * 1e6);
      const std::chrono::microseconds left{at - SystemClock::Instance().WallNow().micros};
      perf::PauseUntil(SystemClock::Instance().Now() + left);
    }
    const std::size_t until = std::min(from + kCancelBatch, doomed.size());
    idl::CancelRequest request;
    for (std::size_t i = from; i < until; ++i) request.handles.push_back(doomed[i].handle);
    const auto& broker = run.cluster.broker(partition % run.options.brokers);
    const auto reply = run.cluster.data_plane().CancelDelayedSync(broker, request, In(60s));
    if (!reply.ok() || reply->results.size() != until - from) {
      run.has_failed = true;
      return;
    }
    for (std::size_t i = from; i < until; ++i) {
      doomed[i].answer = reply->results[i - from].state;
      if (doomed[i].answer == idl::CancelState::CANCELLED) {
        ++run.cancelled_of[static_cast<std::size_t>(partition)];
      }
    }
  }
}

void Take(const Run& run, const idl::StoredMessage& message, std::int64_t now_us, Seen& seen) {
  const auto index = static_cast<std::size_t>(std::stoll(message.body));
  const std::int64_t due = run.DueOf(static_cast<std::int64_t>(index));
  if (seen.is_there.at(index)) ++seen.doubled;
  seen.is_there[index] = true;
  if (message.timestamp_us < due || now_us < due) ++seen.early;
  ++seen.received;
  seen.appended_ms.Add(static_cast<double>(message.timestamp_us - due) / 1e3);
  seen.received_ms.Add(static_cast<double>(now_us - due) / 1e3);
}

void Receive(Run& run, std::int32_t partition, Deadline end, Seen& seen) {
  seen.is_there.resize(static_cast<std::size_t>(run.PerPartition()));
  const auto& cancelled = run.cancelled_of[static_cast<std::size_t>(partition)];
  std::int64_t offset = 1;
  while (seen.received + cancelled < run.PerPartition() && !run.has_failed &&
         !end.HasPassed(SystemClock::Instance())) {
    idl::FetchRequest request;
    idl::FetchPartition& part = request.partitions.emplace_back();
    part.topic = "later";
    part.partition = partition;
    part.offset = offset;
    request.__set_max_wait_ms(1'000);
    const auto& broker = run.cluster.broker((partition + 1) % run.options.brokers);
    const auto reply = run.cluster.data_plane().FetchSync(broker, request, In(30s));
    const std::int64_t now_us = SystemClock::Instance().WallNow().micros;
    if (!reply.ok() || reply->partitions.empty()) continue;
    for (const idl::StoredMessage& message : reply->partitions[0].messages) {
      Take(run, message, now_us, seen);
      offset = message.offset + 1;
    }
  }
}

template <typename Work>
void OnEveryPartition(const Options& options, const Work& work) {
  std::vector<std::jthread> threads;
  for (std::int32_t i = 0; i < options.partitions; ++i) {
    threads.emplace_back([&work, i] { work(i); });
  }
}

// Answers to cancellations that were not true.
std::int64_t CountLies(const Run& run, const std::vector<Seen>& all) {
  std::int64_t lies = 0;
  std::int64_t cancelled = 0;
  std::int64_t too_late = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (const Doomed& doomed : run.doomed[i]) {
      const bool is_there = all[i].is_there[static_cast<std::size_t>(doomed.index)];
      const bool is_cancelled = doomed.answer == idl::CancelState::CANCELLED;
      const bool is_delivered = doomed.answer == idl::CancelState::DELIVERED;
      cancelled += is_cancelled ? 1 : 0;
      too_late += is_delivered ? 1 : 0;
      if (is_there ? !is_delivered : !is_cancelled) ++lies;
    }
  }
  std::cout << fmt::format("{} cancelled, {} too late for it, {} answers were not true\n",
                           cancelled, too_late, lies);
  return lies;
}

int Report(const Run& run, const std::vector<Seen>& all) {
  Seen sum;
  const std::int64_t lies = CountLies(run, all);
  for (const Seen& seen : all) {
    sum.appended_ms.Merge(seen.appended_ms);
    sum.received_ms.Merge(seen.received_ms);
    sum.early += seen.early;
    sum.doubled += seen.doubled;
    sum.received += seen.received;
  }
  std::int64_t wanted = run.PerPartition() * run.options.partitions;
  for (const auto& cancelled : run.cancelled_of) wanted -= cancelled;
  std::cout << fmt::format("{} of {} received, {} early, {} twice\n", sum.received, wanted,
                           sum.early, sum.doubled);
  std::cout << fmt::format("{:<24}{:>10}{:>10}{:>10}\n", "lateness, ms", "p50", "p99", "max");
  const auto line = [](const char* name, perf::Latencies& late) {
    std::cout << fmt::format("{:<24}{:>10.1f}{:>10.1f}{:>10.1f}\n", name, late.Percentile(0.5),
                             late.Percentile(0.99), late.Percentile(1));
  };
  line("appended", sum.appended_ms);
  line("received", sum.received_ms);
  const bool is_good = sum.early == 0 && sum.doubled == 0 && sum.received == wanted;
  return is_good && lies == 0 && !run.has_failed ? 0 : 1;
}

int Measure(const Options& options) {
  const auto engine = options.is_mysql ? testing::Engine::kMySql : testing::Engine::kMariaDb;
  auto cluster = e2e::Cluster::Start({.engine = engine, .brokers = options.brokers});
  if (!cluster.ok()) {
    std::cerr << cluster.error().ToString() << "\n";
    return 1;
  }
  const auto settings = perf::SetUpServer((*cluster)->data_server(), options.buffer_pool_mib);
  if (!settings.ok()) {
    std::cerr << settings.error().ToString() << "\n";
    return 1;
  }
  std::cout << *settings;
  const auto topic = (*cluster)->CreateTopic("later", options.partitions);
  if (!topic.ok()) {
    std::cerr << topic.error().ToString() << "\n";
    return 1;
  }
  const Clock& clock = SystemClock::Instance();
  const std::int64_t begun_us = clock.WallNow().micros;
  Run run(**cluster, options, begun_us + static_cast<std::int64_t>(options.lead_s * 1e6));
  OnEveryPartition(options, [&](std::int32_t partition) { Schedule(run, partition); });
  const double took_s = static_cast<double>(clock.WallNow().micros - begun_us) / 1e6;
  if (run.has_failed) return 1;
  std::cout << fmt::format(
      "{}: {} messages of {} B on {} partitions, over {} s; scheduled in "
      "{:.1f} s, {:.0f}/s\n",
      testing::NameOf(engine), options.count, options.bytes, options.partitions, options.spread_s,
      took_s, static_cast<double>(options.count) / took_s);
  if (took_s >= options.lead_s) {
    std::cerr << "the first were due before the last were scheduled: --lead must be longer\n";
    return 1;
  }
  const double left_s = options.lead_s - took_s + 3 * options.spread_s + 60;
  const Deadline end = In(std::chrono::seconds(static_cast<std::int64_t>(left_s)));
  std::vector<Seen> seen(static_cast<std::size_t>(options.partitions));
  std::jthread canceller(
      [&] { OnEveryPartition(options, [&](std::int32_t partition) { Cancel(run, partition); }); });
  OnEveryPartition(options, [&](std::int32_t partition) {
    Receive(run, partition, end, seen[static_cast<std::size_t>(partition)]);
  });
  canceller.join();
  return Report(run, seen);
}

}  // namespace
}  // namespace lanemq

int main(int argc, char** argv) {
  lanemq::Options options;
  CLI::App app{"How late delayed messages are delivered. Fails if one is early, lost or doubled."};
  app.add_option("--count", options.count)->capture_default_str()->check(CLI::PositiveNumber);
  app.add_option("--partitions", options.partitions)
      ->capture_default_str()
      ->check(CLI::Range(1, 99));
  app.add_option("--brokers", options.brokers)->capture_default_str()->check(CLI::Range(1, 9));
  app.add_option("--spread", options.spread_s, "Seconds from the first due time to the last")
      ->capture_default_str();
  app.add_option("--lead", options.lead_s, "Seconds from the first schedule to the first due time")
      ->capture_default_str();
  app.add_option("--bytes", options.bytes, "Of a body")->capture_default_str();
  app.add_option("--cancel-per-mille", options.cancel_per_mille, "How many are cancelled")
      ->capture_default_str()
      ->check(CLI::Range(0, 1'000));
  app.add_option("--buffer-pool-mib", options.buffer_pool_mib, "Of the database server")
      ->capture_default_str()
      ->check(CLI::Range(16, 65'536));
  app.add_flag("--mysql", options.is_mysql, "MySQL instead of MariaDB");
  CLI11_PARSE(app, argc, argv);
  return lanemq::Measure(options);
}
