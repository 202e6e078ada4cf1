#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/base/mutex.h"
#include "lanemq/lanemq.h"
#include "lanemq_types.h"
#include "tests/checker/failure_checker.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/stop_signal.h"
#include "tests/failures/tables.h"
#include "tests/support/process.h"

namespace lanemq::failures {

/// How a worker is started, beyond its name.
struct WorkerOptions {
  int retry_per_mille = 100;
  int fatal_per_mille = 10;
  std::vector<std::string> flags;  ///< Added to the worker's.
};

/// A message that a test sends.
struct TestMessage {
  std::int32_t partition = 0;
  std::string key = "k";
  std::string act;          ///< For the worker: see fate.h; empty: by the id.
  std::int64_t due_us = 0;  ///< 0: not delayed.
};

/// A topic on a running cluster, what was sent to it, and the workers of one group, each a process
/// with an event file.
///
/// Not thread-safe; one owner, which lives as long as the workers.
class FailureRig {
 public:
  FailureRig(e2e::Cluster& cluster, e2e::TestTopic topic, std::string group = "workers");
  ~FailureRig();
  FailureRig(const FailureRig&) = delete;
  FailureRig& operator=(const FailureRig&) = delete;

  /// Where the topic's rows are, of a topic whose partitions move; default: where they were made.
  void SetParts(std::function<std::vector<TopicPart>()> parts) { parts_ = std::move(parts); }
  [[nodiscard]] std::vector<TopicPart> Parts() const {
    return parts_ ? parts_() : std::vector{WholeTopic(cluster_, topic_)};
  }

  /// Sends them in order and waits for the answers.
  Status Send(const std::vector<TestMessage>& messages);
  /// Cancels delayed messages, by number (the how manieth was sent, from 0), and keeps the answers.
  Status Cancel(const std::vector<std::int64_t>& numbers);
  /// Writes about `per_second` messages a second, to the partitions in turn, until StopWriting(),
  /// which waits for the answers.
  void StartWriting(int per_second);
  Status StopWriting();
  [[nodiscard]] std::int64_t acked() const { return acked_; }

  /// A process of that name; a name may be started again after its end, and gets a new event file.
  Status Start(const std::string& name, const WorkerOptions& options = {});
  [[nodiscard]] bool IsRunning(const std::string& name) { return workers_.at(name).IsRunning(); }
  void Kill(const std::string& name) { workers_.at(name).Kill(); }
  /// SIGTERM: leaves the group in order. Its exit code.
  int Stop(const std::string& name);
  void StopAll();

  Status SetPolicy(const idl::RetryPolicy& policy);
  /// Asks for all dead letters of the group again. The places are those that are dead now.
  Status Redrive(std::int32_t per_second);
  /// Done on every data node.
  [[nodiscard]] bool IsRedriven();
  /// Index of the broker that has the data node's duties; -1: none.
  [[nodiscard]] int DutyHolder();

  /// Events of all processes so far.
  [[nodiscard]] std::vector<checker::HandlerLog> Logs() const;
  [[nodiscard]] std::int64_t CountOf(checker::FailureEventKind kind) const;
  /// The tables, and then what the workers wrote.
  Result<checker::FailureCase> Case();
  /// The group has passed everything, and no retry waits.
  [[nodiscard]] bool IsFinished();
  /// One number that an SQL query on the cluster's data node answers; -1: it could not be asked.
  /// `{node}` in it is the schema.
  [[nodiscard]] std::int64_t Ask(const std::string& sql);
  [[nodiscard]] checker::FailureReport Check(const checker::FailureCheckOptions& options);

  [[nodiscard]] e2e::Cluster& cluster() { return cluster_; }
  [[nodiscard]] const e2e::TestTopic& topic() const { return topic_; }
  [[nodiscard]] const std::string& group() const { return group_; }
  [[nodiscard]] std::int32_t partitions() const {
    return static_cast<std::int32_t>(topic_.tables.size());
  }
  /// What is known of each message, by number.
  [[nodiscard]] std::map<std::int64_t, checker::FailureSend> Sends() const;

 private:
  struct EventsOf {
    std::string name;
    std::string path;
  };
  Status OpenProducer();
  Status SendOne(const TestMessage& message);
  void Write(int per_second);

  e2e::Cluster& cluster_;
  const e2e::TestTopic topic_;
  const std::string group_;
  std::function<std::vector<TopicPart>()> parts_;
  testing::TempDir dir_;
  std::vector<EventsOf> events_;
  std::map<std::string, testing::Process> workers_;
  std::vector<checker::RedriveAsked> redrives_;
  std::int64_t redrive_id_ = 0;
  std::unique_ptr<Producer> producer_;
  std::atomic<std::int64_t> acked_ = 0;
  mutable Mutex mutex_;
  std::map<std::int64_t, checker::FailureSend> sends_ LANEMQ_GUARDED_BY(mutex_);  ///< By number.
  std::map<std::int64_t, std::string> handles_ LANEMQ_GUARDED_BY(mutex_);
  std::unique_ptr<e2e::StopSignal> stop_;
  std::jthread writer_;
};

}  // namespace lanemq::failures
