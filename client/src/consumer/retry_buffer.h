#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "client/src/consumer/kept_records.h"
#include "common/base/time.h"
#include "lanemq/record.h"

namespace lanemq::client {

/// The group's retries of one partition: when the next is due, those that are kept until then, and
/// those that are due, leased and not handed out yet. What is left of a partition that is given up
/// goes with it: the next owner takes the leases over.
///
/// Pure: told what happens and the time. Not thread-safe; one owner.
class RetryBuffer {
 public:
  /// It is owned from now on: former owners' leases are to be taken over, at once.
  void Begin(MonotonicTime now) {
    must_take_over_ = true;
    due_ = now;
  }
  /// The data node says that the next one is due in `wait`; nullopt: there is none.
  void OnRow(std::optional<std::chrono::milliseconds> wait, MonotonicTime now);
  /// One more is due in `wait`.
  void OnDue(std::chrono::milliseconds wait, MonotonicTime now);

  [[nodiscard]] bool Wants(MonotonicTime now) const { return !is_asked_ && due_ && *due_ <= now; }
  [[nodiscard]] bool must_take_over() const { return must_take_over_; }
  /// When to ask, or when the next one that is kept is due; nullopt: no need, or it is being asked.
  [[nodiscard]] std::optional<MonotonicTime> due() const;
  void BeginRequest() {
    is_asked_ = true;
    due_.reset();
  }
  /// Answered: leased until `lease_end`. `next`: until there is another one; nullopt: there is
  /// none.
  void OnLeased(std::vector<ConsumedRecord> records, MonotonicTime lease_end,
                std::optional<std::chrono::milliseconds> next, MonotonicTime now);
  /// It is ours already, until `lease_end`, and shall be handed out when it is due. Not null.
  void Keep(KeptRecords::Record record, MonotonicTime due, MonotonicTime lease_end) {
    kept_.emplace(due, Ready{std::move(record), lease_end});
  }
  /// Makes those that are kept and due ready.
  void Ripen(MonotonicTime now);
  /// Not answered, or refused: again after `pause`.
  void OnFailure(std::chrono::nanoseconds pause, MonotonicTime now);

  /// Moves up to `max` to the end of `out`: those that were kept and those that were asked for take
  /// turns. Requires TakeLate() with the same time.
  void Take(std::size_t max, std::vector<ConsumedRecord>& out);
  /// Those that waited too long for their turn: their leases end before `needed_until`.
  [[nodiscard]] std::vector<KeptRecords::Record> TakeLate(MonotonicTime needed_until);
  /// Due and not handed out.
  [[nodiscard]] std::size_t size() const { return leased_.size() + ripe_.size(); }
  /// Of these, those that were asked for.
  [[nodiscard]] std::size_t leased() const { return leased_.size(); }

 private:
  struct Ready {
    KeptRecords::Record record;
    MonotonicTime lease_end;
  };
  std::deque<Ready> leased_;
  std::deque<Ready> ripe_;
  bool is_ripe_next_ = false;
  std::multimap<MonotonicTime, Ready> kept_;  // By due time.
  std::optional<MonotonicTime> due_;
  bool must_take_over_ = false;
  bool is_asked_ = false;
};

/// How many of `max` records of one Poll() may be retries, while the log has records, too: a
/// quarter. Of fewer than two they take turns, one poll in four.
class RetryShare {
 public:
  [[nodiscard]] std::size_t Of(std::size_t max) const {
    if (max >= 2) return std::max<std::size_t>(1, max / 4);
    return polls_ >= 3 ? 1 : 0;
  }
  /// A Poll() brought something.
  void OnPoll(bool has_retries) { polls_ = has_retries ? 0 : polls_ + 1; }

 private:
  std::size_t polls_ = 0;  // Since one brought a retry.
};

}  // namespace lanemq::client
