#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "common/base/random.h"
#include "common/base/time.h"
#include "common/core/retry/backoff.h"
#include "common/core/store/outbox_store.h"
#include "common/core/types/outbox.h"

namespace lanemq::core {

/// The holds of a session's buckets: what must wait, until when, and since how many attempts.
/// Changes are collected until they are taken for a commit. Not thread-safe; one owner.
class OutboxHolds {
 public:
  struct Entry {
    OutboxHold hold;
    MonotonicTime due;
    /// All its held rows are on their way: ready ones may follow in the same streams.
    bool is_draining = false;
    bool has_new_rows = false;    ///< Rows become held for it with the next commit.
    bool is_ending = false;       ///< Nothing was held for it when its rows were read.
    std::int64_t read_after = 0;  ///< Held rows up to this id are others'; 0: from the beginning.
    bool has_grown = false;       ///< Since they were read from the beginning.
  };

  OutboxHolds(BackoffPolicy backoff, Random random) : backoff_(backoff), random_(random) {}

  /// What the store has for `buckets`, instead of what was known of them. Changes that were not
  /// taken yet stay.
  void Load(std::span<const std::int32_t> buckets, std::vector<OutboxHold> holds,
            MonotonicTime now);
  /// Buckets that another session owns from now on.
  void Forget(std::span<const std::int32_t> buckets);

  [[nodiscard]] Entry* Find(const OutboxHoldKey& key);
  /// The hold that a row of the topic must wait for; nullptr: none. `partition`: where it would go.
  [[nodiscard]] Entry* FindTopic(std::int32_t bucket, const std::string& topic);
  [[nodiscard]] Entry* FindPartition(std::int32_t bucket, const std::string& topic,
                                     std::int32_t partition);
  [[nodiscard]] Entry* FindOne(const OutboxMessage& message);

  /// Makes the hold, or notes another failed attempt; the next one is after a growing wait.
  Entry& Fail(const OutboxHoldKey& key, const std::string& error, MonotonicTime now);
  /// The next attempt is after the wait that the attempts so far ask for; nothing failed.
  void Postpone(Entry& entry, MonotonicTime now);
  /// The next row of it starts with no attempts, at once.
  void StartOver(Entry& entry, MonotonicTime now);
  /// Holds of this partition and of its topic, in all buckets, are due at once.
  void PartitionWorks(const std::string& topic, std::int32_t partition, MonotonicTime now);
  /// Nothing is held for it any more, unless rows come to be held before the next TakeChanges().
  void EndLater(Entry& entry) { entry.is_ending = !entry.has_new_rows; }

  [[nodiscard]] std::vector<OutboxHoldKey> Due(MonotonicTime now, std::size_t max) const;
  [[nodiscard]] std::optional<MonotonicTime> NextDue() const;
  /// Adds what changed since the last call to `change`.
  void TakeChanges(OutboxChange& change, MonotonicTime now);
  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  void Ended(OutboxChange& change);

  BackoffPolicy backoff_;
  Random random_;
  std::map<OutboxHoldKey, Entry> entries_;
  std::set<OutboxHoldKey> changed_;
};

/// The hold of one message: its key, or the message itself when it has none.
[[nodiscard]] OutboxHoldKey HoldKeyOf(const OutboxMessage& message);

}  // namespace lanemq::core
