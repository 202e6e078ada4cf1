#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include <fmt/format.h>

#include "client/cli/app/action.h"
#include "client/cli/app/help.h"
#include "client/cli/bench/load.h"
#include "client/cli/cluster/client_options.h"
#include "client/cli/commands/start_position.h"
#include "client/cli/text/time_text.h"
#include "common/base/random.h"
#include "lanemq/consumer.h"

namespace lanemq::cli {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr auto kPollTimeout = 100ms;

struct BenchFlags {
  LoadOptions load;
  std::string duration = "10s";
  std::string offset = "start";
  std::int64_t linger_ms = 5;
};

/// Reads every partition of a topic, counting.
class Meter {
 public:
  static Result<std::unique_ptr<Meter>> Open(const Session& session, const std::string& topic,
                                             const std::string& offset);
  /// Reads until `is_over` says so, or a poll fails. `run` != 0: only this run's messages count,
  /// and their latency.
  Status Run(std::int64_t run, const std::function<bool(const BenchResult&)>& is_over);
  [[nodiscard]] BenchResult Measured() const {
    const MutexLock lock(mutex_);
    return result_;
  }
  [[nodiscard]] std::int64_t backlog() const { return backlog_; }

 private:
  void Count(const std::vector<ConsumedRecord>& records, std::int64_t run);

  std::unique_ptr<Consumer> consumer_;
  std::int64_t backlog_ = 0;
  MonotonicTime began_;
  mutable Mutex mutex_;
  BenchResult result_ LANEMQ_GUARDED_BY(mutex_);
};

Result<std::unique_ptr<Meter>> Meter::Open(const Session& session, const std::string& topic,
                                           const std::string& offset) {
  LANEMQ_ASSIGN_OR_RETURN(const OffsetSpec spec,
                          ParseOffsetSpec(offset, SystemClock::Instance().WallNow()));
  auto meter = std::make_unique<Meter>();
  ConsumerOptions options;
  LANEMQ_RETURN_IF_ERROR(SetClientOptions(session, options));
  options.auto_offset_reset = OffsetReset::kEarliest;
  options.max_poll_records = 10'000;
  LANEMQ_ASSIGN_OR_RETURN(meter->consumer_, Consumer::Create(options));
  Consumer& consumer = *meter->consumer_;
  LANEMQ_ASSIGN_OR_RETURN(const auto partitions,
                          consumer.PartitionsOf(topic, TimeoutOf(session, 100ms, 3'600s)));
  meter->began_ = SystemClock::Instance().Now();  // Reading ahead begins here.
  LANEMQ_RETURN_IF_ERROR(consumer.Assign(partitions));
  LANEMQ_RETURN_IF_ERROR(SeekTo(consumer, partitions, spec));
  LANEMQ_ASSIGN_OR_RETURN(const Offsets ends, consumer.EndOffsets(partitions));
  for (const auto& [partition, end] : ends) {
    LANEMQ_ASSIGN_OR_RETURN(const std::int64_t position, consumer.Position(partition));
    meter->backlog_ += end - position;
  }
  return meter;
}

Status Meter::Run(std::int64_t run, const std::function<bool(const BenchResult&)>& is_over) {
  if (run != 0) began_ = SystemClock::Instance().Now();
  while (!is_over(Measured())) {
    const auto records = consumer_->Poll(kPollTimeout);
    if (!records.ok()) return records.error();
    if (!records->empty()) Count(*records, run);
  }
  return {};
}

void Meter::Count(const std::vector<ConsumedRecord>& records, std::int64_t run) {
  const MonotonicTime now = SystemClock::Instance().Now();
  const MutexLock lock(mutex_);
  for (const ConsumedRecord& record : records) {
    std::chrono::nanoseconds intended{};
    if (run != 0 && (!record.body || !ReadBenchBody(*record.body, run, intended))) continue;
    ++result_.messages;
    result_.bytes += record.body ? static_cast<std::int64_t>(record.body->size()) : 0;
    if (run != 0) {
      result_.latency.Add(
          std::chrono::duration_cast<std::chrono::microseconds>(now.since_start - intended));
    }
  }
  result_.took = now - began_;
}

Result<std::unique_ptr<Producer>> MakeProducer(const Session& session, const BenchFlags& flags) {
  ProducerOptions options;
  LANEMQ_RETURN_IF_ERROR(SetClientOptions(session, options));
  options.linger = std::chrono::milliseconds(flags.linger_ms);
  options.max_block = TimeoutOf(session, 100ms, 3'600s);
  return Producer::Create(options);
}

ExitCode Report(Session& session, const BenchResult& result, const Status& status,
                const InterruptGuard& interrupt) {
  session.Show(BenchTable(result));
  if (!status.ok()) return session.Fail(status.error());
  if (interrupt.IsInterrupted()) return ExitCode::kInterrupted;
  return result.failed > 0 ? ExitCode::kFailed : ExitCode::kDone;
}

Result<LoadOptions> LoadOf(const BenchFlags& flags) {
  LoadOptions load = flags.load;
  LANEMQ_ASSIGN_OR_RETURN(load.duration, ParseDuration(flags.duration));
  load.run = Random::FromSystem().PositiveId();
  return load;
}

ExitCode BenchProduce(Session& session, const BenchFlags& flags) {
  const auto options = LoadOf(flags);
  if (!options.ok()) return session.Fail(options.error());
  Load load(*options);
  const auto producer = MakeProducer(session, flags);
  if (!producer.ok()) return session.Fail(producer.error());
  const InterruptGuard interrupt;
  const Status status = load.Run(**producer, interrupt, [&] {
    if (session.out().WantsProgress()) session.out().Progress(BenchProgress(load.Measured()));
  });
  return Report(session, load.Measured(), status, interrupt);
}

ExitCode BenchConsume(Session& session, const BenchFlags& flags) {
  const auto duration = ParseDuration(flags.duration);
  if (!duration.ok()) return session.Fail(duration.error());
  const auto meter = Meter::Open(session, flags.load.topic, flags.offset);
  if (!meter.ok()) return session.Fail(meter.error());
  std::int64_t wanted = (*meter)->backlog();
  if (flags.load.messages > 0) wanted = std::min(wanted, flags.load.messages);
  const InterruptGuard interrupt;
  const Deadline end = Deadline::After(SystemClock::Instance(), *duration);
  const Status status = (*meter)->Run(0, [&](const BenchResult& result) {
    if (session.out().WantsProgress()) session.out().Progress(BenchProgress(result));
    return result.messages >= wanted || end.HasPassed(SystemClock::Instance()) ||
           interrupt.IsInterrupted();
  });
  BenchResult result = (*meter)->Measured();
  result.mode = "consume";
  return Report(session, result, status, interrupt);
}

ExitCode BenchEndToEnd(Session& session, const BenchFlags& flags) {
  const auto options = LoadOf(flags);
  if (!options.ok()) return session.Fail(options.error());
  const auto meter = Meter::Open(session, options->topic, "end");
  if (!meter.ok()) return session.Fail(meter.error());
  Load load(*options);
  const auto producer = MakeProducer(session, flags);
  if (!producer.ok()) return session.Fail(producer.error());
  const InterruptGuard interrupt;
  std::atomic<std::int64_t> expected{-1};  // Unknown until everything is sent.
  std::atomic<bool> is_given_up{false};
  Status read_status;
  std::jthread reader([&] {
    read_status = (*meter)->Run(options->run, [&](const BenchResult& result) {
      return is_given_up || (expected >= 0 && result.messages >= expected);
    });
  });
  Status status = load.Run(**producer, interrupt, [&] {
    if (session.out().WantsProgress()) session.out().Progress(BenchProgress((*meter)->Measured()));
  });
  expected = load.Measured().messages;
  const Deadline patience = Deadline::After(SystemClock::Instance(), 10s);
  while ((*meter)->Measured().messages < expected && interrupt.Pause(20ms) &&
         !patience.HasPassed(SystemClock::Instance())) {
  }
  is_given_up = true;
  reader.join();
  if (status.ok()) status = read_status;
  BenchResult result = (*meter)->Measured();
  result.mode = "e2e";
  result.has_latency = true;
  result.failed = load.sent() - result.messages;  // Not stored, or stored and never read.
  return Report(session, result, status, interrupt);
}

using Run = ExitCode (*)(Session&, const BenchFlags&);

CLI::App* Leaf(CLI::App& bench, const std::string& name, const std::string& what, Action& action,
               const std::shared_ptr<BenchFlags>& flags, Run run) {
  CLI::App* leaf = bench.add_subcommand(name, what);
  leaf->add_option("TOPIC", flags->load.topic, "Topic")->required();
  leaf->add_option("-d,--duration", flags->duration, "Stop after this long (default 10s)")
      ->type_name("TIME");
  leaf->add_option("-n,--messages", flags->load.messages, "Stop after so many messages")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber);
  leaf->callback([&action, flags, run] {
    action = [flags, run](Session& session) { return run(session, *flags); };
  });
  return leaf;
}

void AddLoadFlags(CLI::App* leaf, const std::shared_ptr<BenchFlags>& flags) {
  leaf->add_option("-r,--rate", flags->load.rate, "Messages a second (0: as fast as possible)")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber);
  leaf->add_option("-s,--size", flags->load.size, "Bytes of a message (default 1024)")
      ->type_name("N")
      ->check(CLI::Range(0, 4 << 20));
  leaf->add_option("-k,--keys", flags->load.keys, "Different keys (default 0: none)")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber);
  leaf->add_option("--linger", flags->linger_ms, "Wait for a fuller batch, in ms (default 5)")
      ->type_name("MS")
      ->check(CLI::Range(0, 10'000));
}

}  // namespace

void AddBenchCommands(CLI::App& root, Action& action) {
  CLI::App* bench =
      root.add_subcommand("bench", "Measure a running cluster (writes real messages)");
  bench->require_subcommand(0, 1);
  Explain(*bench, {"lanemq bench produce orders -d 10s", "lanemq bench consume orders",
                   "lanemq bench e2e orders -r 2000 -d 30s"});

  auto flags = std::make_shared<BenchFlags>();
  CLI::App* leaf =
      Leaf(*bench, "produce", "Rate and latency of sending", action, flags, BenchProduce);
  AddLoadFlags(leaf, flags);
  Explain(*leaf,
          {"lanemq bench produce orders -d 10s", "lanemq bench produce orders -r 5000 -s 100 -d 1m",
           "lanemq bench produce orders -n 100000 -k 1000 --output json"},
          "lanemq bench e2e. Latency counts from the intended time of sending");

  flags = std::make_shared<BenchFlags>();
  leaf = Leaf(*bench, "consume", "Rate of reading what is there", action, flags, BenchConsume);
  leaf->add_option("-o,--offset", flags->offset, "Where to begin (default start)")
      ->type_name("OFFSET");
  Explain(*leaf, {"lanemq bench consume orders", "lanemq bench consume orders -n 1000000 -d 1m",
                  "lanemq bench consume orders -o @-1h --output json"});

  flags = std::make_shared<BenchFlags>();
  flags->load.rate = 1'000;
  leaf =
      Leaf(*bench, "e2e", "Latency from intended sending to reading", action, flags, BenchEndToEnd);
  AddLoadFlags(leaf, flags);
  Explain(*leaf,
          {"lanemq bench e2e orders", "lanemq bench e2e orders -r 5000 -d 30s --linger 2",
           "lanemq bench e2e orders -r 2000 --output json"},
          "lanemq bench produce. Default rate: 1000");
}

}  // namespace lanemq::cli
