// A member of a consumer group that writes down what happens to it. Killed, frozen and restarted by
// tests.
#include <csignal>
#include <fcntl.h>
#include <memory>
#include <string>
#include <unistd.h>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "common/base/clock.h"
#include "lanemq/lanemq.h"
#include "tests/checker/group_events.h"

namespace lanemq::groups {
namespace {

using checker::GroupEvent;
using checker::GroupEventKind;

volatile std::sig_atomic_t g_stop = 0;

struct Options {
  std::vector<std::string> bootstrap;
  std::string group;
  std::string topic;
  std::string events;
  std::string instance_id;
  std::string strategy = "cooperative-sticky";
  int session_timeout_ms = 6'000;
  int heartbeat_interval_ms = 500;
  int max_poll_interval_ms = 30'000;
  int commit_every = 10;
  int max_poll_records = 50;
};

/// One write per event: what a killed process did is in the file.
class EventFile {
 public:
  explicit EventFile(const std::string& path)
      : fd_(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)) {}
  ~EventFile() { ::close(fd_); }
  EventFile(const EventFile&) = delete;
  EventFile& operator=(const EventFile&) = delete;

  void Add(GroupEventKind kind, std::int32_t partition = -1, std::int64_t offset = -1,
           std::string text = "") {
    pending_ += checker::FormatGroupEvent({SystemClock::Instance().Now().since_start.count(), kind,
                                           partition, offset, std::move(text)});
  }
  void Flush() {
    if (::write(fd_, pending_.data(), pending_.size()) < 0) std::_Exit(74);
    pending_.clear();
  }

 private:
  int fd_;
  std::string pending_;
};

/// Reads, and commits every few records; commits before partitions go.
class Worker : public RebalanceListener, public std::enable_shared_from_this<Worker> {
 public:
  Worker(const Options& options) : options_(options), events_(options.events) {}

  int Run() {
    ConsumerOptions options;
    options.bootstrap_servers = options_.bootstrap;
    options.group_id = options_.group;
    options.group_instance_id = options_.instance_id;
    options.partition_assignment_strategy = {options_.strategy};
    options.session_timeout = std::chrono::milliseconds(options_.session_timeout_ms);
    options.heartbeat_interval = std::chrono::milliseconds(options_.heartbeat_interval_ms);
    options.max_poll_interval = std::chrono::milliseconds(options_.max_poll_interval_ms);
    options.max_poll_records = options_.max_poll_records;
    options.auto_offset_reset = OffsetReset::kEarliest;
    options.enable_auto_commit = false;
    options.metadata_max_age = std::chrono::milliseconds(500);
    auto consumer = Consumer::Create(options);
    if (!consumer.ok()) return Fail(consumer.error());
    consumer_ = std::move(consumer).value();
    const Status subscribed = consumer_->Subscribe({options_.topic}, shared_from_this());
    if (!subscribed.ok()) return Fail(subscribed.error());
    Note(GroupEventKind::kStart);
    while (g_stop == 0) {
      const auto records = consumer_->Poll(std::chrono::milliseconds(100));
      if (!records.ok()) {
        Note(GroupEventKind::kError, -1, -1, records.error().ToString());
        if (RetryOf(records.error().code) == Retry::kNever) return 1;
        continue;
      }
      Handle(*records);
    }
    CommitAll();
    const Status closed = consumer_->Close(std::chrono::seconds(10));
    Note(GroupEventKind::kStop);
    return closed.ok() ? 0 : Fail(closed.error());
  }

  void OnAssigned(const std::vector<TopicPartition>& partitions) override {
    for (const auto& partition : partitions) {
      events_.Add(GroupEventKind::kAssigned, partition.partition);
    }
    events_.Flush();
  }
  void OnRevoked(const std::vector<TopicPartition>& partitions) override {
    Offsets mine;
    for (const auto& partition : partitions) Take(partition, mine);
    Commit(mine);
    for (const auto& partition : partitions) {
      events_.Add(GroupEventKind::kRevoked, partition.partition);
    }
    events_.Flush();
  }
  void OnLost(const std::vector<TopicPartition>& partitions) override {
    for (const auto& partition : partitions) {
      positions_.erase(partition);
      events_.Add(GroupEventKind::kLost, partition.partition);
    }
    events_.Flush();
  }

 private:
  int Fail(const Error& error) {
    fmt::print(stderr, "{}\n", error.ToString());
    return 1;
  }
  void Note(GroupEventKind kind, std::int32_t partition = -1, std::int64_t offset = -1,
            std::string text = "") {
    events_.Add(kind, partition, offset, std::move(text));
    events_.Flush();
  }
  void Take(const TopicPartition& partition, Offsets& into) {
    const auto found = positions_.find(partition);
    if (found == positions_.end()) return;
    into.insert(*found);
    positions_.erase(found);
  }

  void Handle(const std::vector<ConsumedRecord>& records) {
    for (const ConsumedRecord& record : records) {
      events_.Add(GroupEventKind::kRead, record.partition(), record.offset);
      positions_[*record.source] = record.offset + 1;
      ++uncommitted_;
    }
    events_.Flush();
    if (uncommitted_ >= options_.commit_every) CommitAll();
  }

  void CommitAll() {
    Offsets offsets;
    offsets.swap(positions_);
    Commit(offsets);
    uncommitted_ = 0;
  }

  void Commit(const Offsets& offsets) {
    for (const auto& [partition, offset] : offsets) {
      Note(GroupEventKind::kCommitBegin, partition.partition, offset);
      const Status status = consumer_->CommitSync({{partition, offset}});
      Note(status.ok() ? GroupEventKind::kCommitOk : GroupEventKind::kCommitFailed,
           partition.partition, offset, status.ok() ? "" : status.error().ToString());
    }
  }

  const Options options_;
  EventFile events_;
  std::unique_ptr<Consumer> consumer_;
  Offsets positions_;  ///< Read and not committed.
  int uncommitted_ = 0;
};

int Main(int argc, char** argv) {
  Options options;
  CLI::App app("A member of a consumer group that writes down what happens to it.",
               "lanemq-group-worker");
  app.add_option("--bootstrap", options.bootstrap)->required()->delimiter(',');
  app.add_option("--group", options.group)->required();
  app.add_option("--topic", options.topic)->required();
  app.add_option("--events", options.events)->required();
  app.add_option("--instance-id", options.instance_id);
  app.add_option("--strategy", options.strategy);
  app.add_option("--session-timeout-ms", options.session_timeout_ms);
  app.add_option("--heartbeat-interval-ms", options.heartbeat_interval_ms);
  app.add_option("--max-poll-interval-ms", options.max_poll_interval_ms);
  app.add_option("--commit-every", options.commit_every);
  app.add_option("--max-poll-records", options.max_poll_records);
  CLI11_PARSE(app, argc, argv);
  std::signal(SIGTERM, [](int) { g_stop = 1; });
  return std::make_shared<Worker>(options)->Run();
}

}  // namespace
}  // namespace lanemq::groups

int main(int argc, char** argv) { return lanemq::groups::Main(argc, argv); }
