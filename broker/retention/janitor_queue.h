#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/time.h"
#include "common/core/retention/retention_types.h"

namespace lanemq::broker {

/// A partition of a data node and what its topic keeps.
struct JanitorTask {
  core::PartitionLocation location;
  std::string topic;  ///< Its name, for people.
  core::RetentionPolicy policy;
  bool operator==(const JanitorTask&) const = default;
};

/// Which partition of a data node the janitor looks at next, and when. Whoever has waited longest
/// comes first, so that one with much to remove stops no other. Pure: told the time. Not
/// thread-safe.
class JanitorQueue {
 public:
  struct Options {
    std::chrono::nanoseconds every = std::chrono::seconds(60);  ///< Where there is nothing to do.
    /// How long a partition that was busy or failed waits: at first, then twice as long each time.
    std::chrono::nanoseconds busy_first = std::chrono::seconds(5);
    std::chrono::nanoseconds busy_slowest = std::chrono::minutes(5);
  };
  explicit JanitorQueue(Options options) : options_(options) {}

  /// All partitions there are. New ones are due at once, known ones when they were.
  void SetTasks(std::vector<JanitorTask> tasks, MonotonicTime now);
  /// The one that is due for longest; nullopt: none is.
  [[nodiscard]] std::optional<JanitorTask> Next(MonotonicTime now) const;
  /// When Next() has one; nullopt: there are no partitions.
  [[nodiscard]] std::optional<MonotonicTime> NextAt() const;

  /// Nothing is to be done there for now.
  void OnIdle(const core::PartitionKey& key, MonotonicTime now);
  /// A step was taken: more may be to do, after others had their turn, and `rest` at the least.
  void OnProgress(const core::PartitionKey& key, MonotonicTime now,
                  std::chrono::nanoseconds rest = std::chrono::nanoseconds{0});
  /// The table was busy, or the step failed.
  void OnFailed(const core::PartitionKey& key, MonotonicTime now);
  /// All are due now, nothing has failed: for a new term.
  void Restart(MonotonicTime now);

 private:
  struct Entry {
    JanitorTask task;
    MonotonicTime due;
    std::optional<std::chrono::nanoseconds> last_wait;  ///< After failures.
  };
  const Options options_;
  std::map<core::PartitionKey, Entry> entries_;
};

}  // namespace lanemq::broker
