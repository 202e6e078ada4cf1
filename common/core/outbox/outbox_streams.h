#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "common/base/error.h"
#include "common/base/random.h"
#include "common/base/time.h"
#include "common/core/retry/backoff.h"
#include "common/core/types/outbox.h"

namespace lanemq::core {

/// A sequence of batches to one partition: its log, or its delayed messages.
struct OutboxStreamKey {
  std::string topic;
  std::int32_t partition = 0;
  bool is_delayed = false;
  auto operator<=>(const OutboxStreamKey&) const = default;
};

/// The groups of a session, at most one per stream: what is being gathered, what is sent, what an
/// answer means for sequences.
///
/// Invariants: a group keeps its rows, producer and sequences until it is stored or refused for
/// good; the sequences of a refused one are given to the next. A group is sent only after Seal(),
/// which is after the commit that holds it. Not thread-safe; one owner.
class OutboxStreams {
 public:
  struct Options {
    std::size_t rows_max = 1'000;      ///< Per group. Brokers take 1,000.
    std::size_t bytes_max = 3u << 20;  ///< Per group, by SizeOf(); one larger row alone.
    std::size_t bytes_outstanding_max = 64u << 20;
    std::size_t groups_max = 256;
    BackoffPolicy resend{};  ///< Between attempts of one group.
  };

  struct Group {
    OutboxGroup plan;
    std::vector<OutboxMessage> messages;  ///< As plan.ids.
    std::int64_t serial = 0;
    std::size_t bytes = 0;
    std::int32_t attempts = 0;
    bool is_alone = false;      ///< No other row may join.
    bool is_committed = false;  ///< May be sent.
    bool is_in_flight = false;
    MonotonicTime not_before;
    std::optional<Error> last_error;
  };

  struct Stream {
    ProducerId producer;
    std::int64_t next_sequence = 0;
    std::size_t rows_max = 0;  ///< Halved when a batch is refused, to find the culprit.
    std::optional<Group> group;
    bool is_full = false;  ///< Of this round: no more rows, also not smaller ones.
    std::optional<MonotonicTime> failing_since;
    std::int32_t identities_lost = 0;  ///< In a row.
    MonotonicTime not_before;          ///< No new group until then.
  };

  OutboxStreams(Options options, Random random) : options_(options), random_(random) {}

  /// The stream's state; made when it is new.
  Stream& At(const OutboxStreamKey& key);
  [[nodiscard]] const Stream* Find(const OutboxStreamKey& key) const;
  [[nodiscard]] bool IsOutstanding(std::int64_t id) const { return ids_.contains(id); }
  /// Puts the message into the stream's group of this round. False: there is no room in this round,
  /// for any later message of the stream either.
  bool Add(const OutboxStreamKey& key, OutboxMessage message, bool is_alone, MonotonicTime now);
  /// Whether Add() would take it; marks the stream as full for this round when not.
  bool HasRoom(const OutboxStreamKey& key, const OutboxMessage& message, MonotonicTime now,
               bool is_alone = false);
  /// A group that an earlier session committed, with its sequences.
  void Resume(OutboxGroup plan, std::vector<OutboxMessage> messages, MonotonicTime now);

  /// Whether groups were gathered or finished since the last Seal().
  [[nodiscard]] bool HasChanged() const { return has_changed_; }
  /// All groups, as the store is to hold them.
  [[nodiscard]] OutboxPlan Plan() const;
  /// That plan is committed: its groups may be sent. Ends the round.
  void Seal();
  /// Groups to send now; they are in flight from now on. The pointers hold until OnResult() of the
  /// same serial.
  [[nodiscard]] std::vector<const Group*> Depart(MonotonicTime now);

  /// Takes the group off its stream: it is stored (`has_used_sequences`) or refused.
  Group Finish(const OutboxStreamKey& key, bool has_used_sequences);
  /// It stays, to be sent again.
  void Retry(const OutboxStreamKey& key, const Error& error, MonotonicTime now);
  /// The stream begins anew as another producer.
  void Renew(const OutboxStreamKey& key, MonotonicTime now);
  [[nodiscard]] std::optional<OutboxStreamKey> StreamOf(std::int64_t serial) const;

  /// Shows every row of every group, with the partition it goes to; `visit` may change its state.
  void ForEachRow(const std::function<void(OutboxMessage&, std::int32_t)>& visit);

  [[nodiscard]] std::optional<MonotonicTime> NextDeadline() const;
  [[nodiscard]] std::size_t outstanding() const { return by_serial_.size(); }
  /// Rows of groups, in flight or not.
  [[nodiscard]] const std::unordered_set<std::int64_t>& ids() const { return ids_; }
  [[nodiscard]] std::size_t outstanding_rows() const { return ids_.size(); }
  [[nodiscard]] bool HasRowsOf(std::int32_t bucket) const;
  /// Rows of it are on their way to a partition that does not work at the moment.
  [[nodiscard]] bool HasFailingRowsOf(std::int32_t bucket) const;
  [[nodiscard]] const Options& options() const { return options_; }

 private:
  [[nodiscard]] bool HasRows(std::int32_t bucket, bool is_failing_only) const;

  Options options_;
  Random random_;
  std::map<OutboxStreamKey, Stream> streams_;
  std::map<std::int64_t, OutboxStreamKey> by_serial_;
  std::unordered_set<std::int64_t> ids_;
  std::vector<OutboxStreamKey> full_;  // Streams with is_full.
  std::size_t bytes_ = 0;
  std::int64_t next_serial_ = 1;
  bool has_changed_ = false;
};

}  // namespace lanemq::core
