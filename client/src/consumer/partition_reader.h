#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client/src/consumer/failures.h"
#include "client/src/consumer/retry_buffer.h"
#include "common/base/error.h"
#include "common/base/time.h"
#include "lanemq/record.h"

namespace lanemq::client {

/// Where reading shall begin, when that is not a known offset.
enum class StartAt { kCommitted, kLogStart, kLogEnd };

/// How one partition is read: the position, what is fetched ahead, what is asked for.
///
/// Invariant: records leave in offset order without a gap, beginning at the position; a reply that
/// does not continue where the last one ended stops the partition with kDataLossDetected. At most
/// one request is under way; a seek makes its reply stale. A failed partition stays so until a
/// seek.
///
/// Commits carry a reset epoch: the one under which the records before the offset were read, so
/// that what was read before an operator's reset cannot undo it.
/// Pure: told what happens and the time. Not thread-safe; one owner.
class PartitionReader {
 public:
  /// Names a request; 0 is none.
  using Token = std::uint64_t;

  /// `last_token`: requests get greater ones, so that replies to an earlier reader of the partition
  /// are stale.
  PartitionReader(std::shared_ptr<const TopicPartition> id, StartAt start, Token last_token = 0)
      : id_(std::move(id)), start_(start), serial_(last_token), last_token_(last_token) {}

  /// `last_token` as it was given: tells this reader from others of the partition.
  [[nodiscard]] Token serial() const { return serial_; }

  /// Goes on at `offset`; drops what was fetched, a failure and the request under way.
  void Seek(std::int64_t offset);
  /// The same, at an offset that must be found out first. `why` is for people.
  void SeekTo(StartAt start, std::string why);

  /// It is a group member's and must be claimed before anything else is asked.
  void RequireClaim() { is_members_ = must_claim_ = true; }
  /// Its row belongs to somebody else: it cannot be committed.
  [[nodiscard]] bool must_claim() const { return must_claim_; }
  /// True after RequireClaim(), for good.
  [[nodiscard]] bool is_members() const { return is_members_; }
  /// It is claimed. Reading goes on at the `committed` offset, unless a seek said where; false: it
  /// waits for a start and nothing is committed.
  bool OnClaimed(std::optional<std::int64_t> committed, std::int64_t epoch);
  /// The group's row is at `offset`: reading goes on there.
  void OnCommitted(std::int64_t offset);
  /// What the group's row says now. True: an operator has reset it since, and reading goes on
  /// there.
  bool OnRow(std::optional<std::int64_t> committed, std::int64_t epoch);
  /// The row's reset epoch was read for a start or a commit.
  void LearnEpoch(std::int64_t epoch);
  /// It is out of date: to be read anew.
  void ForgetEpoch() { epoch_.reset(); }
  /// The reset epoch for a commit of `offset`; nullopt: not known.
  [[nodiscard]] std::optional<std::int64_t> EpochFor(std::int64_t offset) const {
    return position() == offset ? epoch_ : records_epoch_;
  }

  /// True when nothing keeps the partition from sending a request of that kind.
  [[nodiscard]] bool WantsClaim(MonotonicTime now) const { return must_claim_ && IsIdle(now); }
  [[nodiscard]] bool WantsStart(MonotonicTime now) const {
    return start_ && !must_claim_ && IsIdle(now);
  }
  [[nodiscard]] bool WantsFetch(MonotonicTime now, std::size_t buffered_max) const {
    return !start_ && !must_claim_ && !IsPaused() && IsIdle(now) && buffered_bytes_ < buffered_max;
  }
  Token BeginRequest() { return request_ = ++last_token_; }
  [[nodiscard]] bool IsCurrent(Token token) const { return token != 0 && request_ == token; }
  /// The request is over, with or without a result.
  void EndRequest() { request_ = 0; }

  /// Chunks of a fetch, in order. Requires the request to have ended.
  void Add(std::vector<std::vector<ConsumedRecord>> chunks, std::size_t bytes);
  /// Moves up to `max` records to the end of `out` and the position behind them.
  void Take(std::size_t max, std::vector<ConsumedRecord>& out);

  /// A retriable error: nothing is asked for until `pause` has passed. A topic that stays unknown
  /// for `unknown_max` is a failure.
  void Retry(const Error& error, MonotonicTime now, std::chrono::nanoseconds pause,
             std::chrono::nanoseconds unknown_max);
  /// Stops the partition until a seek.
  void Fail(Error error);
  /// The failure, once everything before it was taken.
  [[nodiscard]] const Error* failure() const {
    return failure_ && chunks_.empty() ? &*failure_ : nullptr;
  }

  /// The next offset Take() gives; nullopt while it is not known.
  [[nodiscard]] std::optional<std::int64_t> position() const {
    return start_ ? std::nullopt : std::optional(position_);
  }
  [[nodiscard]] std::int64_t fetch_offset() const { return fetch_offset_; }
  [[nodiscard]] std::optional<StartAt> start() const { return start_; }
  [[nodiscard]] const std::string& why() const { return why_; }
  [[nodiscard]] const std::shared_ptr<const TopicPartition>& id() const { return id_; }
  [[nodiscard]] bool HasRecords() const { return !IsPaused() && !chunks_.empty(); }
  [[nodiscard]] bool IsPaused() const { return is_paused || is_paused_by_operator; }
  [[nodiscard]] MonotonicTime not_before() const { return not_before_; }

  bool is_paused = false;              ///< By the application.
  bool is_paused_by_operator = false;  ///< For the group.
  bool is_failure_told = false;        ///< Poll() has returned it.
  bool is_busy = false;                ///< The last fetch brought something.
  Failures failures;                   ///< What commits have to carry.
  RetryBuffer retries;                 ///< The group's, leased to this reader.
  std::int32_t claims = 0;             ///< Since the group's offset last moved.
  std::int32_t attempts = 0;           ///< At the record that was begun last.
  std::int64_t log_end = 0;            ///< As the last fetch said.
  /// The group's row is not beyond this; nullopt: nobody knows.
  std::optional<std::int64_t> row_max;
  bool must_check_failures = false;  ///< A failed record is no longer in the log.

 private:
  [[nodiscard]] bool IsIdle(MonotonicTime now) const {
    return request_ == 0 && !failure_ && now >= not_before_;
  }
  void Clear();

  std::shared_ptr<const TopicPartition> id_;
  std::optional<StartAt> start_;
  std::string why_;
  bool is_members_ = false;
  bool must_claim_ = false;
  std::optional<std::int64_t> epoch_;          // The newest known of the row.
  std::optional<std::int64_t> records_epoch_;  // Of the records taken last.
  std::int64_t position_ = 0;
  std::int64_t fetch_offset_ = 0;
  std::deque<std::vector<ConsumedRecord>> chunks_;
  std::size_t taken_ = 0;  // Records of the first chunk that are gone.
  std::size_t buffered_bytes_ = 0;
  std::size_t buffered_records_ = 0;
  Token request_ = 0;
  Token serial_ = 0;
  Token last_token_ = 0;
  MonotonicTime not_before_;
  std::optional<MonotonicTime> unknown_since_;
  std::optional<Error> failure_;
};

}  // namespace lanemq::client
