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

  std::int64_t spooled = 0;          ///< Records; with ProducerOptions::spool_dir.
  std::int64_t spool_replayed = 0;   ///< Of these and of earlier processes, stored in the cluster.
  std::int64_t spool_refused = 0;    ///< Likewise, refused for good.
  std::size_t spool_bytes = 0;       ///< Of the spool's files at present.
  std::size_t spool_torn_bytes = 0;  ///< Unfinished at the end of the files, cut off by Create().
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
/// - kTopicAuthorizationFailed: not stored: this service may not; records of other topics go on.
///   kAuthenticationFailed: not stored: the token is refused, and so is all that is sent until
///   there is another one in `token_file`.
/// - kQueueFull: not accepted: the buffer stayed full for `max_block`. Slow down.
/// - kBrokerNotAvailable, kDataNodeUnavailable, kThrottled, ...: not stored; every retry within
///   `delivery_timeout` failed.
/// - kOutcomeUnknown: it MAY be stored: `delivery_timeout` passed without an answer.
/// - kClosed: not sent; the producer was closed.
///
/// With ProducerOptions::spool_dir a record whose result is ok (RecordMetadata::is_spooled) is in a
/// journal on the local disk, as durably as `spool_fsync` says, and will be in the cluster exactly
/// once, also when the cluster is away, the process is killed, or answers are lost: a thread sends
/// what is in the journal, keeping the order of each key, and does so until it is answered; what is
/// left is sent by the next producer that is created with the directory. (Exactly once as long as
/// brokers remember the producer; see client/src/spool/README.md.) What is different then:
/// - Send() does not need to know the topic. A topic that the cluster does not have is waited for,
///   for `delivery_timeout`; then its records are refused. So are, at once, those that the cluster
///   would never take (too large, no such partition). A refused record is kept in the directory
///   `refused` of the spool, counted (ProducerStats::spool_refused), told to `on_spool_refused`,
///   and stops no other record.
/// - `delay` and `deliver_at_us` are fixed at Send(). There are no handles for Cancel().
/// - Other errors, missing rights and a refused token among them, are repeated for ever;
///   `delivery_timeout` is about nothing else.
/// - kQueueFull: the spool has `spool_bytes_max` bytes, or the disk is full. kFailedPrecondition:
///   the disk failed ("fsync failed", ...): the spool takes and sends nothing until the producer is
///   made anew; kOutcomeUnknown for those it happened to: they may be there then.
/// - Create(): kFailedPrecondition when a process uses the directory, kCorruptMessage when a file
/// is
///   damaged, with its name and the place.
/// - Flush() waits until what was accepted is in the cluster, or refused. Close() does not wait.
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
