#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "broker/duties/rhythm.h"
#include "common/core/store/delayed_store.h"

namespace lanemq::broker {

/// Which partitions of a data node the mover takes next, and when.
///
/// Knows the earliest due time of each, from looks at all fronts and from its moves. Guesses the
/// database's clock between them, never ahead of it, to wake up in time; what is due is decided by
/// the database. Pure: told the time. Not thread-safe.
class MovePlan {
 public:
  /// How long a partition that failed waits: at first, and at most.
  struct Options {
    std::chrono::nanoseconds retry_first = std::chrono::milliseconds(100);
    std::chrono::nanoseconds retry_slowest = std::chrono::seconds(10);
  };
  explicit MovePlan(Options options) : options_(options) {}

  /// A look at all partitions. `answered_at` is after the call.
  void OnFronts(const core::DelayedStore::Fronts& fronts, MonotonicTime answered_at);
  /// Up to `max` partitions that are due, the most overdue ones first. Each is out of the plan
  /// until OnMoved() or OnFailed() says what came of it.
  std::vector<core::DelayedFront> TakeDue(MonotonicTime now, std::size_t max);
  void OnMoved(const core::PartitionKey& key, const core::DelayedMove& move,
               MonotonicTime answered_at);
  void OnFailed(const core::DelayedFront& front, MonotonicTime now);
  /// The partition is at another data node, or about to come from there, or its topic is deleted:
  /// asked for again after `retry_first`, however often, when the others have been taken. Nobody is
  /// late with it.
  void OnElsewhere(const core::DelayedFront& front, MonotonicTime now);
  /// What was known is of no use any more: somebody else is the mover.
  void Clear();

  /// When the next partition is due, by the guess; nullopt: none is known.
  [[nodiscard]] std::optional<MonotonicTime> NextDueAt() const;
  /// The database's clock at `at`, as guessed; nullopt before the first look.
  [[nodiscard]] std::optional<WallTime> DatabaseTime(MonotonicTime at) const;
  /// How long the most overdue message has waited; zero: none is overdue.
  [[nodiscard]] std::chrono::nanoseconds Overdue(MonotonicTime now) const;
  /// Partitions with delayed messages.
  [[nodiscard]] std::size_t pending() const { return fronts_.size(); }

 private:
  struct Moment {
    MonotonicTime at;
    WallTime database;
  };
  [[nodiscard]] MonotonicTime ReadyAt(const core::PartitionKey& key, WallTime due) const;

  const Options options_;
  std::optional<Moment> clock_;
  std::map<core::PartitionKey, WallTime> fronts_;
  std::map<core::PartitionKey, Rhythm> failing_;
  std::set<core::PartitionKey> elsewhere_;
};

}  // namespace lanemq::broker
