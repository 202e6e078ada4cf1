#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "common/base/time.h"
#include "common/core/log/producers.h"
#include "common/core/store/message_store.h"
#include "common/core/types/record.h"

namespace lanemq::core {

/// What a broker knows of a partition's end: enough to write the next rows and to recognise
/// repeated ones. Knowledge of one incarnation of one server.
///
/// It may be behind the log (another broker wrote), which an insert then finds out; it is never
/// ahead of it. Not thread-safe; one owner.
class PartitionTail {
 public:
  /// `next`: the first offset not accounted for yet. `producers` account for every row up to and
  /// including `producers_through`, which may be beyond `next`.
  PartitionTail(ServerIdentity server, Offset next, WallTime last_timestamp,
                Producers producers = Producers(), Offset producers_through = Offset{0})
      : server_(std::move(server)),
        next_(next),
        last_timestamp_(last_timestamp),
        producers_(std::move(producers)),
        producers_through_(producers_through) {}

  [[nodiscard]] Offset next() const { return next_; }
  [[nodiscard]] WallTime last_timestamp() const { return last_timestamp_; }
  [[nodiscard]] const ServerIdentity& server() const { return server_; }
  [[nodiscard]] const Producers& producers() const { return producers_; }

  /// Accounts for rows that follow, in offset order. Stops at the first that does not: returns how
  /// many were taken, less than rows.size() where the log has a hole.
  std::size_t Absorb(std::span<const RecordIdentity> rows);
  /// Accounts for rows just stored at next() and after. Their offsets are consecutive.
  void AbsorbOwn(std::span<const RecordPtr> rows);
  /// Goes on beyond a hole: the next row is at `next`. Requires next >= next().
  void SkipTo(Offset next);

  /// The log ended at next() at the time `at`: call with the time the question was asked.
  void Confirm(MonotonicTime at) { confirmed_at_ = at; }
  /// The log may have moved on; IsFresh() is false until the next Confirm().
  void Doubt() { confirmed_at_.reset(); }
  /// Whether the end was confirmed within `age_max`. Older knowledge must not be written on:
  /// retention may have removed the rows that would have been in the way.
  [[nodiscard]] bool IsFresh(MonotonicTime now, std::chrono::nanoseconds age_max) const {
    return confirmed_at_ && now - *confirmed_at_ < age_max;
  }
  [[nodiscard]] bool IsConfirmedSince(MonotonicTime time) const {
    return confirmed_at_ && *confirmed_at_ >= time;
  }

  /// The producers as of now, to be stored beside the log.
  [[nodiscard]] ProducerSnapshot Snapshot() const {
    return {Offset{next_.value - 1}, producers_.Encode()};
  }

 private:
  template <typename Row>
  void Note(const Row& row);
  void FlushRun();

  ServerIdentity server_;
  Offset next_;
  WallTime last_timestamp_;
  Producers producers_;
  Offset producers_through_;
  std::optional<MonotonicTime> confirmed_at_;
  // The run being collected within one call, so that a batch costs one look-up, not one a row.
  ProducerId run_producer_;
  SequenceRun run_;
};

}  // namespace lanemq::core
