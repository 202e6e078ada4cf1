#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "client/src/cluster/cluster.h"
#include "client/src/producer/callback_thread.h"
#include "client/src/producer/pending_batch.h"
#include "client/src/spool/spool.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/core/partition/sticky_partitioner.h"
#include "common/core/producer/partition_queue.h"
#include "lanemq/producer.h"

namespace lanemq {

/// The shell round core::PartitionQueue (what is sent when) and core::StickyPartitioner (where
/// keyless records go): accepts records, sends batches, hands results back.
///
/// A record's way: Send() puts it into the newest batch of its partition; the sender thread (or
/// SendSync() itself) encodes due batches and hands them to the connection; the reply arrives on
/// the I/O thread, which settles futures and posts callbacks to the callback thread.
///
/// Lock order: mutex_, then the mutexes of Cluster and CallbackThread. Nothing is sent and no
/// foreign code runs under mutex_.
class Producer::Impl {
 public:
  Impl(ProducerOptions options, client::Security security);
  ~Impl();
  /// Before anything else; does nothing without ProducerOptions::spool_dir.
  Status OpenSpool();

  Status Send(ProducerRecord record, client::Completion& completion, bool is_urgent);
  Result<std::vector<CancelState>> Cancel(const std::vector<std::string>& handles);
  Status Flush(std::chrono::milliseconds timeout);
  Status Close(std::chrono::milliseconds timeout);
  [[nodiscard]] ProducerStats Stats() const;
  [[nodiscard]] bool IsCallbackThread() const { return callbacks_.IsCurrent(); }
  [[nodiscard]] const ProducerOptions& options() const { return options_; }

 private:
  struct Topic;
  /// Where records queue up: a partition's log, or its delayed records, which have sequences of
  /// their own.
  struct Partition {
    Topic* topic = nullptr;
    TopicPartition id;
    bool is_delayed = false;
    core::PartitionQueue queue;
    std::map<std::int64_t, std::shared_ptr<client::PendingBatch>> batches;  // By serial.
    bool is_active = false;                                                 // Is in active_.

    Partition(Topic* t, TopicPartition i, bool d, core::PartitionQueue q)
        : topic(t), id(std::move(i)), is_delayed(d), queue(std::move(q)) {}
  };
  struct Topic {
    std::int32_t partition_count = 0;
    std::int64_t metadata_version = -1;
    core::StickyPartitioner sticky;
    // Made at first use.
    std::vector<std::unique_ptr<Partition>> partitions;
    std::vector<std::unique_ptr<Partition>> delayed;

    explicit Topic(core::StickyPartitioner s) : sticky(std::move(s)) {}
  };
  using BatchPtr = std::shared_ptr<client::PendingBatch>;
  /// For the error of a Flush() that gave up.
  [[nodiscard]] std::string WhatIsOpen() const LANEMQ_REQUIRES(mutex_);
  struct Departure {
    Partition* partition = nullptr;
    BatchPtr batch;
    rpc::Endpoint endpoint;
    std::uint64_t attempt = 0;
    Deadline deadline;
  };

  // Accepting (producer_impl.cc).
  Status CheckRecord(const ProducerRecord& record, std::size_t bytes) const;
  Result<Topic*> FindTopic(const std::string& name, Deadline deadline);
  Result<std::int32_t> ChoosePartition(Topic& topic, const ProducerRecord& record,
                                       std::size_t bytes) LANEMQ_REQUIRES(mutex_);
  Status WaitForRoom(std::size_t bytes, Deadline deadline) LANEMQ_REQUIRES(mutex_);
  Partition& PartitionOf(Topic& topic, const std::string& name, std::int32_t index, bool is_delayed)
      LANEMQ_REQUIRES(mutex_);
  /// `due_us` is used where the partition's records are delayed.
  void Append(Partition& partition, ProducerRecord record, std::int64_t due_us, std::size_t bytes,
              client::Completion& completion, bool is_urgent) LANEMQ_REQUIRES(mutex_);
  void WakeSenderBy(MonotonicTime at) LANEMQ_REQUIRES(mutex_);

  // Sending (producer_sender.cc).
  void RunSender();
  /// Sends all that is due. One thread at a time: another that comes meanwhile leaves it to the
  /// first, so that requests of a partition leave in order.
  void Pump();
  std::vector<Departure> Collect(std::vector<BatchPtr>& delivered) LANEMQ_REQUIRES(mutex_);
  void CollectPartition(Partition& partition, MonotonicTime now, std::vector<Departure>& departures,
                        std::vector<BatchPtr>& delivered) LANEMQ_REQUIRES(mutex_);
  void Dispatch(Departure departure);
  template <typename Response>
  void OnReply(Partition& partition, const BatchPtr& batch, std::uint64_t attempt,
               Result<Response> reply);
  void OnMetadata();
  /// Tells the queue how an attempt ended; delivers what is finished by it.
  void Settle(Partition& partition, const BatchPtr& batch, const std::optional<Error>& error,
              bool can_go_elsewhere, std::vector<BatchPtr>& delivered) LANEMQ_REQUIRES(mutex_);
  void Finish(Partition& partition, const std::vector<core::PartitionQueue::Finished>& finished,
              std::vector<BatchPtr>& delivered) LANEMQ_REQUIRES(mutex_);

  // Cancelling (producer_cancel.cc).
  Result<std::vector<CancelState>> CancelSome(std::span<const std::string> handles,
                                              Deadline deadline);

  // Handing back (producer_impl.cc).
  /// Takes finished batches off the partition, in order, and posts those with callbacks.
  void Deliver(Partition& partition, std::vector<BatchPtr>& delivered) LANEMQ_REQUIRES(mutex_);
  /// Settles futures. Called without the lock.
  void Complete(const std::vector<BatchPtr>& delivered);
  void RunCallbacks(client::PendingBatch& batch);
  void AbandonAll(const Error& why);

  // With a spool, everything goes there (producer_spool.cc).
  Status SendToSpool(ProducerRecord record, std::optional<std::int64_t> due,
                     client::Completion& completion, Deadline deadline);
  void AddSpoolStats(ProducerStats& stats) const;

  const ProducerOptions options_;
  const Clock& clock_;
  client::Cluster cluster_;
  client::CallbackThread callbacks_;
  std::unique_ptr<client::Spool> spool_;

  mutable Mutex mutex_;
  CondVar wake_sender_;
  CondVar has_room_;
  CondVar is_done_;  // Flush() and Close() wait here.
  std::unordered_map<std::string, std::unique_ptr<Topic>> topics_ LANEMQ_GUARDED_BY(mutex_);
  std::vector<Partition*> active_ LANEMQ_GUARDED_BY(mutex_);  // Those with batches.
  std::map<std::uint64_t, std::int64_t> unfinished_ LANEMQ_GUARDED_BY(mutex_);  // Batches by epoch.
  std::uint64_t epoch_ LANEMQ_GUARDED_BY(mutex_) = 0;
  std::uint64_t next_attempt_ LANEMQ_GUARDED_BY(mutex_) = 1;
  std::size_t buffered_bytes_ LANEMQ_GUARDED_BY(mutex_) = 0;
  ProducerStats stats_ LANEMQ_GUARDED_BY(mutex_);
  std::optional<MonotonicTime> sender_wakes_at_ LANEMQ_GUARDED_BY(mutex_);  // nullopt: is awake.
  bool has_work_ LANEMQ_GUARDED_BY(mutex_) = false;
  bool is_pumping_ LANEMQ_GUARDED_BY(mutex_) = false;
  enum class State { kOpen, kClosing, kClosed };
  State state_ LANEMQ_GUARDED_BY(mutex_) = State::kOpen;
  bool is_stopping_ LANEMQ_GUARDED_BY(mutex_) = false;

  std::jthread sender_;  // Last: uses everything above.
};

}  // namespace lanemq
