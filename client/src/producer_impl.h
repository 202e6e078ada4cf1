#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "client/src/callback_thread.h"
#include "client/src/cluster.h"
#include "common/base/mutex.h"
#include "common/core/partition/sticky_partitioner.h"
#include "common/core/producer/partition_queue.h"
#include "lanemq/producer.h"
#include "lanemq_types.h"

namespace lanemq {

// How a record travels: Send() puts it into the newest batch of its partition. One sender thread
// takes batches that are ready (core::PartitionQueue decides) and calls brokers asynchronously.
// Replies come on the transport's thread, tell the queue, and hand results to the callback thread.
class Producer::Impl {
 public:
  explicit Impl(ProducerOptions options);
  ~Impl();

  Status Send(ProducerRecord record, Callback callback, bool is_urgent);
  Status Flush(std::chrono::milliseconds timeout);
  Status Close(std::chrono::milliseconds timeout);
  [[nodiscard]] ProducerStats Stats() const;
  [[nodiscard]] const ProducerOptions& options() const { return options_; }

 private:
  /// The records of one batch, with those who wait for them.
  struct Payload {
    std::shared_ptr<std::vector<idl::Message>> messages;
    std::vector<Callback> callbacks;
    std::size_t bytes = 0;
  };
  struct Partition {
    Partition(TopicPartition t, core::PartitionQueue::Options options, Random random)
        : id(std::move(t)), queue(options, random) {}
    TopicPartition id;
    core::PartitionQueue queue;
    std::map<std::int64_t, Payload> payloads;  ///< By the batch's serial number.
  };
  struct Topic {
    std::map<std::int32_t, std::unique_ptr<Partition>> partitions;
    std::unique_ptr<core::StickyPartitioner> sticky;
  };
  /// One attempt, ready to go out once the lock is released.
  struct Attempt {
    Partition* partition = nullptr;
    std::int64_t serial = 0;
    rpc::Endpoint broker;
    std::shared_ptr<std::vector<idl::Message>> messages;
    core::ProducerId producer;
    std::int64_t base_sequence = 0;
    Deadline deadline;
  };

  Result<std::int32_t> ChoosePartition(const ProducerRecord& record, std::size_t bytes,
                                       std::int32_t partitions) LANEMQ_REQUIRES(mutex_);
  Partition& PartitionOf(const std::string& topic, std::int32_t partition) LANEMQ_REQUIRES(mutex_);
  Status WaitForRoom(std::size_t bytes, Deadline deadline) LANEMQ_REQUIRES(mutex_);

  void RunSender();
  std::vector<Attempt> CollectAttempts(MonotonicTime now) LANEMQ_REQUIRES(mutex_);
  [[nodiscard]] std::chrono::nanoseconds UntilNextDeadline(MonotonicTime now)
      LANEMQ_REQUIRES(mutex_);
  void Transmit(Attempt attempt);
  void OnReply(const Attempt& attempt, Result<idl::ProduceResponse> reply);
  void Settle(Partition& partition, const std::vector<core::PartitionQueue::Finished>& finished,
              const idl::ProducePartitionResult* stored) LANEMQ_REQUIRES(mutex_);

  const ProducerOptions options_;
  Cluster cluster_;
  CallbackThread callbacks_;

  mutable Mutex mutex_;
  CondVar wake_sender_;
  CondVar settled_;
  std::map<std::string, Topic> topics_ LANEMQ_GUARDED_BY(mutex_);
  std::size_t buffered_ LANEMQ_GUARDED_BY(mutex_) = 0;
  std::size_t unsettled_ LANEMQ_GUARDED_BY(mutex_) = 0;  ///< Records.
  std::size_t in_flight_ LANEMQ_GUARDED_BY(mutex_) = 0;  ///< Requests.
  bool is_closing_ LANEMQ_GUARDED_BY(mutex_) = false;
  bool is_stopping_ LANEMQ_GUARDED_BY(mutex_) = false;
  bool has_work_ LANEMQ_GUARDED_BY(mutex_) = false;
  Random random_ LANEMQ_GUARDED_BY(mutex_) = Random::FromSystem();
  ProducerStats stats_ LANEMQ_GUARDED_BY(mutex_);
  std::jthread sender_;
};

}  // namespace lanemq
