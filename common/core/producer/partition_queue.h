#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "common/base/error.h"
#include "common/base/random.h"
#include "common/base/time.h"
#include "common/core/types/ids.h"

namespace lanemq::core {

/// A producer's batches of one partition: what is sent when, under which sequence, what a reply
/// means. Payloads stay with the caller, who knows batches by their serial number.
///
/// Invariants: a batch keeps its records, producer id and sequence over all attempts; batches are
/// first sent in order; at most `max_in_flight` are in flight, and after a refusal as kThrottled
/// one, then one more with each batch that is stored: what follows a refused batch is refused, too,
/// and would be sent for nothing. Batches that are filled after such a refusal are smaller, down to
/// kThrottledBatchBytes, and grow by a quarter with each that is stored: what one producer has been
/// refused does not come back in bursts that others feel. A batch that the broker refused for a gap
/// waits for the earlier ones. The producer id is changed only when no batch is in flight and none
/// of those left may be stored under the old one; a batch that may be is given up as
/// kOutcomeUnknown rather than stored twice.
///
/// Pure: told what happens and the time. Not thread-safe; one owner.
class PartitionQueue {
 public:
  /// Batches of a producer that is throttled are filled up to this, if `batch_bytes` is not less.
  static constexpr std::size_t kThrottledBatchBytes = 32u << 10;

  struct Options {
    std::int32_t max_in_flight = 5;
    std::int32_t batch_records = 500;
    std::size_t batch_bytes = 512u << 10;
    std::chrono::nanoseconds linger = std::chrono::milliseconds(5);
    std::chrono::nanoseconds delivery_timeout = std::chrono::minutes(2);
    std::chrono::nanoseconds retry_backoff = std::chrono::milliseconds(50);
    std::chrono::nanoseconds retry_backoff_max = std::chrono::seconds(1);
    bool is_idempotent = true;
  };

  struct Batch {
    std::int64_t serial = 0;
    std::int32_t records = 0;
    std::size_t bytes = 0;
    MonotonicTime created;
    MonotonicTime not_before;  ///< Back-off after a failed attempt.
    ProducerId producer = kNoProducer;
    std::int64_t base_sequence = -1;  ///< -1: not sent yet.
    std::int32_t attempts = 0;
    bool is_sealed = false;
    bool is_in_flight = false;
    bool may_be_stored = false;      ///< An attempt ended without saying.
    bool waits_for_earlier = false;  ///< Refused for a gap; the earlier batches go first.
    std::optional<Error> last_error;
  };

  /// A batch that is done with: `error` absent means stored.
  struct Finished {
    std::int64_t serial = 0;
    std::optional<Error> error;
  };

  PartitionQueue(Options options, Random random);

  struct Appended {
    std::int64_t serial = 0;
    bool is_new = false;     ///< The record is the first of its batch.
    bool is_sealed = false;  ///< The batch is full.
  };
  /// Adds a record of `bytes` to the newest batch, or to a new one.
  Appended Append(std::size_t bytes, MonotonicTime now);
  /// What is waiting may be sent without linger.
  void SealAll();

  /// The batch to send now, marked as in flight; nullptr when there is none. The pointer holds
  /// until the next call of any method.
  const Batch* NextToSend(MonotonicTime now);

  /// The reply to the attempt in flight of `serial`: nullopt is success. `can_go_elsewhere`: the
  /// broker failed, not the partition, and another one is there: no back-off. What is finished by
  /// it, in order.
  std::vector<Finished> OnReply(std::int64_t serial, const std::optional<Error>& error,
                                MonotonicTime now, bool can_go_elsewhere = false);
  /// Gives up what has waited for `delivery_timeout`. Batches in flight are left to their reply.
  std::vector<Finished> Expire(MonotonicTime now);
  /// Gives up everything, in flight or not.
  std::vector<Finished> Abandon(const Error& why);

  /// When NextToSend() or Expire() may have something to do without another event.
  [[nodiscard]] std::optional<MonotonicTime> NextDeadline(MonotonicTime now) const;
  [[nodiscard]] bool IsEmpty() const { return batches_.empty(); }
  [[nodiscard]] std::size_t Size() const { return batches_.size(); }
  /// The batch with this serial, while it is not finished.
  [[nodiscard]] const Batch* Find(std::int64_t serial) const;

 private:
  [[nodiscard]] bool IsReady(const Batch& batch, MonotonicTime now) const;
  void AssignSequences(Batch& batch);
  void SlowDown(const Batch& refused);
  void SpeedUp();
  void OnRefused(std::size_t index, const Error& error, MonotonicTime now, bool can_go_elsewhere,
                 std::vector<Finished>& finished);
  void Renumber(std::vector<Finished>& finished);
  void Finish(std::size_t index, std::optional<Error> error, std::vector<Finished>& finished);
  [[nodiscard]] Error GivenUp(const Batch& batch) const;
  [[nodiscard]] std::chrono::nanoseconds Backoff(const Batch& batch, const Error& error);

  Options options_;
  Random random_;
  std::deque<Batch> batches_;
  std::int64_t next_serial_ = 1;
  std::int32_t in_flight_ = 0;
  std::int32_t window_;     ///< Of `max_in_flight`, how many now; from 1.
  std::size_t fill_bytes_;  ///< Of `batch_bytes`, how much a batch is filled now.
  ProducerId producer_;
  std::int64_t next_sequence_ = 0;
  bool must_renumber_ = false;
};

}  // namespace lanemq::core
