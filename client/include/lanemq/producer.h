#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "lanemq/options.h"
#include "lanemq/record.h"

namespace lanemq {

/// Counts since the producer was made.
struct ProducerStats {
  std::int64_t records_sent = 0;    ///< Answered with success.
  std::int64_t records_failed = 0;  ///< Answered with an error.
  std::int64_t batches_sent = 0;    ///< Requests, retries included.
  std::int64_t batches_retried = 0;
  std::size_t buffered_bytes = 0;
};

/// Sends records to topics.
///
/// A record whose result is ok is stored durably in the database. With idempotence (the default) a
/// record is stored once however often its request is repeated, through whichever broker.
/// Records of one partition are stored in the order of Send(); those with one key share a partition
/// (murmur2, as Kafka's default partitioner). Records without a key stick to one partition for a
/// batch and avoid partitions that fail.
///
/// A record with a delay (ProducerRecord::delay, deliver_at_us) is stored just as durably and once;
/// it gets its offset when it is due, by the database's clock, never before. Those of a partition
/// are delivered by due time, whatever the order of Send(). Its result has a handle instead of an
/// offset: see Cancel(). Limits, buffers, linger, retries and errors are the same.
///
/// Errors of a record, by what to do next:
/// - kMessageTooLarge, kInvalidRequest, kUnknownTopicOrPartition, ...: not stored; fix the call.
/// - kQueueFull: not accepted: the buffer stayed full for `max_block`. Slow down.
/// - kBrokerNotAvailable, kDataNodeUnavailable, kThrottled, ...: not stored; every retry within
///   `delivery_timeout` failed.
/// - kOutcomeUnknown: it MAY be stored: `delivery_timeout` passed without an answer.
/// - kClosed: not sent; the producer was closed.
///
/// Thread safety: every method from any thread. Callbacks run on one thread of the producer's own,
/// exactly once each, in order within a partition (its delayed records apart), all before Close()
/// returns; they may call Send() but not Flush(), Close() or the destructor, and a slow one delays
/// the others.
class Producer {
 public:
  using Callback = std::function<void(const Result<RecordMetadata>&)>;

  /// kInvalidConfig names every fault of the options. Does not wait for the cluster.
  static Result<std::unique_ptr<Producer>> Create(ProducerOptions options);

  /// Like Close() with `delivery_timeout` or 5 s, whichever is less.
  ~Producer();
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;

  /// Hands the record over; the result comes to `callback` (which may be empty). An error returned
  /// here means that it was not accepted, and the callback is not called.
  Status Send(ProducerRecord record, Callback callback);
  /// The same with a future; errors of acceptance are in the future too.
  std::future<Result<RecordMetadata>> Send(ProducerRecord record);
  /// Sends at once, without linger, and waits for the result.
  Result<RecordMetadata> SendSync(ProducerRecord record);

  /// Cancels delayed messages, anybody's, by the handles of their results; what became of each, in
  /// order. A cancelled message is never delivered. Waits for the answer, at most
  /// `delivery_timeout`; lost answers are asked for again. When the lost one did cancel, the repeat
  /// does not find the message: kNotFound can mean "by this very call", and kDelivered, too, for a
  /// message that came due meanwhile. kCancelled and kNotFound: it will not be delivered (any
  /// more). kInvalidRequest for a text that is no handle: none of them was cancelled. After other
  /// errors some may be cancelled: repeat it.
  Result<std::vector<CancelState>> Cancel(const std::vector<std::string>& handles);

  /// Sends what is buffered without linger and waits until all of it is answered.
  /// kRequestTimedOut when `timeout` passes first; everything goes on.
  Status Flush(std::chrono::milliseconds timeout);
  /// Flush(), then fails what is left (kClosed or kOutcomeUnknown). Send() fails from now on.
  /// Idempotent. kRequestTimedOut when something was left.
  Status Close(std::chrono::milliseconds timeout);

  [[nodiscard]] ProducerStats Stats() const;

 private:
  class Impl;
  explicit Producer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace lanemq
