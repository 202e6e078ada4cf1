#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "common/base/mutex.h"
#include "common/base/result.h"
#include "lanemq_types.h"
#include "tests/checker/history.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/stop_signal.h"

namespace lanemq::e2e {

struct WorkloadOptions {
  std::int32_t partitions = 2;
  int producers = 8;
  int readers = 4;
  int batch_max = 8;  ///< Messages; each batch has 1 to this many.
  std::size_t body_bytes = 200;
  /// Sends every produce request twice, at once, to two brokers.
  bool is_every_request_doubled = false;
  /// False: no sequence numbers, so that a repeated request may be stored twice.
  bool is_idempotent = true;
  /// Between two batches of a producer.
  std::chrono::milliseconds think_time{0};
  /// All rows of a partition as SQL gives them (offset, timestamp_us, body, in order), of a topic
  /// whose partitions move; empty: those of the tables that TestTopic names.
  std::function<Result<std::string>(std::int32_t partition)> rows_of;
  /// How producers find broker `index`; empty: Cluster::broker(). For proxies before brokers.
  std::function<rpc::Endpoint(int index)> produce_endpoint;
  /// From the end of the run: how long producers and readers may take to finish what they began.
  std::chrono::seconds patience{20};
  std::uint64_t seed = 1;
};

/// Producers and readers that speak the data plane directly, all brokers in turn, all partitions,
/// and write down what they saw. A batch is repeated, with its sequence numbers, until it is
/// answered for good; each reader commits for a group of its own.
///
/// Thread safety: one owner. Threads of its own between Start() and Finish().
class Workload {
 public:
  Workload(Cluster& cluster, TestTopic topic, checker::History& history, WorkloadOptions options);
  ~Workload();

  void Start();
  /// Lets producers finish, readers read to the end, then reads everything once more: through each
  /// broker with a fresh client, and with SQL. Those readers are complete. Errors: who could not
  /// finish in time, and the first error that no retry mends.
  Status Finish();

  /// Acknowledged messages so far.
  [[nodiscard]] std::int64_t acked() const { return history_.acked(); }
  /// Requests that were repeated.
  [[nodiscard]] std::int64_t retries() const { return retries_; }

 private:
  struct Batch {
    std::int32_t partition = 0;
    std::vector<checker::MessageId> ids;
    idl::ProduceRequest request;
    bool may_be_stored = false;
  };
  struct Producer {
    checker::ProducerLog& log;
    std::mt19937_64 random;
    std::int32_t key = 0;
    std::map<std::int32_t, std::pair<std::int64_t, std::int64_t>> sequences;  // id, next.
  };

  void Produce(Producer producer);
  Batch MakeBatch(Producer& producer);
  /// False: the run is over and the batch has no final answer.
  bool Deliver(Producer& producer, Batch& batch);
  /// The final answer, if it is one.
  bool Settle(Producer& producer, Batch& batch, const Result<idl::ProduceResponse>& reply);
  Result<idl::ProduceResponse> Send(const Batch& batch, int broker);
  void Read(int index, checker::ReaderLog& log);
  void Commit(checker::ReaderLog& log, const std::string& group,
              const std::map<std::int32_t, std::int64_t>& positions, int broker);
  Status ReadWithSql();
  void Complain(std::string what) LANEMQ_EXCLUDES(mutex_);
  [[nodiscard]] rpc::Endpoint ProduceEndpoint(int broker) const;

  Cluster& cluster_;
  const TestTopic topic_;
  checker::History& history_;
  const WorkloadOptions options_;
  StopSignal stop_producers_;
  StopSignal stop_readers_;
  std::vector<std::jthread> producers_;
  std::vector<std::jthread> readers_;
  std::vector<std::atomic<std::int64_t>> ends_;  ///< By partition, once the producers are done.
  std::atomic<std::int64_t> retries_ = 0;
  mutable Mutex mutex_;
  std::vector<std::string> complaints_ LANEMQ_GUARDED_BY(mutex_);
};

/// What an answer means for the one who asked.
enum class Verdict { kRetry, kFinal };

/// Reads all partitions of a topic through one broker after the other.
class TopicReader {
 public:
  /// Positions start at offset 1. `broker` is asked first; with `is_faithful` no other.
  TopicReader(Cluster& cluster, const TestTopic& topic, checker::ReaderLog& log, int broker,
              bool is_faithful);
  /// One fetch of all partitions. An error is one that no retry mends.
  Status Fetch(std::chrono::milliseconds max_wait);
  /// Next offset by partition.
  [[nodiscard]] const std::map<std::int32_t, std::int64_t>& positions() const { return positions_; }
  [[nodiscard]] int broker() const { return broker_; }
  /// Whether the last fetch failed, so that a pause is due.
  [[nodiscard]] bool is_in_trouble() const { return is_in_trouble_; }

 private:
  Status Take(const idl::FetchPartitionResult& result);
  Status OnError(const Error& error);

  Cluster& cluster_;
  const std::string topic_;
  checker::ReaderLog& log_;
  int broker_;
  const bool is_faithful_;
  bool is_in_trouble_ = false;
  std::map<std::int32_t, std::int64_t> positions_;
};

/// The log end offset of each partition, asked of one broker after the other until `patience` is
/// over.
Result<std::vector<std::int64_t>> LogEnds(Cluster& cluster, const TestTopic& topic,
                                          std::chrono::seconds patience);

}  // namespace lanemq::e2e
