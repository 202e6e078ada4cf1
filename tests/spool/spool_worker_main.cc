// A producer with a spool that writes down what it tries to send and what is acknowledged. Killed
// by tests.
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <unistd.h>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "common/base/mutex.h"
#include "lanemq/lanemq.h"

namespace lanemq::spool {
namespace {

struct Options {
  std::vector<std::string> bootstrap;
  std::string topic;
  std::string directory;
  std::string events;
  std::string run;
  std::string fsync = "every_send";
  int keys = 8;
  std::int64_t records_max = 1'000'000;
  bool must_flush = false;
};

/// One write per line: what a killed process did is in the file.
class EventFile {
 public:
  explicit EventFile(const std::string& path)
      : fd_(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)) {}
  ~EventFile() { ::close(fd_); }
  EventFile(const EventFile&) = delete;
  EventFile& operator=(const EventFile&) = delete;

  void Add(std::string_view kind, const std::string& body) const {
    const std::string line = fmt::format("{} {}\n", kind, body);
    if (::write(fd_, line.data(), line.size()) < 0) std::_Exit(74);
  }

 private:
  int fd_;
};

/// At most so many records without an answer.
class Window {
 public:
  void Enter() {
    MutexLock lock(mutex_);
    while (open_ >= 50) changed_.Wait(mutex_);
    ++open_;
  }
  void Leave() {
    MutexLock lock(mutex_);
    --open_;
    changed_.NotifyAll();
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  int open_ LANEMQ_GUARDED_BY(mutex_) = 0;
};

int Fail(const Error& error) {
  fmt::print(stderr, "{}\n", error.ToString());
  return 1;
}

int Run(const Options& options) {
  ProducerOptions producer_options;
  producer_options.bootstrap_servers = options.bootstrap;
  producer_options.spool_dir = options.directory;
  producer_options.spool_segment_bytes = 64u << 10;
  producer_options.request_timeout = std::chrono::seconds(2);
  producer_options.metadata_max_age = std::chrono::milliseconds(500);
  const Status set = producer_options.Set("spool.fsync", options.fsync);
  if (!set.ok()) return Fail(set.error());
  const EventFile events(options.events);
  Window window;
  auto producer = Producer::Create(producer_options);
  if (!producer.ok()) return Fail(producer.error());
  fmt::print("started\n");
  std::fflush(stdout);
  for (std::int64_t i = 0; i < options.records_max; ++i) {
    ProducerRecord record;
    record.topic = options.topic;
    record.key = fmt::format("k{}", i * 7 % options.keys);
    const std::string body = fmt::format("{}:{}:{}", *record.key, options.run, i);
    record.body = body;
    window.Enter();
    events.Add("tried", body);
    const Status sent =
        (*producer)->Send(std::move(record), [&events, &window, body](const auto& result) {
          if (result.ok() && result->is_spooled) events.Add("acked", body);
          window.Leave();
        });
    if (!sent.ok()) return Fail(sent.error());
  }
  while (!options.must_flush) ::pause();  // For the one who kills it.
  const Status flushed = (*producer)->Flush(std::chrono::seconds(60));
  if (!flushed.ok()) return Fail(flushed.error());
  const Status closed = (*producer)->Close(std::chrono::seconds(5));
  return closed.ok() ? 0 : Fail(closed.error());
}

int Main(int argc, char** argv) {
  Options options;
  CLI::App app("A producer with a spool that writes down what it does.", "lanemq-spool-worker");
  app.add_option("--bootstrap", options.bootstrap)->required()->delimiter(',');
  app.add_option("--topic", options.topic)->required();
  app.add_option("--dir", options.directory)->required();
  app.add_option("--events", options.events)->required();
  app.add_option("--run", options.run)->required();
  app.add_option("--fsync", options.fsync);
  app.add_option("--keys", options.keys);
  app.add_option("--records-max", options.records_max);
  app.add_flag("--flush", options.must_flush);
  CLI11_PARSE(app, argc, argv);
  return Run(options);
}

}  // namespace
}  // namespace lanemq::spool

int main(int argc, char** argv) { return lanemq::spool::Main(argc, argv); }
