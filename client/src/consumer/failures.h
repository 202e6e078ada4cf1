#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "client/src/consumer/kept_records.h"
#include "common/base/result.h"
#include "lanemq/record.h"

namespace lanemq::client {

/// What the reader of one partition has to tell its data node: records of the log that failed, and
/// how deliveries of retries ended.
///
/// Invariant: a failure stays until it was written by a commit that passes it, or its record is
/// delivered again, so no commit passes a record that failed and leaves its failure out. It goes
/// with the reader when the partition is given up: nothing then was committed beyond it.
/// Pure. Not thread-safe; one owner.
class Failures {
 public:
  static constexpr std::size_t kLogMax = 10'000;       ///< Failures of the log kept.
  static constexpr std::size_t kRetriesMax = 10'000;   ///< Of retries without an outcome, too.
  static constexpr std::size_t kPerSettleMax = 1'000;  ///< Of both together, in one message.

  struct LogEntry {
    std::int32_t attempts = 1;
    Failure failure;
    KeptRecords::Record record;  ///< Null: not at hand.
    std::uint64_t serial = 0;
    bool is_sent = false;  ///< At least once.
  };
  struct RetryEntry {
    std::int32_t attempt = 0;
    std::optional<Failure> failure;  ///< nullopt: it is processed.
    KeptRecords::Record record;      ///< As a LogEntry's.
  };
  /// What goes into one message.
  struct Batch {
    /// Lower than asked for when not everything fits.
    std::optional<std::int64_t> commit;
    std::map<std::int64_t, LogEntry> log;  ///< By offset, all below `commit`.
    std::map<std::int64_t, RetryEntry> retries;
    bool is_partial = false;  ///< More must follow.

    [[nodiscard]] std::size_t size() const { return log.size() + retries.size(); }
  };

  /// kInvalidRequest: the application's mistake. Cuts and fills in what may be.
  static Status Check(Failure& failure);

  /// Records of the log from `offset` on, `count` of them, are handed out (again).
  void OnRecords(std::int64_t offset, std::size_t count);
  /// A retry is handed out. An earlier delivery of it is over; of too many without an outcome the
  /// first in the log is over, too: it comes again when its lease ends.
  void OnRetry(std::int64_t offset, std::int32_t attempt);

  /// Of the log; otherwise Fail() answers kQueueFull.
  [[nodiscard]] bool HasRoomFor(std::int64_t offset) const {
    return log_.size() < kLogMax || log_.contains(offset);
  }
  /// `failure` must have passed Check(); `kept`: a copy, or null. kQueueFull: nothing was
  /// remembered.
  Status Fail(const ConsumedRecord& record, Failure failure, KeptRecords::Record kept = nullptr);
  /// kFailedPrecondition: not this delivery's turn.
  Status Done(const ConsumedRecord& retry);
  /// A retry that nobody will hand out: to be tried again at once. Its attempt has counted.
  void GiveBack(const ConsumedRecord& retry);
  /// Every retry that was handed out and has no outcome is processed.
  void FinishRetries();

  /// A commit of an offset beyond these would pass failures.
  [[nodiscard]] bool IsPassedBy(std::int64_t commit) const {
    return !log_.empty() && log_.begin()->first < commit;
  }
  /// More retries may be handed out.
  [[nodiscard]] bool HasRoom() const { return ended_.size() < kRetriesMax; }
  [[nodiscard]] bool HasOutcomes() const { return !ended_.empty(); }
  /// Handed out and not yet settled.
  [[nodiscard]] std::size_t retries() const { return open_.size() + ended_.size(); }
  /// Counts up when failures are forgotten unwritten: their records are in somebody's hands again.
  [[nodiscard]] std::uint64_t forgotten() const { return forgotten_; }

  /// The first failure below that offset that was never sent.
  [[nodiscard]] std::optional<std::int64_t> FirstUnsent(std::int64_t below) const;
  void OnSent(const Batch& batch);
  /// What must go with a commit (nullopt: there is none), at most `max` entries.
  [[nodiscard]] Batch Collect(std::optional<std::int64_t> commit, bool with_retries,
                              std::size_t max) const;
  /// The data node has made it ours, to be delivered as `attempt`: the record as the handler gets
  /// it. nullptr: it was taken, or forgotten. Before Acknowledge().
  [[nodiscard]] KeptRecords::Record TakeKept(const Batch& batch, std::int64_t offset,
                                             std::int32_t attempt);
  /// `batch` is durable.
  void Acknowledge(const Batch& batch);
  /// The group's row is at `offset`, or the log begins there: what is below was passed or is gone.
  /// Offsets dropped.
  std::vector<std::int64_t> DropBelow(std::int64_t offset);

 private:
  std::map<std::int64_t, LogEntry> log_;
  std::map<std::int64_t, std::int32_t> open_;  // Retries without an outcome: their attempt.
  std::map<std::int64_t, RetryEntry> ended_;
  std::uint64_t last_serial_ = 0;
  std::uint64_t forgotten_ = 0;
};

}  // namespace lanemq::client
