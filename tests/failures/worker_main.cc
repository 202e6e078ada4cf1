// A member of a consumer group whose handler fails as it is told to, and writes down what it was
// given and what it answered. Killed, hung and restarted by tests.
#include <atomic>
#include <csignal>
#include <fcntl.h>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "common/base/clock.h"
#include "lanemq/lanemq.h"
#include "lanemq/runner.h"
#include "tests/checker/failure_events.h"
#include "tests/e2e/stop_signal.h"
#include "tests/failures/fate.h"

namespace lanemq::failures {
namespace {

using checker::FailureEvent;
using checker::FailureEventKind;

struct Options {
  std::vector<std::string> bootstrap;
  std::string group;
  std::string topic;
  std::string events;
  std::string instance_id;
  std::string order = "key";
  FateRates rates;
  int threads = 4;
  int session_timeout_ms = 6'000;
  int commit_interval_ms = 50;
  int handler_timeout_ms = 4'000;
  int retry_lease_ms = 5'000;
  bool is_blocking = false;
  bool is_consumer = false;
  bool is_careless = false;
};

/// One write per event: what a killed process did is in the file.
class EventFile {
 public:
  explicit EventFile(const std::string& path)
      : fd_(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)) {}
  ~EventFile() { ::close(fd_); }
  EventFile(const EventFile&) = delete;
  EventFile& operator=(const EventFile&) = delete;

  /// Any thread.
  void Add(FailureEvent event) const {
    event.at_us = SystemClock::Instance().WallNow().micros;
    const std::string line = checker::FormatFailureEvent(event);
    if (::write(fd_, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
      std::_Exit(74);
    }
  }

 private:
  int fd_;
};

class Worker {
 public:
  explicit Worker(const Options& options) : options_(options), events_(options.events) {}

  int Run() {
    events_.Add({.kind = FailureEventKind::kStart});
    const Status ended = options_.is_consumer || options_.is_careless ? RunConsumer() : RunRunner();
    if (ended.ok()) {
      events_.Add({.kind = FailureEventKind::kStop});
      return 0;
    }
    events_.Add({.kind = FailureEventKind::kError, .reason = ended.error().ToString()});
    fmt::print(stderr, "{}\n", ended.error().ToString());
    return 1;
  }
  void Stop() {
    is_stopped_ = true;
    if (Runner* const runner = running_) runner->Stop();
    hung_.Set();
  }

 private:
  [[nodiscard]] ConsumerOptions Consuming() const {
    ConsumerOptions options;
    options.bootstrap_servers = options_.bootstrap;
    options.group_id = options_.group;
    options.group_instance_id = options_.instance_id;
    options.session_timeout = std::chrono::milliseconds(options_.session_timeout_ms);
    options.heartbeat_interval = std::chrono::milliseconds(500);
    options.auto_offset_reset = OffsetReset::kEarliest;
    options.metadata_max_age = std::chrono::milliseconds(500);
    options.retry_lease = std::chrono::milliseconds(options_.retry_lease_ms);
    return options;
  }

  Status RunRunner() {
    RunnerOptions options;
    options.consumer = Consuming();
    options.topics = {options_.topic};
    options.order = options_.order == "partition" ? HandlingOrder::kPartition
                    : options_.order == "key"     ? HandlingOrder::kKey
                                                  : HandlingOrder::kNone;
    options.threads = options_.threads;
    options.commit_interval = std::chrono::milliseconds(options_.commit_interval_ms);
    options.drain_timeout = std::chrono::milliseconds(2'000);
    options.handler_timeout = std::chrono::milliseconds(options_.handler_timeout_ms);
    options.on_failure = options_.is_blocking ? OnFailure::kBlock : OnFailure::kStepAside;
    LANEMQ_ASSIGN_OR_RETURN(
        runner_, Runner::Create(options, [this](const ConsumedRecord& r) { return Handle(r); }));
    running_ = runner_.get();
    if (is_stopped_) return {};
    return runner_->Run();
  }

  // The same without a runner. A careless application logs failures and commits all the same: tests
  // see that the checker finds it.
  Status RunConsumer() {
    ConsumerOptions options = Consuming();
    options.enable_auto_commit = false;
    LANEMQ_ASSIGN_OR_RETURN(const auto consumer, Consumer::Create(options));
    LANEMQ_RETURN_IF_ERROR(consumer->Subscribe({options_.topic}));
    while (!is_stopped_) {
      const auto records = consumer->Poll(std::chrono::milliseconds(50));
      if (!records.ok()) {
        if (RetryOf(records.error().code) == Retry::kNever) return records.error();
        continue;
      }
      for (const ConsumedRecord& record : *records) {
        const Fate fate = Decide(record);
        if (fate == Fate::kOk || options_.is_careless) continue;
        Failure failure{.is_fatal = fate == Fate::kDead,
                        .reason = fate == Fate::kDead ? "spoilt" : "busy",
                        .error = fmt::format("try {}", record.attempt)};
        // Refused when the record is somebody else's by now, who will handle it.
        (void)consumer->Fail(record, std::move(failure));
      }
      // The same: a commit that fails repeats records.
      if (!records->empty()) (void)consumer->CommitSync();
    }
    return consumer->Close(std::chrono::seconds(10));
  }

  Outcome Handle(const ConsumedRecord& record) {
    const Fate fate = Decide(record);
    if (fate == Fate::kRetry)
      return Outcome::Retry("busy", std::nullopt, fmt::format("try {}", record.attempt));
    if (fate == Fate::kDead) return Outcome::Dead("spoilt", "no use");
    return Outcome::Ok();
  }

  Fate Decide(const ConsumedRecord& record) {
    FailureEvent event{.kind = FailureEventKind::kDeliver,
                       .partition = record.partition(),
                       .offset = record.offset,
                       .attempt = record.attempt};
    event.id = checker::IdOfBody(record.body.value_or("")).value_or(checker::MessageId{});
    event.fingerprint = checker::Fingerprint(record.body.value_or(""));
    events_.Add(event);
    Fate fate = FateOf(event.id, record.attempt, options_.rates);
    for (const RecordHeader& header : record.headers) {
      if (header.name == kActHeader) fate = FateOf(header.value, record.attempt);
    }
    End(event, fate);
    return fate;
  }

  void End(FailureEvent event, Fate fate) {
    switch (fate) {
      case Fate::kOk:
        event.kind = FailureEventKind::kOk;
        break;
      case Fate::kRetry:
        event.kind = FailureEventKind::kRetry;
        event.reason = "busy";
        break;
      case Fate::kDead:
        event.kind = FailureEventKind::kDead;
        event.reason = "spoilt";
        break;
      default:
        event.kind = FailureEventKind::kGone;
        event.reason = fate == Fate::kThrow ? "throw" : fate == Fate::kHang ? "hang" : "kill";
    }
    events_.Add(event);
    if (fate == Fate::kKill) ::kill(::getpid(), SIGKILL);
    if (fate == Fate::kHang) hung_.WaitFor(std::chrono::minutes(5));
    if (fate == Fate::kThrow) throw std::runtime_error("the handler throws");
  }

  const Options options_;
  const EventFile events_;
  std::atomic<bool> is_stopped_ = false;
  e2e::StopSignal hung_;
  std::unique_ptr<Runner> runner_;
  std::atomic<Runner*> running_ = nullptr;
};

int Main(int argc, char** argv) {
  Options options;
  CLI::App app("A member of a consumer group whose handler fails as it is told to.",
               "lanemq-failure-worker");
  app.add_option("--bootstrap", options.bootstrap)->required()->delimiter(',');
  app.add_option("--group", options.group)->required();
  app.add_option("--topic", options.topic)->required();
  app.add_option("--events", options.events)->required();
  app.add_option("--instance-id", options.instance_id);
  app.add_option("--order", options.order, "partition, key or none");
  app.add_option("--retry-per-mille", options.rates.retry_per_mille);
  app.add_option("--fatal-per-mille", options.rates.fatal_per_mille);
  app.add_option("--threads", options.threads);
  app.add_option("--session-timeout-ms", options.session_timeout_ms);
  app.add_option("--commit-interval-ms", options.commit_interval_ms);
  app.add_option("--handler-timeout-ms", options.handler_timeout_ms);
  app.add_option("--retry-lease-ms", options.retry_lease_ms);
  app.add_flag("--blocking", options.is_blocking, "wait in place, and keep the order");
  app.add_flag("--consumer", options.is_consumer, "no runner: Poll() and Fail()");
  app.add_flag("--careless", options.is_careless, "the same, without Fail()");
  CLI11_PARSE(app, argc, argv);

  // SIGTERM is taken by a thread: Stop() is no function for signal handlers.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  Worker worker(options);
  std::thread([&] {
    int signal = 0;
    sigwait(&signals, &signal);
    worker.Stop();
  }).detach();
  std::_Exit(worker.Run());
}

}  // namespace
}  // namespace lanemq::failures

int main(int argc, char** argv) { return lanemq::failures::Main(argc, argv); }
